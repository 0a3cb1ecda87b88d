"""Kept entries for the page that reviews them."""

import datetime
import json
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ledger.models import Evidence, KeptEntry
from ledger.models.scope import scope_of
from ledger.rules.kept_entries import form_name

TOLD_FOR = datetime.timedelta(days=60)
MOST_TOLD = 200


@dataclass(frozen=True)
class Shown:
    """One entry as somebody may see it: ``lines`` (label, value) only for its sender."""

    entry: KeptEntry
    name: Any
    sender: str
    mine: bool
    decides: bool = False
    """Of a household that moved away, or handed in: the desk of its place reads it, and takes it over or not."""
    lines: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """Names of those that were not kept."""
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def for_desk(self) -> bool:
        """Whether a desk decides it, and not its sender."""
        return self.entry.household_id is not None or self.entry.is_handed_in

    @property
    def is_whole(self) -> bool:
        """Whether it can be taken over as the visit it is; else the desk enters what it says anew."""
        return self.entry.form == "visit" and bool(self.entry.household_id or self.entry.village_id)


def kept_entries(user: Any) -> QuerySet[Any]:
    """One's own and those of the area one administers, each with ``is_saved`` and what it was ``saved_as``."""
    made = {"is_saved": KeptEntry.saved(), "saved_as": KeptEntry.saved_as()}
    rows: QuerySet[Any] = KeptEntry.objects.visible_to(user).annotate(**made)
    shown = rows.select_related(
        "user__cadre__county", "discarded_by", "household__village__township", "household__group", "village"
    )
    return shown.prefetch_related("evidence")


def decided_by(user: Any, entries: Iterable[KeptEntry]) -> set[int]:
    """Those of the entries that this person's desk decides: never the sender's own."""
    asked = [one.pk for one in entries if one.user_id != user.pk and (one.household_id is not None or one.is_handed_in)]
    if not asked:
        return set()
    lying_here = KeptEntry.objects.filter(KeptEntry.decided_by(scope_of(user)), pk__in=asked)
    return set(lying_here.values_list("pk", flat=True))


def waiting(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those that nobody has decided about, the oldest first."""
    return rows.filter(~KeptEntry.saved(), discarded_at__isnull=True).order_by("kept_at", "pk")


def decided(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Saved as a record of their own, or discarded."""
    return rows.filter(Q(KeptEntry.saved()) | Q(discarded_at__isnull=False))


def shown(entry: KeptEntry, user: Any, decides: Container[int] = ()) -> Shown:
    """What the page says of it: its words for its sender and who ``decides``; numbers were masked when it was kept."""
    mine, may_decide = entry.user_id == user.pk, entry.pk in decides
    name, sender = form_name(entry.form), entry.user.name
    if not (mine or may_decide):
        return Shown(entry, name, sender, mine)
    body = sent(entry)
    lines = [(label, value) for label, value in body["lines"]]
    return Shown(entry, name, sender, mine, may_decide, lines, body["files"], list(entry.evidence.all()))


def sent(entry: KeptEntry) -> dict[str, Any]:
    """``address``, ``values`` (name → list) as they were posted, ``lines`` to read, names of ``files``."""
    body: dict[str, Any] = json.loads(entry.body)
    return body


def outcome(entry: Any) -> str:
    """What became of a decided entry (of ``kept_entries``), to its sender: of which household or form, and how."""
    what = str(entry.household or entry.village or form_name(entry.form))
    if entry.is_saved:
        return _("%(what)s: taken over as your visit") % {"what": what}
    if entry.household_id is not None or entry.is_handed_in:
        return _("%(what)s: dealt with, not taken over as it was") % {"what": what}
    return _("%(what)s: discarded, the first entry stands") % {"what": what}


def answers_for_phone(user: Any, now: datetime.datetime) -> list[dict[str, Any]]:
    """Of what one's phones handed in lately and a desk has decided: id of the form, sentences, where to look.

    Several of one walk are told together, when the last is decided.
    """
    rows = kept_entries(user).filter(Q(household__isnull=False) | Q(is_handed_in=True), user=user.pk)
    recent = rows.filter(kept_at__gte=now - TOLD_FOR).order_by("pk")
    walks: dict[str, list[Any]] = defaultdict(list)
    for entry in recent[:MOST_TOLD]:
        walks[str(entry.client_id)].append(entry)
    return [
        {"id": key, "sentences": [_sentence(entry) for entry in entries], "visit": _only_visit(entries)}
        for key, entries in walks.items()
        if all(entry.is_saved or entry.discarded_at for entry in entries)
    ]


def _sentence(entry: Any) -> str:
    if not entry.answer:
        return outcome(entry)
    return _("%(became)s: “%(word)s”") % {"became": outcome(entry), "word": entry.answer}


def _only_visit(entries: list[Any]) -> int | None:
    """The visit it became, where that is one."""
    made: list[int] = [entry.saved_as for entry in entries if entry.saved_as and entry.form == "visit"]
    return made[0] if len(made) == 1 and len(entries) == 1 else None
