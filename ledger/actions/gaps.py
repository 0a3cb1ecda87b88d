"""The nightly look at the gaps of a county: its townships' administrators are told, once a week while any is left."""

from django.db import transaction
from django.utils import timezone

from ledger.actions.audit import SYSTEM, record
from ledger.actions.notices import BATCH, notice
from ledger.models import County, Notice, Posting
from ledger.queries.gaps import by_township
from ledger.queries.notice_people import SERVING, told
from ledger.rules.days import local_today
from ledger.rules.gaps import said_in
from ledger.rules.notices import Sort
from ledger.rules.permissions import Role


@transaction.atomic
def tell_gaps(county: County) -> int:
    """How many gaps there are in all; nobody is told of none. A second run of the week says nothing again."""
    counts = by_township(county.townships.all(), county.list_most)
    torn = {township for township, gaps in counts.items() if any(gaps.values())}
    total = sum(sum(gaps.values()) for gaps in counts.values())
    today, now = local_today(), timezone.now()
    admins = Posting.objects.open_on(today).filter(SERVING, role=Role.TOWNSHIP_ADMIN, township__in=torn)
    able = told(admins.values_list("cadre_id", flat=True), county)
    mark = said_in(today)
    heard = set(Notice.objects.filter(sort=Sort.GAPS, cadre__in=able, mark=mark).values_list("cadre_id", flat=True))
    wanted = [cadre for cadre in sorted(able) if cadre not in heard and Sort.GAPS not in able[cadre].muted]
    if not wanted:
        return total
    made = [notice(cadre, able[cadre], now, sort=Sort.GAPS, mark=mark) for cadre in wanted]
    Notice.objects.bulk_create(made, batch_size=BATCH, ignore_conflicts=True)
    earlier = Notice.objects.filter(sort=Sort.GAPS, cadre__in=wanted, mark__lt=mark, read_at__isnull=True)
    earlier.update(read_at=now)
    record(verb="notice.raised", by=SYSTEM, obj=county, detail={Sort.GAPS.value: len(made), "gaps": total})
    return total
