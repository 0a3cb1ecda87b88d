"""会议: the recorder's notes, kept question by question, and the one visit that is made of them in the end.

A draft is its author's alone, so the trail has no rows of it; finishing writes those of the visit and of its issues.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions import evidence, visits
from ledger.actions.actors import acting_cadre_id
from ledger.actions.submissions import submit
from ledger.models import Category, Evidence, Household, MeetingDraft, VisitQuestion

MOST_QUESTIONS = 100
MOST_DRAFTS = 20


@dataclass
class Question:
    """One question: answered on the spot (``answer``), to be numbered (``category``), or still neither."""

    key: str
    text: str
    asked_by: str = ""
    answer: str = ""
    kind: str = ""
    category: int | None = None
    household: int | None = None

    @property
    def settled(self) -> bool:
        return bool(self.answer or self.category)


@dataclass
class Body:
    """What is typed so far: the head as its form sends it, and the questions in their order."""

    head: dict[str, list[str]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    @property
    def unsettled(self) -> list[Question]:
        return [question for question in self.questions if not question.settled]


def read(draft: MeetingDraft) -> Body:
    """What the draft holds."""
    said = json.loads(draft.body or "{}")
    return Body(said.get("head", {}), [Question(**row) for row in said.get("questions", ())])


def begin(*, by: Any, data: dict[str, Any], head: dict[str, list[str]], client_id: uuid.UUID | None) -> int:
    """A new draft; the same form again is the same draft. Raises ValidationError beyond ``MOST_DRAFTS``."""
    cadre_id = acting_cadre_id(by)

    def write() -> int:
        if MeetingDraft.objects.filter(cadre_id=cadre_id, visit=None).count() >= MOST_DRAFTS:
            raise ValidationError(_("%(n)s drafts are kept at most: finish or discard one first.") % {"n": MOST_DRAFTS})
        draft = MeetingDraft(
            cadre_id=cadre_id, village=data["village"], occurred_on=data["occurred_on"], body=_text(Body(head))
        )
        draft.save()
        return int(draft.pk)

    return submit(user=by, form="meeting_draft", client_id=client_id, body=data, write=write)[0]


def change_head(*, draft: MeetingDraft, data: dict[str, Any], head: dict[str, list[str]]) -> None:
    """What the meeting was: place, day, who came."""

    def change(held: MeetingDraft, body: Body) -> None:
        held.village, held.occurred_on, body.head = data["village"], data["occurred_on"], head

    _change(draft, change)


def ask(*, draft: MeetingDraft, key: str, text: str, asked_by: str = "", answer: str = "") -> None:
    """Note a question; the same key again is the same question. Raises ValidationError for one too many."""

    def change(_held: MeetingDraft, body: Body) -> None:
        if any(question.key == key for question in body.questions):
            return
        if len(body.questions) >= MOST_QUESTIONS:
            raise ValidationError(_("At most %(n)s questions in one meeting.") % {"n": MOST_QUESTIONS})
        body.questions.append(Question(key, text, asked_by, answer))

    _change(draft, change)


def settle(*, draft: MeetingDraft, key: str, data: dict[str, Any]) -> None:
    """Write what is typed at one question; one that is gone meanwhile stays gone."""

    def change(_held: MeetingDraft, body: Body) -> None:
        for question in body.questions:
            if question.key == key:
                vars(question).update(data)

    _change(draft, change)


def drop(*, draft: MeetingDraft, key: str) -> None:
    """Take a question out."""

    def change(_held: MeetingDraft, body: Body) -> None:
        body.questions = [question for question in body.questions if question.key != key]

    _change(draft, change)


@transaction.atomic
def discard(*, draft: MeetingDraft) -> None:
    """Throw a draft away; of a finished meeting nothing is taken."""
    MeetingDraft.objects.filter(pk=draft.pk, visit=None).delete()


def finish(*, by: Any, draft: MeetingDraft, data: dict[str, Any], photos: list[Any]) -> int:
    """Make the visit with its questions and issues, in one transaction; the id of the visit, also of an earlier try.

    Raises ValidationError while a question has neither answer nor category, IssueFault with the question's place for
    an issue that can't be registered. Then the draft is as it was.
    """
    kept: list[Evidence] = []
    done = False
    try:
        with transaction.atomic():
            held = MeetingDraft.objects.select_for_update().get(pk=draft.pk)
            made = held.visit_id or _finish(by, held, data, photos, kept)
        done = True
    finally:
        if not done:
            evidence.take_back(kept)
    return int(made)


def _finish(by: Any, held: MeetingDraft, data: dict[str, Any], photos: list[Any], kept: list[Evidence]) -> int:
    body = read(held)
    if missing := len(body.unsettled):
        raise ValidationError(
            ngettext(
                "%(n)s question has neither an answer nor a category.",
                "%(n)s questions have neither an answer nor a category.", missing,
            ) % {"n": missing}
        )  # fmt: skip
    categories = Category.objects.select_related("parent").in_bulk({q.category for q in body.questions if q.category})
    homes = {q.household for q in body.questions if q.household}
    households = Household.objects.select_related("village__township").visible_to(by).in_bulk(homes)
    visits.hold(set(households))
    visit = visits.store(by=by, data=data)
    ordinary = 0
    for place, question in enumerate(body.questions):
        issue = None
        if question.category:
            said = _issue(question, categories.get(question.category), households.get(question.household or 0))
            issue = visits.register_raised(by, visit, place, said)
            ordinary += not issue.is_sensitive
        VisitQuestion.objects.create(
            visit=visit, asked_by=question.asked_by, text=question.text, answer=question.answer, issue=issue,
            sort_order=place,
        )  # fmt: skip
    kept += evidence.store_all(by=by, files=photos, visit=visit)
    visits.told(by=by, visit=visit, issues=ordinary)
    held.visit, held.body = visit, ""
    held.save(update_fields=["visit", "body", "updated_at"])
    return int(visit.pk)


def _issue(question: Question, category: Category | None, household: Household | None) -> dict[str, Any]:
    """What ``issues.register`` wants: the question is the title where it is short enough, else its beginning."""
    title = question.text.splitlines()[0]
    said = {
        "kind": question.kind or "request", "category": category, "title": title[:80], "household": household,
        "text": question.text if title[:80] != question.text else "",
    }  # fmt: skip
    who = question.asked_by or (household.head_name if household else "")
    return said | {"raised_by_name": who}


@transaction.atomic
def _change(draft: MeetingDraft, change: Callable[[MeetingDraft, Body], None]) -> None:
    held = MeetingDraft.objects.select_for_update().get(pk=draft.pk)
    if held.visit_id is not None:
        raise ValidationError(_("The meeting is finished: correct its entry."), code="finished")
    body = read(held)
    change(held, body)
    held.body = _text(body)
    held.save()


def _text(body: Body) -> str:
    return json.dumps(asdict(body), ensure_ascii=False)
