"""The county's phrases and keywords, for the form of a visit and for the page that edits them."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from ledger.models import Category, County, Keyword, Phrase
from ledger.queries.categories import helps, words_in_use
from ledger.rules.guessing import Word
from ledger.rules.issues import IssueKind


def phrases(county: County) -> QuerySet[Phrase]:
    return Phrase.objects.filter(county=county)


def keywords(county: County) -> QuerySet[Keyword]:
    return Keyword.objects.filter(county=county).select_related("category__parent")


def phrases_at_hand(user: Any) -> list[Phrase]:
    """What a tap puts into the text."""
    return list(words_in_use(Phrase, user).order_by("sort_order", "pk"))


def words_of(user: Any) -> list[Word]:
    """The table of words of the county in which somebody serves. A complaint has a form of its own."""
    rows = words_in_use(Keyword, user).exclude(kind=IssueKind.COMPLAINT)
    return [Word(*row) for row in rows.values_list("name", "kind", "category_id")]


def word_table(user: Any, categories: list[Category]) -> dict[str, Any]:
    """What the form carries along so that it can propose, and help, without a network."""
    shown = helps(categories)
    return {
        "words": [[word.text, word.kind, word.category] for word in words_of(user)],
        "helps": {
            help.pk: {
                "hint": help.hint,
                "guides": [[guide.title, reverse("guide_detail", args=[guide.pk])] for guide in help.guides],
            }
            for help in shown
        },
    }
