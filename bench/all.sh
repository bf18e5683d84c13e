#!/bin/sh
# Runs every benchmark and rewrites docs/performance.md from what they print. Takes about an hour.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for bench in tally score close intervals whatif city growth ingest backfill; do
    echo "── $bench" >&2
    "$here/$bench.sh" | tail -n 1 >"$work/$bench.json"
done
echo "── repeat" >&2
"$here/tally.sh" --repeat | tail -n 1 >"$work/repeat.json"
python3 "$here/report.py" "$work" >"$here/../docs/performance.md"
