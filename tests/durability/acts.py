"""The acts of tests/audit_acts.py, sorted: those that create, those that edit, and those that need neither mark."""

from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from zeal import zeal_ignore

from accounts.models import User
from ledger.models import Cadre
from tests.audit_acts import ACTS, Act, Sent
from tests.importing.test_plan import row
from tests.importing.workbooks import roster
from tests.world import World

CREATES = frozenset({
    "account_create_one", "account_reset", "account_sheet", "cadre_create", "calendar_day_create", "campaign_create",
    "correction_create", "desk_bulk", "district_create", "enterprise_create",
    "guide_create", "household_create", "import_create",
    "issue_create", "issue_evidence", "organisation_create", "posting_create", "resident_create",
    "rotation_create", "substitution_create", "village_link_create", "visit_create", "visits_together", "word_create",
})  # fmt: skip
"""Routes whose form carries a client id."""
EDITS = frozenset({
    "cadre_edit", "cadre_handover", "campaign_edit", "county_edit", "district_edit", "enterprise_edit",
    "guide_edit", "household_assign", "household_edit",
    "household_merge", "household_move", "household_split",
    "household_status", "import_apply", "import_undo", "import_columns", "import_columns_forget", "issue_step",
    "dispute_edit", "meeting_row", "organisation_edit", "resident_edit", "resident_leave", "sign_review",
    "township_edit", "village_detail", "visit_edit", "visit_void", "wish_claim", "wish_give_back", "wish_publish",
    "word_edit",
})  # fmt: skip
"""Routes whose form carries the version it was opened on."""
NEITHER = {
    "allocation_draw": "a later proposal takes the place of the earlier", "allocation_move": "its version decides",
    "allocation_apply": "its version decides", "allocation_discard": "discarded is discarded",
    "allocation_take_back": "taken back is taken back", "allocation_people": "says what each takes on",
    "allocation_workbook": "reads", "allocation_return": "shows what a workbook would change",
    "allocation_take_over": "its version decides",
    "allocation_tie_create": "one wish for a household and a cadre", "allocation_tie_remove": "removed is removed",
    "mfa_authenticate": "a session", "account_sign_out": "a session", "session_end": "a session",
    "session_end_others": "a session", "account_unlock": "says which of two states",
    "account_second_factor": "removed is removed", "second_factor": "one of each person, replaced by a code of it",
    "second_factor_off": "removed is removed", "recovery_codes": "the last ones hold",
    "account_login": "a session", "account_logout": "a session", "account_change_password": "asks for the old one",
    "account_active": "says which of two states", "cadre_apply": "a list is compared with what is there",
    "division_apply": "a list is compared with what is there", "village_link_end": "ended is ended",
    "posting_end": "ended is ended", "district_remove": "removed is removed",
    "calendar_day_clear": "cleared is cleared", "correction_decide": "decided is decided: 409",
    "import_retry": "its state decides who was first", "import_cancel": "cancelled is cancelled",
    "desk_batch_take_back": "taken back is taken back",
    "wish_withdraw": "withdrawn is withdrawn", "wish_pool_claim": "claimed is claimed: 409",
    "meeting_draft_create": "its id is of one draft", "meeting_draft_head": "one's own alone",
    "meeting_draft_ask": "the same key is the same question",
    "meeting_draft_answer": "one's own alone", "meeting_draft_finish": "finished is finished",
    "meeting_draft_discard": "discarded is discarded",
    "household_call": "reads", "resident_reveal": "reads", "issue_phone": "reads", "visit_find": "reads",
    "kept_entry_save": "sends the kept form under its own id", "kept_entry_discard": "discarded is discarded",
    "household_list": "sends the search on to an address", "cadre_import": "shows what a list would change",
    "division_import": "shows what a list would change", "language": "a choice", "large_type": "a choice",
    "calendar_import": "shows what a list would change", "calendar_apply": "a list is compared with what is there",
    "calendar_take_over": "the year is as the notice gives it", "calendar_give_back": "given back is given back",
    "notice_open": "read is read", "notice_read_all": "read is read", "notice_choices": "a choice",
    "saved_filter_create": "the same name is the same filter", "saved_filter_rename": "one's own alone",
    "saved_filter_start": "a choice of one's own", "saved_filter_remove": "removed is removed",
    "issue_paper": "reads; a covering document keeps its number", "paper_template_upload": "the latest one is in use",
    "paper_template_restore": "the default is the default",
    "issue_export": "reads, and few at a time", "list_export": "reads, and few at a time",
    "export_cancel": "cancelled is cancelled",
    "statistics_export": "reads", "snapshot_export": "reads", "snapshot_create": "a name is given once in an area",
    "fill_in_form_create": "a name is given once in an area", "fill_in_form_fill": "reads",
    "fill_in_form_bind": "carries its version and says who was faster", "fill_in_form_remove": "removed is removed",
    "export_again": "what is under way is not begun again", "held_row_decide": "decided is decided: 409",
    "sample_draw": "what is drawn waits for no sample", "sample_review": "once for each handler",
    "sample_close": "struck off is struck off", "handover_paper": "reads", "substitution_end": "ended is ended",
    "rotation_stop": "stopped is stopped",
    "campaign_end": "ended is ended", "campaign_remove": "removed is removed",
    "event_undo": "reversed is reversed", "exclusion_create": "left out is left out", "exclusion_end": "ended is ended",
    "follow_up_plan": "one visit a day and matter",
    "follow_up_done": "made is made", "party_phone": "reads", "outbox_send": "sends a form under its own id",
    "diary_paper": "reads", "digest_paper": "reads", "summary_paper": "reads",
    "contact_card_print": "what is printed is not printed again", "badge_print": "printed again is printed again",
    "kept_entry_take_over": "taken over is taken over",
}  # fmt: skip
"""Routes that take a POST and can neither double nor overwrite, and why."""
WORDS = ("content", "title", "name", "address", "note", "reason", "remark", "text")
SHOWN_ONCE = frozenset({"account_create_one", "account_reset", "account_sheet"})
"""They answer with one-time passwords, once, and say nothing that could differ."""


@dataclass
class Form:
    """A form as bytes, to be sent any number of times from any thread."""

    act: Act
    sent: Sent

    def bytes_of(self, **changes: Any) -> bytes:
        data = {key: value for key, value in {**self.sent.data, **changes}.items() if value is not None}
        for value in data.values():
            for file in value if isinstance(value, list) else [value]:
                if hasattr(file, "seek"):
                    file.seek(0)
        return encode_multipart(BOUNDARY, data)

    def other(self) -> dict[str, Any]:
        """A change of what it says; empty where it says nothing."""
        if self.act.route in SHOWN_ONCE:
            return {}
        if self.act.route == "import_create":
            return {"file": SimpleUploadedFile("另一份.xlsx", roster(row(), row()))}
        if self.act.route == "issue_evidence":
            from tests.views.test_evidence import photo

            return {"files": [photo(name="另一张.jpg")]}
        name = next((name for name in WORDS if self.sent.data.get(name)), "")
        return {name: f"{self.sent.data[name]}另"} if name else {"start_on": "2025-03-03"}


def of(routes: frozenset[str]) -> list[Act]:
    """Their acts that post a form, but for the searches beside it and for what test_replays does itself."""
    posted = [act for act in ACTS if act.route in routes and act.method == "POST" and not act.again]
    return [act for act in posted if "kept_entry.kept" not in act.verbs]


def prepared(act: Act, world: World) -> Form:
    """The act's form, filled in by its person; a newcomer of an earlier act makes room for the next."""
    other = f"K{Cadre.objects.count()}"
    Cadre.objects.filter(cadre_no="K9001").update(cadre_no=other)
    User.objects.filter(username="K9001").update(username=other)
    return Form(act, act.recipe(world, browser(world, act)))


def browser(world: World, act: Act) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.users[act.who])
    return client


def post(client: Client, form: Form, body: bytes) -> Any:
    with zeal_ignore():
        return client.generic("POST", form.sent.url, body, MULTIPART_CONTENT, headers=form.sent.headers)


class taken_back(transaction.Atomic):
    """A block whose changes are undone at its end."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __exit__(self, *fault: Any) -> None:
        if fault[0] is None:
            transaction.set_rollback(True)
        super().__exit__(*fault)
