"""The county's own lists, with how often each word is used."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ledger.models import BenefitKind, Category, County, Guide, HouseholdType, Issue, Topic
from ledger.models.scope import scope_of


def categories(county: County) -> list[Category]:
    """The upper categories in order, each with its ``parts``; every one with its ``used`` count of issues.

    What a part counts, its upper category counts too.
    """
    uses = Issue.objects.filter(category=OuterRef("pk")).order_by().values("category").annotate(n=Count("pk"))
    rows = Category.objects.filter(county=county).annotate(used=Coalesce(Subquery(uses.values("n")), 0))
    found = list(rows.order_by("sort_order", "pk"))
    tops: dict[int, Any] = {row.pk: row for row in found if row.parent_id is None}
    for top in tops.values():
        top.parts = []
    for row in found:
        if row.parent_id in tops:
            tops[row.parent_id].parts.append(row)
            tops[row.parent_id].used += row.used
    return list(tops.values())


def in_tree_order(rows: QuerySet[Category]) -> QuerySet[Category]:
    """Each upper category, then its parts."""
    top = Coalesce("parent__sort_order", "sort_order"), Coalesce("parent_id", "pk")
    return rows.order_by(*top, F("parent_id").asc(nulls_first=True), "sort_order", "pk")


def matching(rows: list[Category], typed: str) -> list[Any]:
    """The upper categories whose name, unit or one of whose parts holds the text; of those only the parts that do."""
    shown = []
    for top in rows:
        parts = [part for part in top.parts if _holds(part, typed)]  # type: ignore[attr-defined]
        if _holds(top, typed):
            shown.append(top)
        elif parts:
            top.parts = parts  # type: ignore[attr-defined]
            shown.append(top)
    return shown


def _holds(category: Category, typed: str) -> bool:
    texts = (category.name, category.name_en, category.unit_name, category.hint)
    return any(typed.lower() in text.lower() for text in texts)


@dataclass(frozen=True)
class CategoryHelp:
    """What is shown below the field while a category is chosen."""

    pk: int
    hint: str
    guides: list[Guide]


def helps(rows: Iterable[Category]) -> list[CategoryHelp]:
    """The wording help and guides of these categories, of those that have any (one query); a part has its upper
    category's too."""
    named = list(rows)
    linked = Guide.categories.through.objects.filter(category__in=[row.pk for row in named], guide__is_active=True)
    of: dict[int, list[Guide]] = {}
    for link in linked.select_related("guide").order_by("guide__sort_order", "guide_id"):
        of.setdefault(link.category_id, []).append(link.guide)
    hints = {row.pk: row.hint for row in named}
    found = []
    for row in named:
        guides = {guide.pk: guide for pk in (row.pk, row.parent_id) for guide in of.get(pk or 0, ())}
        hint = row.hint or hints.get(row.parent_id or 0, "")
        if hint or guides:
            found.append(CategoryHelp(row.pk, hint, list(guides.values())))
    return found


def words_in_use(model: type[Any], user: Any) -> QuerySet[Any]:
    """What the county in which somebody serves offers to choose from; nothing for who serves nowhere."""
    cadre_id = scope_of(user).cadre_id
    rows: QuerySet[Any] = model.objects.filter(is_active=True)
    return rows.filter(county__cadres=cadre_id) if cadre_id is not None else rows.none()


def household_types(county: County) -> QuerySet[HouseholdType]:
    return HouseholdType.objects.filter(county=county).annotate(used=Count("households"))


def topics(county: County) -> QuerySet[Topic]:
    return Topic.objects.filter(county=county).annotate(used=Count("visits"))


def benefit_kinds(county: County) -> QuerySet[BenefitKind]:
    return BenefitKind.objects.filter(county=county).annotate(used=Count("benefits"))
