"""No argument of a command gives a traceback: a sentence and an exit code, and nothing written.

In this process, for speed; what the shell itself adds (arguments that are no UTF-8) is handed on as Python does.
"""

import json
import os
import stat
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command, get_commands
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.models import County, Township
from tests.drill import DRILLING, times
from tests.rubbish.tables import contents
from tests.world import make_county

pytestmark = [pytest.mark.django_db, pytest.mark.drill]
BROKEN = os.fsdecode(b"\xff\xfe")
"""What Python makes of bytes that are no UTF-8: lone surrogates."""
WORDS = (
    "", " ", "-", "\x1b[0m", "\u202e", "²", "\uff11\uff12", "9" * 5000, "-9" * 20, "1e400", "NaN",
    "字" * 500, "x" * 10_000,
    "'; DROP TABLE x; --", "../../etc/passwd", "__proto__", "%s%(x)s{0}", BROKEN,
    f"350{BROKEN}627", "a,,b,", "\n", "😀𠮷",
)  # fmt: skip
TOWNSHIP = "350626102"


def files(folder: Path) -> dict[str, Path]:
    """Files that are not what the command hopes for."""
    rows = "county_code,county,township_code,township,village_code,name,kind\n"
    made = {
        "empty": b"", "blank": b"\n\n  \n", "nul": b"\x00" * 500, "binary": bytes(range(256)) * 40,
        "bom": b"\xef\xbb\xbf",
        "zip": b"PK\x03\x04 broken", "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600, "pdf": b"%PDF-1.7\n",
        "one line": b"x" * 1_000_000, "quotes": b'"' * 10_001, "utf-16": rows.encode("utf-16"),
        "utf-7": b"+2AA-,+2AA-\n1,2\n",
        "surrogates": "a,b\n\ud800,\ud800\n".encode("utf-8", "surrogatepass"), "latin": "é,ü\n".encode("latin-1") * 9,
        "nul in a row": rows.encode() + b"350627,a\x00b,350627100,c,350627100201,d,\n",
        "wide": b",".join(b"c%d" % n for n in range(20_000)) + b"\n", "json": b'{"a": 1}', "deep": b"[" * 100_000,
        "long": rows.encode() + "350627,{0},350627100,{0},350627100201,{0},\n".format("字" * 5000).encode(),
        "numbers": rows.encode() + b"9e99,a,NaN,b,-1,c,\n" + b"9" * 5000 + b",a,b,c,d,e,f\n",
        "html": b"<html><table><tr><td>&#0;&#xD800;</td></tr></table>", "xml": b'<?xml version="1.0"?><!DOCTYPE a><a/>',
    }  # fmt: skip
    found = {}
    for name, content in made.items():
        found[name] = folder / name
        found[name].write_bytes(content)
    found["folder"] = folder / "folder.csv"
    found["folder"].mkdir()
    found["missing"] = folder / "missing.csv"
    found["too long"] = folder / ("x" * 300)
    found["loop"] = folder / "loop"
    found["loop"].symlink_to(found["loop"])
    found["below a file"] = found["empty"] / "x.csv"
    found["no utf-8"] = folder / BROKEN
    found["no utf-8"].write_bytes(made["json"])
    if os.getuid() != 0:
        found["locked"] = folder / "locked"
        found["locked"].touch(mode=stat.S_IWUSR)
    return found


@pytest.fixture
def county() -> County:
    made = make_county("350626", "东山县")
    Township.objects.create(county=made, code=TOWNSHIP, name="康美镇", short_name="康美", sort_order=1)
    return made


def refusal(*words: str, **options: Any) -> str:
    """What the command said when it refused, once it is sure that it was no accident and that nothing was written."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    before, out, err = contents(tables), StringIO(), StringIO()
    try:
        call_command(*words, stdout=out, stderr=err, **options)
    except CommandError as error:
        said, code = str(error), error.returncode
    except SystemExit as end:
        said, code = err.getvalue(), end.code
    else:
        pytest.fail(f"{words!r:.200} was taken: {out.getvalue()[:200]!r}")
    assert code, words
    assert said.strip(), words
    assert "Traceback" not in said
    assert len(said) < 20_000, f"{words!r:.80} is answered at length"
    said.encode("utf-8", "surrogateescape")
    assert {t: h for t, h in contents(tables).items() if before[t] != h} == {}, f"{words!r:.200} wrote"
    return said


def report(wrong: list[str], words: tuple[str, ...]) -> None:
    """Collect, so that one run says all."""
    try:
        refusal(*words)
    except (Exception, pytest.fail.Exception) as fault:
        wrong.append(f"{words!r:.150}: {type(fault).__name__} {str(fault)[:200]}")


@pytest.mark.parametrize("command", ["load_divisions", "load_cadres"])
def test_no_list_makes_a_traceback(county: County, tmp_path: Path, command: str) -> None:
    wrong: list[str] = []
    for file in files(tmp_path).values():
        report(wrong, (command, str(file)))
    assert not wrong, "\n".join(wrong)


def test_no_roster_and_no_mapping_makes_a_traceback(county: County, tmp_path: Path) -> None:
    wrong: list[str] = []
    found = files(tmp_path)
    good = tmp_path / "good.csv"
    good.write_text("村,户主姓名,户编号\n城垵村,张三,1\n", encoding="utf-8")
    for name, file in found.items():
        # Each is read by a process of its own: in CI those that the reader has not refused in its own tests.
        if DRILLING or name in {"nul", "surrogates", "folder", "no utf-8", "below a file", "wide"}:
            report(wrong, ("import_households", str(file), "--scope", TOWNSHIP))
    for name in ("nul", "no utf-8", "too long", "loop", "long"):
        report(wrong, ("import_history", str(found[name]), "--scope", TOWNSHIP))
    for file in [found["binary"], found["deep"], found["no utf-8"], found["folder"], *mappings(tmp_path)]:
        report(wrong, ("import_households", str(good), "--scope", TOWNSHIP, "--map", str(file)))
    for word in WORDS:
        report(wrong, ("import_households", str(good), f"--scope={word}"))
        report(wrong, ("import_history", str(tmp_path), f"--scope={word}"))
    for name in ("folder", "too long", "below a file", "loop"):
        report(wrong, ("import_households", str(good), "--scope", TOWNSHIP, "--report", str(found[name])))
    assert not wrong, "\n".join(wrong)


def mappings(folder: Path) -> list[Path]:
    """JSON, but no mapping of columns."""
    made = []
    for number, thing in enumerate(
        ([], 1, None, "x", {"a": 1}, {"城垵": [1]}, {"Sheet1": {"\ud800": {}}}, {"": {"": None}})
    ):
        made.append(folder / f"map{number}.json")
        made[-1].write_text(json.dumps(thing), encoding="utf-8")
    return made


def test_no_word_makes_a_traceback(county: County, tmp_path: Path) -> None:
    wrong: list[str] = []
    for word in WORDS:
        report(wrong, ("load_defaults", f"--county={word or 'x'}"))
        report(wrong, ("figures", f"--scope={word}"))
        report(wrong, ("allocate", f"--village={word}", "--apply"))
        report(wrong, ("figures", f"--scope={TOWNSHIP}", f"--from={word}"))
        report(wrong, ("figures", f"--scope={TOWNSHIP}", f"--as-of={word}"))
        if word != "\uff11\uff12":  # twelve, in full-width digits: that one is obeyed
            report(wrong, ("seal_audit", f"--every={word}"))
            report(wrong, ("backup", str(tmp_path / "b"), f"--keep={word}"))
        for name in ("county-code", "county-name", "cadre-no", "name", "mobile"):
            answers = {"county-code": "350627", "county-name": "", "cadre-no": "A1", "name": "林", "mobile": "1"}
            report(wrong, ("bootstrap", *(f"--{n}={a}" for n, a in (answers | {name: word}).items())))
    assert not wrong, "\n".join(wrong)


def taken_or_refused(*words: str) -> None:
    """Refused in a sentence, or done: anything but a traceback; what it did is taken back."""
    with transaction.atomic():
        with suppress(CommandError, SystemExit):
            call_command(*words, stdout=StringIO(), stderr=StringIO())
        transaction.set_rollback(True)


@settings(
    max_examples=times(ci=40, drill=2000), deadline=None, database=None, derandomize=not DRILLING,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@example(word="\ud800", number=0)
@example(word="\x00", number=1)
@given(word=st.text(st.characters(), max_size=80), number=st.integers())
def test_nothing_that_is_drawn_makes_a_traceback(county: County, word: str, number: int) -> None:
    """What hypothesis can think of, in the arguments that are words and numbers."""
    answers = {"county-code": "350627", "county-name": "", "cadre-no": "A1", "name": "林", "mobile": "1"}
    for name in answers:
        taken_or_refused("bootstrap", *(f"--{n}={a}" for n, a in (answers | {name: word}).items()))
    taken_or_refused("load_defaults", f"--county={word}")
    taken_or_refused("second_factor_off", word)
    taken_or_refused("import_households", "/nowhere/x.csv", f"--scope={word}")
    refusal("backup", "below", f"--keep={-abs(number) - 1}")
    refusal("seal_audit", f"--every={-abs(number)}")


def test_no_path_makes_a_traceback(county: County, tmp_path: Path) -> None:
    wrong: list[str] = []
    for name, file in files(tmp_path).items():
        if name not in {"missing", "folder"}:
            report(wrong, ("verify_audit", "--head", str(file)))
            report(wrong, ("restore", str(file)))
        if name in {"too long", "loop", "below a file"}:
            report(wrong, ("backup", str(file)))
        if name in {"too long", "below a file"}:  # a loop of links is replaced like any file
            report(wrong, ("verify_audit", "--export-head", str(file)))
    assert not wrong, "\n".join(wrong)


def test_every_command_of_ours_is_fed() -> None:
    fed = {
        "load_divisions",
        "load_cadres",
        "import_households",
        "import_history",
        "load_defaults",
        "seal_audit",
        "backup",
        "bootstrap",
        "figures",
        "allocate",
        "second_factor_off",
    }
    without_values = {
        "check_counts",
        "demonstration_accounts",
        "generate_sample",  # numbers only, into an empty database
        "migrate",
        "rebuild_counts",
        "load_demonstration",
        "rotate_keys",
        "run_daily",
        "tidy_imports",
    }
    ours = {name for name, app in get_commands().items() if app == "ledger"}
    assert ours == fed | {"verify_audit", "restore"} | without_values
