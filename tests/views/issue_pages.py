"""Addresses and forms that the tests of the issue pages share."""

import uuid
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from ledger.models import Issue
from ledger.rules.issues import State
from tests.world import World, make_issue

SignIn = Callable[[str], Client]


def detail(issue: Issue) -> str:
    return reverse("issue_detail", args=[issue.pk])


def step_url(issue: Issue, step: str) -> str:
    return reverse("issue_step", args=[issue.pk, step])


def handed(world: World, state: str = State.ASSIGNED, **fields: Any) -> Issue:
    """An issue of 城垵 with 村镇建设办."""
    return make_issue(
        world.households["城垵"][2], world.cadre("household_cadre"), 901, state=state,
        lead_organisation=world.organisations["村镇建设办"], **fields,
    )  # fmt: skip


def text_of(response: Any) -> str:
    return str(response.content.decode())


def form_of(world: World, **more: Any) -> dict[str, Any]:
    category = world.issues["城垵"].category_id
    return {"kind": "request", "category": category, "title": "路灯不亮", "client_id": str(uuid.uuid4()), **more}


def create_url(world: World, key: str = "城垵", index: int = 0) -> str:
    return f"{reverse('issue_create')}?household={world.households[key][index].pk}"
