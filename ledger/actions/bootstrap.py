"""The first county administrator of a new installation: from then on people appoint each other."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import actions as accounts
from ledger.actions.accounts import Slip, open_account
from ledger.actions.audit import SYSTEM, record
from ledger.actions.cadres import named
from ledger.actions.defaults import load_defaults
from ledger.actions.postings import grant
from ledger.models import Cadre, County, Posting
from ledger.rules.cleaning import clean_line, clean_name, clean_number
from ledger.rules.days import local_today
from ledger.rules.permissions import Role
from ledger.rules.phones import is_mobile, normalise_phone


@dataclass(frozen=True)
class FirstAdmin:
    """Who is asked for; ``county_name`` may be empty when the county is loaded already."""

    county_code: str
    county_name: str
    cadre_no: str
    name: str
    mobile: str


def bootstrap(*, first: FirstAdmin) -> Slip:
    """Make the county (if it is new), its default lists, the administrator and the account; returns its password.

    Raises ValidationError when the county has an administrator already or an answer will not do; nothing is written.
    """
    password = accounts.prepare_passwords(1)[0]
    with transaction.atomic():
        county = _county(first)
        if Posting.objects.open().filter(role=Role.COUNTY_ADMIN, county=county).exists():
            raise ValidationError(
                _("%(county)s has an administrator already; further ones are appointed in the system."),
                code="exists", params={"county": county.name},
            )  # fmt: skip
        load_defaults(by=SYSTEM, county=county)
        cadre = _cadre(county, first)
        grant(by=SYSTEM, cadre=cadre, role=Role.COUNTY_ADMIN, territories=[county], start_on=local_today())
        slip = open_account(by=SYSTEM, cadre=cadre, password=password)
        record(verb="county.bootstrapped", by=SYSTEM, obj=county, detail={"cadre": cadre.pk})
    return slip


def _county(first: FirstAdmin) -> County:
    code = clean_number(first.county_code)
    stored: County | None = County.objects.select_for_update().filter(code=code).first()
    if stored is not None:
        return stored
    county = County(code=code, name=clean_line(first.county_name))
    county.full_clean()
    county.save(force_insert=True)
    return county


def _cadre(county: County, first: FirstAdmin) -> Cadre:
    mobile = normalise_phone(first.mobile)
    if mobile and not is_mobile(mobile):
        raise ValidationError({"mobile": _("This is not a mobile number of 11 digits.")})
    cadre = Cadre(county=county, cadre_no=clean_number(first.cadre_no), phone=mobile, **named(clean_name(first.name)))
    cadre.full_clean()
    cadre.save(force_insert=True)
    return cadre
