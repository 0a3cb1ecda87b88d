"""Where ids come in from outside: fields of forms and filters by their kind, and the names that views read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BaseForm

from ledger.forms.picks import PickField
from ledger.rules.issue_steps import Step
from ledger.rules.permissions import Role
from tests.access.site import routes
from tests.access.targets import target_of
from tests.access.world import PLACES
from tests.guards.sources import ROOT
from tests.world import World

Kinds = tuple[tuple[str, str], ...]
"""(how the id is written, kind of tests/access/world.py) …"""
BY_MODEL = {
    "Household": "household", "Cadre": "cadre", "Village": "village", "Township": "township", "County": "county",
    "District": "district", "Organisation": "organisation", "Topic": "topic", "Group": "group",
    "HouseholdType": "household type", "Guide": "guide", "Category": "category", "Enterprise": "enterprise",
    "Resident": "member", "Issue": "issue", "BenefitKind": "benefit kind",
}  # fmt: skip
"""What a choice of rows is a choice of."""
AREA: Kinds = (("township-{}", "township"), ("village-{}", "village"), ("district-{}", "district"))
WRITTEN: dict[str, Kinds] = {
    "assignee": (("c{}", "cadre"), ("u{}", "organisation")), "household": (("{}", "household"),),
    "about_cadre": (("{}", "cadre"),), "master": (("{}", "issue"),),
    "area": AREA, "of_unit": (("{}", "organisation"),), "home": (("township-{}", "township"), ("county-{}", "county")),
    "subject": (*AREA, ("unit-{}", "organisation"), ("cadre-{}", "cadre")),
    "cadre": (("{}", "cadre"),), "category": (("{}", "category"),), "parent": (("{}", "category"),),
}  # fmt: skip
"""Fields that take an id as a text, or by a search of their own."""
NUMBERS = re.compile(r"span$|part-\d+$")
"""Fields whose choices look like ids and are none: years and quarters, shares in a hundred."""
READ_BY_VIEWS: dict[str, Kinds] = {
    "border": (("{}:up", "household"),),
    "village": (("{}", "village"),), "household": (("{}", "household"),), "cadre": (("{}", "cadre"),),
    "parent": (("{}", "category"),), "enterprise": (("{}", "enterprise"),),
    "area": AREA, "member": (("{}", "member"),), "issue": (("{}", "issue"),),
    "import": (("{}", "applied batch"),),
    "chosen": (("{}:1", "issue"),), "posting": (("{}", "posting"),), "to": (("{}", "cadre"),),
}  # fmt: skip
NO_IDS = frozenset({
    "view", "q", "number", "order", "after", "before", "page", "place", "county", "lane", "role", "mine", "next",
    "state", "outcome", "reason", "rows", "act", "active", "search", "small", "since", "until", "version",
    "text", "cause", "sealed", "digest", "kind", "year", "day", "sort", "stay", "seen", "all", "show",
    "doubles", "question", "remove", "then",
    "language", "to", "by", "cell",
    "month", "print", "anew", "client_id", "review", "walk",
})  # fmt: skip
"""Names that views read from an address or a form and that are no ids; a county is named by its public code."""
READS = re.compile(r'(?:GET|POST|typed|sent)\.(?:get|getlist)\(\s*"(\w+)"')


@dataclass(frozen=True)
class Entrance:
    """One way in: a name in the address (GET) or in a form (POST) that takes an id of some kinds."""

    method: str
    url: str
    name: str
    kinds: Kinds
    values: tuple[tuple[str, str], ...] = ()
    owner: str = ""
    """The form or view, for messages."""


class Unexplained(Exception):
    """A field or a name that nobody said whether it takes an id; the message says what to add."""


def kinds_of(name: str, field: forms.Field) -> Kinds:
    """Empty for a field that takes no id."""
    if isinstance(field, (forms.ModelChoiceField, forms.ModelMultipleChoiceField)):
        model = field.queryset.model.__name__  # type: ignore[union-attr]
        if model not in BY_MODEL:
            raise Unexplained(f"{name} chooses among {model}: add it to BY_MODEL of tests/access/ids.py")
        return (("{}", BY_MODEL[model]),)
    if name in WRITTEN:
        return WRITTEN[name]
    if NUMBERS.match(name):
        return ()
    choices = [str(key) for key, _label in getattr(field, "choices", ()) or () if not isinstance(_label, (list, tuple))]
    if isinstance(field, PickField) or any(re.fullmatch(r"[a-z]?\d{3,}", key) for key in choices):
        raise Unexplained(f"{name} ({type(field).__name__}) takes ids: say which in WRITTEN of tests/access/ids.py")
    return ()


def fields_with_ids(form: BaseForm) -> Iterator[tuple[str, Kinds]]:
    for name, field in form.fields.items():
        if kinds := kinds_of(name, field):
            yield form.add_prefix(name), kinds


def names_read() -> dict[str, set[str]]:
    """Module of views → names it reads by itself from addresses and forms."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "ledger" / "views").glob("*.py")):
        names = set(READS.findall(path.read_text(encoding="utf-8")))
        unknown = names - NO_IDS - set(READ_BY_VIEWS)
        if unknown:
            raise Unexplained(
                f"{path.name} reads {sorted(unknown)}: say in READ_BY_VIEWS or NO_IDS of tests/access/ids.py"
            )
        found[f"ledger.views.{path.stem}"] = names
    return found


def pages(world: World) -> Iterator[tuple[str, str]]:
    """Name and address of every page for people of 城垵, also those that a link opens with something chosen."""
    household, issue = world.households[PLACES["own"]][0].pk, world.issues[PLACES["own"]].pk
    for route in routes():
        target = target_of(route)
        if "GET" in route.callback.contract.methods:
            yield target.name, target.url(world)
    for step in Step:
        yield "issue_step", f"/issues/{issue}/{step}/"
    cadre, village = world.cadre("visitor@马銮").pk, world.villages[PLACES["own"]].pk
    for role in Role:
        yield "posting_create", f"/setup/postings/new/?cadre={cadre}&role={role}"
    yield "posting_end", f"/setup/postings/{world.cadre('visitor@马銮').postings.get().pk}/end/"
    yield "household_create", f"/households/new/?village={village}"
    yield "household_list", f"/households/?village={village}"
    yield "visit_create", f"/visits/new/?household={household}"
    yield "visit_create", "/visits/new/?place=1"
    yield "issue_create", f"/issues/new/?household={household}"
    yield "desk_bulk", f"/desk/bulk/assign/?issue={issue}"
    yield "desk_bulk", f"/desk/bulk/remind/?issue={issue}"
    yield "correction_create", f"/households/{household}/correct/?member=new"
    for kind in ("township_leader", "county_unit"):
        yield "village_link_create", f"/setup/villages/{village}/links/{kind}/"


def read_by_views(world: World) -> Iterator[Entrance]:
    """Every name that a module of views reads, at every page of that module."""
    names = names_read()
    for route in routes():
        target, module = target_of(route), route.callback.__module__
        for name in sorted(names.get(module, set()) & set(READ_BY_VIEWS)):
            for method in sorted(route.callback.contract.methods - {"HEAD"}):
                values: Any = (("client_id", ""),) if method == "POST" else ()
                yield Entrance(method, target.url(world), name, READ_BY_VIEWS[name], values, target.name)
