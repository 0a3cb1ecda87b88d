"""The template of a paper in a county: the own one that was handed in, else the default."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from ledger.actions.audit import record
from ledger.exporting.default_papers import default_template
from ledger.exporting.word import check_template
from ledger.models import County, PaperTemplate


def own_template(county: County, kind: str) -> PaperTemplate | None:
    """The one in use that the county handed in."""
    found: PaperTemplate | None = PaperTemplate.objects.filter(
        county=county, kind=kind, retired_at__isnull=True
    ).first()
    return found


def template_of(county: County, kind: str) -> bytes:
    """The bytes that papers of this kind are filled from."""
    own = own_template(county, kind)
    return bytes(own.data) if own is not None else default_template(kind)


def take_template(*, by: Any, county: County, kind: str, file_name: str, data: bytes) -> PaperTemplate:
    """Use an own template from now on; raises PaperRefused, with the sentence, for one that does not fill."""
    check_template(kind, data)
    with transaction.atomic():
        County.objects.select_for_update(no_key=True).get(pk=county.pk)
        _retire(county, kind)
        made: PaperTemplate = PaperTemplate.objects.create(
            county=county, kind=kind, file_name=file_name[-120:], data=data, uploaded_by=by
        )
        record(verb="paper.template_taken", by=by, obj=made, detail={"paper": kind, "file": made.file_name})
    return made


@transaction.atomic
def restore_default(*, by: Any, county: County, kind: str) -> bool:
    """Use the default again; False when it is in use already. What was handed in stays on record."""
    own = own_template(county, kind)
    if own is None or _retire(county, kind) != 1:
        return False
    record(verb="paper.template_restored", by=by, obj=own, detail={"paper": kind, "file": own.file_name})
    return True


def _retire(county: County, kind: str) -> int:
    held = PaperTemplate.objects.filter(county=county, kind=kind, retired_at__isnull=True)
    return held.update(retired_at=timezone.now())
