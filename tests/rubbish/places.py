"""Everything that takes input: each route with its address, the names it may be sent, and who may send them."""

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django import forms
from django.urls import resolve, reverse
from django.utils import timezone
from django_filters import FilterSet

from accounts.models import User
from ledger.models import Cadre
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from tests.access.actors import ANONYMOUS, INSIDE, Actor
from tests.access.site import routes
from tests.access.targets import VILLAGE_LIFE, Target, target_of
from tests.guards.sources import ROOT
from tests.world import World, deferred, make_issue

GUESSED = ("q", "page", "after", "before", "next", "sort", "order", "area", "village", "date", "from", "format", "rows")
ASKED = re.compile(r"\.(?:GET|POST|data)(?:\.get\(|\.getlist\(|\[)\"(\w+)\"")
WITHOUT_FORMS = frozenset({"healthz", "readyz", "account_logout"})
STATE_OF_STEP = {
    Step.ASSIGN: "registered", Step.ACCEPT: "assigned", Step.RETURN: "assigned", Step.PROGRESS: "in_progress",
    Step.RESOLVE: "in_progress", Step.CALL_BACK: "resolved", Step.CLOSE: "to_close", Step.REOPEN: "resolved",
    Step.INSTRUCT: "assigned", Step.SUPERVISE: "assigned", Step.RELEASE: "supervised", Step.ESCALATE: "assigned",
    Step.SEND_DOWN: "assigned", Step.REQUEST_EXTENSION: "in_progress", Step.GRANT_EXTENSION: "asked",
    Step.REFUSE_EXTENSION: "asked", Step.DEFER: "in_progress", Step.RESUME: "deferred", Step.RECLASSIFY: "assigned",
    Step.MERGE: "assigned", Step.VOID: "assigned", Step.REMIND: "assigned", Step.WITHDRAW: "assigned",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One address of a route; ``name`` tells two addresses of one route apart."""

    name: str
    target: Target
    url: str

    @property
    def methods(self) -> frozenset[str]:
        found: frozenset[str] = self.target.route.callback.contract.methods
        return found

    @property
    def names(self) -> list[str]:
        """What its view, its forms and its filters ask for, whether or not a page shows it; and guesses."""
        return sorted({*_asked_by(inspect.unwrap(self.target.route.callback).__module__), *GUESSED})

    def is_for(self, actor: Actor) -> bool:
        """Whether the actor may use it."""
        contract = self.target.route.callback.contract
        if self.name == "account_login" or not actor.signed_in:
            return bool(contract.public) and not actor.signed_in
        kind = self.target.kind
        return actor.holds(contract.permission) and (not kind or actor.reaches(kind, "own", life=VILLAGE_LIFE))


@cache
def _asked_by(module: str) -> frozenset[str]:
    """The names in the source of a view's module, and the fields of every form and filter it knows."""
    names = set(ASKED.findall(Path(str(inspect.getfile(sys.modules[module]))).read_text(encoding="utf-8")))
    for thing in vars(sys.modules[module]).values():
        if inspect.isclass(thing) and issubclass(thing, forms.BaseForm):
            names |= set(getattr(thing, "base_fields", {}))
        elif inspect.isclass(thing) and issubclass(thing, FilterSet):
            names |= set(thing.base_filters)
    return frozenset(names)


def form_classes() -> list[type[forms.BaseForm]]:
    """Every form class of the project."""
    found = []
    for folder in ("ledger/forms", "accounts"):
        for path in sorted((ROOT / folder).glob("*.py")):
            module = sys.modules.get(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for thing in vars(module).values() if module else ():
                if inspect.isclass(thing) and issubclass(thing, forms.BaseForm) and thing.__module__ == module.__name__:
                    found.append(thing)
    return found


def places(world: World) -> list[Place]:
    """All of them, each form of a route that has several."""
    found = []
    issues = _issues_by_state(world)
    for route in routes():
        target = target_of(route)
        if target.name in WITHOUT_FORMS:
            continue
        if target.name == "issue_step":
            steps = [(step, issues[state]) for step, state in STATE_OF_STEP.items()]
            found += [Place(f"issue_step {s}", target, reverse("issue_step", args=[pk, s])) for s, pk in steps]
        else:
            found.append(Place(target.name, target, target.url(world)))
    by_name = {place.target.name: place.target for place in found}
    return found + [Place(f"{name} {query}", by_name[name], f"{reverse(name)}?{query}") for name, query in _more(world)]


def _more(world: World) -> Iterator[tuple[str, str]]:
    """Pages whose form depends on the address."""
    household = world.households["城垵"][0].pk
    yield "visit_create", f"household={household}"
    yield "visit_create", "place=1"
    yield "issue_create", f"household={household}"
    yield "household_create", f"village={world.villages['城垵'].pk}"
    yield "household_list", "number=1"
    cadre = Cadre.objects.get(user=world.users["household_cadre@马銮"])
    for role in ("village_cadre", "department_handler", "inspector"):
        yield "posting_create", f"cadre={cadre.pk}&role={role}"


def _issues_by_state(world: World) -> dict[str, int]:
    """One issue for each step that could be taken next; the unit's handler is among the people under test."""
    household, raiser = world.households["城垵"][0], world.cadre("household_cadre@城垵")
    unit, now = world.organisations["村镇建设办"], timezone.now()
    given = {
        "lead_organisation": unit, "assigned_at": now, "due_on": local_today(), "first_due_on": local_today(),
    }  # fmt: skip
    resolved = given | {
        "state": "resolved", "resolved_at": now, "resolved_by": world.cadre("department_handler"),
        "outcomes": ["solved"], "result_text": "修好了",
    }  # fmt: skip
    states: dict[str, dict[str, Any]] = {
        "registered": {}, "assigned": given | {"state": "assigned"}, "in_progress": given | {"state": "in_progress"},
        "supervised": given | {
            "state": "assigned", "is_supervised": True, "supervised_by": world.cadre("township_leader"),
            "supervised_at": now,
        },
        "asked": given | {"state": "in_progress", "extension_level": "township"}, "deferred": given | deferred(),
        "resolved": resolved, "to_close": resolved | {"answer": "satisfied", "called_back_at": now},
    }  # fmt: skip
    return {
        name: make_issue(household, raiser, 900 + number, **{"level": "township", **fields}).pk
        for number, (name, fields) in enumerate(states.items())
    }


def user_of(world: World, actor: Actor) -> User | None:
    return world.users[actor.key] if actor.signed_in else None


ACTORS = [ANONYMOUS, *INSIDE]


def route_of(action: str, page: str) -> str:
    """The name of the route that a form is sent to; empty for an address of another site."""
    path = (action or page).partition("?")[0]
    try:
        return str(resolve(path).url_name) if path.startswith("/") else ""
    except Exception:
        return ""
