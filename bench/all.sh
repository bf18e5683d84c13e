#!/bin/sh
# Runs every benchmark, or those that are named; keeps what each printed last in bench/results, and rewrites docs/performance.md
# from all of them. Everything takes about an hour.
#
#   bench/all.sh [NAME…]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
results=$here/results
mkdir -p "$results"
commit=$(git -C "$here" rev-parse --short HEAD)
for bench in ${*:-tally repeat score close intervals whatif city growth ingest backfill live}; do
    echo "── $bench" >&2
    case $bench in
    repeat) line=$("$here/tally.sh" --repeat | tail -n 1) ;;
    *) line=$("$here/$bench.sh" | tail -n 1) ;;
    esac
    printf '{"commit": "%s", %s\n' "$commit" "${line#?}" >"$results/$bench.json"
done
python3 "$here/report.py" "$results" >"$here/../docs/performance.md"
