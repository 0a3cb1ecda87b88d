"""The audit chain: seals that can only be added, and the line of rows that wait for one."""

from django.db import migrations, models

SEALS = "ledger_auditseal"

POSTGRES = [
    """
    CREATE OR REPLACE FUNCTION ledger_audit_waits() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO ledger_auditwaiting (row_id) VALUES (NEW.id); RETURN NULL; END $$
    """,
    "CREATE TRIGGER ledger_auditrow_waits AFTER INSERT ON ledger_auditrow "
    "FOR EACH ROW EXECUTE FUNCTION ledger_audit_waits()",
    f"CREATE TRIGGER {SEALS}_no_change BEFORE UPDATE OR DELETE ON {SEALS} "
    "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()",
    f"CREATE TRIGGER {SEALS}_no_truncate BEFORE TRUNCATE ON {SEALS} "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
]
SQLITE = [
    "CREATE TRIGGER ledger_auditrow_waits AFTER INSERT ON ledger_auditrow "
    "BEGIN INSERT INTO ledger_auditwaiting (row_id) VALUES (NEW.id); END",
    *(
        f"CREATE TRIGGER {SEALS}_no_{act.lower()} BEFORE {act} ON {SEALS} "
        f"BEGIN SELECT RAISE(ABORT, '{SEALS} is append-only'); END"
        for act in ("UPDATE", "DELETE")
    ),
]


def add(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    ends = ("no_change", "no_truncate") if is_postgres else ("no_update", "no_delete")
    for table, name in [("ledger_auditrow", "ledger_auditrow_waits"), *((SEALS, f"{SEALS}_{end}") for end in ends)]:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{f' ON {table}' if is_postgres else ''}")


def line_up_earlier_rows(apps, schema_editor):
    """What was recorded before there were seals is sealed first."""
    schema_editor.execute("INSERT INTO ledger_auditwaiting (row_id) SELECT id FROM ledger_auditrow")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_category_public_works")]

    operations = [
        migrations.CreateModel(
            name="AuditWaiting",
            fields=[("row_id", models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("previous", models.CharField(blank=True, max_length=100, unique=True)),
                ("at", models.DateTimeField()),
                ("row_ids", models.TextField()),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField(db_index=True)),
                ("count", models.IntegerField()),
                ("rows_digest", models.CharField(max_length=64)),
                ("chain", models.CharField(max_length=100)),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.RunPython(add, remove),
        migrations.RunPython(line_up_earlier_rows, migrations.RunPython.noop),
    ]
