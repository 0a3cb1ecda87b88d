"""The one writer of the audit trail; called inside the transaction of what it records."""

from typing import Any

from django.utils import timezone

from ledger.models import AuditRow, Household, Township
from ledger.models.acting import acting_for
from ledger.models.scope import scope_of
from ledger.rules import keyring
from ledger.rules.masking import scrub
from ledger.rules.request import current_request_id

SYSTEM = "system"
"""The named actor of commands."""


def record(
    *, verb: str, by: Any, obj: Any = None, label: str = "", detail: dict[str, Any] | None = None,
    county_id: int | None = None, township_id: int | None = None, household_id: int | None = None,
    request_id: str = "", on_behalf: str = "",
) -> AuditRow:  # fmt: skip
    """Write one audit row for an act on ``obj``.

    ``by`` is the signed-in user, or a string naming the system actor. Where the object lies is read from it
    (its household, village or township) unless given. ``detail`` must not hold full ID numbers or phones; those
    that people typed into a reason or a remark are masked here, since nothing can be taken out of the trail later.
    """
    place = _place(obj)
    row = AuditRow(
        at=timezone.now(),
        user_id=getattr(by, "pk", None),
        actor=_actor_name(by),
        acting_for=(on_behalf or _acting_for(by, obj))[:80],
        verb=verb,
        object_type=obj._meta.model_name if obj is not None else "",
        object_id=obj.pk if obj is not None else None,
        label=scrub(label or (str(obj) if obj is not None else ""))[:120],
        county_id=county_id or place.get("county") or _county_of(township_id),
        township_id=township_id or place.get("township"),
        household_id=household_id or place.get("household"),
        detail=_scrubbed(detail or {}),
        request_id=request_id or _request_id(),
    )
    row.signature = sign(row)
    row.save(force_insert=True)
    return row


def sign(row: AuditRow) -> str:
    """The HMAC of everything the row says, with the current key of the audit ring."""
    return keyring.sign(row.message())


def _acting_for(by: Any, obj: Any) -> str:
    absent = acting_for(by, obj)
    return absent.name if absent is not None else ""


def _actor_name(by: Any) -> str:
    if isinstance(by, str):
        return by
    return (scope_of(by).name or getattr(by, "name", "") or str(by))[:80]


def _scrubbed(value: Any) -> Any:
    """The same JSON with masked numbers."""
    if isinstance(value, dict):
        return {str(key): _scrubbed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_scrubbed(item) for item in value]
    return scrub(value) if isinstance(value, str) else value


def _county_of(township_id: int | None) -> int | None:
    """Rows named by their township alone belong to its county's trail too."""
    return Township.objects.filter(pk=township_id).values_list("county_id", flat=True).first() if township_id else None


def _request_id() -> str:
    return current_request_id.get()


def _place(obj: Any) -> dict[str, int | None]:
    """Where an object lies, as ids: from the object itself or the household, village or township it names."""
    if obj is None:
        return {}
    household = obj if isinstance(obj, Household) else getattr(obj, "household", None)
    village = getattr(household or obj, "village", None) or (obj if obj._meta.model_name == "village" else None)
    township = getattr(village, "township", None) or getattr(obj, "township", None)
    if obj._meta.model_name == "township":
        township = obj
    county_id = getattr(township, "county_id", None) or getattr(obj, "county_id", None)
    if obj._meta.model_name == "county":
        county_id = obj.pk
    return {
        "household": household.pk if household is not None else None,
        "township": township.pk if township is not None else None,
        "county": county_id,
    }
