"""Files to sealed days: backfill.py HENG FOLDER CASES. Called by backfill.sh."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import duckdb

heng, work, cases = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
city, TURNS, THREADS = work / "city", 3, "2"
KINDS = ("case", "rating", "complaint", "inspection", "survey", "exam", "activity", "violation", "operation", "statistic")
NOUNS = ("centre", "window", "staff", "post", "item")
LAST = "2026-07-15"


def run(*command):
    """Runs a command; seconds, CPU seconds and megabytes."""
    begun = time.monotonic()
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, command
    return time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def mapping(name):
    return city / f"mappings/{name}.toml"


def facts(kind):
    return city / f"facts/{kind}.csv"


class Home:
    def __init__(self, name):
        self.folder = work / name
        self.run("init")
        for noun in NOUNS:
            self.run("import", "--map", mapping(noun), city / f"register/{noun}.csv")
        shutil.copy(city / "register/workdays.csv", self.folder / "register/workdays.csv")

    def run(self, *words):
        return run(heng, "--home", self.folder, *words)

    def close(self):
        return self.run("close", "--through", LAST, "--threads", THREADS)

    def backfill(self):
        return self.run("backfill", "--threads", THREADS, *[word for kind in KINDS for word in (mapping(kind), facts(kind))])

    def ordinary(self):
        each = [self.run("import", "--map", mapping(kind), facts(kind)) for kind in KINDS]
        return [sum(one[0] for one in each), sum(one[1] for one in each), max(one[2] for one in each)]


# The day of a row is that of its first filled time, in the city's zone; the columns as they come.
DUCKDB = """
import duckdb, sys
db = duckdb.connect()
db.execute("SET threads = 2")
for kind, at in (("case", "coalesce(finished_at, called_at, ticketed_at, accepted_at)"), ("rating", "rated_at")):
    db.execute(f"COPY (SELECT *, ({at} + 28800) // 86400 AS day FROM read_csv('{sys.argv[1]}/{kind}.csv') "
               f"ORDER BY day, \\"window\\", staff) "
               f"TO '{sys.argv[2]}/{kind}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day))")
"""
POLARS = """
import polars as pl, pathlib, sys
for kind, at in (("case", ["finished_at", "called_at", "ticketed_at", "accepted_at"]), ("rating", ["rated_at"])):
    rows = pl.read_csv(f"{sys.argv[1]}/{kind}.csv", infer_schema_length=100000)
    rows = rows.with_columns(day=(pl.coalesce(at) + 28800) // 86400).sort("day", "window", "staff")
    folder = pathlib.Path(sys.argv[2], kind)
    folder.mkdir(parents=True)
    for (day,), of_day in rows.group_by("day", maintain_order=True):
        of_day.write_parquet(folder / f"{day}.parquet", compression="zstd")
"""


def peer(name, script):
    """Nothing is removed between turns: ext4 looks for new inodes among those that were just given back."""
    out = work / name
    out.mkdir()
    os.environ["POLARS_MAX_THREADS"] = THREADS
    return run(sys.executable, "-c", script, city / "facts", out)


run(heng, "generate", "--cases", cases, "--out", city)
lines = {kind: sum(1 for _ in open(facts(kind), "rb")) - 1 for kind in KINDS}
reports = sum(lines.values())
measured = {"backfill": [], "close": [], "duckdb": [], "polars": []}
for turn in range(TURNS):
    print("turn", turn + 1, "of", TURNS, file=sys.stderr)
    home = cold = Home(f"cold-{turn}")
    measured["backfill"].append(home.backfill())
    measured["close"].append(home.close())
    measured["duckdb"].append(peer(f"duckdb-{turn}", DUCKDB))
    measured["polars"].append(peer(f"polars-{turn}", POLARS))
home = Home("ordinary")
imported, closed = home.ordinary(), home.close()
days = [{path.relative_to(of.folder / "lake/days") for path in (of.folder / "lake/days").rglob("*.parquet")}
        for of in (cold, home)]
# Homes have keys of their own, so persons differ; everything without persons is the same file.
persons = ("case-", "complaint-", "survey-")
alike = [{path for path in of if not path.name.startswith(persons)} for of in days]
assert alike[0] == alike[1] and len(days[0]) == len(days[1]), "the two ways sealed different days"


def median(name, at=0):
    return statistics.median(one[at] for one in measured[name])


[(sealed,)] = duckdb.sql(f"SELECT sum(num_rows) FROM parquet_file_metadata('{cold.folder}/lake/days/*/*.parquet')").fetchall()
of_peers = lines["case"] + lines["rating"]
together = statistics.median(one[0] + two[0] for one, two in zip(measured["backfill"], measured["close"]))
print(json.dumps({
    "reports": reports,
    "backfill_per_s": round(reports / together),
    "sealed_rows_per_s": round(sealed / together),
    "backfill_s": round(median("backfill"), 2),
    "close_s": round(median("close"), 2),
    "cpu_us_per_report": round(1e6 * (median("backfill", 1) + median("close", 1)) / reports, 2),
    "import_per_s": round(reports / (imported[0] + closed[0])),
    "import_s": round(imported[0], 2),
    "import_close_s": round(closed[0], 2),
    "duckdb_per_s": round(of_peers / median("duckdb")),
    "polars_per_s": round(of_peers / median("polars")),
    "peak_mb": round(max(one[2] for one in measured["backfill"] + measured["close"])),
    "duckdb_peak_mb": round(max(one[2] for one in measured["duckdb"])),
    "polars_peak_mb": round(max(one[2] for one in measured["polars"])),
    "files_same": len(alike[0]),
}))
