"""The lists a county begins with (terms.md 3): filled in once, edited by the county from then on."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from ledger.actions.audit import record
from ledger.models import (
    BenefitKind,
    Category,
    County,
    Guide,
    HouseholdType,
    Keyword,
    Organisation,
    OrganisationKind,
    Phrase,
    Topic,
    Township,
    Village,
    VillageKind,
)
from ledger.rules.days import local_today

FOLDER = Path(__file__).resolve().parent.parent / "defaults"
STEP = 10
"""Between the places of neighbours in a list, so that the county can put something in between."""
COMMITTEE = {VillageKind.VILLAGE: "村委会", VillageKind.COMMUNITY: "居委会"}


@dataclass
class Filled:
    """How many rows were added to each list."""

    categories: int = 0
    household_types: int = 0
    topics: int = 0
    organisations: int = 0
    village_committees: int = 0
    guides: int = 0
    phrases: int = 0
    keywords: int = 0
    benefit_kinds: int = 0

    @property
    def total(self) -> int:
        return sum(asdict(self).values())


@transaction.atomic
def load_defaults(*, by: Any, county: County) -> Filled:
    """Fill every list of the county that is empty, and the organisations of townships and villages that have none.

    A list that has a row already is the county's own: nothing is added to it and nothing in it is changed.
    """
    filled = Filled(
        categories=_categories(county),
        household_types=_words(HouseholdType, county, "household_types"),
        topics=_words(Topic, county, "topics"),
        organisations=_organisations(county),
        village_committees=_committees(county),
        guides=_guides(county),
        phrases=_words(Phrase, county, "phrases"),
        keywords=_keywords(county),
        benefit_kinds=_words(BenefitKind, county, "benefit_kinds"),
    )
    if filled.total:
        record(verb="defaults.loaded", by=by, obj=county, detail=asdict(filled))
    return filled


def read(name: str) -> list[dict[str, Any]]:
    """One of the files of ``ledger/defaults``."""
    rows: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def _categories(county: County) -> int:
    if Category.objects.filter(county=county).exists():
        return 0
    count = 0
    for place, row in enumerate(read("categories"), start=1):
        top = _category(county, row, place)
        top.save(force_insert=True)
        children = [_category(county, child, number, top) for number, child in enumerate(row.get("children", ()), 1)]
        Category.objects.bulk_create(children)
        count += 1 + len(children)
    return count


def _category(county: County, row: dict[str, Any], place: int, parent: Category | None = None) -> Category:
    """What a child does not say itself it takes from its parent."""
    return Category(
        county=county, parent=parent, name=row["name"], name_en=row["en"], sort_order=place * STEP,
        days=row.get("days", parent.days if parent else 0),
        unit_name=row.get("unit", parent.unit_name if parent else ""),
        is_restricted=row.get("restricted", parent.is_restricted if parent else False),
        is_public_works=row.get("public_works", parent.is_public_works if parent else False),
        start_level=row.get("level", ""), hint=row.get("hint", ""),
    )  # fmt: skip


def _words(model: Any, county: County, name: str) -> int:
    if model.objects.filter(county=county).exists():
        return 0
    rows = [
        model(county=county, name=row.pop("name"), name_en=row.pop("en"), sort_order=place * STEP, **row)
        for place, row in enumerate(read(name), start=1)
    ]
    model.objects.bulk_create(rows)
    return len(rows)


def _keywords(county: County) -> int:
    """Words by category name and kind; those of a category that the county does not have are left out."""
    if Keyword.objects.filter(county=county).exists():
        return 0
    by_name = {each.name: each for each in Category.objects.filter(county=county)}
    rows: dict[str, Keyword] = {}
    for group in read("keywords"):
        category, kind = by_name.get(group.get("category", "")), group.get("kind", "")
        for word in group["words"] if category or kind else ():
            rows[word] = Keyword(county=county, name=word, kind=kind, category=category, sort_order=len(rows) + 1)
    Keyword.objects.bulk_create(rows.values())
    return len(rows)


def _guides(county: County) -> int:
    """Examples, marked so until the county has checked them, each at the categories of its names."""
    if Guide.objects.filter(county=county).exists():
        return 0
    rows = read("guides")
    made = Guide.objects.bulk_create(
        Guide(
            county=county, title=row["title"], audience=row["audience"], materials="\n".join(row["materials"]),
            place=row["place"], phone=row["phone"], steps="\n".join(row["steps"]), time_needed=row["time_needed"],
            fee=row["fee"], updated_on=local_today(), is_example=True, sort_order=place * STEP,
        )
        for place, row in enumerate(rows, start=1)
    )  # fmt: skip
    names = {name for row in rows for name in row["categories"]}
    by_name = {each.name: each.pk for each in Category.objects.filter(county=county, name__in=names)}
    through = Guide.categories.through
    through.objects.bulk_create(
        through(guide_id=guide.pk, category_id=by_name[name])
        for guide, row in zip(made, rows, strict=True)
        for name in row["categories"]
        if name in by_name
    )
    return len(made)


def _organisations(county: County) -> int:
    """The usual offices, for each township that has none of its own yet."""
    townships = Township.objects.filter(county=county).exclude(
        pk__in=Organisation.objects.filter(village__isnull=True, township__isnull=False).values("township")
    )
    rows = [
        Organisation(
            county=county, township=township, name=row["name"], kind=OrganisationKind(row["kind"]),
            is_discipline=row.get("discipline", False), sort_order=place * STEP,
        )
        for township in townships
        for place, row in enumerate(read("organisations"), start=1)
    ]  # fmt: skip
    Organisation.objects.bulk_create(rows)
    return len(rows)


def _committees(county: County) -> int:
    """The committee of each village that has no organisation yet, under its official name where that is known."""
    villages = Village.objects.filter(Q(township__county=county), Q(organisations__isnull=True))
    rows = [
        Organisation(
            county=county, township_id=village.township_id, village=village, kind=OrganisationKind.VILLAGE,
            name=committee_name(village), sort_order=1_000 + village.sort_order,
        )
        for village in villages
    ]  # fmt: skip
    Organisation.objects.bulk_create(rows)
    return len(rows)


def committee_name(village: Village) -> str:
    """六龙社区 → 六龙社区居委会, or as the official name says."""
    limit: int = Organisation._meta.get_field("name").max_length or 0
    if village.official_name.endswith(("委会", "委员会")):
        return village.official_name[:limit]
    return f"{village.name}{COMMITTEE[VillageKind(village.kind)]}"[:limit]
