"""One form for every step: its fields come from the names in ``SHOWN``, so that a new step is a row here."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.actions.issue_steps import default_due_on, tried_words
from ledger.forms.evidence import EvidenceField
from ledger.forms.fields import DayField, LineField, ManyField, RowsField, TextField, VersionField
from ledger.forms.issue_results import Group, add_result_fields, check_result, result_groups
from ledger.forms.issue_step_fields import FIELDS, cadre_of, cadre_rows, master_of, master_pick, master_rows
from ledger.forms.picks import Pick, PickField, cadre_pick, number_of, unit_picks
from ledger.forms.widgets import Chips, ChipsMultiple
from ledger.models import Cadre, Issue, Organisation
from ledger.queries.calendar import calendar_of
from ledger.queries.guides import offered
from ledger.queries.issue_desks import assignable_cadres, assignable_units, suggestions
from ledger.queries.issues import cadres_found
from ledger.rules.days import local_today
from ledger.rules.issue_clock import guess_words
from ledger.rules.issue_results import RESULT_FIELDS
from ledger.rules.issue_steps import Step, needs
from ledger.rules.issues import OUTCOMES_BY_KIND, Answer, IssueKind, Outcome

SHOWN: dict[str, str] = {
    Step.ASSIGN: "find assignee due_on text supporting",
    Step.ACCEPT: "",
    Step.RETURN: "text",
    Step.PROGRESS: "text files",
    Step.RESOLVE: "outcomes text guides files",
    Step.CALL_BACK: "answer text",
    Step.CLOSE: "text",
    Step.REOPEN: "text",
    Step.REQUEST_EXTENSION: "wanted_on text",
    Step.GRANT_EXTENSION: "granted_on text",
    Step.REFUSE_EXTENSION: "text",
    Step.INSTRUCT: "leader instructed_on text",
    Step.SUPERVISE: "report_every text",
    Step.RELEASE: "text",
    Step.ESCALATE: "level text",
    Step.SEND_DOWN: "level text",
    Step.DEFER: "text deferred_until review_on",
    Step.RESUME: "text",
    Step.RECLASSIFY: "kind category find about_cadre due_on text",
    Step.MERGE: "find master text",
    Step.VOID: "text",
    Step.REMIND: "text",
    Step.WITHDRAW: "text",
}
SEARCHED: dict[str, str] = {Step.ASSIGN: "assignee", Step.MERGE: "master", Step.RECLASSIFY: "about_cadre"}
"""The field whose rows the search of a step fills."""
TEXT_LABELS: dict[str, Promise | str] = {
    Step.ASSIGN: gettext_lazy("What you expect (may be left empty)"),
    Step.RETURN: gettext_lazy("Why it is not yours"),
    Step.PROGRESS: gettext_lazy("How far it has come"),
    Step.RESOLVE: gettext_lazy("What was done"),
    Step.CALL_BACK: gettext_lazy("What the villager said"),
    Step.CLOSE: gettext_lazy("Remark on striking off"),
    Step.REOPEN: gettext_lazy("Why it is opened again"),
    Step.REQUEST_EXTENSION: gettext_lazy("Why more time is needed"),
    Step.GRANT_EXTENSION: gettext_lazy("Remark to the handler (may be left empty)"),
    Step.REFUSE_EXTENSION: gettext_lazy("Why the date stays"),
    Step.INSTRUCT: gettext_lazy("The instruction, word by word"),
    Step.SUPERVISE: gettext_lazy("What the supervision asks for (may be left empty)"),
    Step.RELEASE: gettext_lazy("Why it needs no supervision any more"),
    Step.ESCALATE: gettext_lazy("Why it can't be settled here"),
    Step.SEND_DOWN: gettext_lazy("What the desk below is to do"),
    Step.DEFER: gettext_lazy("What stands in the way"),
    Step.RESUME: gettext_lazy("What has changed (may be left empty)"),
    Step.RECLASSIFY: gettext_lazy("Why it is another kind or category"),
    Step.MERGE: gettext_lazy("Why the two are the same matter"),
    Step.VOID: gettext_lazy("What was entered by mistake"),
    Step.REMIND: gettext_lazy("What you remind of (may be left empty)"),
    Step.WITHDRAW: gettext_lazy("Why you take it back"),
}
MANY = frozenset({"supporting", "outcomes", "guides"})
MOST_HITS = 20
NEAREST = 6
"""People offered before anything was searched."""


class StepForm(forms.Form):
    """The fields of one step for one issue; every choice is narrowed to the desk of who asks."""

    version = VersionField()

    def __init__(self, *args: Any, user: Any, issue: Issue, step: str, find: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.issue, self.step = user, issue, step
        self.fields["version"].initial = issue.version
        self.needed = needs(step, call_back=issue.call_back)
        for name in SHOWN[step].split():
            self.fields[name] = BUILD[name](self)
            self.fields[name].required = name in self.needed and name != "due_on"
            self.fields[name].label = capfirst(self.fields[name].label)
        if "outcomes" in self.fields:
            add_result_fields(self, issue.kind)
            self.order_fields([*SHOWN[step].split()[:-1], *RESULT_FIELDS, "files"])
        if step in SEARCHED:
            self._offer(str((self.data if self.is_bound else self.initial).get("find") or find))
        if step == Step.RECLASSIFY and issue.due_on is None:
            del self.fields["due_on"]  # on a desk there is no date that could move
        if issue.is_sensitive:
            self.fields.pop("supporting", None)
        if "guides" in self.fields and not self.fields["guides"].queryset:
            del self.fields["guides"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "outcomes" in self.fields:
            check_result(self, data)
        return data

    @property
    def result_groups(self) -> list[Group]:
        """What each outcome asks for; empty for a step that ends nothing."""
        return result_groups(self) if "outcomes" in self.fields else []

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """The fields in sight whatever is ticked, those that stand in no group."""
        return [field for field in self.visible_fields() if field.name not in RESULT_FIELDS]

    @property
    def searched(self) -> str:
        """The name of the field that the step's search fills; empty for a step without one."""
        return SEARCHED.get(self.step, "")

    @property
    def picks(self) -> forms.BoundField:
        """The rows of the search."""
        return self[self.searched]

    def _offer(self, typed: str) -> None:
        """Rows to choose from: what was searched, else the likely ones; what is chosen stays in sight."""
        name = self.searched
        find_rows, pick = ROWS[name]
        rows = find_rows(self, typed)
        chosen = str((self.data if self.is_bound else self.initial).get(name) or "")
        if chosen and chosen not in dict(rows):
            row = self.picked_row(chosen)
            if row is not None:
                rows[:0] = [pick(chosen, row)]
        self.fields[name].show(rows, searched=bool(typed.strip()))

    def picked_row(self, value: str) -> Any:
        """What a row of the search stands for, within reach of who asks; None for any other value."""
        find: Callable[[Any, str], Any] = FOUND[self.searched]
        return find(self, value)

    def assignee(self, value: str) -> Cadre | Organisation | None:
        """The cadre (``c12``) or organisation (``u3``) within reach of the desk; None for any other value."""
        units = assignable_units(self.user, self.issue).filter(pk=number_of(value, "u"))
        cadres = assignable_cadres(self.user, self.issue).filter(pk=number_of(value, "c"))
        found: Cadre | Organisation | None = units.first() or cadres.select_related("organisation").first()
        return found

    @property
    def opened_on(self) -> int:
        """The version the form was opened on; 0, which no issue has, when it was tampered with."""
        return number_of(str(self.data.get("version") or ""))

    @property
    def typed(self) -> dict[str, Any]:
        """What was typed, unchecked, to be shown again; files can't be."""
        return self.initial_from(self.data)

    @staticmethod
    def initial_from(data: Any) -> dict[str, Any]:
        """Posted values as initial ones."""
        names = {*BUILD, *RESULT_FIELDS} - {"files"}
        return {name: data.getlist(name) if name in MANY else data[name] for name in data if name in names}

    @property
    def said(self) -> dict[str, Any]:
        """What the step is told."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "find"}}


def _rows(form: StepForm, typed: str) -> list[tuple[str, Pick]]:
    return _found(form, typed) if typed.strip() else _likely(form)


def _likely(form: StepForm) -> list[tuple[str, Pick]]:
    """The unit the category usually goes to, the household's cadre, people of the village, then the units."""
    issue = form.issue
    suggested = suggestions(form.user, [issue]).get(issue.pk)
    first = suggested.unit if suggested is not None and suggested.in_reach else None
    rows = unit_picks([first], {first.pk: _("usual unit")}) if first is not None else []
    near = assignable_cadres(form.user, issue).select_related("organisation").order_by("pinyin", "pk")
    own = near.filter(pk=issue.household.cadre_id).first() if issue.household is not None else None
    if own is not None:
        rows.append((f"c{own.pk}", cadre_pick(own, _("household cadre"))))
    village = near.filter(postings__village=issue.village_id, postings__end_on__isnull=True).distinct()
    rows += [(f"c{c.pk}", cadre_pick(c)) for c in village[:NEAREST] if c != own]
    units = assignable_units(form.user, issue).exclude(village__isnull=False)
    rows += unit_picks([unit for unit in units[:60] if unit != first])
    return rows


def _found(form: StepForm, typed: str) -> list[tuple[str, Pick]]:
    units = assignable_units(form.user, form.issue).filter(name__contains=typed.strip()[:60].replace("\0", ""))
    cadres = cadres_found(assignable_cadres(form.user, form.issue), typed, MOST_HITS)
    return [
        *unit_picks(list(units[:MOST_HITS])),
        *((f"c{cadre.pk}", cadre_pick(cadre)) for cadre in cadres),
    ]


FIND_LABELS: dict[str, Promise | str] = {
    Step.ASSIGN: gettext_lazy("Find a person or a unit"),
    Step.MERGE: gettext_lazy("Find the other matter"),
    Step.RECLASSIFY: gettext_lazy("Whom the complaint is about"),
}


def _find(form: StepForm) -> forms.Field:
    return LineField(label=FIND_LABELS[form.step], max_length=60)


def _assignee(form: StepForm) -> forms.Field:
    return PickField(label=_("Who handles it"), find=form.assignee)


def _due_on(form: StepForm) -> forms.Field:
    if form.step == Step.RECLASSIFY:
        return DayField(
            ahead=True, label=_("New due date"),
            help_text=_("Left empty: by the new category, counted from the day it was assigned."),
        )  # fmt: skip
    calendar = calendar_of(form.issue.township.county)
    due = default_due_on(form.issue, calendar)
    help_text = _("By category and urgency; change it where the matter asks for it.")
    guess = guess_words(calendar.guessed_until(due))
    return DayField(ahead=True, label=_("due"), initial=due, help_text=f"{help_text} {guess}".strip())


def _supporting(form: StepForm) -> forms.Field:
    return ManyField(
        label=_("Supporting units"), queryset=assignable_units(form.user, form.issue).filter(village__isnull=True),
        widget=ChipsMultiple(shown=6), initial=[unit.pk for unit in form.issue.supporting.all()],
        help_text=_("They see the matter, are told, and may report progress; the unit in charge resolves it."),
    )  # fmt: skip


def _text(form: StepForm) -> forms.Field:
    on_site = form.step == Step.CALL_BACK and Answer.ON_SITE in form.issue.answers
    label = _("What the villager said (on site: what you saw)") if on_site else TEXT_LABELS[form.step]
    if form.step == Step.RESOLVE and form.issue.kind == IssueKind.SUGGESTION:
        label = _("The reply, in words for who suggested it")
    obstacle = form.issue.obstacle if form.step == Step.DEFER else ""
    return TextField(label=label, max_length=2000, initial=obstacle, widget=forms.Textarea(attrs={"rows": 4}))


def _outcomes(form: StepForm) -> forms.Field:
    fitting = [(value, Outcome(value).label) for value in OUTCOMES_BY_KIND[form.issue.kind]]
    return forms.MultipleChoiceField(
        label=_("How it ended"), choices=fitting, widget=ChipsMultiple, help_text=_("More than one may hold.")
    )


def _answer(form: StepForm) -> forms.Field:
    """Only what fits is offered; what does not is answered by the step's own sentence."""
    today = local_today()
    tried = form.issue.call_back.tried_on == today
    field = forms.ChoiceField(
        label=_("What the villager says"), choices=Answer.choices, widget=Chips,
        help_text=tried_words(form.issue, today) if tried and not form.is_bound else "",
    )  # fmt: skip
    shut = {Answer.UNREACHABLE} if tried else set()
    field.widget.choices = [(each.value, each.label) for each in form.issue.answers if each not in shut]
    return field


def _guides(form: StepForm) -> forms.Field:
    return RowsField(
        label=_("Guides given with the reply"), queryset=offered(form.issue), widget=ChipsMultiple(shown=6),
        help_text=_("Kept with the matter as they read today; they can be printed."),
    )  # fmt: skip


def _files(form: StepForm) -> forms.Field:
    return EvidenceField()


BUILD: dict[str, Callable[[StepForm], forms.Field]] = {
    "find": _find,
    "assignee": _assignee,
    "due_on": _due_on,
    "supporting": _supporting,
    "text": _text,
    "outcomes": _outcomes,
    "answer": _answer,
    "guides": _guides,
    "files": _files,
    **FIELDS,
}
ROWS: dict[str, tuple[Callable[[Any, str], list[tuple[str, Pick]]], Callable[[str, Any], tuple[str, Pick]]]] = {
    "assignee": (
        _rows,
        lambda key, to: unit_picks([to])[0] if isinstance(to, Organisation) else (key, cadre_pick(to)),
    ),
    "master": (master_rows, lambda _key, issue: master_pick(issue)),
    "about_cadre": (cadre_rows, lambda key, cadre: (key, cadre_pick(cadre))),
}
"""Field → the rows of its search, and one of them as a row."""
FOUND: dict[str, Callable[[Any, str], Any]] = {
    "assignee": lambda form, value: form.assignee(value),
    "master": master_of,
    "about_cadre": cadre_of,
}
"""Field → what a value of it stands for."""
