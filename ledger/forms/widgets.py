"""Widgets of the thumb: choices as chips, a number with − and +."""

from typing import Any

from django import forms


class _FewChoices(forms.widgets.ChoiceWidget):
    """Shows the first ``shown`` choices (and the chosen ones); the rest open with 更多… where JavaScript runs."""

    template_name = "components/chips.html"

    def __init__(self, *args: Any, shown: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = shown

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        widget = context["widget"]
        options = [option for _name, options, _index in widget["optgroups"] for option in options]
        later = [option for option in options[self.shown or len(options) :] if not option["selected"]]
        if len(later) > 1:  # one chip takes no more room than the button
            for option in later:
                option["folded"] = True
            widget["folds"] = True
        return context


class Chips(_FewChoices, forms.RadioSelect):
    """One choice of a few (up to six in sight)."""


class ChipsMultiple(_FewChoices, forms.CheckboxSelectMultiple):
    """Several choices of a few."""


class Stepper(forms.NumberInput):
    """A small number: plain number field, with − and + where JavaScript runs."""

    template_name = "components/stepper.html"
