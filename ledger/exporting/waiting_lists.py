"""What waits for somebody as workbooks: notices, imports, kept entries, signs, follow-ups, samples. In Chinese."""

from typing import Any

from django.utils import translation

from ledger.exporting import cells
from ledger.exporting.issue_ledger import CHINESE
from ledger.exporting.tables import Column, Row, Table
from ledger.models import BatchState, ImportBatch, Notice, SampledIssue
from ledger.queries.call_back_samples import drawn_answers
from ledger.queries.kept_entries import decided_by, kept_entries, shown
from ledger.queries.notices import SHOWN, worded
from ledger.rules.days import local_today
from ledger.rules.early_signs import Colour
from ledger.rules.issue_numbers import printed_number
from ledger.rules.issues import Answer, Outcome, State

DRAWN, NOT_DRAWN = "抽中", "未抽中"
KINDS = {"history": "历史台账"}


def _words(choices: Any) -> dict[str, str]:
    with translation.override(CHINESE):
        return cells.words_of(choices)


def _number(prefix: str = "") -> Column:
    """The printed number of a matter; ``prefix`` is the way to it."""
    names = tuple(f"{prefix}{name}" for name in ("number", "year", "serial"))
    return Column("编号", 12, lambda row: printed_number(*(row[name] for name in names)), names, centred=True)


def _asked(prefix: str = "") -> Column:
    """Who raised it."""
    names = (f"{prefix}raised_by_name", f"{prefix}household__head_name")
    return Column("反映人", 8, lambda row: row[names[0]] or row[names[1]], names, centred=True)


def notice_list(user: Any) -> Table:
    """消息: as their page words them, a sensitive matter by its number alone."""

    def prepare(rows: list[Row]) -> None:
        found = Notice.objects.visible_to(user).filter(pk__in=[row["pk"] for row in rows]).select_related(*SHOWN)
        lines = {one.notice.pk: one for one in worded(found, user)}
        for row in rows:
            one = lines.get(row["pk"])
            row["label"], row["title"], row["where"], row["said"] = (
                (one.label, one.title, one.where, one.said) if one is not None else ("", "", "", "")
            )

    return Table(
        sheet="消息", title="消息一览", measure="条", prepare=prepare,
        columns=(
            cells.moment("时间", "at"), Column("类别", 12, lambda row: row["label"], centred=True),
            Column("事项", 28, lambda row: cells.cut(row["title"])), Column("编号、村组", 28, lambda row: row["where"]),
            Column("提示", 36, lambda row: row["said"]),
            Column("备注", 8, lambda row: "已读" if row["read_at"] else "未读", ("read_at",), centred=True),
        ),
    )  # fmt: skip


def import_list(user: Any) -> Table:
    """导入记录: a file a row, with what it brought."""
    states = _words(BatchState)

    def prepare(rows: list[Row]) -> None:
        through = ImportBatch.townships.through._base_manager.filter(importbatch__in=[row["pk"] for row in rows])
        names = cells.joined(through.order_by("township__sort_order").values_list("importbatch_id", "township__name"))
        for row in rows:
            row["places"] = names.get(row["pk"], "")

    def count(heading: str, name: str) -> Column:
        return Column(heading, 7, lambda row: (row["counts"] or {}).get(name), ("counts",), centred=True, summed=True)

    return Table(
        sheet="导入记录", title="导入记录", measure="次", prepare=prepare,
        columns=(
            cells.moment("上传时间", "uploaded_at"), cells.long_text("文件", 26, "file_name"),
            Column("内容", 9, lambda row: KINDS.get(row["kind"], "名册"), ("kind",), centred=True),
            Column("乡镇", 14, lambda row: row["places"]),
            Column("上传人", 9, lambda row: row["uploaded_by__name"] or "命令行", ("uploaded_by__name",), centred=True),
            count("新增", "created"), count("更新", "updated"), count("未变", "unchanged"), count("未导入", "refused"),
            cells.word("状态", 12, "state", states), cells.day("写入日期", "applied_at"),
            Column("备注", 12, lambda row: f"{cells.iso(row['undone_at'])} 撤销" if row["undone_at"] else "",
                   ("undone_at",)),
        ),
    )  # fmt: skip


def kept_entry_list(user: Any) -> Table:
    """待核对记录: what it says for its sender and the desk that decides it alone, as on its page."""

    def prepare(rows: list[Row]) -> None:
        found = list(kept_entries(user).filter(pk__in=[row["pk"] for row in rows]))
        decides = decided_by(user, found)
        lines = {entry.pk: (entry, shown(entry, user, decides)) for entry in found}
        for row in rows:
            entry, one = lines.get(row["pk"], (None, None))
            row["form"] = str(one.name) if one is not None else ""
            said = [f"{label}：{value}" if label else value for label, value in one.lines] if one is not None else []
            row["said"] = "；".join(said)
            row["word"] = entry.answer if entry is not None and one is not None and (one.mine or one.decides) else ""
            row["done"] = "已另存" if entry is not None and entry.is_saved else ""
            row["done"] = row["done"] or ("已作废" if row["discarded_at"] else "待核对")

    return Table(
        sheet="待核对记录", title="待核对记录", measure="条", prepare=prepare,
        columns=(
            cells.moment("收到时间", "kept_at"), Column("表单", 12, lambda row: row["form"], centred=True),
            cells.text("发送人", 9, "user__name"), cells.text("户主", 9, "household__head_name"),
            Column("内容", 52, lambda row: cells.cut(row["said"])),
            Column("处理", 8, lambda row: row["done"], ("discarded_at",), centred=True),
            Column("备注", 12, lambda row: row["word"]),
        ),
    )  # fmt: skip


def sign_list(user: Any) -> Table:
    """苗头隐患: those of one's circle, with colour, cause and the day they are looked at again."""
    colours, states = _words(Colour), _words(State)
    return Table(
        sheet="苗头隐患", title="苗头隐患清单", measure="件",
        columns=(
            _number(), cells.day("登记日期", "registered_at"), cells.place(), cells.long_text("内容", 30, "title"),
            cells.word("程度", 7, "early_sign__colour", colours), cells.long_text("起因", 20, "early_sign__cause"),
            cells.day("下次复查", "early_sign__review_on"), cells.text("复查人", 9, "early_sign__reviewer__name"),
            cells.word("状态", 9, "state", states), Column("备注", 12, lambda row: ""),
        ),
    )  # fmt: skip


def follow_up_list(user: Any) -> Table:
    """纠纷回访: due in the next days, and missed."""
    today = local_today()
    return Table(
        sheet="纠纷回访", title="到期的纠纷回访", measure="次",
        columns=(
            cells.day("计划日期", "planned_on"), _number("issue__"), cells.place(prefix="issue__"),
            cells.long_text("纠纷", 34, "issue__title"), cells.text("安排人", 9, "planned_by__name"),
            Column("备注", 9, lambda row: "已过期" if row["planned_on"] < today else "", ("planned_on",), centred=True),
        ),
    )  # fmt: skip


def waiting_for_sample_list(user: Any) -> Table:
    """当场办结，待抽样: nobody has called back yet."""
    return Table(
        sheet="待抽样回访", title="当场办结待抽样回访清单", measure="件",
        columns=(
            _number(), cells.day("办结日期", "resolved_at"), cells.place(), _asked(),
            cells.long_text("内容", 28, "title"), _outcomes(), cells.long_text("办理结果", 28, "result_text"),
            cells.text("办理人", 9, "resolved_by__name"), Column("备注", 12, lambda row: ""),
        ),
    )  # fmt: skip


def _outcomes() -> Column:
    words = _words(Outcome)
    return Column("结果", 10, lambda row: "、".join(words[each] for each in row["outcomes"] if each in words),
                  ("outcomes",))  # fmt: skip


def sample_list(user: Any) -> Table:
    """抽样回访: the matters of a draw, which were drawn, and what their villagers answered."""
    answers, states = _words(Answer), _words(State)

    def prepare(rows: list[Row]) -> None:
        asked = SampledIssue._base_manager.filter(pk__in=[row["pk"] for row in rows], is_drawn=True)
        said = drawn_answers(list(asked))
        for row in rows:
            row["answer"] = answers.get(said.get(row["pk"], ""), "")

    return Table(
        sheet="抽样回访", title="抽样回访清单", measure="件", prepare=prepare,
        columns=(
            cells.day("抽样日期", "sample__drawn_at"), _number("issue__"), cells.place(prefix="issue__"),
            _asked("issue__"), cells.long_text("内容", 30, "issue__title"), cells.text("办理人", 9, "handler__name"),
            Column("是否抽中", 8, lambda row: DRAWN if row["is_drawn"] else NOT_DRAWN, ("is_drawn",), centred=True),
            Column("回访结果", 10, lambda row: row["answer"], centred=True),
            cells.word("状态", 9, "issue__state", states), Column("备注", 12, lambda row: ""),
        ),
    )  # fmt: skip


def exclusion_list(user: Any) -> Table:
    """不计入覆盖率: each with its reason and who approved it."""
    return Table(
        sheet="不计入覆盖率", title="不计入覆盖率农户清单", measure="户",
        columns=(
            cells.place(prefix="household__"), cells.text("户编号", 15, "household__code"),
            cells.text("户主", 9, "household__head_name"), cells.text("包户干部", 9, "household__cadre__name"),
            cells.long_text("原因", 40, "reason"), cells.day("起始日期", "start_on"),
            cells.text("批准人", 9, "approved_by__name"), Column("备注", 12, lambda row: ""),
        ),
    )  # fmt: skip
