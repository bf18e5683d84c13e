"""What other engines need for the tally of the benchmark, on Heng's own sealed files.

  tally_peers.py run ENGINE DIR              one warm-up, then one measured run; a JSON line
  tally_peers.py show DIR                    the queries and the columns they read
  tally_peers.py check ENGINE DIR GROUPS     every group and every sum of ENGINE against Heng's CSV
  tally_peers.py summary RESULTS             medians, ratio and checks over the JSON lines of all engines

A last word `repeat` adds the mark of repeat.toml: no rating counts of a person who gave more than three on one day.
The persons are found by grouping and joined back: counting over a window cost DuckDB a quarter more.

ENGINE is duckdb, polars-streaming or polars-in-memory; DIR holds YYYY-MM-DD/case.parquet. The marks and measures are
those of tally.toml. Each engine has two threads and the form of the query that cost it the least CPU of those tried:
the day from a hive folder or from one query a file, counts as COUNT_IF, FILTER, CASE or sums of numbers, expressions
before or within the aggregation, the result as a table of its own or as Arrow.
"""

import json
import os
import pathlib
import resource
import statistics
import sys
import tempfile
import time

THREADS = 2
os.environ["POLARS_MAX_THREADS"] = str(THREADS)
REPEAT = sys.argv[-1] == "repeat"

COLUMNS = [
    "window", "staff", "window_type", "minute_of_day", "in_hours", "on_finish", "on_due", "on_rating", "channel",
    "overdue", "elapsed_seconds", "handling_seconds", "rating_level", "transferred", "asked", "extended_service",
]
MEASURES = [
    "finished", "after_hours", "transferred", "due", "on_time", "late", "handling", "rated", "levels", "satisfied",
    "dissatisfied", "silent", "online",
]
# The three marks: what they hit counts nowhere. NULL is false.
MARKED = """elapsed_seconds < 0
         OR (window_type = 'approval' AND elapsed_seconds < 10)
         OR (window_type <> 'self_service' AND NOT extended_service AND (minute_of_day < 480 OR minute_of_day > 1079))"""
# A condition to be counted, or a number and the condition under which it is added.
SQL = {
    "finished": "fin",
    "after_hours": "fin AND NOT in_hours",
    "transferred": "fin AND transferred",
    "due": "dec",
    "on_time": "dec AND NOT overdue",
    "late": "dec AND overdue",
    "handling": ("handling_seconds", "fin"),
    "rated": "rat",
    "levels": ("rating_level", "rat"),
    "satisfied": "rat AND rating_level >= 4",
    "dissatisfied": "rat AND rating_level <= 2",
    "silent": "fin AND asked AND NOT on_rating",
    "online": "fin AND channel = 'online'",
}


def files_of(folder):
    return sorted(str(path) for path in pathlib.Path(folder).resolve().glob("*/case.parquet"))


def hive_of(folder, into):
    """The same files as a hive layout, `day=YYYY-MM-DD/case.parquet`, by links."""
    for file in files_of(folder):
        day = pathlib.Path(file).parent
        (pathlib.Path(into) / f"day={day.name}").symlink_to(day)
    return sorted(str(path) for path in pathlib.Path(into).glob("*/case.parquet"))


def duckdb_query(files):
    def sum_of(name, what):
        number, condition = what if isinstance(what, tuple) else (1, what)
        text = f"sum(CASE WHEN {condition} THEN {number} ELSE 0 END)" if number != 1 else f"sum(({condition})::INT)"
        return f"{text} AS {name}"

    sums = ",\n  ".join(sum_of(f'"{name}"', SQL[name]) for name in MEASURES)
    often, repeated = "false", ""
    if REPEAT:
        often, repeated = "often IS TRUE", f"""
    LEFT JOIN (
      SELECT day, rater, true AS often
      FROM read_parquet({files!r}, hive_partitioning = true)
      WHERE rater IS NOT NULL GROUP BY ALL HAVING count(*) > 3
    ) USING (day, rater)"""
    return f"""SELECT day, "window", staff,
  {sums}
FROM (
  SELECT *, ok AND on_finish AS fin, ok AND on_due AS dec, ok AND on_rating AND NOT ({often}) AS rat
  FROM (
    SELECT *, (
         {MARKED}
    ) IS NOT TRUE AS ok
    FROM read_parquet({files!r}, hive_partitioning = true){repeated}
  )
)
GROUP BY day, "window", staff"""


def duckdb_engine(files):
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")
    connection.execute("SET preserve_insertion_order = false")
    query = duckdb_query(files)

    def run():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE tally AS {query}")

    def result():
        return connection.sql("SELECT * FROM tally").pl()

    return run, result, duckdb.__version__


def polars_frame(frame, days=()):
    """The measures as columns of each row, and their sums."""
    import polars as pl

    col = pl.col
    off_hours = (col("minute_of_day") < 480) | (col("minute_of_day") > 1079)
    marked = (
        (col("elapsed_seconds") < 0)
        | ((col("window_type") == "approval") & (col("elapsed_seconds") < 10))
        | ((col("window_type") != "self_service") & ~col("extended_service") & off_hours)
    ).fill_null(False)
    frame = frame.with_columns(ok=~marked)
    counted = col("ok") & col("on_rating")
    if REPEAT:
        repeated = frame.filter(col("rater").is_not_null()).group_by(*days, "rater").len().filter(col("len") > 3)
        frame = frame.join(repeated.with_columns(often=pl.lit(True)), on=[*days, "rater"], how="left")
        counted = counted & col("often").is_null()
    frame = frame.with_columns(
        fin=col("ok") & col("on_finish"), dec=col("ok") & col("on_due"), rat=counted
    )
    fin, dec, rat, level = col("fin"), col("dec"), col("rat"), col("rating_level")
    measures = {
        "finished": fin,
        "after_hours": fin & ~col("in_hours"),
        "transferred": fin & col("transferred"),
        "due": dec,
        "on_time": dec & ~col("overdue"),
        "late": dec & col("overdue"),
        "handling": pl.when(fin).then(col("handling_seconds")).otherwise(0),
        "rated": rat,
        "levels": pl.when(rat).then(level).otherwise(0),
        "satisfied": rat & (level >= 4),
        "dissatisfied": rat & (level <= 2),
        "silent": fin & col("asked") & ~col("on_rating"),
        "online": fin & (col("channel") == "online"),
    }
    frame = frame.with_columns(expression.alias(f"m.{name}") for name, expression in measures.items())
    wide = {"handling", "levels"}
    sums = [(col(f"m.{name}").cast(pl.Int64) if name in wide else col(f"m.{name}")).sum().alias(name) for name in MEASURES]
    return frame, sums


def polars_query(engine, files, hive):
    import polars as pl

    if engine == "streaming":
        frame, sums = polars_frame(pl.scan_parquet(hive, hive_partitioning=True), ["day"])
        return frame.group_by("day", "window", "staff").agg(sums)
    days = []
    for file in files:
        frame, sums = polars_frame(pl.scan_parquet(file))
        day = pl.lit(pathlib.Path(file).parent.name).alias("day")
        days.append(frame.group_by("window", "staff").agg(sums).with_columns(day))
    return pl.concat(days)


def polars_engine(engine, files, hive):
    import polars as pl

    kept = {}

    def run():
        kept["result"] = polars_query(engine, files, hive).collect(engine=engine)

    return run, lambda: kept["result"], pl.__version__


def engine_of(name, folder, scratch):
    files, hive = files_of(folder), hive_of(folder, scratch)
    if name == "duckdb":
        return duckdb_engine(hive)
    return polars_engine(name.removeprefix("polars-"), files, hive)


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(name, folder, scratch):
    run, result, version = engine_of(name, folder, scratch)
    run()
    wall, cpu = time.perf_counter(), cpu_seconds()
    run()
    cpu, wall = cpu_seconds() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    table = result()
    sums = {name: int(table[name].sum()) for name in MEASURES}
    line = {"engine": name, "version": version, "cpu_s": cpu, "wall_s": wall, "peak_mb": peak}
    print(json.dumps(line | {"groups": len(table), "sums": sums}))


def show(folder, scratch):
    hive = hive_of(folder, scratch)
    print("columns:", ", ".join(COLUMNS))
    print("duckdb:\n" + duckdb_query(hive[:1]).replace(scratch, "DIR"))
    files = files_of(folder)[:1]
    for engine in ("streaming", "in-memory"):
        plan = polars_query(engine, files, hive[:1]).explain(engine=engine)
        print(f"polars {engine}, one file:\n" + plan.replace(scratch, "DIR").replace(str(pathlib.Path(folder).resolve()), "DIR"))


def check(name, folder, groups, scratch):
    import polars as pl

    run, result, _ = engine_of(name, folder, scratch)
    run()
    keys = ["day", "window", "staff"]
    texts, numbers = [pl.col(key).cast(pl.String) for key in keys], [pl.col(name).cast(pl.Int64) for name in MEASURES]
    ours = pl.read_csv(groups, schema_overrides=dict.fromkeys(keys, pl.String))
    ours, theirs = (table.select(texts + numbers).sort(keys) for table in (ours, result()))
    if not ours.equals(theirs):
        sys.exit(f"{name}: not every group is equal")
    print(f"{name}: {len(ours)} groups, {len(MEASURES)} sums each, all equal")


def summary(results):
    runs = {}
    for line in pathlib.Path(results).read_text().splitlines():
        line = json.loads(line)
        runs.setdefault(line["engine"], []).append(line)
    lines = [line for lines in runs.values() for line in lines]
    first = runs["heng"][0]
    for line in lines:
        if (line["groups"], line["sums"]) != (first["groups"], first["sums"]):
            sys.exit(f"{line['engine']} says something else than Heng: {line} against {first}")

    def median(engine, key):
        return round(statistics.median(line[key] for line in runs[engine]), 3)

    cpu = {engine: median(engine, "cpu_s") for engine in runs}
    polars = min(cpu["polars-streaming"], cpu["polars-in-memory"])
    best = min(cpu["duckdb"], polars)
    report = {
        "ratio": round(cpu["heng"] / best, 3),
        "heng_cpu_s": cpu["heng"],
        "duckdb_cpu_s": cpu["duckdb"],
        "polars_cpu_s": polars,
        "peak_mb": max(line["peak_mb"] for line in runs["heng"]),
        "polars_streaming_cpu_s": cpu["polars-streaming"],
        "polars_in_memory_cpu_s": cpu["polars-in-memory"],
        "wall_s": {engine: median(engine, "wall_s") for engine in runs},
        "peak_mb_of": {engine: max(line["peak_mb"] for line in runs[engine]) for engine in runs},
        "versions": {engine: runs[engine][0]["version"] for engine in runs if "version" in runs[engine][0]},
        "rows": first["rows"],
        "groups": first["groups"],
        "measures": len(MEASURES),
        "sums": first["sums"],
        "digest": first["digest"],
        "threads": THREADS,
        "runs": len(runs["heng"]),
    }
    print(json.dumps(report))


def main(arguments):
    with tempfile.TemporaryDirectory() as scratch:
        match arguments:
            case ["run", engine, folder]:
                measure(engine, folder, scratch)
            case ["show", folder]:
                show(folder, scratch)
            case ["check", engine, folder, groups]:
                check(engine, folder, groups, scratch)
            case ["summary", results]:
                summary(results)
            case _:
                sys.exit(__doc__)


main([word for word in sys.argv[1:] if word != "repeat"])
