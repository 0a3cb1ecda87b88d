"""Every list that can be exported: its filter for somebody, its rows in the order of the paper, its look.

A list is one more entry of ``LISTS``; views, the worker and the page of exports then know it. Its rows are those of
its page: the same filter set, over what the permission to export covers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.exporting import campaign_lists, field_lists, gap_lists, office_lists, registers, waiting_lists
from ledger.exporting.issue_ledger import issue_ledger
from ledger.exporting.tables import Table
from ledger.filters.audit import AuditFilter
from ledger.filters.cadres import CadreFilter
from ledger.filters.campaigns import CampaignFilter, CampaignHomeFilter, CampaignUnitFilter
from ledger.filters.gaps import GapFilter
from ledger.filters.households import HouseholdFilter
from ledger.filters.issue_ledger import IssueFilter
from ledger.filters.organisations import OrganisationFilter
from ledger.filters.small_lists import (
    CorrectionFilter,
    EnterpriseFilter,
    GuideFilter,
    HandOverFilter,
    SubstitutionFilter,
    VillageRegisterFilter,
    WishFilter,
)
from ledger.filters.visits import VisitFilter
from ledger.filters.waiting_lists import (
    ExclusionFilter,
    FollowUpFilter,
    ImportFilter,
    KeptEntryFilter,
    NoticeFilter,
    SampleFilter,
    SignFilter,
    WaitingForSampleFilter,
)
from ledger.models import (
    Cadre,
    CampaignVillage,
    Correction,
    HandOver,
    Household,
    Issue,
    Organisation,
    SampledIssue,
    Village,
    Visit,
)
from ledger.queries.audit import trail
from ledger.queries.call_back_samples import waiting_for_a_sample
from ledger.queries.campaigns import campaigns
from ledger.queries.disputes import due_follow_ups
from ledger.queries.early_signs import signs
from ledger.queries.enterprises import enterprises
from ledger.queries.guides import found as guides_found
from ledger.queries.household_events import exclusions as left_out
from ledger.queries.imports import batches
from ledger.queries.issues import calendar_for
from ledger.queries.kept_entries import kept_entries
from ledger.queries.notices import own_notices
from ledger.queries.substitutions import listed as stood_in
from ledger.queries.visits import DIARY_ORDER
from ledger.rules.issues import IssueKind
from ledger.rules.permissions import Permission

P = Permission


@dataclass(frozen=True)
class Listed:
    """One list: what its page calls it, its page, how it looks on paper, its filter set, the rows that were chosen."""

    title: Promise | str
    page: str
    table: Callable[[Any], Table]
    filter_for: Callable[[Any, QueryDict], Any]
    rows: Callable[[Any], QuerySet[Any]]
    needs: tuple[Permission, ...] = ()
    """Beside the permission to export, one of these, as its page asks."""
    table_of: Callable[[Any, Any], Table] | None = None
    """In place of ``table`` where the look depends on what was chosen: of the user and the filter set."""

    def look(self, user: Any, chosen: Any) -> Table:
        """How it looks on paper, for somebody and what they chose."""
        return self.table_of(user, chosen) if self.table_of is not None else self.table(user)


def _request(user: Any, chosen: QueryDict) -> Any:
    """What a filter set of a page reads of its request."""
    return SimpleNamespace(user=user, GET=chosen)


def issue_filter(user: Any, chosen: QueryDict) -> IssueFilter:
    """The ledger's, over what somebody may take out."""
    rows = Issue.objects.visible_to(user, P.EXPORT)
    return IssueFilter(chosen, rows, user=user, calendar=calendar_for(user))


def _households(user: Any, chosen: QueryDict) -> HouseholdFilter:
    return HouseholdFilter(chosen, Household.objects.visible_to(user, P.EXPORT), request=_request(user, chosen))


def _visits(user: Any, chosen: QueryDict) -> VisitFilter:
    return VisitFilter(chosen, Visit.objects.visible_to(user, P.EXPORT), request=_request(user, chosen))


def _wishes(user: Any, chosen: QueryDict) -> WishFilter:
    rows = Issue.objects.visible_to(user, P.EXPORT).filter(kind=IssueKind.WISH, is_sensitive=False)
    return WishFilter(chosen, rows)


def _corrections(user: Any, chosen: QueryDict) -> CorrectionFilter:
    return CorrectionFilter(chosen, Correction.objects.visible_to(user, P.EDIT_HOUSEHOLD))


def _cadres(user: Any, chosen: QueryDict) -> CadreFilter:
    rows = Cadre.objects.visible_to(user, P.MANAGE_CADRES).order_by("township__sort_order", "sort_order", "pk")
    return CadreFilter(chosen, rows, user=user)


def _organisations(user: Any, chosen: QueryDict) -> OrganisationFilter:
    return OrganisationFilter(chosen, Organisation.objects.visible_to(user, P.MANAGE_ORGANISATIONS), user=user)


def _guides(user: Any, chosen: QueryDict) -> GuideFilter:
    return GuideFilter(chosen, guides_found(user, ""), user=user)


def _audit(user: Any, chosen: QueryDict) -> AuditFilter:
    return AuditFilter(chosen, trail(user), request=_request(user, chosen))


def _villages(user: Any, chosen: QueryDict) -> VillageRegisterFilter:
    rows = Village.objects.visible_to(user, P.SEE_DASHBOARD).filter(successor__isnull=True)
    return VillageRegisterFilter(chosen, rows, user=user)


def _campaigns(user: Any, chosen: QueryDict) -> CampaignFilter:
    return CampaignFilter(chosen, campaigns(user))


def _campaign_homes(user: Any, chosen: QueryDict) -> CampaignHomeFilter:
    return CampaignHomeFilter(chosen, Household.objects.visible_to(user, P.EXPORT), user=user)


def _campaign_units(user: Any, chosen: QueryDict) -> CampaignUnitFilter:
    return CampaignUnitFilter(chosen, CampaignVillage.objects.visible_to(user, P.EXPORT), user=user)


def _notices(user: Any, chosen: QueryDict) -> NoticeFilter:
    return NoticeFilter(chosen, own_notices(user))


def _imports(user: Any, chosen: QueryDict) -> ImportFilter:
    return ImportFilter(chosen, batches(user))


def _kept_entries(user: Any, chosen: QueryDict) -> KeptEntryFilter:
    return KeptEntryFilter(chosen, kept_entries(user))


def _signs(user: Any, chosen: QueryDict) -> SignFilter:
    return SignFilter(chosen, signs(user).filter(pk__in=_may_take(user)))


def _follow_ups(user: Any, chosen: QueryDict) -> FollowUpFilter:
    return FollowUpFilter(chosen, due_follow_ups(user).filter(issue__in=_may_take(user)))


def _waiting_for_sample(user: Any, chosen: QueryDict) -> WaitingForSampleFilter:
    rows = waiting_for_a_sample(user).filter(pk__in=_may_take(user)).order_by("resolved_at", "pk")
    return WaitingForSampleFilter(chosen, rows)


def _samples(user: Any, chosen: QueryDict) -> SampleFilter:
    desk = Issue.objects.visible_to(user, P.DESK).filter(pk__in=_may_take(user))
    rows = SampledIssue.objects.filter(issue__in=desk).order_by("-sample__drawn_at", "-sample", "-is_drawn", "pk")
    return SampleFilter(chosen, rows)


def _exclusions(user: Any, chosen: QueryDict) -> ExclusionFilter:
    rows = left_out(user).filter(household__in=Household.objects.visible_to(user, P.EXPORT))
    return ExclusionFilter(chosen, rows, request=_request(user, chosen))


def _enterprises(user: Any, chosen: QueryDict) -> EnterpriseFilter:
    return EnterpriseFilter(chosen, enterprises(user, P.EXPORT))


def _handovers(user: Any, chosen: QueryDict) -> HandOverFilter:
    return HandOverFilter(chosen, HandOver.objects.visible_to(user, P.MANAGE_POSTINGS).order_by("-made_at", "-pk"))


def _substitutions(user: Any, chosen: QueryDict) -> SubstitutionFilter:
    return SubstitutionFilter(chosen, stood_in(user))


def _gaps(user: Any, chosen: QueryDict) -> GapFilter:
    return GapFilter(chosen, Household.objects.none(), user=user)


def _may_take(user: Any) -> QuerySet[Issue]:
    """The matters that somebody may take out."""
    found: QuerySet[Issue] = Issue.objects.visible_to(user, P.EXPORT).order_by().values("pk")
    return found


BY_PLACE = ("village__township__sort_order", "village__sort_order", "village_id", "group__number", "group__name",
            "house_order", "code", "pk")  # fmt: skip
LISTS: dict[str, Listed] = {
    "issues": Listed(_("Ledger of issues to strike off"), "issue_list", lambda user: issue_ledger(), issue_filter,
                     lambda chosen: chosen.ordered),
    "households": Listed(_("Register of households"), "household_list", lambda user: registers.household_register(),
                         _households, lambda chosen: chosen.qs.order_by(*BY_PLACE), (P.VIEW, P.LOG_VISIT)),
    "villages": Listed(_("Register of villages"), "papers", lambda user: registers.village_register(), _villages,
                       lambda chosen: chosen.qs.order_by("township__sort_order", "sort_order", "code"),
                       (P.SEE_DASHBOARD,)),
    "visits": Listed(_("Visits"), "visit_list", field_lists.visit_list, _visits,
                     lambda chosen: chosen.qs.order_by(*DIARY_ORDER), (P.VIEW, P.LOG_VISIT)),
    "wishes": Listed(_("Small wishes"), "wish_list", field_lists.wish_list, _wishes, lambda chosen: chosen.qs,
                     (P.VIEW, P.HANDLE_ISSUE)),
    "corrections": Listed(_("Corrections"), "correction_list", field_lists.correction_list, _corrections,
                          lambda chosen: chosen.qs, (P.EDIT_HOUSEHOLD,)),
    "cadres": Listed(_("Cadres and postings"), "cadre_list", office_lists.cadre_list, _cadres,
                     lambda chosen: chosen.qs, (P.MANAGE_CADRES,)),
    "organisations": Listed(_("Organisations"), "organisation_list", office_lists.organisation_list, _organisations,
                            lambda chosen: chosen.qs, (P.MANAGE_ORGANISATIONS,)),
    "guides": Listed(_("Procedure guides"), "guide_list", office_lists.guide_list, _guides, lambda chosen: chosen.qs,
                     (P.VIEW, P.HANDLE_ISSUE)),
    "campaigns": Listed(_("Campaigns"), "campaign_list", campaign_lists.campaign_list, _campaigns,
                        lambda chosen: chosen.qs, (P.VIEW,)),
    "campaign_progress": Listed(_("Progress of a campaign"), "campaign_list", campaign_lists.nothing, _campaign_units,
                                lambda chosen: chosen.qs.order_by(*campaign_lists.BY_VILLAGE), (P.VIEW,),
                                lambda user, chosen: campaign_lists.progress_list(user, chosen.chosen)),
    "campaign_homes": Listed(_("Households of a campaign"), "campaign_list", campaign_lists.nothing, _campaign_homes,
                             lambda chosen: chosen.qs.order_by(*BY_PLACE), (P.VIEW,),
                             lambda user, chosen: campaign_lists.household_list(user, chosen.chosen)),
    "notices": Listed(_("Notices"), "notice_list", waiting_lists.notice_list, _notices, lambda chosen: chosen.qs),
    "imports": Listed(_("Imports"), "import_list", waiting_lists.import_list, _imports, lambda chosen: chosen.qs,
                      (P.IMPORT_HOUSEHOLDS,)),
    "kept_entries": Listed(_("Entries to review"), "kept_entry_list", waiting_lists.kept_entry_list, _kept_entries,
                           lambda chosen: chosen.qs),
    "signs": Listed(_("Early signs"), "sign_list", waiting_lists.sign_list, _signs, lambda chosen: chosen.qs,
                    (P.SEE_SENSITIVE,)),
    "follow_ups": Listed(_("Follow-up visits"), "follow_up_list", waiting_lists.follow_up_list, _follow_ups,
                         lambda chosen: chosen.qs, (P.VIEW,)),
    "for_samples": Listed(_("Waiting for a sample"), "sample_list", waiting_lists.waiting_for_sample_list,
                          _waiting_for_sample, lambda chosen: chosen.qs, (P.DESK,)),
    "samples": Listed(_("Samples"), "sample_list", waiting_lists.sample_list, _samples, lambda chosen: chosen.qs,
                      (P.DESK,)),
    "exclusions": Listed(_("Left out of coverage"), "exclusion_list", waiting_lists.exclusion_list, _exclusions,
                         lambda chosen: chosen.qs, (P.VIEW,)),
    "enterprises": Listed(_("Enterprises"), "enterprise_list", field_lists.enterprise_list, _enterprises,
                          lambda chosen: chosen.qs, (P.LOG_VISIT, P.VIEW)),
    "handovers": Listed(_("Hand-overs"), "handover_list", office_lists.handover_list, _handovers,
                        lambda chosen: chosen.qs, (P.MANAGE_POSTINGS,)),
    "substitutions": Listed(_("Leave and substitutes"), "substitution_list", office_lists.substitution_list,
                            _substitutions, lambda chosen: chosen.qs),
    "gaps": Listed(_("Gaps"), "gap_list", gap_lists.nothing, _gaps, lambda chosen: chosen.qs, (P.SEE_DASHBOARD,),
                   lambda user, chosen: gap_lists.gap_list(chosen.shown, chosen.villages)),
    "audit": Listed(_("Audit trail"), "audit_list", office_lists.audit_list, _audit,
                    lambda chosen: chosen.qs.order_by("-pk"), (P.SEE_AUDIT,)),
}  # fmt: skip
