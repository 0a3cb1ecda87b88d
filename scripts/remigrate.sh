#!/usr/bin/env bash
# Before the first release there is one generated migration: make it anew from the models.
set -euo pipefail
cd "$(dirname "$0")/.."
exec 9>/tmp/remigrate.lock; flock 9
m=ledger/migrations
trap 'mv $m/0002_append_only.off $m/0002_append_only.py 2>/dev/null || true' EXIT
mv $m/0002_append_only.py $m/0002_append_only.off
rm -f $m/0001_initial.py
.venv/bin/python manage.py makemigrations ledger -n initial
