#!/usr/bin/env bash
# Scores the hospitals of CMS HVBP FY2024 from their published rates: run.sh DATA_DIR
# DATA_DIR holds clinical.csv, engagement.csv, safety.csv and efficiency.csv. Prints `heng score --json` and nothing else.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$(cd "${1:?usage: run.sh DATA_DIR}" && pwd)
if command -v heng >/dev/null; then
  heng() { command heng "$@"; }
else
  heng() { cargo run --quiet --release --manifest-path "$here/../../Cargo.toml" --package heng -- "$@"; }
fi
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HENG_HOME="$home/hvbp"
{
  heng init --scheme "$here/../../schemes/hvbp.toml"
  heng import --map "$here/centres.toml" "$data/clinical.csv"
  heng import --map "$here/windows.toml" "$data/clinical.csv"
  for table in clinical engagement safety efficiency; do
    heng import --map "$here/$table.toml" "$data/$table.csv"
  done
  heng import --map "$here/safety_ssi.toml" "$data/safety.csv"
  heng close --period 2024
} >&2
heng score 2024 --json
