"""The commands of a clean start, as somebody types them."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger.models import AuditRow, Cadre, Category, County, HouseholdType, Posting, Topic, Village
from ledger.rules.permissions import Role

pytestmark = pytest.mark.django_db
DIVISIONS = (
    "county_code,county,township_code,township,village_code,name,kind\n"
    "350627,南靖县,350627100,山城镇,350627100201,大埔村,村\n"
)
CADRES = "place,cadre_no,cadre_name,cadre_unit,cadre_phone,township_code\nx,K001,甲,党建办,13800001111,350627100\n"


def told(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def bootstrap(**changes: str) -> str:
    answers = {"county_code": "350627", "county_name": "南靖县", "cadre_no": "A1", "name": "林管理", "mobile": ""}
    return told("bootstrap", **(answers | changes))


def test_a_clean_start_from_empty_to_signed_in(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(DIVISIONS, encoding="utf-8")
    (tmp_path / "c.csv").write_text(CADRES, encoding="gb18030")
    password = next(line for line in bootstrap().splitlines() if "-" in line).split("：")[-1].strip()
    assert "2" in told("load_divisions", str(tmp_path / "d.csv"))
    assert "1" in told("load_cadres", str(tmp_path / "c.csv"))
    admin = Cadre.objects.get(cadre_no="A1")
    assert admin.user is not None
    assert admin.user.check_password(password)
    assert admin.user.must_change_password
    assert Posting.objects.get().role == Role.COUNTY_ADMIN
    assert Village.objects.get().name == "大埔村"
    assert Cadre.objects.get(cadre_no="K001").organisation is not None
    assert password not in str(list(AuditRow.objects.values()))


def test_bootstrap_refuses_a_second_first_administrator() -> None:
    bootstrap()
    before = Cadre.objects.count(), AuditRow.objects.count()
    with pytest.raises(CommandError):
        bootstrap(cadre_no="A2", name="另一个")
    assert (Cadre.objects.count(), AuditRow.objects.count()) == before


@pytest.mark.parametrize(
    "wrong", [{"county_code": "12"}, {"county_name": ""}, {"cadre_no": ""}, {"name": ""}, {"mobile": "123"}]
)
def test_bootstrap_with_a_bad_answer_makes_nothing(wrong: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        bootstrap(**wrong)
    assert not County.objects.exists()
    assert not Cadre.objects.exists()


@pytest.mark.parametrize("command", ["load_divisions", "load_cadres"])
def test_a_missing_file_is_one_sentence(command: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.csv"):
        told(command, str(tmp_path / "none.csv"))


def test_a_bad_list_names_its_lines(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(DIVISIONS.replace("350627100201", "3506271002"), encoding="utf-8")
    with pytest.raises(CommandError, match="第 2 行"):
        told("load_divisions", str(tmp_path / "d.csv"))
    assert not County.objects.exists()


def test_defaults_fill_only_what_is_empty_and_change_nothing() -> None:
    county = County.objects.create(code="350627", name="南靖县")
    own = HouseholdType.objects.create(county=county, name="我们的类型")
    told("load_defaults")
    assert list(HouseholdType.objects.all()) == [own], "a list that has a row is the county's own"
    counts = Category.objects.count(), Topic.objects.count()
    assert counts == (74, 13)
    edited = Category.objects.get(name="道路交通")
    Category.objects.filter(pk=edited.pk).update(name="道路", days=7)
    told("load_defaults", county="350627")
    assert (Category.objects.count(), Topic.objects.count()) == counts
    edited.refresh_from_db()
    assert (edited.name, edited.days) == ("道路", 7)


def test_defaults_for_an_unknown_county_say_so() -> None:
    with pytest.raises(CommandError):
        told("load_defaults", county="999999")
