"""What the rows of family members would do: each belongs to a household of the same file or of the ledger."""

from typing import Any

from ledger.importing.columns import Role
from ledger.importing.findings import Code
from ledger.importing.held_memory import held_for
from ledger.importing.ledger_now import LedgerNow, Member
from ledger.importing.plan import Outcome, Planned, plain_fields, without_what_is_not_its_own
from ledger.importing.row import Row, where
from ledger.rules.held_rows import Decision
from ledger.rules.households import Relation
from ledger.rules.identity import birth_date, gender
from ledger.rules.masking import mask_id, mask_phone

_WORDS = {
    Relation.HEAD: "户主 本人 户主本人",
    Relation.SPOUSE: "妻 妻子 夫 丈夫 配偶 爱人 老婆 老公 妻儿 前妻",
    Relation.CHILD: (
        "子 女 儿子 女儿 长子 次子 三子 四子 五子 幼子 长女 次女 三女 四女 五女 幼女 独生子 独生女 养子 养女 继子 "
        "继女 之子 之女 子女 大儿子 二儿子 大女儿 二女儿 小儿子 小女儿 养子女 继子女"
    ),
    Relation.CHILD_IN_LAW: "儿媳 儿媳妇 媳妇 女婿 婿 媳 长媳 次媳 长儿媳 次儿媳 上门女婿",
    Relation.PARENT: "父 母 父亲 母亲 父母 岳父 岳母 公公 婆婆 公婆 岳父母 继父 继母 养父 养母 爸爸 妈妈 家公 家婆",
    Relation.GRANDCHILD: (
        "孙 孙子 孙女 外孙 外孙子 外孙女 长孙 次孙 长孙女 次孙女 曾孙 曾孙女 重孙 孙媳 孙媳妇 孙女婿 外甥孙 孙子女"
    ),
    Relation.GRANDPARENT: "祖父 祖母 爷爷 奶奶 外祖父 外祖母 外公 外婆 曾祖父 曾祖母 祖父母",
    Relation.SIBLING: "兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 兄弟 姐妹 兄弟姐妹 哥 胞弟 胞兄 胞姐 胞妹 姊 姊妹",
}
RELATIONS = {word: relation for relation, words in _WORDS.items() for word in words.split()}


def plan_members(rows: list[Row], households: list[Planned], now: LedgerNow) -> list[Planned]:
    """The plan of all rows that list members, in the file's order."""
    planner = _Planner(households, now)
    return [planner.plan(row) for row in rows if row.role == Role.RESIDENTS]


def plan_member_of(row: Row, household: int, now: LedgerNow) -> Planned:
    """The plan of one row whose household is known: one that was held when its file was written."""
    return _Planner([], now).plan(row, household)


class _Planner:
    def __init__(self, households: list[Planned], now: LedgerNow) -> None:
        self.now = now
        self.here: dict[str, list[Planned]] = {}
        self.by_head: dict[str, list[Planned]] = {}
        for planned in households:
            if planned.outcome in (Outcome.REFUSED, Outcome.IGNORED):
                continue
            if planned.row.fields.get("hh_no"):
                self.here.setdefault(planned.row.fields["hh_no"], []).append(planned)
            self.by_head.setdefault(planned.row.fields["head"], []).append(planned)
        self.heads = {planned.id_index: planned for planned in households if planned.id_index}
        self.in_ledger: dict[str, list[int]] = {}
        for (_village, code), stored in now.by_code.items():
            self.in_ledger.setdefault(code, []).append(stored.pk)

    def plan(self, row: Row, household: int | None = None) -> Planned:
        if row.ignored:
            return Planned(row, Outcome.IGNORED)
        fields = row.fields
        relation = RELATIONS.get(fields.get("relation") or "", Relation.OTHER)
        number, phone, keys = fields.get("id_no") or "", fields.get("phone") or "", self.now.keys
        planned = Planned(row, Outcome.CREATED, id_index=keys.id_index(number), phone_index=keys.phone_index(phone))
        planned.household = household
        if not row.refused and household is None:
            self._find_household(planned)
        if not row.refused:
            self._find_member(planned, relation)
        if held_for(row):
            self._as_decided(planned, relation)
        if row.refused:
            planned.outcome = Outcome.REFUSED
        return planned

    def _as_decided(self, planned: Planned, relation: str) -> None:
        """What somebody decided about this very row stands: it is held no longer."""
        row = planned.row
        found = self.now.memory.take(row.role, plain_fields(row.fields))
        if found is None:
            return
        row.findings = [finding for finding in row.findings if finding.is_soft]
        if found.decision == Decision.OUT:
            row.findings, row.ignored, planned.outcome = [], "decided", Outcome.IGNORED
            return
        without_what_is_not_its_own(planned, found.reason)
        self._find_member(planned, relation)

    def _find_household(self, planned: Planned) -> None:
        """By household code, else by a head's name that only one household of the file has."""
        row, fields = planned.row, planned.row.fields
        code, head = fields.get("hh_no") or "", fields.get("head") or ""
        here = self.here.get(code, []) if code else self.by_head.get(head, [])
        there = self.in_ledger.get(code, []) if code else []
        if len(here) == 1:
            planned.head, planned.household = here[0], here[0].household
        elif not here and len(there) == 1:
            planned.household = there[0]
        else:
            row.tell(Code.HOUSEHOLD_UNKNOWN, "hh_no" if "hh_no" in row.letters else "head")

    def _find_member(self, planned: Planned, relation: str) -> None:
        row, fields = planned.row, planned.row.fields
        fields["relation_code"] = relation
        if relation == Relation.HEAD:
            self._check_head(planned)
            if row.refused:
                return
        known = self.now.by_household.get(planned.household, []) if planned.household is not None else []
        head = self.heads.get(planned.id_index)
        if head is not None and not (relation == Relation.HEAD and head is planned.head):
            row.tell(Code.ID_DUPLICATE_IN_FILE, "id_no", hint=where(head.row, row))
            return
        member = self._same_person(planned, known, relation)
        is_known = member is not None and member.id_index == planned.id_index
        if not is_known and (elsewhere := self._elsewhere(planned)):
            row.tell(Code.ID_ELSEWHERE, "id_no")
            planned.others = elsewhere
            return
        if member is not None:
            planned.stored, planned.resident = member, member.pk
            planned.changes = _differences(planned, member, relation)
            planned.outcome = Outcome.UPDATED if planned.changes else Outcome.UNCHANGED

    def _check_head(self, planned: Planned) -> None:
        """The member called head must be the head the household has."""
        row = planned.row
        if planned.head is not None:
            theirs = planned.head
            other_id = planned.id_index and theirs.id_index and planned.id_index != theirs.id_index
            if row.fields["name"] != theirs.row.fields["head"] or other_id:
                row.tell(Code.HEAD_DIFFERS, "name")
            return
        stored = self.now.households.get(planned.household or 0)
        if stored is not None and stored.head != row.fields["name"]:
            row.tell(Code.HEAD_DIFFERS, "name")

    def _same_person(self, planned: Planned, known: list[Member], relation: str) -> Member | None:
        """The member of the household with this ID number; without one, with this name."""
        fields = planned.row.fields
        if relation == Relation.HEAD:
            return next((m for m in known if m.relation == Relation.HEAD), None)
        by_id = [m for m in known if planned.id_index and m.id_index == planned.id_index]
        by_name = [m for m in known if m.name == fields["name"] and not (planned.id_index and m.id_index)]
        return next(iter(by_id or by_name), None)

    def _elsewhere(self, planned: Planned) -> list[int]:
        """The other households of the townships in which the ledger knows the ID number."""
        if not planned.id_index:
            return []
        holders = [self.now.holders.get((township.pk, planned.id_index)) for township in self.now.townships]
        return [holder[1] for holder in holders if holder is not None and holder[1] != planned.household]


def facts(fields: dict[str, Any]) -> dict[str, Any]:
    """What a member's row says beyond name and numbers: the ID number decides birth date and gender."""
    number = fields.get("id_no") or ""
    return {
        "gender": gender(number).value if number else fields.get("sex") or "",
        "birth": birth_date(number).isoformat() if number else fields.get("birth") or "",
    }


def _differences(planned: Planned, member: Member, relation: str) -> dict[str, tuple[Any, Any]]:
    fields = planned.row.fields
    said = facts(fields)
    changes: dict[str, tuple[Any, Any]] = {}
    text = fields.get("relation") or ""
    for name, before, after in (
        ("name", member.name, fields["name"]), ("relation", member.relation_text, text),
        ("sex", member.gender, said["gender"]), ("birth", member.birth, said["birth"]),
    ):  # fmt: skip
        if after and after != before and not (name == "relation" and relation == member.relation == Relation.HEAD):
            changes[name] = (before, after)
    if planned.id_index and planned.id_index != member.id_index:
        changes["id_no"] = ("", mask_id(fields["id_no"]))
    if planned.phone_index and planned.phone_index != member.phone_index:
        changes["phone"] = ("", mask_phone(fields["phone"]))
    return changes
