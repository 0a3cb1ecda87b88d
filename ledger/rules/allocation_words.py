"""The sentence that proves that a band cannot be met, and what would be needed."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.rules.allocation_score import FULL, USUAL, Band, Hand, Task, band_of


def why_outside(households: int, hands: Sequence[Hand], band: Band = USUAL) -> str:
    """Why lists outside the band cannot be avoided in one village; empty where they can."""
    if not households:
        return ""
    if not hands:
        return ngettext(
            "%(n)s household, and no cadre to look after it.", "%(n)s households, and no cadre to look after them.",
            households,
        ) % {"n": f"{households:,}"}  # fmt: skip
    bands = [band_of(hand, band) for hand in hands]
    least, most = sum(low for low, _high in bands), sum(high for _low, high in bands)
    together = households + sum(hand.elsewhere for hand in hands)
    if least <= together <= most:
        return ""
    if any(hand.weight != FULL for hand in hands):
        said = _("%(n)s households; the cadres chosen, by their weights, should have %(least)s to %(most)s together.")
        return said % {"n": f"{together:,}", "least": f"{least:,}", "most": f"{most:,}"}
    return _no_number(together, band) or _other_number(together, len(hands), band)


def _no_number(households: int, band: Band) -> str:
    """Where no number of lists at all keeps within the band."""
    fewer = households // band.low
    if fewer and fewer * band.high >= households:
        return ""
    if not fewer:
        said = _("%(n)s households are fewer than the %(low)s of one list.")
        return said % {"n": f"{households:,}", "low": band.low}
    words = {"n": f"{households:,}", "few": _lists(households, fewer), "many": _lists(households, fewer + 1)}
    return _("%(n)s households: %(few)s or %(many)s.") % words


def _lists(households: int, count: int) -> str:
    """'one list of 34', 'two of 17', 'three of 16 or 17'."""
    each, longer = divmod(households, count)
    size = _("%(size)s or %(longer)s") % {"size": each, "longer": each + 1} if longer else str(each)
    if count == 1:
        return _("one list of %(size)s") % {"size": size}
    return _("%(count)s lists of %(size)s") % {"count": count, "size": size}


def _other_number(households: int, cadres: int, band: Band) -> str:
    """How many each would have, and how many cadres the band asks for."""
    words = {
        "n": f"{households:,}", "cadres": f"{cadres:,}", "each": f"{households / cadres:.1f}", "low": band.low,
        "high": band.high, "fewest": f"{-(-households // band.high):,}", "most": f"{households // band.low:,}",
    }  # fmt: skip
    if households < band.low * cadres:
        return (
            _("%(n)s ÷ %(cadres)s = %(each)s, less than %(low)s: at most %(most)s cadres can have full lists.") % words
        )
    return _("%(n)s ÷ %(cadres)s = %(each)s, more than %(high)s: at least %(fewest)s cadres are needed.") % words


def on_average(households: int, cadres: int) -> str:
    """'33,410 ÷ 1,694 = 19.7'; empty without cadres."""
    if not cadres:
        return ""
    return f"{households:,} ÷ {cadres:,} = {households / cadres:.1f}"


def how_good(task: Task, gap: tuple[str, int] | None) -> str:
    """What wishes about single households and part-time shares cost at most, against the bound that nothing can beat;
    that nothing is better, where that is proven (no ``gap``). Empty without households or cadres."""
    if not task.houses or not task.hands:
        return ""
    if gap is None:
        return _("Proven: no allocation of these households to these cadres is better.")
    personal = _personal(task)
    if not personal:
        return _("Against the bound that no allocation can beat, at most: %(cost)s.") % {"cost": _cost(*gap)}
    words = {"wishes": "、".join(personal), "cost": _cost(*gap)}
    return _("With %(wishes)s, against the bound that no allocation can beat, at most: %(cost)s.") % words


def _cost(level: str, more: int) -> str:
    said = {
        "uncovered": ngettext("%(n)s household without a cadre", "%(n)s households without a cadre", more),
        "strays": ngettext("%(n)s household inside another's list", "%(n)s households inside others' lists", more),
        "deviation": _("%(n)s more deviation from the band (households squared and summed)"),
        "changed": ngettext("%(n)s more household changes hands", "%(n)s more households change hands", more),
        "cut": ngettext("%(n)s more list across groups", "%(n)s more lists across groups", more),
        "balance": _("lists a little less even"),
    }
    return said[level] % {"n": f"{more:,}"}


def _personal(task: Task) -> list[str]:
    """What is asked for single households and cadres, counted."""
    line = {house.key for house in task.houses}
    avoided = sum(house in line and cadre in task.index for cadre, house in task.avoid)
    partly = sum(hand.weight != FULL for hand in task.hands)
    elsewhere = sum(bool(hand.elsewhere) for hand in task.hands)
    said = (
        (len(task.pins), ngettext("%(n)s pinned household", "%(n)s pinned households", len(task.pins))),
        (avoided, ngettext("%(n)s household to be avoided", "%(n)s households to be avoided", avoided)),
        (partly, ngettext("%(n)s cadre with another share", "%(n)s cadres with another share", partly)),
        (elsewhere, ngettext("%(n)s cadre with households elsewhere", "%(n)s cadres with households elsewhere",
                             elsewhere)),
    )  # fmt: skip
    return [text % {"n": count} for count, text in said if count]
