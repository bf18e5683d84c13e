#!/bin/sh
# A month of windows scored from its tally, under the article's scheme, on one thread.
#
#   bench/score.sh [WINDOWS] [RUNS]
#
# The last line is one JSON object: the median of several processes, each the median of its own runs.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"
cargo build --quiet --release --package model --example score_bench
for _ in 1 2 3 4 5; do "$target/release/examples/score_bench" "${1:-12000}" "${2:-21}"; done |
    python3 -c '
import json, statistics, sys
runs = [json.loads(line) for line in sys.stdin]
if len({run["digest"] for run in runs}) != 1:
    sys.exit("the runs do not agree")
medians = {key: round(statistics.median(run[key] for run in runs), 3) for key in ("median_cpu_s", "json_and_digest_cpu_s")}
print(json.dumps({"windows": runs[0]["windows"], **medians, "min_cpu_s": min(run["min_cpu_s"] for run in runs)}))
'
