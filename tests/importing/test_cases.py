"""The shared rosters of ../shared/cases come out as their contract says (where that folder is)."""

import csv
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from ledger.models import Cadre, County, Household, Township, Village
from tests.guards.sources import ROOT

CASES = ROOT.parent / "shared" / "cases"
pytestmark = pytest.mark.skipif(not (CASES / "score.py").exists(), reason="the shared cases are not here")


def contract() -> list[dict[str, Any]]:
    if not CASES.exists():
        return []
    files: list[dict[str, Any]] = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))["files"]
    return files


def judge() -> Any:
    spec = importlib.util.spec_from_file_location("score", CASES / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    return score.judge


@pytest.fixture
def luoshe(db: None) -> None:
    """Only the divisions and cadres of the cases, as score.py has them."""
    county = County.objects.create(code="320206", name="惠山区", city="无锡市", province="江苏省")
    township = Township.objects.create(county=county, code="320206102", name="洛社镇", short_name="洛社")
    with (CASES / "reference" / "divisions.csv").open(encoding="utf-8-sig") as file:
        Village.objects.bulk_create(
            Village(
                township=township, code=line["village_code"], name=line["name"], official_name=line["official_name"]
            )
            for line in csv.DictReader(file)
        )
    with (CASES / "reference" / "cadres.csv").open(encoding="utf-8-sig") as file:
        Cadre.objects.bulk_create(
            Cadre(county=county, township=township, cadre_no=line["cadre_no"], name=line["cadre_name"],
                  phone=line["cadre_phone"])
            for line in csv.DictReader(file)
        )  # fmt: skip


@pytest.mark.parametrize("case", contract(), ids=lambda case: case["file"])
@pytest.mark.usefixtures("luoshe")
def test_a_case_comes_out_as_its_contract_says(case: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    words = [str(CASES / "files" / case["file"]), "--scope", ",".join(case["scope"]), "--report", str(out), "--fields"]
    code: Any = 0
    try:
        call_command("import_households", *words)
    except SystemExit as end:
        code = end.code
    report = json.loads(out.read_text(encoding="utf-8"))
    assert judge()(case, CASES, code, report, "") == []
    assert code == (2 if report["outcome"] == "refused" else 0)
    if code:
        assert not Household.objects.exists()
        return
    call_command("import_households", *words)
    again = json.loads(out.read_text(encoding="utf-8"))["counts"]
    assert (again["created"], again["updated"]) == (0, 0)
