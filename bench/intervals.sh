#!/bin/sh
# 1,000 draws of every indicator of every window, to 95 % intervals, places, neighbours and memberships.
#
#   bench/intervals.sh [WINDOWS] [THREADS]
#
# The last line is one JSON object: the median of three processes.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"
cargo build --quiet --release --package insight --example intervals_bench
for _ in 1 2 3; do "$target/release/examples/intervals_bench" "${1:-12000}" "${2:-2}"; done |
    python3 -c '
import json, statistics, sys
runs = [json.loads(line) for line in sys.stdin]
if len({run["digest"] for run in runs}) != 1:
    sys.exit("the runs do not agree")
print(json.dumps({**runs[0], "seconds": round(statistics.median(run["seconds"] for run in runs), 1)}))
'
