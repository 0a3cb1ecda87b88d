"""Kinds and results of a visit (terms.md 1) and what counts as contact (design.md 6)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class VisitKind(TextChoices):
    """All kinds; the first three are the daily ones."""

    HOUSEHOLD = "household", _("Household visit call")
    PHONE = "phone", _("Telephone contact")
    NIGHT = "night", _("Night visit")
    RECEPTION = "reception", _("Reception")
    DUTY = "duty", _("Counter duty")
    TALK = "talk", _("Heart-to-heart talk")
    MEETING = "meeting", _("Meeting")
    ENTERPRISE = "enterprise", _("Enterprise visit")
    ON_SITE = "on_site", _("On-site office")
    STAY = "stay", _("Stay in the village")
    PATROL = "patrol", _("Patrol")
    MEDIATION = "mediation", _("Mediation")
    ERRAND = "errand", _("Errand for a villager")
    SERVICE = "service", _("Service")


class MeetingForm(TextChoices):
    """Forms of a meeting (terms.md 1)."""

    COURTYARD = "courtyard", _("Courtyard meeting")
    SYMPOSIUM = "symposium", _("Symposium")
    TEACHING = "teaching", _("Policy meeting")
    REVIEW = "review", _("Review meeting")
    SOCIAL = "social", _("Social meeting")
    FRANK_TALK = "frank_talk", _("Frank-talk meeting")
    NIGHT_SCHOOL = "night_school", _("Night school")


class VisitResult(TextChoices):
    """Did you meet somebody? Only *met* counts as contact."""

    MET = "met", _("Met")
    ABSENT = "absent", _("Nobody in")
    AWAY = "away", _("Away")
    MOVED = "moved", _("Moved out")
    DECLINED = "declined", _("Declined")


class PartOfDay(TextChoices):
    """When a cadre doesn't remember the hour."""

    MORNING = "morning", _("Morning")
    AFTERNOON = "afternoon", _("Afternoon")
    EVENING = "evening", _("Evening")


class Profession(TextChoices):
    """Whose visit it is; comes from the posting."""

    CADRE = "cadre", _("Cadre")
    DOCTOR = "doctor", _("Doctor")
    AGRI_TECHNICIAN = "agri_technician", _("Agri-technician")
    TEACHER = "teacher", _("Teacher")


OPEN_PROFESSIONS = frozenset({Profession.AGRI_TECHNICIAN})
"""Whose notes everybody reads who reads the visit; those of health and of pupils are closed."""
NOTE_LABELS = {
    Profession.DOCTOR: (_("Whom I saw"), _("Findings (blood pressure, sugar …)"), _("Advice on health")),
    Profession.AGRI_TECHNICIAN: (_("Crop or animals"), _("Pest or problem"), _("Technical advice")),
    Profession.TEACHER: (_("Pupil"), _("At school and at home"), _("What was agreed")),
}
"""What the three short fields of a note are called: about whom or what, what was found, what was advised."""

CONTACT_KINDS = frozenset({VisitKind.HOUSEHOLD, VisitKind.NIGHT})
"""A contact is a household or night visit with result *met*, not void (design.md 6)."""

HOUSEHOLD_KINDS = frozenset(
    {VisitKind.HOUSEHOLD, VisitKind.NIGHT, VisitKind.PHONE, VisitKind.TALK, VisitKind.ERRAND, VisitKind.SERVICE}
)
"""Kinds whose target is one household."""


def is_contact(kind: str, result: str) -> bool:
    """Whether such a visit, when not void, counts as contact with its household."""
    return kind in CONTACT_KINDS and result == VisitResult.MET
