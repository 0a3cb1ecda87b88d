"""What deciding a held row writes beyond a roster: a household that moves, a member who leaves, a new head.

``Writer.versions`` says of each what undoing needs: ``village`` (the one before), ``also`` (what changed beside the
row's own household, by version; ``Writer.beside`` has the old values) and ``added`` (members that came with it).
"""

from typing import Any

from django.db.models import F

from ledger.actions.households import next_code
from ledger.actions.residents import completed
from ledger.importing.apply import StalePlan, Writer
from ledger.importing.ledger_now import LedgerNow, Stored, load_households
from ledger.importing.plan import Outcome, Planned, differences
from ledger.importing.writing import update
from ledger.models import Household, HouseholdCode, Resident, Village
from ledger.models.number_indexes import index_keys
from ledger.rules.days import local_today
from ledger.rules.households import Relation
from ledger.rules.pinyin import initials, pinyin_key

PEOPLE = frozenset({"head", "id_no", "phone"})
"""Fields of a household's row that are the head's own."""


def take_over(planned: Planned, stored: Stored, writer: Writer) -> None:
    """Write the row's values over those of the household; nothing where they agree."""
    planned.stored, planned.household, planned.resident = stored, stored.pk, stored.head_pk
    planned.changes = differences(planned, stored)
    planned.outcome = Outcome.UPDATED if planned.changes else Outcome.UNCHANGED
    if planned.changes:
        writer.write([planned], [])


def move_here(planned: Planned, household: Household, now: LedgerNow, writer: Writer) -> None:
    """The whole household lives in the row's village from today on; its earlier code and village end, dated.

    Its cadre stays unless the row names another: nobody is left without one.
    """
    place, fields = planned.row.fields["village"], planned.row.fields
    load_households(now, {household.village_id}, members=False)
    stored, left = now.households[household.pk], household.village
    typed = fields.get("hh_no") or ""
    village = Village.objects.select_for_update(of=("self",)).get(pk=place.pk)
    code = typed or next_code(village)
    writer.lists.complete([planned])
    moved = [(place.pk, code, not typed, writer.lists.group(planned), stored.pk, stored.version)]
    if update(Household, ("village_id", "code", "code_is_generated", "group_id"), moved) != 1:
        raise StalePlan
    today = local_today()
    HouseholdCode.objects.open().filter(household=stored.pk).update(end_on=today, village=left)
    HouseholdCode.objects.create(household_id=stored.pk, code=code, start_on=today)
    before = {
        "village": (left.name, village.name),
        "hh_no": (stored.code, code),
        "group": (stored.group, fields.get("group")),
    }
    was = [stored.code, code, stored.generated]
    stored.village, stored.code, stored.generated, stored.group = place.pk, code, not typed, fields.get("group")
    stored.version += 1
    fields["hh_no"] = code
    take_over(planned, stored, writer)
    versions = writer.versions.setdefault(id(planned), {"household": [stored.version, stored.version]})
    versions["household"][0] -= 1
    versions |= {"code": was, "village": left.pk}
    planned.changes |= {name: pair for name, pair in before.items() if pair[0] != pair[1]}
    planned.outcome = Outcome.UPDATED


def leave_elsewhere(planned: Planned, person: Resident, writer: Writer) -> None:
    """Somebody's member is no longer theirs: the row brings the person anew, as a head or in another household."""
    home = Household.objects.select_for_update(of=("self",)).get(pk=person.household_id)
    _change(planned, writer, person, left_on=local_today())
    if home.population:
        _change(planned, writer, home, population=home.population - 1)


def make_head(planned: Planned, stored: Stored, writer: Writer) -> None:
    """The household has another head: the one until now stays as a member, the row's becomes head."""
    fields = planned.row.fields
    changes = differences(planned, stored)
    planned.stored, planned.household, planned.resident = stored, stored.pk, None
    planned.outcome, planned.changes = Outcome.UPDATED, {n: c for n, c in changes.items() if n not in PEOPLE}
    if planned.changes:
        writer.write([planned], [])
    versions = writer.versions.setdefault(id(planned), {"household": [stored.version, stored.version]})
    former = Resident.objects.filter(pk=stored.head_pk or 0).first()
    if former is not None:
        _change(planned, writer, former, relation=Relation.OTHER, relation_text="")
    member = _member(stored.pk, planned.id_index)
    if member is not None:
        _change(planned, writer, member, relation=Relation.HEAD, relation_text="户主")
    else:
        person = {"name": fields["head"], "relation": Relation.HEAD, "relation_text": "户主",
                  "id_no": fields.get("id_no") or "", "phone": fields.get("phone") or ""}  # fmt: skip
        township = fields["village"].township_id
        made = Resident.objects.create(household_id=stored.pk, township_id=township, **completed(person))
        versions["added"] = [made.pk]
    head = member.name if member is not None else fields["head"]
    named = [(head, pinyin_key(head), initials(head), stored.pk, versions["household"][1])]
    if update(Household, ("head_name", "pinyin", "initials"), named) != 1:
        raise StalePlan
    versions["household"][1] += 1
    planned.changes["head"] = (stored.head, fields["head"])


def _member(household: int, id_index: str) -> Resident | None:
    """The current member with the row's ID number, who only has to become the head."""
    if not id_index:
        return None
    current = Resident.objects.filter(household=household, left_on=None)
    return current.filter(**{index_keys().id_column: id_index}).first()


def _change(planned: Planned, writer: Writer, thing: Any, **values: Any) -> None:
    """Change one thing beside the row's household, and note what it was."""
    model = type(thing)
    held = model.objects.filter(pk=thing.pk, version=thing.version)
    if held.update(version=F("version") + 1, **values) != 1:
        raise StalePlan
    versions = writer.versions.setdefault(id(planned), {})
    versions.setdefault("also", []).append([model._meta.model_name, thing.pk, thing.version, thing.version + 1])
    old = {name: getattr(thing, name) for name in values}
    writer.beside.setdefault(id(planned), []).append(old)
