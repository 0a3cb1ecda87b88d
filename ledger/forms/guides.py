"""The form of a procedure guide."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import ManyField
from ledger.forms.records import RecordForm
from ledger.models import Category, County, Guide, Township
from ledger.queries.categories import in_tree_order
from ledger.rules.guides import MOST_LINES, lines_of

LONGEST_LINE = 120


class CategoriesField(ManyField):
    """Categories by their full names."""

    def label_from_instance(self, obj: Category) -> str:
        return obj.full_name


class GuideForm(RecordForm):
    """What a villager must know, each material and each step on a line of its own."""

    class Meta:
        model = Guide
        fields = (
            "title", "audience", "materials", "place", "phone", "steps", "time_needed", "fee", "sort_order",
            "is_example", "is_active",
        )  # fmt: skip
        labels = {
            "title": _("What it is for"), "audience": _("Who may apply"),
            "materials": _("What to bring, one on a line"),
            "place": _("Where"), "phone": _("Phone"), "steps": _("Steps in order, one on a line"),
            "time_needed": _("Time needed"), "fee": _("Fee"), "sort_order": _("Place in lists (small numbers first)"),
            "is_example": _("Example, not checked yet: leave the tick until the responsible office has checked it"),
            "is_active": _("In use"),
        }  # fmt: skip
        widgets = {
            "audience": forms.Textarea(attrs={"rows": 2}), "materials": forms.Textarea(attrs={"rows": 6}),
            "steps": forms.Textarea(attrs={"rows": 6}),
        }  # fmt: skip

    def __init__(self, *args: Any, county: County, township: Township | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.county, self.instance.township = county, township
        if self.instance.pk is None:
            del self.fields["is_active"], self.fields["is_example"]
        rows = Category.objects.filter(county=county, is_active=True).select_related("parent")
        self.fields["categories"] = CategoriesField(
            label=_("Categories it belongs to"), queryset=in_tree_order(rows), required=False,
            widget=forms.SelectMultiple(attrs={"size": 8}),
            initial=list(self.instance.categories.values_list("pk", flat=True)) if self.instance.pk else [],
        )  # fmt: skip

    def clean_materials(self) -> str:
        return self._lines("materials")

    def clean_steps(self) -> str:
        return self._lines("steps")

    def _lines(self, name: str) -> str:
        lines = lines_of(self.cleaned_data[name])
        if len(lines) > MOST_LINES:
            raise ValidationError(gettext("No more than %(most)s lines fit on the sheet.") % {"most": MOST_LINES})
        if any(len(line) > LONGEST_LINE for line in lines):
            raise ValidationError(gettext("A line has no more than %(most)s characters.") % {"most": LONGEST_LINE})
        return "\n".join(lines)
