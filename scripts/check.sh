#!/usr/bin/env bash
# Everything that can be said about the code without running it for real. All checks run; the exit code says whether all passed.
set -uo pipefail
cd "$(dirname "$0")/.."

bin=.venv/bin
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=()

check() { # NAME COMMAND…
  local name=$1 output=$scratch/output
  shift
  if "$@" >"$output" 2>&1; then
    printf 'ok    %s\n' "$name"
  else
    printf 'FAIL  %s\n' "$name"
    sed 's/^/      /' "$output"
    failed+=("$name")
  fi
}

# Nothing here may depend on a developer's own environment or database.
export LEDGER_PRODUCTION=0 DATABASE_URL="sqlite:///$scratch/check.sqlite3" SECRET_KEY=only-for-checks
export KEYRING_FILE=$scratch/keyring.json
$bin/python -c 'import json; from config.env import new_keyring; print(json.dumps(new_keyring()))' >"$KEYRING_FILE"

production() { # COMMAND… with the settings of docs/deployment.md; the address of the database is never asked
  env LEDGER_PRODUCTION=1 SECRET_KEY="$($bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    ALLOWED_HOSTS=ledger.example.cn CSRF_TRUSTED_ORIGINS=https://ledger.example.cn BEHIND_PROXY=1 \
    DATABASE_URL=postgres:///ledger?host=/run/postgresql MEDIA_ROOT="$scratch/media" "$@"
}

check "lint" $bin/ruff check .
check "format" $bin/ruff format --check .
check "types" $bin/mypy
check "layers" $bin/lint-imports --no-logo
check "templates" $bin/djlint templates --lint --quiet
check "vendored files" $bin/python scripts/check_vendor.py
check "catalogues" $bin/python scripts/messages.py check
check "migrations" $bin/python manage.py makemigrations --check --dry-run
check "settings" $bin/python manage.py check --fail-level WARNING
check "production settings" production $bin/python manage.py check --deploy --fail-level WARNING

if [ ${#failed[@]} -gt 0 ]; then
  printf '\n%s of the checks failed: %s\n' "${#failed[@]}" "$(IFS=,; echo "${failed[*]}" | sed 's/,/, /g')"
  exit 1
fi
printf '\nAll checks passed.\n'
