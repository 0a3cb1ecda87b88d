"""民情记录本, 民情月报, 季度小结 and 年度总结: whose, of which rows, masked, with figures of the one definition."""

import datetime
import io
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document

from ledger.exporting.default_papers import default_template
from ledger.exporting.diary import Period, diary_cadres
from ledger.exporting.paper_fields import example_of
from ledger.exporting.period_papers import Subject, figures_of, sentence
from ledger.exporting.word import fill
from ledger.models import AuditRow, Household, Issue, IssueStep, PaperKind, Resident, Visit, VisitQuestion
from ledger.queries.figures import tally
from ledger.queries.figures_window import Window
from ledger.rules.days import day_start, local_today
from ledger.rules.issues import State
from tests.views.issue_pages import SignIn
from tests.world import World, make_issue, make_visit

TODAY = local_today()
YEAR = {"first": TODAY.replace(month=1, day=1).isoformat(), "last": TODAY.isoformat()}


def text_of(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def table_of(data: bytes, number: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in Document(io.BytesIO(data)).tables[number].rows]


def titled(title: str, *args: Any, **fields: Any) -> Issue:
    issue = make_issue(*args, **fields)
    Issue.objects.filter(pk=issue.pk).update(title=title)
    issue.refresh_from_db()
    return issue


def raised(world: World, **fields: Any) -> Issue:
    """A resolved matter of the visit of 城垵, with a number in its text."""
    visit = world.visits["城垵"]
    Visit.objects.filter(pk=visit.pk).update(
        occurred_on=TODAY, content="问了近况 13812345678", lead=world.cadre("household_cadre"), voided_at=None
    )
    return titled(
        "城垵路灯坏 13812345678", world.households["城垵"][0], world.cadre("household_cadre"), 930, visit=visit,
        state=State.CLOSED, resolved_at=timezone.now(), outcomes=["solved"], result_text="已修",
        answer="satisfied", closed_at=timezone.now(), close_basis="called_back", resolved_in_time=True,
        resolved_by=world.cadre("household_cadre"), **fields,
    )  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in PaperKind if kind not in ("covering", "reply")])
def test_a_default_template_fills_with_its_examples(kind: str) -> None:
    said = text_of(fill(kind, default_template(kind), example_of(kind)))
    assert "{" not in said
    assert {"diary": "民情记录本", "digest": "民 情 月 报"}.get(kind, "联系群众工作") in said


def test_a_diary_says_what_became_of_each_problem(world: World, sign_in: SignIn) -> None:
    issue = raised(world)
    data = sign_in("household_cadre").post(reverse("diary_paper"), YEAR).content
    homes, visits, problems = (table_of(data, number) for number in (0, 1, 2))
    assert {row[3] for row in homes[1:]} == set(
        world.cadre("household_cadre").households.values_list("head_name", flat=True)
    )
    row = next(row for row in visits if issue.printed_number in row[10])
    assert (row[0], row[1], row[2]) == (TODAY.isoformat(), "一二三四五六日"[TODAY.weekday()], "")
    assert row[7] == "问了近况 138****5678"
    assert (row[8], row[11]) == ("城垵路灯坏 138****5678", "已销号，解决到位")
    assert problems[1][3:] == ["城垵路灯坏 138****5678", "已修", "解决到位", TODAY.isoformat(), "满意"]
    told = AuditRow.objects.get(verb="paper.made").detail
    assert (told["paper"], told["rows"], told["phones"]) == ("diary", len(visits) - 1, False)


def test_phones_in_full_for_the_cadre_alone(world: World, sign_in: SignIn) -> None:
    home = world.households["城垵"][0]
    Resident.objects.filter(household=home).update(phone="13911112222")
    cadre = world.cadre("household_cadre")
    own = sign_in("household_cadre").post(reverse("diary_paper"), {**YEAR, "with_phones": "on"}).content
    assert "13911112222" in text_of(own)
    others = sign_in("township_desk").post(
        reverse("diary_paper"), {**YEAR, "with_phones": "on", "cadre": cadre.pk}
    ).content  # fmt: skip
    assert "13911112222" not in text_of(others)
    assert "139****2222" in text_of(others)


def test_another_s_diary_is_as_wide_as_one_s_sight(world: World, sign_in: SignIn) -> None:
    raised(world)
    cadre, far = world.cadre("household_cadre"), world.cadre("household_cadre@前楼")
    Visit.objects.filter(pk=world.visits["东沈"].pk).update(
        lead=cadre, content="东沈秘密", occurred_on=TODAY, voided_at=None
    )
    secretary = sign_in("district_secretary")
    said = text_of(secretary.post(reverse("diary_paper"), {**YEAR, "cadre": cadre.pk}).content)
    assert "问了近况" in said
    assert "东沈秘密" not in said
    assert secretary.post(reverse("diary_paper"), {**YEAR, "cadre": far.pk}).context["form"].errors
    colleague = sign_in("household_cadre@马銮")
    assert "cadre" not in colleague.get(reverse("diary_paper")).context["form"].fields
    said = text_of(colleague.post(reverse("diary_paper"), {**YEAR, "cadre": cadre.pk}).content)
    assert "问了近况" not in said
    assert diary_cadres(world.users["village_official"]).count() == 1


def test_restricted_matters_stand_in_no_diary(world: World, sign_in: SignIn) -> None:
    raised(world, is_sensitive=True)
    VisitQuestion.objects.create(visit=world.visits["城垵"], text="何时修路", answer="下月")
    said = text_of(sign_in("village_cadre").post(
        reverse("diary_paper"), {**YEAR, "cadre": world.cadre("household_cadre").pk}
    ).content)  # fmt: skip
    assert "路灯坏" not in said
    assert "何时修路" in said
    assert "下月" in said


@pytest.mark.parametrize(
    "days", [{"first": "2026-03-02", "last": "2026-03-01"}, {"first": "2024-01-01", "last": "2026-01-01"}, {}]
)
def test_days_that_are_none_make_nothing(world: World, sign_in: SignIn, days: dict[str, str]) -> None:
    page = sign_in("household_cadre").post(reverse("diary_paper"), days)
    assert page.context["form"].errors
    assert not AuditRow.objects.filter(verb="paper.made").exists()


def test_a_digest_tells_the_chosen_matters_without_names(world: World, sign_in: SignIn) -> None:
    issue = raised(world)
    Issue.objects.filter(pk=issue.pk).update(raised_by_name="城垵某人", text="")
    other = titled("马銮没选", world.households["马銮"][0], world.cadre("household_cadre@马銮"), 931)
    client, area = sign_in("township_desk"), f"township-{world.township.pk}"
    page = client.get(f"{reverse('digest_paper')}?area={area}")
    assert {issue.pk, other.pk} <= {each.pk for each in page.context["offered"]}
    sent = {
        "area": area,
        "month": f"{TODAY:%Y-%m}",
        "issues": [issue.pk],
        "number": "2026年第3期",
        "next_words": "防汛",
    }
    said = text_of(client.post(reverse("digest_paper"), sent).content)
    for words in ("2026年第3期", "城垵路灯坏 138****5678", issue.printed_number, "解决到位", "防汛", "收集问题"):
        assert words in said
    for words in ("13812345678", "城垵某人", "马銮没选", "苗头", "城垵户主"):
        assert words not in said


def test_early_signs_stand_in_the_internal_edition_of_who_may_see_them(world: World, sign_in: SignIn) -> None:
    secret = titled(
        "城垵暗流",
        world.households["城垵"][0],
        world.cadre("household_cadre"),
        932,
        kind="early_sign",
        is_sensitive=True,
    )
    sent = {"area": f"township-{world.township.pk}", "month": f"{TODAY:%Y-%m}", "is_internal": "on"}
    desk, inspector = sign_in("township_leader"), sign_in("township_admin")
    assert secret.title in text_of(desk.post(reverse("digest_paper"), sent).content)
    assert secret.title not in text_of(desk.post(reverse("digest_paper"), sent | {"is_internal": ""}).content)
    assert secret.title not in text_of(inspector.post(reverse("digest_paper"), sent).content)
    assert "is_internal" not in inspector.get(reverse("digest_paper")).context["form"].fields
    assert desk.post(reverse("digest_paper"), sent | {"issues": [secret.pk]}).context["form"].errors


def test_what_comes_next_month_is_numbered_after_what_the_edition_holds(world: World, sign_in: SignIn) -> None:
    titled("城垵暗流", world.households["城垵"][0], world.cadre("household_cadre"), 932, kind="early_sign",
           is_sensitive=True)  # fmt: skip
    sent = {"area": f"township-{world.township.pk}", "month": f"{TODAY:%Y-%m}", "next_words": "防汛"}
    leader = sign_in("township_leader")
    assert "三、下月重点" in text_of(leader.post(reverse("digest_paper"), sent).content)
    assert "四、下月重点" in text_of(leader.post(reverse("digest_paper"), sent | {"is_internal": "on"}).content)


def test_a_place_or_a_matter_of_elsewhere_makes_nothing(world: World, sign_in: SignIn) -> None:
    client, month = sign_in("village_cadre"), f"{TODAY:%Y-%m}"
    own = f"village-{world.villages['城垵'].pk}"
    for sent in (
        {"area": f"village-{world.villages['马銮'].pk}", "month": month},
        {"area": own, "month": "1999-01"},
        {"area": own, "month": month, "issues": [world.issues["马銮"].pk]},
    ):
        assert client.post(reverse("digest_paper"), sent).context["form"].errors
    far = world.cadre("household_cadre@前楼").pk
    for subject in (f"cadre-{far}", f"unit-{world.organisations['村镇建设办@前楼'].pk}", "cadre-x", "township-999"):
        answer = client.post(reverse("summary_paper"), {"subject": subject, "span": f"{TODAY.year}"})
        assert answer.context["form"].errors
    assert not AuditRow.objects.filter(verb="paper.made").exists()
    assert sign_in("household_cadre").get(reverse("digest_paper")).status_code == 403


def test_the_figures_are_those_of_the_one_definition(world: World) -> None:
    raised(world)
    villages = [world.villages["城垵"].pk, world.villages["马銮"].pk]
    period = Period(TODAY - datetime.timedelta(days=60), TODAY)
    counts, rows = figures_of(Subject("东管区", villages, world.county), period)
    expected = tally(list(counts), villages, Window(period.first, period.last), by=None)[None]
    assert counts == expected
    assert [row["名称"] for row in rows] == ["城垵村", "马銮村"]
    assert f"收集问题 {expected['collected']} 件" in sentence(counts)


@pytest.mark.parametrize(
    ("span", "word"), [(f"{TODAY.year}", "年度总结"), (f"{TODAY.year}q{(TODAY.month + 2) // 3}", "季度小结")]
)
def test_a_summary_of_a_place_a_unit_and_oneself(world: World, sign_in: SignIn, span: str, word: str) -> None:
    issue = raised(world)
    desk, cadre = sign_in("township_desk"), world.cadre("household_cadre")
    for subject in (f"township-{world.township.pk}", f"cadre-{cadre.pk}"):
        said = text_of(desk.post(reverse("summary_paper"), {"subject": subject, "span": span}).content)
        assert word in said
        assert issue.printed_number in said
    unit = world.organisations["村镇建设办"].pk
    assert word in text_of(desk.post(reverse("summary_paper"), {"subject": f"unit-{unit}", "span": span}).content)
    own = sign_in("household_cadre")
    choices = own.get(reverse("summary_paper")).context["form"].fields["subject"].choices
    assert [key for key, _name in choices] == [f"cadre-{cadre.pk}"]
    assert issue.printed_number in text_of(
        own.post(reverse("summary_paper"), {"subject": f"cadre-{cadre.pk}", "span": span}).content
    )


def test_a_cadre_s_quarter_is_filled_from_own_records(world: World, sign_in: SignIn) -> None:
    raised(world)
    cadre, other = world.cadre("household_cadre"), world.cadre("household_cadre@马銮")
    first, second = cadre.households.order_by("pk")
    Household.objects.filter(pk=first.pk).update(last_met_on=TODAY)
    Visit.objects.exclude(pk=world.visits["城垵"].pk).update(
        voided_at=timezone.now(), voided_by=world.users["township_desk"], void_reason="误登"
    )
    make_visit(second, other, kind="phone", occurred_on=TODAY).companions.add(cadre)
    make_visit(world.households["马銮"][0], other, kind="patrol", occurred_on=TODAY)
    titled("想要书桌", first, cadre, 941, kind="wish", state=State.IN_PROGRESS, handler=cadre)
    titled("马銮心愿", world.households["马銮"][0], other, 942, kind="wish", state=State.IN_PROGRESS, handler=other)
    span = f"{TODAY.year}q{(TODAY.month + 2) // 3}"
    sent = {"subject": f"cadre-{cadre.pk}", "span": span}
    data = sign_in("household_cadre").post(reverse("summary_paper"), sent).content
    said, tables = (
        text_of(data),
        [[[c.text for c in row.cells] for row in t.rows] for t in Document(io.BytesIO(data)).tables],
    )
    by_head = {table[0][0]: table[1:] for table in tables}
    people = Visit.objects.get(pk=world.visits["城垵"].pk).people_met
    assert by_head["走访方式"] == [["入户走访", "1", str(people)], ["电话联系", "1", "1"]]
    assert [row[:2] for row in by_head["村组"]] == [[f"城垵村{second.group.number}组", "1"]]
    assert [row[0] for row in by_head["单位"]] == ["城垵村"]
    assert "想要书桌" in said
    assert "马銮" not in said
    assert f"{TODAY.isoformat()}办结，解决到位，群众评价：满意。" in said
    figures = {row[0]: row[1] for row in by_head["项目"]}
    assert (figures["联系户"], figures["走访户次"]) == ("2", "1")


def test_the_matters_of_a_summary_are_those_of_its_figures(world: World, sign_in: SignIn) -> None:
    """What waits for a call-back is resolved, and what was open at the end of last year stands so in its paper."""
    Issue.objects.filter(village__in=world.villages.values()).update(state=State.VOID)
    home, cadre = world.households["城垵"][0], world.cadre("household_cadre")
    now, then = timezone.now(), day_start(datetime.date(TODAY.year - 1, 12, 20))
    common = {"handler": cadre, "resolved_by": cadre, "resolved_at": now, "outcomes": ["solved"], "result_text": "已修"}
    titled("待回访的路", home, cadre, 951, state=State.RESOLVED, **common)
    titled("在办的桥", home, cadre, 952, state=State.IN_PROGRESS, handler=cadre, due_on=TODAY)
    old = titled("去年的井", home, cadre, 953, state=State.RESOLVED, registered_at=then, **common)
    titled("马銮的渠", world.households["马銮"][0], world.cadre("household_cadre@马銮"), 954)
    for step, state, at in (
        ("register", "registered", then),
        ("assign", "assigned", then),
        ("resolve", "resolved", now),
    ):
        IssueStep.objects.create(issue=old, step=step, to_state=state, at=at, to_cadre=cadre)
    client, found = sign_in("village_cadre"), {}
    for year in (TODAY.year, TODAY.year - 1):
        data = client.post(
            reverse("summary_paper"), {"subject": f"village-{world.villages['城垵'].pk}", "span": f"{year}"}
        ).content
        paragraphs = [each.text for each in Document(io.BytesIO(data)).paragraphs]
        done = {each.split("（")[0].split(". ")[1] for each in paragraphs if "办结，" in each and "登记）" in each}
        tables = [[[c.text for c in row.cells] for row in t.rows] for t in Document(io.BytesIO(data)).tables]
        left = [(row[2], row[4]) for table in tables if table[0][-1] == "进展" for row in table[1:]]
        found[year] = (done, left)
    assert found == {
        TODAY.year: ({"待回访的路", "去年的井"}, [("在办的桥", "办理中")]),
        TODAY.year - 1: (set(), [("去年的井", "待签收")]),
    }  # fmt: skip
