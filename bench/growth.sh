#!/bin/sh
# Whether closing and tallying cost the same per case, however many cases there are.
#
#   bench/growth.sh [SMALL LARGE]
#
# Two cities, of one and of ten million cases, are imported; then every day is closed and every month tallied and scored,
# a month of one city and the same month of the other in turn.
# Takes about a quarter of an hour and 15 GB of disk. The last line is one JSON object: CPU seconds per million cases of each
# step, the ratio of both sizes for closing and tallying, and the peak memory of any step.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"
cargo build --quiet --release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$target/release/heng" "$work" "${1:-1000000}" "${2:-10000000}" <<'PY'
import calendar, json, os, pathlib, shutil, subprocess, sys

heng, work = sys.argv[1], pathlib.Path(sys.argv[2])


class City:
    """A city of so many cases: CPU seconds per million of them by step, and the most memory that any took."""

    def __init__(self, cases):
        self.cases, self.folder, self.steps, self.peak = cases, work / str(cases), {}, 0
        self.folder.mkdir()

    def run(self, name, *words):
        command = [heng, "--home", str(self.folder / "home"), *words]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        assert status == 0, words
        seconds, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        self.steps[name] = self.steps.get(name, 0) + seconds / self.cases * 1e6
        self.peak = max(self.peak, memory)
        print(self.cases, name, *words[-1:], round(seconds, 1), "s", round(memory), "MB", file=sys.stderr)

    def fill(self):
        city = self.folder / "city"
        self.run("generate", "generate", "--cases", str(self.cases), "--out", str(city))
        self.run("register", "init")
        for noun in ("centre", "window", "staff", "post", "item"):
            self.run("register", "import", "--map", str(city / f"mappings/{noun}.toml"), str(city / f"register/{noun}.csv"))
        shutil.copy(city / "register/workdays.csv", self.folder / "home/register/workdays.csv")
        for file in sorted((city / "facts").iterdir()):
            self.run("import", "import", "--map", str(city / f"mappings/{file.stem}.toml"), str(file))
            file.unlink()


cities = [City(int(cases)) for cases in sys.argv[3:]]
for city in cities:
    city.fill()
# Month by month in turn: what else the machine does in these minutes falls on both.
for month in range(1, 7):
    last = calendar.monthrange(2026, month)[1]
    for city in cities:
        city.run("close", "close", "--through", f"2026-{month:02}-{last}")
        city.run("tally", "close", "--period", f"2026-{month:02}")
both = [city.steps["close"] + city.steps["tally"] for city in cities]
per_million = {name: [round(city.steps[name], 2) for city in cities] for name in ("generate", "import", "close", "tally")}
print(json.dumps({"cases": [city.cases for city in cities], "cpu_s_per_million": per_million,
                  "close_and_tally_s_per_million": [round(one, 2) for one in both],
                  "ratio": round(both[1] / both[0], 3), "peak_mb": round(cities[1].peak)}))
PY
