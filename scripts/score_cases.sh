#!/usr/bin/env bash
# The shared import cases through the project's own command: the ones named here must pass, the others are reported.
# score_cases.sh [FOLDER]     the folder of the cases (../shared/cases)
set -euo pipefail
cd "$(dirname "$0")/.."

cases=${1:-../shared/cases}
required="v01 v02 v03 v04 v05 v13 v16"
if [ ! -f "$cases/score.py" ]; then
  echo "No import cases in $cases: nothing to compare."
  exit 0
fi

report=$(mktemp)
trap 'rm -f "$report"' EXIT
# Its exit code counts every case; ours counts the required ones.
.venv/bin/python "$cases/score.py" --project . --python "$PWD/.venv/bin/python" >"$report" 2>&1 || true
sed '/^[0-9]* passed, [0-9]* failed$/d' "$report"

missing=()
for case in $required; do
  grep -q "^pass ${case}_" "$report" || missing+=("$case")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "Import cases that must pass and do not: ${missing[*]}"
  exit 1
fi
echo "All required import cases pass: $required"
