"""What lists and pages ask of visits; narrowed to who asks."""

import json
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from ledger.models import Cadre, Household, Issue, Village, Visit, VisitCorrection, VisitNote, VisitQuestion
from ledger.models.scope import Scope, may, scope_of
from ledger.rules.cleaning import is_storable
from ledger.rules.permissions import Permission, Role
from ledger.rules.pinyin import search_key
from ledger.rules.visits import NOTE_LABELS, Profession

RECENT_COMPANIONS = 6
NOTE_FIELDS = ("subject", "finding", "advice")
DIARY_ORDER = ("-occurred_on", "-id")
TICKS = "ticks"
"""What a correction calls the points of campaigns."""


def visit_rows(user: Any) -> QuerySet[Visit]:
    """Visits in scope with everything a line prints."""
    rows: QuerySet[Visit] = Visit.objects.visible_to(user)
    # Ordinary issues only: whoever may not see a sensitive one must not count it either.
    raised = Issue.objects.filter(visit=OuterRef("pk"), is_sensitive=False).order_by().values("visit")
    count = Coalesce(Subquery(raised.annotate(n=Count("pk")).values("n")), 0)
    return rows.select_related("household", "village", "group", "lead").annotate(issue_count=count)


def mine_q(user: Any) -> Q:
    """Visits one led or joined."""
    cadre_id = scope_of(user).cadre_id
    if cadre_id is None:
        return Q(pk__in=())
    return of_cadre_q(cadre_id)


def of_cadre_q(cadre_id: int) -> Q:
    """Visits that somebody led or joined."""
    joined = Visit.companions.through._base_manager.filter(cadre_id=cadre_id).values("visit_id")
    return Q(lead_id=cadre_id) | Q(pk__in=joined)


def said_q(typed: str) -> Q:
    """The household's head or pinyin initials by their beginning, what was said by any part."""
    if not is_storable(typed):
        return Q(pk__in=())
    key = search_key(typed)
    condition = Q(content__icontains=typed) | Q(place__icontains=typed)
    if key:
        condition |= Q(household__head_name__startswith=key)
    if key and key.isascii():
        condition |= Q(household__initials__startswith=key) | Q(household__initials__contains=f" {key}")
    return condition


def recent_companions(user: Any) -> list[Cadre]:
    """Who came along on one's own visits, the latest first."""
    cadre_id = scope_of(user).cadre_id
    if cadre_id is None:
        return []
    joined = Cadre.objects.filter(visits_joined__lead=cadre_id, left_on__isnull=True)
    return list(joined.annotate(last=Max("visits_joined__pk")).order_by("-last")[:RECENT_COMPANIONS])


def villages_of_visitor(user: Any) -> QuerySet[Village]:
    """The villages in which somebody may log what is not about one household: of the postings and own households."""
    own = Household.objects.filter(scope_of(user).own_households("cadre_id")).values("village")
    posted = Village.objects.visible_to(user, Permission.LOG_VISIT)
    return Village.objects.filter(Q(pk__in=posted.values("pk")) | Q(pk__in=own)).select_related("township")


def profession_of(scope: Scope) -> str:
    """A professional's visits are their profession's; everybody else's a cadre's."""
    if not scope.holds(Role.VISITOR):
        return Profession.CADRE
    return str(Cadre.objects.values_list("profession", flat=True).get(pk=int(scope.cadre_id or 0)))


def note_of(visit: Visit, user: Any) -> list[tuple[Any, str]]:
    """The words of the profession with what was noted, for who is in its circle."""
    note = VisitNote.objects.visible_to(user).filter(visit=visit).first()
    return [] if note is None else _note_words(note.profession, {name: getattr(note, name) for name in NOTE_FIELDS})


def note_to_correct(visit: Visit, user: Any) -> VisitNote | None:
    """The note that this person may correct with the visit: one they read, or an empty one of their own visit."""
    if visit.profession == Profession.CADRE:
        return None
    seen: VisitNote | None = VisitNote.objects.visible_to(user).filter(visit=visit).first()
    own = visit.lead_id == scope_of(user).cadre_id and not VisitNote.objects.filter(visit=visit).exists()
    return VisitNote(profession=visit.profession) if seen is None and own else seen


def _note_words(profession: str, said: dict[str, str]) -> list[tuple[Any, str]]:
    labels = dict(zip(NOTE_FIELDS, NOTE_LABELS[Profession(profession)], strict=True))
    return [(labels[name], said[name]) for name in NOTE_FIELDS if said.get(name)]


def may_correct(user: Any, visit: Visit) -> bool:
    """Who wrote or led it, and the desk of its place."""
    cadre_id = scope_of(user).cadre_id
    mine = cadre_id is not None and (visit.lead_id == cadre_id or visit.recorded_by_id == user.pk)
    return mine or may(user, Permission.DESK, visit)


def questions_of(visit: Visit, user: Any) -> list[tuple[VisitQuestion, Issue | None]]:
    """What was asked in a meeting, in its order, each with its issue where the reader may see it."""
    questions = list(visit.questions.order_by("sort_order", "pk"))
    numbered = [question.issue_id for question in questions if question.issue_id is not None]
    seen = {issue.pk: issue for issue in Issue.objects.visible_to(user).filter(pk__in=numbered)} if numbered else {}
    return [(question, seen.get(question.issue_id or 0)) for question in questions]


def present_at(visit: Visit, user: Any) -> list[Household]:
    """The households that came to a meeting, as far as the reader may know them; others have one household alone."""
    if visit.household_id is not None:
        return []
    rows: QuerySet[Household] = Household.objects.visible_to(user).filter(visits_attended=visit)
    return list(rows.order_by("pinyin", "pk"))


def earlier_words(visit: Visit, user: Any) -> list[tuple[VisitCorrection, list[tuple[Any, str]]]]:
    """The corrections of a visit, the latest first, each with label and old value of what it changed.

    What a note said before is for who reads the note.
    """
    corrections = list(visit.corrections.select_related("by"))
    sealed = any(each.old_note for each in corrections)
    reads = sealed and VisitNote.objects.visible_to(user).filter(visit=visit).exists()
    return [
        (
            each,
            [(_label(name), _said(name, value)) for name, value in each.old.items()]
            + (_note_words(visit.profession, json.loads(each.old_note)) if reads and each.old_note else []),
        )
        for each in corrections
    ]


def _label(name: str) -> str:
    if name == TICKS:
        return str(_("Points of campaigns"))
    return str(getattr(Visit._meta.get_field(name), "verbose_name", name))


def _said(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "；".join(value) if name == TICKS else ", ".join(value)
    words = dict(getattr(Visit._meta.get_field(name), "flatchoices", ()))
    return str(words.get(value, "" if value is None else value))
