"""Models and migrations agree, and every migration says in its name what it does."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

OWN_APPS = ("accounts", "ledger")
NAME = re.compile(r"\d{4}_[a-z][a-z0-9_]*")
GENERATED = re.compile(r"_auto(_|$)|_\d{8}_\d{4}$|_and_more$")


@pytest.mark.django_db
def test_no_model_is_ahead_of_its_migrations():
    said = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(f"run 'manage.py makemigrations -n what_changes':\n{said.getvalue()}")


@pytest.mark.parametrize("app", OWN_APPS)
def test_migrations_are_named_and_in_one_line(app: str):
    loader = MigrationLoader(None)
    names = sorted(name for label, name in loader.disk_migrations if label == app)
    assert names, f"{app} has no migration"
    unnamed = [name for name in names if not NAME.fullmatch(name) or GENERATED.search(name)]
    assert not unnamed, f"say what they do, 'makemigrations -n add_phone_index': {unnamed}"
    assert len(loader.graph.leaf_nodes(app)) == 1, "two migrations follow the same one: rename and re-base the newer"
