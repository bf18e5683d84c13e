#!/usr/bin/env bash
# Scores the groups of the WABO log from its events: run.sh DATA_DIR
# DATA_DIR holds receipt.csv. Prints `heng score --json` and nothing else. HENG_HOME, if set, names the home to make and
# keep; else it is temporary.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$(cd "${1:?usage: run.sh DATA_DIR}" && pwd)
if command -v heng >/dev/null; then
  heng() { command heng "$@"; }
else
  heng() { cargo run --quiet --release --manifest-path "$here/../../Cargo.toml" --package heng -- "$@"; }
fi
if [ -z "${HENG_HOME:-}" ]; then
  home=$(mktemp -d)
  trap 'rm -rf "$home"' EXIT
  export HENG_HOME="$home/wabo"
fi
period=2010-10-01..2012-01-31
{
  heng init --scheme "$here/scheme.toml"
  # Days begin and end where the cases were handled.
  config=$(sed 's|^timezone = .*|timezone = "Europe/Amsterdam"|' "$HENG_HOME/heng.toml")
  printf '%s\n' "$config" >"$HENG_HOME/heng.toml"
  heng import --map "$here/centres.toml" "$data/receipt.csv"
  heng import --map "$here/windows.toml" "$data/receipt.csv"
  heng import --map "$here/cases.toml" "$data/receipt.csv"
  heng close --period "$period" | tail -n 1
} >&2
heng score "$period" --json
