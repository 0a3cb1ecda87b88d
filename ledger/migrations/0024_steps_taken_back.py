"""A step that came with an import may go, once the audit trail says that its issue was taken back (decision 0023)."""

from django.db import migrations

_ALLOWED = (
    "EXISTS (SELECT 1 FROM ledger_auditrow WHERE object_type = 'issue' AND object_id = OLD.issue_id "
    "AND verb = 'issue.taken_back')"
)
_SQLITE = (
    "DROP TRIGGER IF EXISTS ledger_issuestep_no_delete",
    "CREATE TRIGGER ledger_issuestep_no_delete BEFORE DELETE ON ledger_issuestep "
    f"WHEN NOT (COALESCE(json_extract(OLD.data, '$.imported'), 0) = 1 AND {_ALLOWED}) "
    "BEGIN SELECT RAISE(ABORT, 'ledger_issuestep is append-only'); END",
)
_SQLITE_BACK = (
    "DROP TRIGGER IF EXISTS ledger_issuestep_no_delete",
    "CREATE TRIGGER ledger_issuestep_no_delete BEFORE DELETE ON ledger_issuestep "
    "BEGIN SELECT RAISE(ABORT, 'ledger_issuestep is append-only'); END",
)
_POSTGRES = (
    f"""
CREATE OR REPLACE FUNCTION ledger_refuse_step_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF COALESCE(OLD.data->>'imported', '') = 'true' AND {_ALLOWED} THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
""",
    "DROP TRIGGER IF EXISTS ledger_issuestep_no_change ON ledger_issuestep",
    "CREATE TRIGGER ledger_issuestep_no_change BEFORE UPDATE ON ledger_issuestep "
    "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()",
    "CREATE TRIGGER ledger_issuestep_no_delete BEFORE DELETE ON ledger_issuestep "
    "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_step_removal()",
)
_POSTGRES_BACK = (
    "DROP TRIGGER IF EXISTS ledger_issuestep_no_delete ON ledger_issuestep",
    "DROP TRIGGER IF EXISTS ledger_issuestep_no_change ON ledger_issuestep",
    "DROP FUNCTION IF EXISTS ledger_refuse_step_removal()",
    "CREATE TRIGGER ledger_issuestep_no_change BEFORE UPDATE OR DELETE ON ledger_issuestep "
    "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()",
)


def _run(schema_editor, sqlite, postgres):
    for statement in postgres if schema_editor.connection.vendor == "postgresql" else sqlite:
        schema_editor.execute(statement, params=None)  # its own % is not a placeholder


def add(apps, schema_editor):
    _run(schema_editor, _SQLITE, _POSTGRES)


def remove(apps, schema_editor):
    _run(schema_editor, _SQLITE_BACK, _POSTGRES_BACK)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0023_issue_kinds")]
    operations = [migrations.RunPython(add, remove)]
