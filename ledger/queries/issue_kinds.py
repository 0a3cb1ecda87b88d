"""The block that a kind of issue has on its page, for who looks at it."""

from dataclasses import dataclass, field
from typing import Any

from ledger.models import Issue
from ledger.queries.disputes import may_follow_up, may_note, settlement_of
from ledger.queries.early_signs import may_review, sign_of
from ledger.queries.issues import may_see_phone
from ledger.queries.wishes import may_claim, may_claim_for_units, may_give_back, may_publish
from ledger.rules.issues import IssueKind, State
from ledger.rules.masking import mask_phone


@dataclass(frozen=True)
class Block:
    """``template`` shows it; ``facts`` is what it shows."""

    template: str
    facts: dict[str, Any] = field(default_factory=dict)


def kind_block(user: Any, issue: Issue) -> Block | None:
    """None for a kind that has nothing beside the issue itself."""
    if issue.kind == IssueKind.DISPUTE:
        return Block("ledger/disputes/_block.html", _dispute(user, issue))
    if issue.kind == IssueKind.EARLY_SIGN:
        return Block("ledger/signs/_block.html", _sign(user, issue))
    if issue.kind == IssueKind.WISH:
        return Block("ledger/wishes/_block.html", _wish(user, issue))
    return None


def _dispute(user: Any, issue: Issue) -> dict[str, Any]:
    parties = list(issue.parties.select_related("household"))
    phones = {party.pk: mask_phone(party.phone) for party in parties}
    return {
        "settlement": settlement_of(issue), "parties": parties, "phones": phones,
        "may_call": any(phones.values()) and may_see_phone(user, issue), "may_note": may_note(user, issue),
        "follow_ups": list(issue.follow_ups.select_related("planned_by", "done_by")),
        "may_follow_up": may_follow_up(user, issue),
    }  # fmt: skip


def _sign(user: Any, issue: Issue) -> dict[str, Any]:
    return {
        "sign": sign_of(issue), "reviews": list(issue.sign_reviews.select_related("by")),
        "may_review": may_review(user, issue),
    }  # fmt: skip


def _wish(user: Any, issue: Issue) -> dict[str, Any]:
    in_pool = issue.state == State.REGISTERED and not issue.is_sensitive
    publications = list(issue.publications.select_related("published_by"))
    return {
        "claims": list(issue.claims.select_related("cadre", "organisation")),
        "may_claim": in_pool and (may_claim(user, issue) or may_claim_for_units(user, issue)),
        "may_give_back": may_give_back(user, issue), "may_publish": may_publish(user, issue),
        "publications": publications, "published": next((each for each in publications if not each.ended_at), None),
    }  # fmt: skip
