"""Small tables of an office's past, made for the tests: all of 城垵村 and its neighbours in ``tests.world``."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from tests.importing.workbooks import book, saved
from tests.world import World

HEADINGS = {
    "villages": "code name official kind township_code",
    "units": "unit village_code",
    "cadres": "cadre_no cadre_name role cadre_unit cadre_phone villages",
    "enterprises": "enterprise_id name village_code unit",
    "households": "hh_no village_code group_no head cadre_no status",
    "events": (
        "event_id kind time village_code group_no hh_no enterprise_id cadre_no co_cadres persons opinions_from void"
    ),
    "issues": (
        "issue_id event_id village_code hh_no cadre_no category title urgency created_date due_date department status "
        "closed_date outcome satisfaction"
    ),
}


def line(table: str, **said: Any) -> list[Any]:
    """One row in the order of the headings; what is not said is empty."""
    names = HEADINGS[table].split()
    assert set(said) <= set(names), said
    return [said.get(name, "") for name in names]


def past(world: World, *, village: str = "城垵") -> dict[str, list[list[Any]]]:
    """One of everything in a village: a small office with its history."""
    code = world.villages[village].code
    return {
        "villages": [line("villages", code=code, name=world.villages[village].name)],
        "units": [line("units", unit="水利站", village_code=code)],
        "cadres": [
            line("cadres", cadre_no="L1", cadre_name="林一", role="leader", cadre_unit="班子", villages=code),
            line("cadres", cadre_no="S1", cadre_name="沈二", role="member", cadre_unit="水利站",
                 cadre_phone="13700005399", villages=code),
        ],
        "enterprises": [line("enterprises", enterprise_id="E1", name="城垵水产厂", village_code=code, unit="水利站")],
        "households": [
            line("households", hh_no="H1", village_code=code, group_no="3", head="陈阿土", cadre_no="S1",
                 status="active"),
            line("households", hh_no="H2", village_code=code, group_no="3", head="陈阿水", cadre_no="S1",
                 status="active"),
        ],
        "events": [
            line("events", event_id="V1", kind="household_visit", time="2024-03-01T23:30:00+00:00", village_code=code,
                 group_no="3", hh_no="H1", cadre_no="S1", co_cadres="L1;L1", persons="2", opinions_from="1", void="0"),
            line("events", event_id="V2", kind="symposium", time="2024-03-05", village_code=code, cadre_no="L1",
                 persons="12"),
            line("events", event_id="V3", kind="heart_talk", time="2024-03-06 09:05", village_code=code,
                 cadre_no="L1", persons="1"),
            line("events", event_id="V4", kind="enterprise_visit", time="2024-03-07", village_code=code,
                 enterprise_id="E1", cadre_no="S1", persons="1"),
            line("events", event_id="V5", kind="household_visit", time="2024-03-08", village_code=code, hh_no="H2",
                 cadre_no="S1", persons="1", void="1"),
        ],
        "issues": [
            line("issues", issue_id="I1", event_id="V1", village_code=code, hh_no="H1", cadre_no="S1",
                 category="村道破损", title="路破了", urgency="normal", created_date="2024-03-02",
                 due_date="2024-03-17", department="水利站", status="closed", closed_date="2024-03-20",
                 outcome="解决到位", satisfaction="满意"),
            line("issues", issue_id="I2", event_id="V2", village_code=code, cadre_no="L1", category="微心愿",
                 title="想要收音机", urgency="long_term", created_date="2024-03-05", due_date="2024-06-05",
                 department="水利站", status="open"),
            line("issues", issue_id="I3", village_code=code, hh_no="H1", cadre_no="S1", category="村道破损",
                 title="桥窄", urgency="urgent", created_date="2024-04-01", status="open"),
            line("issues", issue_id="I4", village_code=code, hh_no="H2", cadre_no="S1", category="村道破损",
                 title="沟堵", created_date="2024-04-02", due_date="2024-04-09", department="水利站",
                 status="in_progress"),
            line("issues", issue_id="I5", village_code=code, hh_no="H2", cadre_no="S1", category="村道破损",
                 title="灯坏", created_date="2024-04-03", due_date="2024-04-09", department="水利站",
                 status="resolved", closed_date="2024-04-09", outcome="帮扶到位", satisfaction="不满意"),
        ],
    }  # fmt: skip


def as_files(tables: dict[str, Iterable[Iterable[Any]]]) -> list[tuple[str, bytes]]:
    """The tables as files of a folder."""
    return [(f"{name}.csv", _csv([HEADINGS[name].split(), *rows])) for name, rows in tables.items()]


def as_workbook(tables: dict[str, Iterable[Iterable[Any]]]) -> bytes:
    """The tables as sheets of one workbook."""
    return saved(book(*((name, [HEADINGS[name].split(), *rows]) for name, rows in tables.items())))


def _csv(rows: Iterable[Iterable[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")
