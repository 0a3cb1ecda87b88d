"""Hand in a blank workbook; bind one of its cells."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.exporting.fill_in_forms import MOST_UPLOADED, place_of
from ledger.queries.fill_in_forms import SPANS, choices


class FillInUploadForm(forms.Form):
    """The name it is kept under, and the file."""

    name = forms.CharField(label=gettext_lazy("Name of the form"), max_length=40, strip=True)
    file = forms.FileField(label=gettext_lazy("Blank workbook (.xlsx)"))

    def clean_file(self) -> Any:
        """Small enough for a form."""
        file = self.cleaned_data["file"]
        if file.size > MOST_UPLOADED:
            most = _("The file is larger than %(n)s MB.") % {"n": MOST_UPLOADED // 1024 // 1024}
            raise ValidationError(most)
        return file


class BindForm(forms.Form):
    """A cell and what fills it; no figure frees the cell."""

    cell = forms.CharField(max_length=20, widget=forms.HiddenInput)
    figure = forms.ChoiceField(label=gettext_lazy("Filled with"), required=False)
    span = forms.ChoiceField(label=gettext_lazy("Span"), choices=list(SPANS.items()))
    place = forms.ChoiceField(label=gettext_lazy("Of which area"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, areas: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["figure"].choices = [("", gettext_lazy("Nothing: the cell stays as it is")), *choices()]  # type: ignore[attr-defined]
        self.fields["place"].choices = areas  # type: ignore[attr-defined]

    def clean_cell(self) -> str:
        """A cell of a sheet, as ``0!C5``."""
        cell = str(self.cleaned_data["cell"])
        try:
            number, row, column = place_of(cell)
        except ValueError:
            raise ValidationError(_("Choose a cell of the form.")) from None
        if number > 7 or not 1 <= row <= 120 or column > 40:
            raise ValidationError(_("Choose a cell of the form."))
        return cell

    @property
    def bound_to(self) -> tuple[str, str, str] | None:
        """Figure, span and area; None frees the cell."""
        said = self.cleaned_data
        return (said["figure"], said["span"], said["place"]) if said["figure"] else None
