"""Who could take over households of a village: near them, and with room."""

from collections.abc import Collection

from django.db.models import Count, Q

from ledger.models import Cadre, Household, Village
from ledger.queries.allocation import grounds_of
from ledger.queries.dashboard import counted_households
from ledger.rules.allocation_near import Near, near_with_room
from ledger.rules.days import local_today


def near_cadres(
    village: Village, households: Collection[int], *, without: Collection[int] = ()
) -> list[tuple[Cadre, Near]]:
    """Cadres who take part in the village or have households there, the most suitable first, with what each has.

    ``households`` are the ids of those handed over, ``without`` the cadres who are not to be asked.
    """
    ground = grounds_of([village])[0]
    keys = {hand.key for hand in ground.hands} | {house.cadre for house in ground.houses if house.cadre is not None}
    today = local_today()
    serving = Cadre.objects.filter(Q(left_on__isnull=True) | Q(left_on__gt=today), pk__in=keys)
    people = {cadre.pk: cadre for cadre in serving.select_related("organisation")}
    mine = Household.objects.filter(counted_households(today), cadre__in=people).order_by()
    loads = dict.fromkeys(people, 0) | dict(mine.values_list("cadre_id").annotate(n=Count("pk")))
    found = near_with_room(ground.houses, households, loads, band=ground.band, without=without)
    return [(people[near.cadre], near) for near in found]
