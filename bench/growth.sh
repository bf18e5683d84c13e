#!/bin/sh
# Whether closing and tallying cost the same per case, however many cases there are.
#
#   bench/growth.sh [SMALL LARGE]
#
# Two cities, of one and of ten million cases, are imported, every day is closed, and every month is tallied and scored.
# Takes about half an hour and 15 GB of disk. The last line is one JSON object: CPU seconds per million cases of each
# step, the ratio of both sizes for closing and tallying, and the peak memory of any step.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"
cargo build --quiet --release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$target/release/heng" "$work" "${1:-1000000}" "${2:-10000000}" <<'PY'
import json, os, pathlib, shutil, subprocess, sys

heng, work = sys.argv[1], pathlib.Path(sys.argv[2])


def run(*words):
    """CPU seconds and peak memory of one command."""
    child = subprocess.Popen([heng, "--home", str(work / "home"), *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, words
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(cases):
    steps, peak = {}, 0

    def step(name, *words):
        nonlocal peak
        seconds, memory = run(*words)
        steps[name] = steps.get(name, 0) + seconds / cases * 1e6
        peak = max(peak, memory)
        print(name, *words[-1:], round(seconds, 1), "s", round(memory), "MB", file=sys.stderr)

    city = work / "city"
    step("generate", "generate", "--cases", str(cases), "--out", str(city))
    run("init")
    for noun in ("centre", "window", "staff", "post", "item"):
        run("import", "--map", str(city / f"mappings/{noun}.toml"), str(city / f"register/{noun}.csv"))
    shutil.copy(city / "register/workdays.csv", work / "home/register/workdays.csv")
    for file in sorted((city / "facts").iterdir()):
        step("import", "import", "--map", str(city / f"mappings/{file.stem}.toml"), str(file))
        file.unlink()
    step("close", "close", "--through", "2026-06-30")
    for month in range(1, 7):
        step("tally", "close", "--period", f"2026-{month:02}")
    shutil.rmtree(work / "home")
    shutil.rmtree(city)
    return steps, peak


small, large = int(sys.argv[3]), int(sys.argv[4])
(of_small, _), (of_large, peak) = measure(small), measure(large)
both = [steps["close"] + steps["tally"] for steps in (of_small, of_large)]
per_million = {name: [round(steps[name], 2) for steps in (of_small, of_large)] for name in of_small}
print(json.dumps({"cases": [small, large], "cpu_s_per_million": per_million,
                  "close_and_tally_s_per_million": [round(one, 2) for one in both],
                  "ratio": round(both[1] / both[0], 3), "peak_mb": round(peak)}))
PY
