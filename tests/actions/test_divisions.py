"""The official divisions: all of a list or nothing of it, and a list loaded again changes nothing."""

import dataclasses

import pytest

from ledger.actions.audit import SYSTEM
from ledger.actions.divisions import load_divisions, plan_divisions
from ledger.importing.divisions import read_divisions
from ledger.models import AuditRow, Category, County, HouseholdType, Organisation, Topic, Township, Village
from ledger.rules.divisions import DivisionLine, joined_aliases, short_township_name
from ledger.rules.lists import ListRefused

HEAD = "province,city,county_code,county,township_code,township,village_code,official_name,name,kind,alias\n"
ROWS = (
    "福建省,漳州市,350627,南靖县,350627100,山城镇,350627100201,大埔村民委员会,大埔村,村,老大埔\n"
    "福建省,漳州市,350627,南靖县,350627100,山城镇,350627100001,中山社区居委会,中山社区,社区,\n"
    "福建省,漳州市,350627,南靖县,350627101,山城乡,350627101201,,溪边村,村,\n"
)
LINE = DivisionLine(2, "350627", "南靖县", "350627100", "山城镇", "350627100201", "大埔村")


def loaded(text: str = HEAD + ROWS) -> None:
    load_divisions(by=SYSTEM, lines=read_divisions(text.encode()), file_name="区划.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.django_db
def test_any_usual_encoding_makes_the_same_divisions(encoding: str) -> None:
    load_divisions(by=SYSTEM, lines=read_divisions((HEAD + ROWS).encode(encoding)), file_name="区划.csv")
    assert list(Village.objects.order_by("code").values_list("name", "kind", "aliases", "township__short_name")) == [
        ("中山社区", "community", "", "山城"),
        ("大埔村", "village", "老大埔", "山城"),
        ("溪边村", "village", "", "山城乡"),
    ]


@pytest.mark.django_db
def test_a_new_county_begins_with_the_default_lists_and_committees() -> None:
    loaded()
    assert Category.objects.filter(parent=None).count() == 15
    assert HouseholdType.objects.filter(name="五保户").count() == 1
    assert Topic.objects.count() == 13
    assert set(Organisation.objects.filter(village__isnull=False).values_list("name", flat=True)) == {
        "大埔村民委员会", "中山社区居委会", "溪边村村委会",
    }  # fmt: skip
    assert Organisation.objects.filter(is_discipline=True).count() == 2, "one for each township"


@pytest.mark.django_db
def test_loaded_again_nothing_changes_and_nothing_is_on_the_trail() -> None:
    loaded()
    before = list(Village.objects.order_by("pk").values()), AuditRow.objects.count(), Organisation.objects.count()
    plan = load_divisions(by=SYSTEM, lines=read_divisions((HEAD + ROWS).encode()), file_name="区划.csv")
    assert (len(plan.new), len(plan.changed), plan.unchanged) == (0, 0, 6)
    after = list(Village.objects.order_by("pk").values()), AuditRow.objects.count(), Organisation.objects.count()
    assert after == before


@pytest.mark.django_db
def test_a_renamed_village_keeps_its_former_name_and_the_county_s_own_ones() -> None:
    loaded()
    Village.objects.filter(name="大埔村").update(aliases="老大埔、埔里")
    Township.objects.filter(name="山城镇").update(short_name="山城镇区")
    loaded(HEAD + ROWS.replace("大埔村,村", "新埔村,村"))
    village = Village.objects.get(code="350627100201")
    assert (village.name, village.aliases) == ("新埔村", "老大埔、埔里、大埔村")
    assert Township.objects.get(code="350627100").short_name == "山城镇区", "ledger numbers begin with it"


@pytest.mark.django_db
def test_the_trail_names_the_file_and_the_counts() -> None:
    loaded()
    row = AuditRow.objects.get(verb="division.loaded")
    assert row.detail == {"file": "区划.csv", "new": 6, "changed": 0, "unchanged": 0}
    assert (row.actor, row.county_id) == (SYSTEM, County.objects.get().pk)


BAD = {
    "350627100201": ("35062710020", "12"),
    "350627100": ("350628100", "县"),
    "大埔村,村": (",村", "名称"),
    "中山社区,社区": ("中山社区,镇", "镇"),
    "350627100001": ("350627100201", "第 2 行"),
    "350627101,山城乡": ("350627100,山城乡", "山城"),
}


@pytest.mark.parametrize("good", BAD)
@pytest.mark.django_db
def test_one_bad_line_and_nothing_is_loaded(good: str) -> None:
    bad, said = BAD[good]
    with pytest.raises(ListRefused) as refusal:
        loaded(HEAD + ROWS.replace(good, bad, 1))
    assert any("第" in line and said in line for line in refusal.value.sentences()), refusal.value.sentences()
    assert not County.objects.exists()
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空"),
        ("姓名,电话\n甲,1\n".encode(), "county_code"),
        (HEAD.encode(), "没有内容"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "不是表格"),
        (HEAD.encode() + b"\xff\xfe\x80\x81" * 30, "文字"),
    ],
)
@pytest.mark.django_db
def test_a_file_that_is_no_list_says_so(data: bytes, said: str) -> None:
    with pytest.raises(ListRefused) as refusal:
        read_divisions(data)
    assert said in "".join(refusal.value.sentences()), refusal.value.sentences()


@pytest.mark.django_db
def test_chinese_headings_and_a_workbook_will_do() -> None:
    import io

    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["村代码", "村名", "乡镇代码", "乡镇", "县代码", "县"])
    book.active.append([350627100201, "大埔村", 350627100, "山城镇", 350627, "南靖县"])
    kept = io.BytesIO()
    book.save(kept)
    assert read_divisions(kept.getvalue()) == [dataclasses.replace(LINE, line=2)]


@pytest.mark.django_db
def test_another_county_is_not_theirs_to_load() -> None:
    with pytest.raises(ListRefused):
        plan_divisions([LINE], within=["350626"])
    with pytest.raises(ListRefused):
        load_divisions(by=SYSTEM, lines=[LINE], file_name="x", within=[])
    assert not County.objects.exists()


def test_short_names() -> None:
    names = ["康美镇", "前楼乡", "城东街道", "畲族民族乡", "镇", "开发区"]
    assert [short_township_name(name) for name in names] == ["康美", "前楼", "城东", "畲族", "镇", "开发区"]


def test_aliases_never_outgrow_their_field() -> None:
    assert joined_aliases(["甲", "乙", "甲"]) == "甲、乙"
    assert len(joined_aliases(f"名字{n}" for n in range(200))) <= 200
