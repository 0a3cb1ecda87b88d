"""What an act is, and how a form is filled as a browser would send it."""

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client

from tests.world import World

Recipe = Callable[[World, Client], "Sent"]


@dataclass
class Sent:
    """A request that succeeds."""

    url: str
    data: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Act:
    """``who`` sends it; ``verbs`` are the rows of its success, in order. ``again``: sent twice it happens twice."""

    route: str
    who: str
    verbs: tuple[str, ...]
    recipe: Recipe
    method: str = "POST"
    again: bool = False

    def __str__(self) -> str:
        return f"{self.route}-{self.recipe.__name__}" if self.recipe.__name__ != self.route else self.route


ACTS: list[Act] = []


def act(route: str, who: str, *verbs: str, method: str = "POST", again: bool = False) -> Callable[[Recipe], Recipe]:
    def keep(recipe: Recipe) -> Recipe:
        ACTS.append(Act(route, who, verbs, recipe, method, again))
        return recipe

    return keep


WRITES_NOTHING = {
    "allocation_draw": "a proposal changes nothing before it is applied",
    "allocation_move": "a proposal changes nothing before it is applied",
    "allocation_discard": "a proposal changes nothing before it is applied",
    "allocation_return": "shows what a workbook would change",
    "allocation_take_over": "a proposal changes nothing before it is applied",
    "household_list": "sends the search on to an address",
    "cadre_import": "shows what a list would change",
    "division_import": "shows what a list would change",
    "calendar_import": "shows what a notice would change",
    "notice_open": "what one has read oneself",
    "notice_read_all": "what one has read oneself",
    "saved_filter_create": "what one often looks for, shown to oneself alone",
    "saved_filter_rename": "what one often looks for, shown to oneself alone",
    "saved_filter_start": "what one often looks for, shown to oneself alone",
    "saved_filter_remove": "what one often looks for, shown to oneself alone",
    **dict.fromkeys(
        (f"meeting_draft_{act}" for act in ("create", "head", "ask", "answer", "discard")),
        "noted for oneself until the meeting is finished",
    ),
    "language": "how a page is shown to oneself",
    "large_type": "how a page is shown to oneself",
}
"""Routes with POST that change nothing of the county's, and why."""


def fresh(**data: Any) -> dict[str, Any]:
    return {"client_id": str(uuid.uuid4()), **data}


def opened(client: Client, url: str, /, **changes: Any) -> Sent:
    """The form of a page as a browser would send it back, but for the changes."""
    form = client.get(url).context["form"]
    filled = {bound.html_name: _plain(bound.value()) for bound in form}
    return Sent(
        url, {key: value for key, value in {**filled, **changes}.items() if value is not None and value is not False}
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple) or hasattr(value, "all"):
        return [_plain(each) for each in value]
    return "on" if value is True else value


def csv(text: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("名单.csv", text.encode())}


def home(world: World) -> Any:
    return world.households["城垵"][0]
