#!/bin/sh
# The demonstration from start to ranking, and its pages in Chromium on a processor a quarter as fast.
#
#   bench/city.sh [CASES]
#
# Needs Chromium and `npm ci --prefix browser`. The last line is one JSON object: seconds, peak memory and size of the
# home of the demonstration; milliseconds to the first paint of content (median and worst of five first loads) and
# kilobytes over the wire of three pages.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"
cargo build --quiet --release
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
export HENG_HOME="$work/home"
python3 - "$target/release/heng" "${1:-600000}" >"$work/demo.json" <<'PY'
import json, os, pathlib, resource, subprocess, sys, time

start = time.perf_counter()
subprocess.run([sys.argv[1], "demo", "--no-serve", "--cases", sys.argv[2]], check=True, stdout=sys.stderr)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
home = sum(file.stat().st_size for file in pathlib.Path(os.environ["HENG_HOME"]).rglob("*") if file.is_file())
print(json.dumps({"demo_seconds": round(seconds, 1), "demo_peak_mb": round(peak), "home_mb": round(home / 1e6, 1)}))
PY
"$target/release/heng" --lang en serve --port 0 >"$work/address" &
server=$!
until address=$(grep -o 'http://[0-9.:]*' "$work/address"); do sleep 0.1; done
sleep 3
node browser/paint.mjs "$address" 5 >"$work/pages.json"
python3 -c 'import json, sys; print(json.dumps({**json.load(open(sys.argv[1])), **json.load(open(sys.argv[2]))}))' \
    "$work/demo.json" "$work/pages.json"
