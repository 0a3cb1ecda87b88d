"""联系服务卡 and 工作牌."""

from django.test import Client
from django.urls import reverse

from ledger.rules.days import local_today
from tests.audit_acts.recipe import Sent, act
from tests.world import World


@act("contact_card_print", "household_cadre", "contact_card.printed")
def contact_card_print(world: World, client: Client) -> Sent:
    return Sent(reverse("contact_card_print"), {"which": "changed"})


@act("badge_print", "township_admin", "badge.printed", again=True)
def badge_print(world: World, client: Client) -> Sent:
    return Sent(reverse("badge_print"), {"cadre": [world.cadre("household_cadre").pk]})


@act("diary_paper", "household_cadre", "paper.made", again=True)
def diary_paper(world: World, client: Client) -> Sent:
    return Sent(reverse("diary_paper"), {"first": "2026-01-01", "last": "2026-03-31"})


@act("digest_paper", "township_desk", "paper.made", again=True)
def digest_paper(world: World, client: Client) -> Sent:
    return Sent(reverse("digest_paper"), {"area": f"township-{world.township.pk}", "month": f"{local_today():%Y-%m}"})


@act("summary_paper", "household_cadre", "paper.made", again=True)
def summary_paper(world: World, client: Client) -> Sent:
    cadre = world.cadre("household_cadre")
    return Sent(reverse("summary_paper"), {"subject": f"cadre-{cadre.pk}", "span": f"{local_today().year}"})
