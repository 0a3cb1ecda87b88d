#!/usr/bin/env bash
# Makes .venv with everything the project needs. Quick when nothing changed: the stamp holds what it was made from.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=.venv
stamp=$venv/.made-from
say() { printf '%s\n' "$*" >&2; }

made_from() { # the folder counts too: an environment that was moved has wrong paths inside
  { pwd; cat pyproject.toml constraints.txt scripts/setup.sh; } | sha256sum | cut -d' ' -f1
}

want=$(made_from)
compile_ours() { # once for all: the service may not write where the code lies, its reader of rosters no file at all
  "$venv/bin/python" -m compileall -q accounts config ledger >/dev/null 2>&1 || true # a fault in them is told elsewhere
}
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && "$venv/bin/python" -c '' 2>/dev/null; then
  compile_ours
  exit 0
fi

mkdir -p var/static # whitenoise warns when it is missing
exec 9>var/setup.lock
flock 9 # two terminals, one environment

if ! command -v "$python" >/dev/null; then
  say "Python is missing: install it with 'apt-get install python3 python3-venv'."
  exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  say "Python 3.11 or newer is needed, '$python' is $("$python" -V 2>&1): name another one with 'make setup PYTHON=python3.11'."
  exit 1
fi
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 || ! grep -qsF "$PWD/$venv" "$venv/bin/pip"; then
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    say "Python's venv module is missing: install it with 'apt-get install python3-venv', then run this again."
    exit 1
  fi
  say "Making $venv with $("$python" -V)…"
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi

say "Installing what pyproject.toml names, in the versions of constraints.txt…"
rm -f "$stamp"
"$venv/bin/python" scripts/requirements.py |
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --requirement /dev/stdin
printf '%s\n' "$want" >"$stamp"
compile_ours
