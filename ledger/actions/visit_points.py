"""专题要点 of a visit: written with it, corrected with it."""

from collections.abc import Sequence
from typing import Any

from ledger.models import CampaignTick, Visit


def write_points(visit: Visit, points: Sequence[dict[str, Any]]) -> None:
    """What a new visit says of points: ``point``, ``answer`` and ``text`` of each; one statement, none for none."""
    if points and visit.household_id is not None:
        CampaignTick.objects.bulk_create(
            CampaignTick(visit=visit, household_id=visit.household_id, **one) for one in points
        )


def rewrite_points(visit: Visit, points: Sequence[dict[str, Any]]) -> list[str] | None:
    """Say this of these points; what it said of them before, or None where nothing is other than it was."""
    held = visit.ticks.filter(point__in=[one["point"] for one in points])
    before = list(held.select_related("point").order_by("point__sort_order", "pk"))
    answered = [one for one in points if one["answer"]]
    was = {tick.point_id: (tick.answer, tick.text) for tick in before}
    if was == {one["point"].pk: (one["answer"], one["text"]) for one in answered}:
        return None
    held.delete()
    write_points(visit, answered)
    return [words_of(tick) for tick in before]


def words_of(tick: CampaignTick) -> str:
    """As a line of a correction keeps it."""
    said = f"{tick.point.text}：{tick.get_answer_display()}"
    return f"{said}（{tick.text}）" if tick.text else said
