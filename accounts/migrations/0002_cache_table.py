"""The table of the database cache: lock-out counts are shared by all workers and survive a restart.

It is made whatever CACHE_URL says, so that leaving an outside cache needs no second step.
"""

from django.core.management import call_command
from django.db import migrations

TABLE = "django_cache"


def make_table(apps, schema_editor):
    call_command("createcachetable", TABLE, database=schema_editor.connection.alias, verbosity=0)


def drop_table(apps, schema_editor):
    schema_editor.execute(f"DROP TABLE IF EXISTS {schema_editor.quote_name(TABLE)}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(make_table, drop_table)]
