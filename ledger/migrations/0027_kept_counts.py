"""Sums by area and day, and what waits to be added to them. ``manage.py migrate`` fills them (actions/counts)."""

from django.db import migrations, models


def keep_in_key_order(apps, schema_editor):
    """SQLite reads a range of lines without looking up each: the key is the table itself."""
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'ledger_countline'")
        made = cursor.fetchone()[0]
    schema_editor.execute("DROP TABLE ledger_countline")
    schema_editor.execute(f"{made} WITHOUT ROWID")


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0026_handovers"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.IntegerField()),
                ("village_id", models.BigIntegerField()),
                ("is_counted", models.BooleanField()),
                ("day", models.DateField()),
                ("previous", models.DateField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CountLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level",
                        "area_id",
                        "sort",
                        "day",
                        "key",
                        "other_day",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("area_id", models.BigIntegerField()),
                ("sort", models.SmallIntegerField()),
                ("day", models.DateField()),
                ("key", models.CharField(blank=True, max_length=60)),
                ("other_day", models.DateField()),
                ("n", models.IntegerField()),
                ("people", models.IntegerField(default=0)),
                ("opinions", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="HouseholdChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.IntegerField()),
                ("village_id", models.BigIntegerField()),
                ("status", models.CharField(blank=True, max_length=12)),
                ("last_met_on", models.DateField(null=True)),
                ("has_cadre", models.BooleanField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="IssueChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.IntegerField()),
                ("village_id", models.BigIntegerField()),
                ("state", models.CharField(blank=True, max_length=12)),
                ("kind", models.CharField(blank=True, max_length=12)),
                ("level", models.CharField(blank=True, max_length=12)),
                ("category_id", models.BigIntegerField()),
                ("is_supervised", models.BooleanField()),
                ("due_on", models.DateField(null=True)),
                ("deferred_until", models.DateField(null=True)),
                ("registered_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolved_in_time", models.BooleanField(null=True)),
                ("answer", models.CharField(blank=True, max_length=12)),
                ("called_back_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("close_basis", models.CharField(blank=True, max_length=12)),
                ("round", models.IntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="VisitChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.IntegerField()),
                ("village_id", models.BigIntegerField()),
                ("kind", models.CharField(blank=True, max_length=12)),
                ("result", models.CharField(blank=True, max_length=12)),
                ("occurred_on", models.DateField()),
                ("people_met", models.IntegerField()),
                ("opinions_heard", models.IntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RunPython(keep_in_key_order, migrations.RunPython.noop),
    ]
