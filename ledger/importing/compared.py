"""A held row beside the households it might be: what the file says, what the ledger has, what each answer will do."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ledger.importing.columns import Role
from ledger.importing.field_names import FIELD_NAMES
from ledger.importing.findings import Code
from ledger.importing.held_memory import held_for
from ledger.importing.questions import Question
from ledger.importing.villages import Place
from ledger.models import Household, Resident
from ledger.rules.held_rows import Decision
from ledger.rules.households import Relation
from ledger.rules.masking import mask_id, mask_phone

_HOME = ("head", "village", "group", "hh_no", "id_no", "phone", "population", "hh_type", "address", "cadre", "remark")
_MEMBER = ("name", "relation", "id_no", "phone", "birth")


@dataclass(frozen=True)
class Compared:
    """One field: what the file says and what each of the others has; ``differs`` where the file says otherwise."""

    label: str
    said: str
    known: list[str]
    differs: bool


@dataclass(frozen=True)
class Choice:
    """One answer, as the form sends it, and in words."""

    value: str
    title: str
    what: str


def compared(asked: Question) -> list[Compared]:
    """Field by field; numbers masked. Fields of which nobody says anything are left out."""
    is_member = asked.row.role == Role.RESIDENTS
    said = _said(asked)
    others = [_member(asked.person)] if is_member and asked.person else [] if is_member else _homes(asked.others)
    lines = []
    for name in _MEMBER if is_member else _HOME:
        known = [other[name] for other in others]
        if said[name] or any(known):
            differs = bool(said[name]) and any(said[name] != one for one in known)
            lines.append(Compared(str(FIELD_NAMES[name]), said[name], known, differs))
    return lines


def _said(asked: Question) -> dict[str, str]:
    fields = asked.row.fields
    place, group = fields.get("village"), fields.get("group")
    cadre = fields.get("cadre")
    return {name: _text(fields.get(name)) for name in (*_HOME, *_MEMBER)} | {
        "village": place.name if isinstance(place, Place) else "",
        "group": _group(group),
        "id_no": mask_id(fields.get("id_no") or ""),
        "phone": mask_phone(fields.get("phone") or ""),
        "hh_type": "、".join(fields.get("hh_type") or ()),
        "cadre": cadre.name if cadre is not None else "",
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _group(group: Any) -> str:
    return _("Group %(number)s") % {"number": group} if isinstance(group, int) else _text(group)


def _homes(others: list[Household]) -> list[dict[str, str]]:
    current = Resident.objects.filter(household__in=[other.pk for other in others], left_on=None)
    heads = {head.household_id: head for head in current.filter(relation=Relation.HEAD)}
    return [_home(other, heads.get(other.pk)) for other in others]


def _home(home: Household, head: Resident | None) -> dict[str, str]:
    return {
        "head": home.head_name, "village": home.village.name, "hh_no": home.code, "address": home.address,
        "group": str(home.group) if home.group else "", "population": _text(home.population), "remark": home.remark,
        "id_no": mask_id(head.id_no) if head else "", "phone": mask_phone(head.phone) if head else "",
        "hh_type": "、".join(kind.name for kind in home.types.all()), "cadre": home.cadre.name if home.cadre else "",
    }  # fmt: skip


def _member(person: Resident) -> dict[str, str]:
    return {
        "name": person.name, "relation": person.relation_text or person.get_relation_display(),
        "id_no": mask_id(person.id_no), "phone": mask_phone(person.phone), "birth": _text(person.birth_on),
    }  # fmt: skip


# The answers


def choices(asked: Question) -> list[Choice]:
    """What may be answered, each with what it will do."""
    homes = {other.pk: other for other in asked.others}
    found = []
    for decision, other in asked.answers:
        value = f"{decision}-{other}" if other else str(decision)
        title, what = _words(asked, decision, homes.get(other or 0))
        found.append(Choice(value, title, what))
    return found


def _words(asked: Question, decision: Decision, home: Household | None) -> tuple[str, str]:
    if decision == Decision.OUT:
        return _("A mistake in the file: leave it out"), _(
            "Nothing is changed. The next file with this very row leaves it out too, without asking."
        )
    if decision == Decision.TAKE:
        return _("Take it in"), _("What it was held for has been put right meanwhile; it comes in like any other row.")
    if decision == Decision.TWO:
        return _two(asked)
    if decision == Decision.MOVED and home is not None:
        return _moved(asked, home)
    return _same(asked, home)


def _two(asked: Question) -> tuple[str, str]:
    reason = held_for(asked.row)
    if reason in (Code.ID_ELSEWHERE, Code.ID_DUPLICATE_IN_FILE):
        return _("Two different people: the number in the file is wrong"), _(
            "Added without the ID number, since a number is one person's. Enter the right one on the household's page."
        )
    if reason == Code.CODE_CONFLICT:
        return _("Two different households"), _(
            "Added as a household of its own with a number of the system's, since the one in the file is taken."
        )
    return _("Two different households"), _("Added as a household of its own. The next file does not ask again.")


def _moved(asked: Question, home: Household) -> tuple[str, str]:
    person, fields = asked.person, asked.row.fields
    told = {"head": home.head_name, "old": home.village.name, "name": fields.get("name") or fields.get("head")}
    if asked.row.role == Role.RESIDENTS:
        return _("The same person, who moved here"), _(
            "%(name)s leaves the household of %(head)s (%(old)s) today and becomes a member of the one in the file."
        ) % told
    told["new"] = fields["village"].name
    if person is None or person.relation != Relation.HEAD:
        return _("The same person, with a household of their own by now"), _(
            "%(name)s leaves the household of %(head)s (%(old)s) today and heads a new household in %(new)s."
        ) % told
    told |= {"code": home.code, "cadre": home.cadre.name if home.cadre else ""}
    what = _(
        "The household of %(head)s with all its people lives in %(new)s from today on. Its number %(code)s in %(old)s "
        "ends today; visits and issues until now stay with it."
    )
    return _("The same household, it moved here"), f"{what % told} {_of_cadre(asked, home)}".strip()


def _of_cadre(asked: Question, home: Household) -> str:
    cadre = asked.row.fields.get("cadre")
    if cadre is not None:
        return _("%(cadre)s looks after it, as the file says.") % {"cadre": cadre.name}
    if home.cadre is None:
        return _("It has no cadre yet and stays on the list of those without one.")
    return _("%(cadre)s goes on looking after it until somebody else is chosen.") % {"cadre": home.cadre.name}


def _same(asked: Question, home: Household | None) -> tuple[str, str]:
    told = {
        "head": home.head_name if home else "",
        "name": asked.row.fields.get("head"),
        "code": home.code if home else "",
    }
    reason = held_for(asked.row)
    if reason == Code.CODE_CONFLICT:
        return _("The same household with a new head"), _(
            "%(name)s becomes head of household %(code)s; %(head)s stays in it as a member. Its other values become "
            "those of the file."
        ) % told
    if reason == Code.ID_ELSEWHERE:
        return _("The household with this number (%(head)s)") % told, _(
            "It takes over the values of the file, but not the ID number: that is somebody else's."
        )
    return _("The same household (%(head)s, %(code)s): take over these values") % told, _(
        "The household gets what the file says; empty cells change nothing."
    )
