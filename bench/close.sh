#!/usr/bin/env bash
# Closing equal days must cost the same on the first day and on the 365th: instructions, counted by callgrind.
# close.sh [CASES_PER_DAY]. Needs valgrind and python3. Prints one JSON object as its last line.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cases=${1:-200}
target=${CARGO_TARGET_DIR:-$here/../target}
cargo build --quiet --release --manifest-path "$here/../Cargo.toml" --package heng
heng="$target/release/heng"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HENG_HOME="$work/home"
"$heng" init >/dev/null
printf 'centre,name\nC,C\n' >"$HENG_HOME/register/centres.csv"
python3 - "$HENG_HOME/register/windows.csv" "$work" "$cases" <<'PY'
import datetime, json, sys
windows, work, cases = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(windows, "w") as out:
    out.write("window,from,to,name,centre,type\n")
    out.writelines(f"W{n:03},2024-01-01,,,C,simple\n" for n in range(50))
start = datetime.date(2025, 1, 1)
for day in range(365):
    date = start + datetime.timedelta(day)
    with open(f"{work}/{day:03}.ndjson", "w") as out:
        for n in range(cases):
            minute = 540 + n * 7 % 400
            at = lambda m: f"{date} {m // 60:02}:{m % 60:02}:00"
            out.write(json.dumps({"id": f"{day:03}-{n:05}", "w": f"W{n % 50:03}", "s": f"S{n % 90:03}",
                                  "a": at(minute), "f": at(minute + 9), "d": at(minute + 60)}) + "\n")
PY
cat >"$work/map.toml" <<'TOML'
kind = "case"
source = "s"
id = ["id"]
[fields]
window = "w"
staff = "s"
accepted_at = "a"
finished_at = "f"
due_at = "d"
TOML
instructions() { # DAY
  valgrind --tool=callgrind --callgrind-out-file="$work/callgrind" "$heng" close "$1" >/dev/null 2>"$work/log"
  grep -oE 'Collected : [0-9]+' "$work/log" | grep -oE '[0-9]+'
}
"$heng" import --map "$work/map.toml" "$work/000.ndjson" >/dev/null
first=$(instructions 2025-01-01)
"$heng" import --map "$work/map.toml" "$work"/[0-9]*.ndjson >/dev/null
"$heng" close --through 2025-12-30 >/dev/null
last=$(instructions 2025-12-31)
python3 -c "import json; print(json.dumps({'cases_per_day': $cases, 'day_1_instructions': $first, 'day_365_instructions': $last, 'ratio': round($last / $first, 4)}))"
