"""An office's past: what each row becomes, that a second time changes nothing, and that nothing leaves the scope."""

import datetime
from typing import Any

import pytest
from django.apps import apps

from ledger.actions.issues import transition
from ledger.importing.files import FileRefused
from ledger.importing.history import HistoryPlan
from ledger.importing.history_batches import import_history_at_once
from ledger.models import (
    Assignment,
    AuditRow,
    Cadre,
    Category,
    Enterprise,
    Household,
    ImportBatch,
    Issue,
    Organisation,
    Posting,
    Resident,
    VillageLink,
    Visit,
)
from ledger.rules.history import Table
from ledger.rules.issue_steps import Step
from ledger.rules.issues import CloseBasis, State
from tests.importing.history_tables import HEADINGS, as_files, as_workbook, line, past
from tests.importing.workbooks import book, saved
from tests.rubbish.tables import contents
from tests.world import World


def bring(world: World, tables: dict[str, Any], **more: Any) -> HistoryPlan:
    files = [("past.xlsx", as_workbook(tables))]  # one child process instead of seven
    return import_history_at_once(by="system", townships=[world.township], name="past.xlsx", files=files, **more)


def everything() -> dict[str, str]:
    return contents([model._meta.db_table for model in apps.get_models(include_auto_created=True)])


def told(plan: HistoryPlan) -> dict[tuple[str, int], tuple[str, list[str]]]:
    """(table, row) → outcome and codes, of rows of which there is anything to say."""
    return {
        (str(p.row.role), p.row.row): (p.outcome.value, [str(f.code) for f in p.row.findings])
        for p in plan.rows
        if p.row.findings
    }


def test_every_table_comes_in(world: World) -> None:
    plan = bring(world, past(world))
    assert {table.value: [p.outcome.value for p in rows] for table, rows in plan.tables.items()} == {
        "villages": ["unchanged"], "units": ["created"], "cadres": ["created"] * 2, "enterprises": ["created"],
        "households": ["created"] * 2, "events": ["created"] * 5, "issues": ["created"] * 5,
    }  # fmt: skip
    assert told(plan) == {("issues", 3): ("created", ["category_added"])}


def test_people_and_places_are_as_the_tables_say(world: World) -> None:
    bring(world, past(world))
    leader, member = Cadre.objects.get(cadre_no="L1"), Cadre.objects.get(cadre_no="S1")
    assert (leader.rank, leader.organisation.name, member.rank, member.phone) == (
        "leader", "班子", "member", "13700005399",
    )  # fmt: skip
    assert not Posting.objects.filter(cadre__in=[leader, member]).exists()
    assert leader.user is None
    links = VillageLink.objects.filter(start_on=datetime.date(2024, 3, 2)).order_by("kind")
    assert [(link.kind, str(link.cadre or link.organisation)) for link in links] == [
        ("township_leader", "林一"), ("township_unit", "水利站"),
    ]  # fmt: skip
    firm = Enterprise.objects.get(code="E1")
    assert (firm.name, firm.organisation.name) == ("城垵水产厂", "水利站")
    home = Household.objects.get(code="H1")
    assert (home.head_name, home.group.number, home.cadre, home.status) == ("陈阿土", 3, member, "active")
    assert Resident.objects.get(household=home).relation == "head"
    # No day is named: the first of which the tables say anything, so that the figures of that time count it.
    assert Assignment.objects.get(household=home).start_on == datetime.date(2024, 3, 2)
    assert home.status_periods.get().start_on == datetime.date(2024, 3, 2)


def test_visits_are_met_unless_void(world: World) -> None:
    bring(world, past(world))
    visits = {visit.earlier_number: visit for visit in Visit.objects.exclude(earlier_number="")}
    assert {n: (v.kind, v.meeting_form, v.result, v.people_met) for n, v in visits.items()} == {
        "V1": ("household", "", "met", 2), "V2": ("meeting", "symposium", "met", 12), "V3": ("talk", "", "met", 1),
        "V4": ("enterprise", "", "met", 1), "V5": ("household", "", "met", 1),
    }  # fmt: skip
    first = visits["V1"]
    # Half past eleven in the evening in London is the next morning here.
    assert (first.occurred_on, first.occurred_time) == (datetime.date(2024, 3, 2), datetime.time(7, 30))
    assert [cadre.cadre_no for cadre in first.companions.all()] == ["L1"]
    assert visits["V2"].occurred_time is None
    assert [n for n, visit in visits.items() if visit.voided_at] == ["V5"]
    homes = {home.code: home for home in Household.objects.filter(code__in=["H1", "H2"])}
    assert homes["H1"].last_met_on == datetime.date(2024, 3, 2)
    assert homes["H2"].last_visit_on is None


def test_issues_stand_where_they_stood(world: World) -> None:
    bring(world, past(world))
    issues = {issue.earlier_number: issue for issue in Issue.objects.exclude(earlier_number="")}
    assert {n: (i.state, i.close_basis, i.answer) for n, i in issues.items()} == {
        "I1": (State.CLOSED, CloseBasis.IMPORTED, "satisfied"), "I2": (State.ASSIGNED, "", ""),
        "I3": (State.REGISTERED, "", ""), "I4": (State.IN_PROGRESS, "", ""), "I5": (State.RESOLVED, "", "dissatisfied"),
    }  # fmt: skip
    closed = issues["I1"]
    assert (closed.closed_at, closed.resolved_in_time, closed.outcomes) == (None, False, ["solved"])
    assert closed.due_on == closed.first_due_on == datetime.date(2024, 3, 17)
    assert closed.visit == Visit.objects.get(earlier_number="V1")
    assert issues["I5"].resolved_in_time is True
    short = world.township.short_name
    assert sorted(issue.number for issue in issues.values()) == [f"{short}-2024-{n:05d}" for n in range(1, 6)]
    assert {home.code: home.open_issues for home in Household.objects.filter(code__in=["H1", "H2"])} == {
        "H1": 1, "H2": 1,
    }  # fmt: skip


def test_steps_lead_from_state_to_state(world: World) -> None:
    """Each from the state before it, in order of time; of a day that nobody knows no page shows one."""
    bring(world, past(world))
    for issue in Issue.objects.exclude(earlier_number=""):
        steps = list(issue.steps.order_by("pk"))
        assert [step.from_state for step in steps] == ["", *[step.to_state for step in steps[:-1]]]
        assert steps[-1].to_state == issue.state
        assert [step.at for step in steps] == sorted(step.at for step in steps)
    closed = Issue.objects.get(earlier_number="I1")
    assert [(step.step, step.data.get("day_known", True)) for step in closed.steps.order_by("pk")] == [
        (Step.REGISTER, True), (Step.ASSIGN, False), (Step.ACCEPT, False), (Step.RESOLVE, True),
        (Step.CALL_BACK, False), (Step.CLOSE, False),
    ]  # fmt: skip


def test_a_category_that_the_county_lacks_is_kept_for_the_past(world: World) -> None:
    bring(world, past(world))
    made = Category.objects.get(county=world.county, name="微心愿")
    assert (made.is_active, made.issues.count()) == (False, 1)


def test_a_second_time_writes_nothing(world: World) -> None:
    bring(world, past(world))
    before = everything()
    plan = bring(world, past(world))
    assert {p.outcome.value for p in plan.rows} == {"unchanged"}
    assert everything() == before


def test_it_is_one_act_on_record(world: World) -> None:
    bring(world, past(world))
    row = AuditRow.objects.get(verb="import.applied")
    assert (row.actor, row.township_id, row.detail["created"]) == ("system", world.township.pk, 16)
    batch = ImportBatch.objects.get()
    assert (batch.kind, batch.counts["tables"]["events"]) == ("history", {"created": 5})


def test_a_dry_run_writes_nothing(world: World) -> None:
    before = everything()
    assert bring(world, past(world), dry_run=True).counts["created"] == 16
    assert everything() == before


def test_what_was_done_since_stays(world: World) -> None:
    """A matter that moved on, a household with another head: the past does not overwrite the present."""
    bring(world, past(world))
    issue = Issue.objects.get(earlier_number="I3")
    unit = world.organisations["村镇建设办"]
    transition(
        by=world.user("township_desk"), issue=issue, step=Step.ASSIGN, version=issue.version,
        data={"assignee": unit},
    )  # fmt: skip
    Household.objects.filter(code="H1").update(head_name="陈小土")
    before = everything()
    plan = bring(world, past(world))
    assert told(plan) == {("households", 2): ("unchanged", ["ledger_kept"])}
    assert everything() == before


def test_the_past_fills_what_is_empty(world: World) -> None:
    bring(world, past(world))
    Cadre.objects.filter(cadre_no="S1").update(rank="", phone="")
    home = Household.objects.get(code="H1")
    Assignment.objects.filter(household=home).delete()
    Household.objects.filter(pk=home.pk).update(cadre=None)
    plan = bring(world, past(world))
    assert [(str(p.row.role), p.row.row) for p in plan.rows if p.outcome == "updated"] == [
        ("cadres", 3), ("households", 2),
    ]  # fmt: skip
    cadre = Cadre.objects.get(cadre_no="S1")
    assert (cadre.rank, cadre.phone, Household.objects.get(pk=home.pk).cadre) == ("member", "13700005399", cadre)


@pytest.mark.parametrize("village", ["前楼", "乙康美"])
def test_rows_outside_the_scope_stay_out(world: World, village: str) -> None:
    if village not in world.villages:
        village = next(name for name, v in world.villages.items() if v.township_id == world.far_township.pk)
    before = everything()
    plan = bring(world, past(world, village=village))
    assert {p.outcome.value for p in plan.rows} == {"refused"}
    codes = {code for _outcome, codes in told(plan).values() for code in codes}
    assert codes <= {"village_out_of_scope", "village_unknown"}
    assert everything() == before


def test_a_cadre_of_another_township_is_nobody_here(world: World) -> None:
    """Neither taken over, nor named under a visit, nor given a household."""
    stranger = Cadre.objects.filter(township=world.other_township)[0]
    tables = past(world)
    tables["cadres"].append(line("cadres", cadre_no=stranger.cadre_no, cadre_name="别人", role="leader"))
    tables["events"][0][HEADINGS["events"].split().index("cadre_no")] = stranger.cadre_no
    tables["households"][0][HEADINGS["households"].split().index("cadre_no")] = stranger.cadre_no
    plan = bring(world, tables)
    said = told(plan)
    assert said["cadres", 4] == ("refused", ["cadre_taken"])
    assert said["events", 2] == ("refused", ["visitor_unknown"])
    assert said["households", 2] == ("created", ["cadre_unknown"])
    assert Cadre.objects.get(pk=stranger.pk).rank == ""
    assert not Visit.objects.filter(lead=stranger).exclude(earlier_number="").exists()


FAULTS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("events", {"event_id": ""}, ["number_missing"]),
    ("events", {"event_id": "13700005399"}, ["number_missing"]),
    ("events", {"kind": "跳舞"}, ["word_unknown"]),
    ("events", {"time": ""}, ["date_needed"]),
    ("events", {"time": "2024-02-30"}, ["date_needed"]),
    ("events", {"time": "2024年3月"}, ["date_needed"]),
    ("events", {"time": "2098-01-01"}, ["date_ahead"]),
    ("events", {"time": "0001-01-01T00:00:00+14:00"}, ["date_needed"]),
    ("events", {"village_code": "无此村"}, ["village_unknown"]),
    ("events", {"hh_no": "H9"}, ["household_unknown"]),
    ("events", {"hh_no": ""}, ["household_unknown"]),
    ("events", {"cadre_no": "X9"}, ["visitor_unknown"]),
    ("events", {"co_cadres": "X9"}, ["companion_unknown"]),
    ("events", {"persons": "很多"}, ["count_invalid"]),
    ("events", {"persons": "-1"}, ["count_invalid"]),
    ("events", {"enterprise_id": "E9"}, ["enterprise_unknown"]),
    ("events", {"void": "也许"}, ["word_unknown"]),
    ("issues", {"title": ""}, ["title_invalid"]),
    ("issues", {"title": "字" * 81}, ["title_invalid"]),
    ("issues", {"status": "跑了"}, ["word_unknown"]),
    ("issues", {"closed_date": ""}, ["date_needed"]),
    ("issues", {"closed_date": "2024-03-01"}, ["dates_reversed"]),
    ("issues", {"department": "无此单位"}, ["unit_unknown"]),
    ("issues", {"status": "in_progress", "department": ""}, ["unit_missing"]),
    ("issues", {"event_id": "V9"}, ["event_unknown"]),
    ("issues", {"cadre_no": "X9"}, ["registrant_unknown"]),
    ("issues", {"category": ""}, ["word_unknown"]),
    ("issues", {"due_date": "不知道"}, ["date_needed"]),
    ("households", {"hh_no": "自编0001"}, ["number_missing"]),
    ("households", {"head": ""}, ["name_missing"]),
    ("households", {"status": "飞了"}, ["word_unknown"]),
    ("enterprises", {"unit": "无此单位"}, ["unit_unknown"]),
    ("cadres", {"role": "皇帝"}, ["word_unknown"]),
    ("cadres", {"cadre_name": ""}, ["name_missing"]),
    ("villages", {"code": "999999999999"}, ["village_unknown"]),
    ("villages", {"name": "别名村"}, ["ledger_kept"]),
]
SOFT = {"companion_unknown", "event_unknown", "registrant_unknown", "ledger_kept"}


@pytest.mark.parametrize(("table", "wrong", "codes"), FAULTS)
def test_what_is_wrong_is_told(world: World, table: str, wrong: dict[str, Any], codes: list[str]) -> None:
    tables = past(world)
    names = HEADINGS[table].split()
    for name, cell in wrong.items():
        tables[table][0][names.index(name)] = cell
    plan = bring(world, tables, dry_run=True)
    outcome, said = told(plan)[table, 2]
    assert said == codes
    assert (outcome == "refused") is not bool(set(codes) & SOFT)


def test_the_same_number_twice(world: World) -> None:
    tables = past(world)
    tables["events"].append(tables["events"][2])
    tables["issues"].append(tables["issues"][2])
    tables["households"].append(tables["households"][0])
    said = told(bring(world, tables))
    assert [said[key] for key in (("events", 7), ("issues", 7), ("households", 4))] == [
        ("refused", ["number_duplicate"]), ("refused", ["number_duplicate"]), ("refused", ["hh_no_duplicate"]),
    ]  # fmt: skip


def test_a_number_that_belongs_to_something_else(world: World) -> None:
    bring(world, past(world))
    tables = past(world)
    tables["events"][0][HEADINGS["events"].split().index("time")] = "2024-05-05"
    tables["issues"][0][HEADINGS["issues"].split().index("title")] = "另一件事"
    before = everything()
    said = told(bring(world, tables))
    assert said == {("events", 2): ("refused", ["number_taken"]), ("issues", 2): ("refused", ["number_taken"])}
    assert everything() == before


def test_a_folder_says_the_same_as_a_workbook(world: World) -> None:
    plan = import_history_at_once(by="system", townships=[world.township], name="past", files=as_files(past(world)))
    assert (plan.counts["created"], plan.counts["refused"]) == (16, 0)
    assert not bring(world, past(world)).has_changes


def test_chinese_headings_and_words(world: World) -> None:
    bring(world, past(world))
    visits = [
        ["走访登记簿"],
        ["序号", "走访编号", "方式", "走访时间", "村", "户编号", "走访人工号", "见面人数", "结果", "走访内容"],
        ["示例", "Z0", "入户走访", "2024-05-01", "城垵村", "H1", "S1", 1, "", ""],
        [1, "Z1", "入户走访", "2024年5月2日", "城垵村", "H1", "S1", "2人", "未遇", "电话 13700005399"],
        ["合计", "", "", "", "", "", "", 1],
    ]
    data = saved(book(("走访", visits), ("填写说明", [["一", "二"]])))
    plan = import_history_at_once(by="system", townships=[world.township], name="a.xlsx", files=[("a.xlsx", data)])
    assert [p.outcome.value for p in plan.tables[Table.EVENTS]] == ["ignored", "created", "ignored"]
    visit = Visit.objects.get(earlier_number="Z1")
    assert (visit.result, visit.people_met, visit.content) == ("absent", 2, "电话 137****5399")


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([("a.csv", b"x,y\n1,2\n")], "no_header"),
        ([("events.csv", b"event_id,kind\nV1,household_visit\n")], "missing_required_column"),
        ([("events.csv", b"event_id,kind,time,village_code,cadre_no\n")], "no_data_rows"),
        ([("events.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 60)], "wrong_type"),
        ([("events.csv", b"")], "empty_file"),
    ],
)
def test_what_is_no_past_is_refused_whole(world: World, files: list[tuple[str, bytes]], code: str) -> None:
    before = everything()
    with pytest.raises(FileRefused) as refusal:
        import_history_at_once(by="system", townships=[world.township], name="x", files=[*files])
    assert refusal.value.code == code
    assert everything() == before


def test_an_office_of_the_ledger_is_found_by_its_name(world: World) -> None:
    name = world.organisations["村镇建设办"].name
    tables = past(world)
    tables["units"][0][0] = name
    tables["cadres"] = [[name if cell == "水利站" else cell for cell in row] for row in tables["cadres"]]
    tables["enterprises"] = [[name if cell == "水利站" else cell for cell in row] for row in tables["enterprises"]]
    tables["issues"] = [[name if cell == "水利站" else cell for cell in row] for row in tables["issues"]]
    plan = bring(world, tables)
    assert [p.outcome.value for p in plan.tables[Table.UNITS]] == ["updated"]
    assert Organisation.objects.filter(township=world.township, name=name).count() == 1
