#!/bin/sh
# Half a year of a city of 120 windows, replayed under a candidate with other weights and another curve.
#
#   bench/whatif.sh [CASES]
#
# The city is made, imported and closed first, which takes a minute or two. The last line is one JSON object: the median
# seconds of five runs, from the start of the program to its end.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"
cargo build --quiet --release
heng=$target/release/heng
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HENG_HOME="$work/home"
"$heng" demo --no-serve --cases "${1:-600000}" >&2
sed -e 's/default = 8, simple = 20/default = 10, simple = 16/' \
    -e 's/default = 10, simple = 16, approval = 7/default = 8, simple = 20, approval = 7/' \
    -e 's/floor = "1.40"/floor = "1.50"/' schemes/article.toml >"$work/candidate.toml"
python3 - "$heng" "$work/candidate.toml" <<'PY'
import json, statistics, subprocess, sys, time

heng, candidate = sys.argv[1:]
seconds = []
for _ in range(5):
    start = time.perf_counter()
    text = subprocess.run([heng, "whatif", "--scheme", candidate, "--periods", "2026-01..2026-06", "--json"],
                          check=True, capture_output=True).stdout
    seconds.append(time.perf_counter() - start)
answer = json.loads(text)
moved = sum(unit["before"]["score"] != unit["after"]["score"] for period in answer["periods"] for unit in period["units"])
print(json.dumps({"windows": len(answer["periods"][0]["units"]), "periods": len(answer["periods"]), "moved": moved,
                  "seconds": round(statistics.median(seconds), 2)}))
PY
