"""专业记录: what a doctor, an agri-technician or a teacher notes of a visit beside what everybody reads."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre
from ledger.models.fields import EncryptedTextField
from ledger.models.households import Household
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet, within
from ledger.models.visits import Visit
from ledger.rules.permissions import Permission, Role
from ledger.rules.visits import OPEN_PROFESSIONS, Profession


class VisitNote(models.Model):
    """One to a visit. Health and pupils' notes are read by that profession and by the household's cadre alone."""

    visit = models.OneToOneField(Visit, models.CASCADE, related_name="note", verbose_name=_("visit"))
    profession = models.CharField(_("profession"), max_length=20, choices=Profession)
    subject = EncryptedTextField(_("about whom or what"), label="visit_note.subject", blank=True, default="")
    finding = EncryptedTextField(_("what was found"), label="visit_note.finding", blank=True, default="")
    advice = EncryptedTextField(_("what was advised"), label="visit_note.advice", blank=True, default="")

    PERSONAL = "subject finding advice"
    NOT_PERSONAL = "visit profession"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("note of a profession")

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Notes of visits in scope: those of open professions, of one's own profession, of one's own households."""
        if scope.cadre_id is None:
            return NOTHING
        own_homes = Household._base_manager.filter(scope.own_households("cadre_id"))
        circle = Q(profession__in=OPEN_PROFESSIONS) | Q(visit__household__in=own_homes)
        if scope.holds(Role.VISITOR):
            mine: Any = Cadre._base_manager.filter(pk=scope.cadre_id)
            circle |= Q(profession__in=mine.values("profession"))
        return circle & within("visit", Visit, scope, permission)
