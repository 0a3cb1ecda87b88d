"""民情事项: the issue, its steps, its categories, its number."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre, Organisation
from ledger.models.fields import PHONE_LABEL, EncryptedTextField
from ledger.models.geography import County, Group, Township, Village
from ledger.models.households import Household, Named
from ledger.models.scope import Scope, ScopedQuerySet
from ledger.models.visits import Visit
from ledger.rules.days import local_day
from ledger.rules.issue_numbers import printed_number
from ledger.rules.issue_steps import CallBackRecord, Standing, Step
from ledger.rules.issues import Answer, CloseBasis, IssueKind, Source, State, Urgency, answers_for
from ledger.rules.permissions import Level, Permission


class Category(Named):
    """A category of issues, two levels deep, with its working days and its usual unit (terms.md 3)."""

    county = models.ForeignKey(County, models.PROTECT, related_name="categories", verbose_name=_("county"))
    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", verbose_name=_("parent"), null=True, blank=True
    )
    days = models.PositiveSmallIntegerField(_("working days"), default=15)
    unit_name = models.CharField(_("usual unit"), max_length=60, blank=True)
    is_restricted = models.BooleanField(_("restricted"), default=False)
    is_public_works = models.BooleanField(_("public works"), default=False)
    start_level = models.CharField(_("lowest desk"), max_length=8, choices=Level, blank=True)
    hint = models.CharField(_("wording help"), max_length=200, blank=True)

    NOT_PERSONAL = (
        "county parent name name_en days unit_name is_restricted is_public_works start_level hint sort_order is_active"
    )
    SCOPED_THROUGH = "county"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("category")
        constraints = [
            models.UniqueConstraint(fields=["county", "parent", "name"], name="category_unique"),
            models.UniqueConstraint(
                fields=["county", "name"], name="category_top_unique", condition=Q(parent__isnull=True)
            ),
        ]

    @property
    def restricts(self) -> bool:
        """Whether its issues are for the discipline office alone: marked so itself, or below one that is."""
        return self.is_restricted or (self.parent is not None and self.parent.is_restricted)

    @property
    def starts_at(self) -> str:
        """The level of the desk it starts at: its own, else that of the one above, else the village."""
        inherited = self.parent.start_level if self.parent is not None else ""
        return self.start_level or inherited or Level.VILLAGE

    @property
    def full_name(self) -> str:
        """Parent and own name, as shown in lists."""
        return f"{self.parent} · {self}" if self.parent else str(self)


class CalendarDay(models.Model):
    """A day off or make-up day: of the official calendar as the county took it in, or the county's own change of it.

    A year with official rows is known whole from them; own rows have the last word (``rules/calendar.overrides_of``).
    """

    county = models.ForeignKey(County, models.CASCADE, related_name="calendar_days", verbose_name=_("county"))
    day = models.DateField(_("day"))
    is_working = models.BooleanField(_("working day"))
    note = models.CharField(_("note"), max_length=60, blank=True)
    is_official = models.BooleanField(_("official"), default=False)

    NOT_PERSONAL = "county day is_working note is_official"
    SCOPED_THROUGH = "county"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["day", "is_official"]
        verbose_name = _("calendar day")
        constraints = [models.UniqueConstraint(fields=["county", "day", "is_official"], name="calendar_day_unique")]


class NumberCounter(models.Model):
    """The last number given in a township's year; locked last in the registering transaction."""

    township = models.ForeignKey(Township, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    NOT_PERSONAL = "township year last"
    SCOPED_THROUGH = "township"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["township", "year"], name="number_counter_unique")]


class Issue(models.Model):
    """民情事项. Only ``actions/issues.py`` changes its state: a direct ``save`` of a stored issue raises."""

    township = models.ForeignKey(Township, models.PROTECT, related_name="issues", editable=False)
    year = models.PositiveSmallIntegerField(_("year"), editable=False)
    serial = models.PositiveIntegerField(_("running number"), null=True, editable=False)
    number = models.CharField(_("number"), max_length=40, editable=False)
    earlier_number = models.CharField(_("earlier number"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=IssueKind, default=IssueKind.REQUEST)
    category = models.ForeignKey(Category, models.PROTECT, related_name="issues", verbose_name=_("category"))
    source = models.CharField(_("source"), max_length=12, choices=Source, default=Source.VISIT)
    urgency = models.CharField(_("urgency"), max_length=8, choices=Urgency, default=Urgency.NORMAL)
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("details"), blank=True)
    is_sensitive = models.BooleanField(_("sensitive"), default=False)
    village = models.ForeignKey(Village, models.PROTECT, related_name="issues", verbose_name=_("village"))
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="issues", verbose_name=_("group"), null=True, blank=True
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="issues", verbose_name=_("household"), null=True, blank=True
    )
    raised_by_name = models.CharField(_("raised by"), max_length=50, blank=True)
    raised_by_phone = EncryptedTextField(_("phone"), label=PHONE_LABEL, blank=True, default="")
    visit = models.ForeignKey(
        Visit, models.PROTECT, related_name="issues", verbose_name=_("visit"), null=True, blank=True
    )
    about_cadre = models.ForeignKey(
        Cadre, models.PROTECT, related_name="complaints_about", verbose_name=_("complaint about"), null=True, blank=True
    )
    registered_by = models.ForeignKey(
        Cadre, models.PROTECT, related_name="issues_registered", verbose_name=_("registered by"), null=True
    )
    registered_at = models.DateTimeField(_("registered at"))
    level = models.CharField(_("level"), max_length=8, choices=Level, default=Level.VILLAGE)
    highest_level = models.CharField(_("highest level"), max_length=8, choices=Level, blank=True)
    """The highest desk it ever lay on; empty while it never left its first."""
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.REGISTERED)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    handler = models.ForeignKey(
        Cadre, models.PROTECT, related_name="issues_handled", verbose_name=_("handler"), null=True, blank=True
    )
    lead_organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="issues_led", verbose_name=_("lead unit"), null=True, blank=True
    )
    supporting = models.ManyToManyField(
        Organisation, related_name="issues_supported", verbose_name=_("supporting units"), blank=True
    )
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    first_due_on = models.DateField(_("first due date"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    triage_due_on = models.DateField(_("to be assigned by"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        Cadre, models.PROTECT, related_name="issues_resolved", verbose_name=_("resolved by"), null=True, blank=True
    )
    resolved_in_time = models.BooleanField(_("resolved in time"), null=True)
    outcomes = models.JSONField(_("outcomes"), default=list, blank=True)
    result_text = models.TextField(_("what was done"), blank=True)
    answer = models.CharField(_("answer"), max_length=12, choices=Answer, blank=True)
    call_back_tries = models.PositiveSmallIntegerField(default=0)
    called_back_at = models.DateTimeField(_("called back at"), null=True, blank=True)
    called_back_by = models.ForeignKey(
        Cadre,
        models.PROTECT,
        related_name="issues_called_back",
        verbose_name=_("called back by"),
        null=True,
        blank=True,
    )
    closed_at = models.DateTimeField(_("struck off at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        Cadre, models.PROTECT, related_name="issues_closed", verbose_name=_("struck off by"), null=True, blank=True
    )
    close_basis = models.CharField(_("why it is closed"), max_length=12, choices=CloseBasis, blank=True)
    master = models.ForeignKey(
        "self", models.PROTECT, related_name="merged_issues", verbose_name=_("merged into"), null=True, blank=True
    )
    obstacle = models.TextField(_("obstacle"), blank=True)
    deferred_on = models.DateField(_("deferred on"), null=True, blank=True)
    deferred_until = models.DateField(_("planned date"), null=True, blank=True)
    review_on = models.DateField(_("next review"), null=True, blank=True)
    paused_days = models.PositiveSmallIntegerField(_("working days paused"), default=0)
    reminded_on = models.DateField(_("reminded on"), null=True, blank=True)
    """The last day on which its desk or a leader reminded its handler (催办)."""
    is_supervised = models.BooleanField(_("supervised"), default=False)
    supervised_by = models.ForeignKey(
        Cadre, models.PROTECT, related_name="+", verbose_name=_("supervised by"), null=True, blank=True
    )
    supervised_at = models.DateTimeField(_("supervised since"), null=True, blank=True)
    report_every = models.PositiveSmallIntegerField(_("days between reports"), null=True, blank=True)
    report_due_on = models.DateField(_("next report due"), null=True, blank=True)
    extension_level = models.CharField(_("extension decided by"), max_length=8, choices=Level, blank=True)
    """The desk that an undecided request for a later date waits for; empty when none does."""
    version = models.PositiveIntegerField(default=1)

    PERSONAL = "title text raised_by_name raised_by_phone result_text about_cadre obstacle"
    NOT_PERSONAL = (
        "township year serial number earlier_number kind category source urgency is_sensitive village group household "
        "visit registered_by registered_at level highest_level state round handler lead_organisation supporting "
        "assigned_at accepted_at first_due_on due_on triage_due_on resolved_at resolved_by resolved_in_time outcomes "
        "answer call_back_tries called_back_at called_back_by closed_at closed_by close_basis master deferred_on "
        "deferred_until review_on paused_days reminded_on is_supervised supervised_by supervised_at report_every "
        "report_due_on extension_level version"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-registered_at", "-pk"]
        verbose_name = _("issue")
        constraints = [
            models.UniqueConstraint(fields=["township", "number"], name="issue_number_unique"),
            models.UniqueConstraint(
                fields=["township", "year", "serial"], name="issue_serial_unique", condition=Q(serial__isnull=False)
            ),
            models.CheckConstraint(
                name="issue_close_basis_with_state",
                condition=Q(state=State.CLOSED) & ~Q(close_basis="") & Q(closed_at__isnull=False)
                | Q(state=State.CLOSED, close_basis=CloseBasis.IMPORTED)
                | ~Q(state=State.CLOSED) & Q(close_basis="") & Q(closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="issue_handed_to_somebody",
                condition=Q(state__in=[State.REGISTERED, State.VOID, State.MERGED, State.CLOSED])
                | Q(handler__isnull=False)
                | Q(lead_organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="issue_merged_has_master",
                condition=Q(state=State.MERGED, master__isnull=False) | ~Q(state=State.MERGED),
            ),
            models.CheckConstraint(
                name="issue_deferred_until_a_day",
                condition=Q(state=State.DEFERRED, deferred_until__isnull=False, review_on__isnull=False)
                | ~Q(state=State.DEFERRED) & Q(deferred_until__isnull=True),
            ),
            models.CheckConstraint(
                name="issue_supervised_pair",
                condition=Q(supervised_by__isnull=True, supervised_at__isnull=True)
                | Q(supervised_by__isnull=False, supervised_at__isnull=False, is_supervised=True),
            ),
        ]
        indexes = [
            models.Index(fields=["village", "state", "due_on"], name="issue_village_state_due"),
            models.Index(fields=["handler", "state"], name="issue_handler_state"),
            models.Index(fields=["lead_organisation", "state"], name="issue_unit_state"),
            models.Index(fields=["registered_by", "state"], name="issue_raiser_state"),
            models.Index(fields=["household", "state"], name="issue_household_state"),
            models.Index(fields=["village", "closed_at"], name="issue_village_closed"),
            models.Index(fields=["registered_at", "id"], name="issue_registered"),
            models.Index(
                fields=["village"], name="issue_called_again", condition=Q(round__gt=1) | Q(call_back_tries__gt=0)
            ),
            models.Index(fields=["village", "state"], name="issue_sensitive", condition=Q(is_sensitive=True)),
            models.Index(  # with the answer: SQLite would rather look up two columns of the first index than one here
                fields=["village", "answer", "due_on"],
                name="issue_dissatisfied",
                condition=Q(state="resolved", answer="dissatisfied"),
            ),
            models.Index(fields=["village", "resolved_at"], name="issue_wish_resolved", condition=Q(kind="wish")),
            models.Index(fields=["is_supervised", "registered_at", "id"], name="issue_supervised_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise TypeError("A stored issue is changed by ledger.actions.issues only.")
        super().save(*args, **kwargs)

    @property
    def printed_number(self) -> str:
        """The number as papers print it: 康美〔2026〕17号; an imported one as it came."""
        return printed_number(self.number, self.year, self.serial)

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is known who could be asked: neither a name, nor a phone, nor a household."""
        return not self.raised_by_name and not self.raised_by_phone and self.household_id is None

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What a call-back of this issue may record (``category`` is read)."""
        return answers_for(public_works=self.category.is_public_works, anonymous=self.is_anonymous)

    @property
    def call_back(self) -> CallBackRecord:
        """What the call-backs of the current round amount to."""
        unreached = self.answer == Answer.UNREACHABLE and self.called_back_at is not None
        tried_on = local_day(self.called_back_at) if unreached else None
        return CallBackRecord(self.answer, self.call_back_tries, tried_on)

    @property
    def standing(self) -> Standing:
        """How it stands by its own row; ``queries/issue_standing`` adds what the desks and merged issues say."""
        return Standing(
            self.state, self.call_back, is_supervised=self.is_supervised, is_asked=bool(self.extension_level),
            has_due_date=self.due_on is not None,
        )  # fmt: skip

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        from ledger.models.issue_scope import issue_condition

        return issue_condition(scope, permission)


class IssueStep(models.Model):
    """流转: one move of an issue, never changed (triggers refuse it)."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="steps", verbose_name=_("issue"))
    step = models.CharField(_("step"), max_length=20, choices=Step)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    from_state = models.CharField(max_length=12, choices=State, blank=True)
    to_state = models.CharField(max_length=12, choices=State)
    by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("by"), null=True)
    acting_for = models.ForeignKey(Cadre, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField(_("at"))
    text = models.TextField(_("text"), blank=True)
    to_cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="+", null=True, blank=True)
    to_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)

    PERSONAL = "text data"
    NOT_PERSONAL = "issue step round from_state to_state by acting_for at to_cadre to_organisation due_on"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["issue", "pk"]
        verbose_name = _("step")
        indexes = [
            models.Index(fields=["by", "at"], name="step_by_at"),
            models.Index(fields=["issue", "step"], name="step_issue_step"),
        ]
