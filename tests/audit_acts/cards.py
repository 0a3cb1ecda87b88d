"""联系服务卡 and 工作牌."""

from django.test import Client
from django.urls import reverse

from tests.audit_acts.recipe import Sent, act
from tests.world import World


@act("contact_card_print", "household_cadre", "contact_card.printed")
def contact_card_print(world: World, client: Client) -> Sent:
    return Sent(reverse("contact_card_print"), {"which": "changed"})


@act("badge_print", "township_admin", "badge.printed", again=True)
def badge_print(world: World, client: Client) -> Sent:
    return Sent(reverse("badge_print"), {"cadre": [world.cadre("household_cadre").pk]})
