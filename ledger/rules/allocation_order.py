"""The order in which the households of a village lie: by group, and within a group along the road.

A group whose households all have a house order follows it; else one whose households all have coordinates follows
Hilbert's curve through them (neighbours on it are neighbours on the ground, and a new house moves no other); else the
house order where there is one, then the household code, its digits read as numbers.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

CELLS = 16
"""Halvings of a degree on the curve: cells of about 1.7 m."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one household lies; ``group`` is (number or None, name), None for no group: those come last."""

    key: int
    group: tuple[int | None, str] | None
    code: str
    house_order: int | None = None
    at: tuple[float, float] | None = None
    """Latitude and longitude."""


def in_order(places: Iterable[Place]) -> list[Place]:
    """The households of a village in the order in which they lie."""
    groups: dict[tuple[int | None, str] | None, list[Place]] = {}
    for place in places:
        groups.setdefault(place.group, []).append(place)
    ordered: list[Place] = []
    for group in sorted(groups, key=_group_key):
        ordered += _within(groups[group])
    return ordered


def _group_key(group: tuple[int | None, str] | None) -> tuple[bool, bool, int, str]:
    if group is None:
        return True, True, 0, ""
    number, name = group
    return False, number is None, number or 0, name


def _within(places: list[Place]) -> list[Place]:
    if all(place.house_order is not None for place in places):
        return sorted(places, key=lambda place: (place.house_order, code_key(place.code), place.key))
    if all(place.at is not None for place in places):
        return sorted(places, key=lambda place: (_on_curve(place), code_key(place.code), place.key))
    return sorted(
        places,
        key=lambda place: (place.house_order is None, place.house_order or 0, code_key(place.code), place.key),
    )


def code_key(code: str) -> list[tuple[int, str]]:
    """Sorts codes as people do: 2号 before 10号."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", code) if part]


def _on_curve(place: Place) -> int:
    assert place.at is not None
    latitude, longitude = place.at
    scale = 1 << CELLS
    return _hilbert(int((longitude + 180) * scale), int((latitude + 90) * scale), CELLS + 9)


def _hilbert(x: int, y: int, halvings: int) -> int:
    """How far along the curve the cell (x, y) lies."""
    far = 0
    side = 1 << (halvings - 1)
    while side:
        right, up = bool(x & side), bool(y & side)
        far += side * side * ((3 * right) ^ up)
        x, y = x & (side - 1), y & (side - 1)
        if not up:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        side >>= 1
    return far
