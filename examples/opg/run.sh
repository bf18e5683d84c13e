#!/usr/bin/env bash
# Scores two services of the Office of the Public Guardian from their counts of answers: run.sh DATA_DIR [REPORT]
# DATA_DIR holds the JSON files. Prints `heng score --json` of all months together and nothing else. What became of the
# published percentages is said on standard error, and written to REPORT as JSON if it is named. HENG_HOME, if set, names
# the home to make and keep; else it is temporary.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$(cd "${1:?usage: run.sh DATA_DIR [REPORT]}" && pwd)
report=${2:-}
python=${HENG_PYTHON:-python3}
if command -v heng >/dev/null; then
  heng() { command heng "$@"; }
else
  heng() { cargo run --quiet --release --manifest-path "$here/../../Cargo.toml" --package heng -- "$@"; }
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HENG_HOME="${HENG_HOME:-$work/opg}"
months=$(grep -hoE '"_timestamp": *"[0-9]{4}-[0-9]{2}' "$data"/*.json | grep -oE '[0-9]{4}-[0-9]{2}$' | sort -u)
first=$(head -n 1 <<<"$months")
last=$(tail -n 1 <<<"$months")
{
  heng init --scheme "$here/mean.toml"
  config=$(sed 's|^timezone = .*|timezone = "UTC"|' "$HENG_HOME/heng.toml")
  printf '%s\n' "$config" >"$HENG_HOME/heng.toml"
  heng import --map "$here/centres.toml" "$data"/*.json
  heng import --map "$here/windows.toml" "$data"/*.json
  heng import --map "$here/levels.toml" "$data"/*.json
  heng close --through "$last-28" | tail -n 1
  if "$python" -c 'import json' 2>/dev/null; then
    # Both ways of counting, month by month; the report finds out which of them was published when.
    for scheme in mean top_two; do
      for month in $months; do
        heng score "$month" --scheme "$here/$scheme.toml" --json >"$work/$scheme-$month.json"
      done
    done
    "$python" "$here/report.py" "$data" "$work" ${report:+"$report"}
  else
    echo "no report: $python is not here"
  fi
} >&2
heng score "$first-01..$last-28" --json
