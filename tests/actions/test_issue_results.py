"""办结依据: kept typed for each round, refused when something lacks, shown to who may see the issue and nobody else."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from ledger.models import IssueResult
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind, Outcome, State
from tests.issue_chain import advance, raise_issue, snapshot, take
from tests.views.issue_pages import SignIn, detail, step_url, text_of
from tests.world import World

HELP: dict[str, Any] = {
    "help_given": "棉被两床",
    "help_amount": Decimal("1200.50"),
    "help_in_kind": False,
    "help_source": "镇慈善会",
}


def resolve(world: World, **said: Any) -> Any:
    issue = advance(world, State.IN_PROGRESS)
    return take(world, "department_handler", issue, Step.RESOLVE, text="办好了", **said)


def test_a_matter_both_solved_and_helped_says_so(world: World) -> None:
    issue = resolve(world, outcomes=[Outcome.SOLVED, Outcome.ASSISTED], seen="屋顶不漏了", **HELP)
    row = IssueResult.objects.get()
    assert (row.issue_id, row.round, row.seen, row.explained) == (issue.pk, 1, "屋顶不漏了", "")
    assert (row.help_amount, row.help_in_kind, row.help_source) == (Decimal("1200.50"), False, "镇慈善会")


@pytest.mark.parametrize(
    ("outcome", "said", "fields"),
    [
        (Outcome.SOLVED, {"seen": ""}, {"seen"}),
        (Outcome.EXPLAINED, {"explained": "讲了", "policy": ""}, {"policy"}),
        (Outcome.ASSISTED, {**HELP, "help_source": ""}, {"help_source"}),
        (Outcome.ASSISTED, {**HELP, "help_amount": None}, {"help_amount"}),
    ],
)
def test_what_lacks_is_named_and_nothing_is_written(world: World, outcome: str, said: Any, fields: set[str]) -> None:
    issue = advance(world, State.IN_PROGRESS)
    before = snapshot()
    with pytest.raises(ValidationError) as refused:
        take(world, "department_handler", issue, Step.RESOLVE, outcomes=[outcome], text="办好了", **said)
    assert set(refused.value.message_dict) == fields
    assert (snapshot(), IssueResult.objects.count()) == (before, 0)


def test_on_the_spot_needs_the_same(world: World) -> None:
    before = snapshot()
    with pytest.raises(ValidationError) as refused:
        raise_issue(world, on_spot=True, outcomes=[Outcome.SOLVED], result_text="好了", seen="")
    assert set(refused.value.message_dict) == {"seen"}
    assert (snapshot(), IssueResult.objects.count()) == (before, 0)
    issue = raise_issue(world, on_spot=True, outcomes=[Outcome.SOLVED], result_text="好了", seen="看到了")
    assert IssueResult.objects.get().issue == issue


def test_each_round_keeps_its_own(world: World, sign_in: SignIn) -> None:
    issue = resolve(world, outcomes=[Outcome.SOLVED], seen="第一次补的")
    issue = take(world, "village_cadre", issue, Step.REOPEN, text="又坏了")
    assert "第一次补的" in text_of(sign_in("village_cadre").get(detail(issue)))
    issue = take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    issue = take(world, "department_handler", issue, Step.ACCEPT)
    take(world, "department_handler", issue, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="重铺", seen="第二次铺的")
    assert list(IssueResult.objects.values_list("round", "seen")) == [(1, "第一次补的"), (2, "第二次铺的")]
    page = text_of(sign_in("village_cadre").get(detail(issue)))
    assert page.index("第二次铺的") < page.index("第一次补的")


def test_the_closing_note_says_who_did_what(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.CLOSED)
    page = sign_in("village_cadre").get(detail(issue))
    acts = [(str(act.label), act.who.split(" · ")[0]) for act in page.context["note"]]
    name = {key: world.cadre(key).name for key in ("household_cadre", "district_secretary", "department_handler")}
    closer = world.cadre("village_cadre").name
    assert acts == [
        ("登记人", name["household_cadre"]), ("交办人", name["district_secretary"]),
        ("签收人", name["department_handler"]), ("办结人", name["department_handler"]), ("回访人", closer),
        ("销号人", closer),
    ]  # fmt: skip
    assert "路面平整" in text_of(page)
    assert sign_in("village_cadre@马銮").get(detail(issue)).status_code == 404


def test_the_form_asks_by_the_tick_and_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.IN_PROGRESS)
    client: Client = sign_in("department_handler")
    url = step_url(issue, Step.RESOLVE)
    assert 'data-shown-when="outcomes=assisted"' in text_of(client.get(url))
    said = {"version": issue.version, "text": "送去了", "outcomes": ["assisted"], "help_given": "米两袋"}
    before = snapshot()
    page = client.post(url, said)
    assert page.context["form"].errors.keys() == {"help_source", "help_amount"}
    assert "米两袋" in text_of(page)
    for wrong in ("-3", "abc", "1e5000", "NaN", "0", "999999999999"):
        page = client.post(url, {**said, "help_source": "民政", "help_amount": wrong})
        assert page.context["form"].errors.keys() == {"help_amount"}, wrong
    assert snapshot() == before
    assert client.post(url, {**said, "help_source": "民政", "help_amount": "1200.50"}).status_code == 302
    assert "1,200.50 元" in text_of(client.get(detail(issue)))


def test_a_suggestion_is_owed_a_reply(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.IN_PROGRESS, kind=IssueKind.SUGGESTION)
    client = sign_in("department_handler")
    form = client.get(step_url(issue, Step.RESOLVE)).context["form"]
    assert form.fields["text"].label == "给提出人的答复（用大白话写）"
    assert [choice[0] for choice in form.fields["outcomes"].choices] == [
        "adopted", "partly_adopted", "not_adopted", "explained",
    ]  # fmt: skip
    said = {"version": issue.version, "outcomes": ["not_adopted"]}
    assert client.post(step_url(issue, Step.RESOLVE), said).context["form"].errors.keys() == {"text"}
    assert client.post(step_url(issue, Step.RESOLVE), {**said, "text": "今年线路已定"}).status_code == 302
    assert '<h2 class="mb-2">答复</h2>' in text_of(client.get(detail(issue)))
