"""``seal_audit`` and ``verify_audit``: what they say, what they exit with, which files they keep."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger.actions.audit import record
from ledger.actions.audit_seals import seal_waiting
from ledger.management.commands import verify_audit
from ledger.models import AuditRow
from tests.audit_tampering import sql, triggers_dropped
from tests.world import World


@pytest.fixture
def rows(world: World) -> list[AuditRow]:
    made = [record(verb="household.changed", by="system", obj=world.households["城垵"][0]) for _n in range(3)]
    seal_waiting()
    return made


def verify(*words: Any) -> tuple[int, list[str]]:
    """Exit code and all lines, the fault lines first."""
    out, errors, code = StringIO(), StringIO(), 0
    try:
        call_command("verify_audit", *map(str, words), stdout=out, stderr=errors)
    except CommandError as error:
        code = error.returncode
        errors.write(f"{error}\n")
    return code, (errors.getvalue() + out.getvalue()).splitlines()


def test_a_whole_trail(rows: list[AuditRow]) -> None:
    assert verify() == (0, ["操作记录完整：3 条，1 次封存，没有问题。", "没有待封存的记录。"])


def test_the_unsealed_tail_is_named(world: World, rows: list[AuditRow]) -> None:
    late = record(verb="visit.logged", by="system", obj=world.households["城垵"][0])
    code, said = verify()
    assert code == 0
    assert said[1].startswith(f"末尾 1 条尚未封存（第 {late.pk} 条，自 ")
    assert len(said) == 2, "a tail of minutes is no matter"


def test_a_tail_that_waited_long_asks_for_the_sealer(rows: list[AuditRow], monkeypatch: pytest.MonkeyPatch) -> None:
    record(verb="visit.logged", by="system")
    monkeypatch.setattr(verify_audit, "LATE", -verify_audit.LATE)
    assert verify()[1][-1] == "已等待较久：封存任务在运行吗？（manage.py seal_audit）"


def test_an_edit_is_named_and_the_exit_code_says_so(rows: list[AuditRow]) -> None:
    with triggers_dropped():
        sql("UPDATE ledger_auditrow SET label = 'x' WHERE id = %s", rows[1].pk)
    code, said = verify()
    assert code == 1
    assert said == [
        f"第 {rows[1].pk} 条：写入后被改动，或由没有密钥的人插入。",
        "操作记录不完整：发现 1 处问题。",
    ]


def test_every_fault_has_its_sentence() -> None:
    assert set(verify_audit.SENTENCES) == set(verify_audit.Fault)
    for fault in verify_audit.Fault:
        said = verify_audit._sentence(verify_audit.Finding(fault, 3, 5, "2026-03-01"))
        assert "%" not in said
        assert said


def test_many_faults_are_counted(rows: list[AuditRow], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_audit, "SHOWN", 1)
    with triggers_dropped():
        sql("UPDATE ledger_auditrow SET label = 'x' WHERE id <> %s", rows[1].pk)
    assert verify()[1] == [
        f"第 {rows[0].pk} 条：写入后被改动，或由没有密钥的人插入。", "……另有 1 处。", "操作记录不完整：发现 2 处问题。"
    ]  # fmt: skip


def test_the_head_of_a_day_finds_what_was_cut_later(rows: list[AuditRow], tmp_path: Path) -> None:
    code, said = verify("--export-head", tmp_path)
    (kept,) = tmp_path.glob("audit-head-*.json")
    assert (code, said[-1]) == (0, f"今日链头已存入 {kept}，请保存到另一台机器上。")
    assert json.loads(kept.read_text())["rows"] == 3
    assert verify("--head", kept)[0] == verify("--head", tmp_path)[0] == 0
    with triggers_dropped():
        sql("DELETE FROM ledger_auditseal")
        sql("DELETE FROM ledger_auditrow")
    assert verify()[0] == 0
    day = json.loads(kept.read_text())["day"]
    assert verify("--head", kept) == (
        1, [f"末尾被截断：{day} 导出的链头记有第 1 次封存，现已不存在。", "操作记录不完整：发现 1 处问题。"]
    )  # fmt: skip


def test_a_trail_that_is_not_whole_gives_no_head(rows: list[AuditRow], tmp_path: Path) -> None:
    with triggers_dropped():
        sql("DELETE FROM ledger_auditrow WHERE id = %s", rows[1].pk)
    assert verify("--export-head", tmp_path)[0] == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "null", '"x"', "\x00", "{" * 5000,
        '{"day": "2026-01-01", "seal": 0, "chain": "", "rows": 0, "signature": "1:00"}',
        '{"day": "2026-01-01", "seal": 1e999, "chain": "", "rows": 0, "signature": 5}',
    ],
)  # fmt: skip
def test_a_head_that_is_none(rows: list[AuditRow], tmp_path: Path, text: str) -> None:
    file = tmp_path / "head.json"
    file.write_text(text)
    assert verify("--head", file) == (2, [f"{file} 不是本操作记录的链头，或已被改动。"])


def test_an_altered_head(rows: list[AuditRow], tmp_path: Path) -> None:
    file = tmp_path / "head.json"
    verify("--export-head", file)
    file.write_text(file.read_text().replace('"seal": 1', '"seal": 0'))
    assert verify("--head", file)[0] == 2


def test_paths_that_lead_nowhere(rows: list[AuditRow], tmp_path: Path) -> None:
    assert verify("--head", tmp_path) == (2, [f"{tmp_path} 里没有链头文件。"])
    assert verify("--head", tmp_path / "none.json")[0] == 2
    assert verify("--export-head", tmp_path / "none" / "head.json")[0] == 2


def test_seal_audit_says_how_many(world: World) -> None:
    record(verb="visit.logged", by="system")
    said = StringIO()
    call_command("seal_audit", stdout=said)
    assert said.getvalue() == "已封存 1 条操作记录。\n"
    with pytest.raises(CommandError, match="--every"):
        call_command("seal_audit", every=0)
