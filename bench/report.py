"""docs/performance.md from the last lines of the benchmarks, each with its commit: report.py FOLDER."""

import json
import os
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
NAMES = ("tally", "repeat", "score", "close", "intervals", "whatif", "city", "growth", "ingest", "backfill", "live")
results = {name: json.loads((folder / f"{name}.json").read_text()) for name in NAMES}
tally, repeat, score, close, intervals, whatif, city, growth, ingest, backfill, live = results.values()
commits = {}
for name, result in results.items():
    commits.setdefault(result["commit"], []).append(name)
versions, peak = tally["versions"], tally["peak_mb_of"]


def verdict(reached):
    return "reached" if reached else "**missed**"


print(f"""# Performance

Rewritten by `bench/all.sh`. Ratios are against peers in the same run: medians of interleaved warm runs, CPU seconds of
user and system, two threads. Bare times of a shared machine mean little. {os.cpu_count()} processors. Measured at
{"; ".join(f"{commit}: {', '.join(names)}" for commit, names in commits.items())}.

| what | measured | goal | how |
|---|---|---|---|
| tally of {tally["rows"]:,} cases × {tally["measures"]} measures by (day, window, staff): marks, and the digest of everything read | Heng {tally["heng_cpu_s"]} s; DuckDB {versions["duckdb"]} {tally["duckdb_cpu_s"]} s; Polars {versions["polars-streaming"]} streaming {tally["polars_streaming_cpu_s"]} s, in memory {tally["polars_in_memory_cpu_s"]} s: ratio {tally["ratio"]} | ≤ 0.45: {verdict(tally["ratio"] <= 0.45)} | `bench/tally.sh` |
| its peak memory | Heng {tally["peak_mb"]} MB; DuckDB {peak["duckdb"]} MB; Polars {peak["polars-streaming"]} and {peak["polars-in-memory"]} MB | ≤ 200 MB: {verdict(tally["peak_mb"] <= 200)} | `bench/tally.sh` |
| the same with a rule that looks beyond one row (more than 3 ratings by one person on one day) | Heng {repeat["heng_cpu_s"]} s; DuckDB {repeat["duckdb_cpu_s"]} s; Polars {repeat["polars_cpu_s"]} s: ratio {repeat["ratio"]}; {repeat["peak_mb"]} MB | ≤ 0.60: {verdict(repeat["ratio"] <= 0.6)} | `bench/tally.sh --repeat` |
| a month of {score["windows"]:,} windows scored from its tally (21 indicators) | {score["median_cpu_s"]} s (fastest run {score["min_cpu_s"]:.3f}); its JSON and digest {score["json_and_digest_cpu_s"]} s more | ≤ 0.100 s: {verdict(score["median_cpu_s"] <= 0.1)} | `bench/score.sh` |
| closing a day of {close["cases_per_day"]} cases as the 365th instead of the first | {close["ratio"]} × the instructions | 0.95 – 1.05: {verdict(abs(close["ratio"] - 1) <= 0.05)} | `bench/close.sh` |
| {intervals["draws"]:,} draws of every indicator of {intervals["windows"]:,} windows: intervals, places, memberships, on {intervals["threads"]} threads | {intervals["seconds"]} s | ≤ 60 s: {verdict(intervals["seconds"] <= 60)} | `bench/intervals.sh` |
| {whatif["windows"]} windows × {whatif["periods"]} months replayed under other weights and another curve, with what chance alone could do and how little would turn a grade | {whatif["seconds"]} s from start to end | ≤ 1 s: {verdict(whatif["seconds"] <= 1)} | `bench/whatif.sh` |
| `heng demo`: 600,000 cases made up, imported, closed, scored, ranked | {city["demo_seconds"]} s; {city["demo_peak_mb"]} MB; home {city["home_mb"]} MB | ≤ 60 s, 500 MB, 200 MB: {verdict(city["demo_seconds"] <= 60 and city["demo_peak_mb"] <= 500 and city["home_mb"] <= 200)} | `bench/city.sh` |
| first paint of content in Chromium on a processor a quarter as fast; a whole first load | ranking {city["ranking_fcp_ms"]} ms (worst {city["ranking_fcp_worst_ms"]}), {city["ranking_kb"]} KB; scorecard {city["scorecard_fcp_ms"]} ms (worst {city["scorecard_fcp_worst_ms"]}), {city["scorecard_kb"]} KB; hall screen {city["screen_fcp_ms"]} ms (worst {city["screen_fcp_worst_ms"]}), {city["screen_kb"]} KB | ≤ 1,000 ms, 60 KB: {verdict(all(city[f"{page}_fcp_worst_ms"] <= 1000 and city[f"{page}_kb"] <= 60 for page in ("ranking", "scorecard", "screen")))} | `bench/city.sh` |
| {growth["cases"][1]:,} cases closed and tallied, against {growth["cases"][0]:,}: CPU seconds per million | {growth["close_and_tally_s_per_million"][1]} against {growth["close_and_tally_s_per_million"][0]}: {growth["ratio"]} ×; {growth["peak_mb"]} MB | 0.9 – 1.1, ≤ 1,000 MB: {verdict(abs(growth["ratio"] - 1) <= 0.1 and growth["peak_mb"] <= 1000)} | `bench/growth.sh` |
| facts over HTTP in batches of 100, each on disk when answered, SQLite | {ingest["sqlite_rows_per_s"]:,} rows/s; Python's own module, the same rows and batches in one process {ingest["sqlite_raw_rows_per_s"]:,}: ratio {ingest["sqlite_ratio"]} | ≥ 0.6: {verdict(ingest["sqlite_ratio"] >= 0.6)} | `bench/ingest.sh` |
| the same, PostgreSQL | {ingest["postgres_rows_per_s"]:,} rows/s; psycopg, an array per column, one client {ingest["postgres_raw_rows_per_s"]:,}: ratio {ingest["postgres_ratio"]} | ≥ 0.7: {verdict(ingest["postgres_ratio"] >= 0.7)} | `bench/ingest.sh` |
| single facts by 64 clients | SQLite {ingest["single_per_s"]:,}/s, p99 {ingest["single_p99_ms"]} ms; PostgreSQL {ingest["postgres_single_per_s"]:,}/s, p99 {ingest["postgres_single_p99_ms"]} ms | ≥ 2,000/s, p99 ≤ 50 ms: {verdict(ingest["single_per_s"] >= 2000 and ingest["single_p99_ms"] <= 50)} | `bench/ingest.sh` |
| facts that are there already, in batches of 100 | {ingest["repeats_per_s"]:,}/s | ≥ 50,000/s: {verdict(ingest["repeats_per_s"] >= 50000)} | `bench/ingest.sh` |
| {backfill["reports"]:,} reports in CSV to sealed days by `heng backfill` and `heng close` | {backfill["backfill_per_s"]:,}/s ({backfill["backfill_s"]} s and {backfill["close_s"]} s; {backfill["sealed_rows_per_s"]:,} sealed rows/s), {backfill["peak_mb"]} MB; by `heng import` {backfill["import_per_s"]:,}/s; DuckDB and Polars, the same cases and ratings to Parquet by day and nothing else, {backfill["duckdb_per_s"]:,} and {backfill["polars_per_s"]:,}/s | ≥ 300,000/s, 1,000 MB: {verdict(backfill["backfill_per_s"] >= 300000 and backfill["peak_mb"] <= 1000)} | `bench/backfill.sh` |
| from the commit of a fact to {live["listeners"]:,} listeners, {live["facts_per_s"]} facts a second on 120 windows | p50 {live["p50_ms"]} ms, p95 {live["p95_ms"]} ms, worst {live["max_ms"]} ms; {live["frames_per_s"]} frames a second; {live["server_cpu_s"]} s of CPU in {live["seconds"]} s; {live["listening_mb"]} MB | p95 ≤ 1,000 ms, ≤ 2 frames: {verdict(live["p95_ms"] <= 1000 and live["frames_per_s"] <= 2.05)} | `bench/live.sh` |
| a server that idles, of a new home and of the demonstration after its pages were opened | {live["idle_mb"]} MB; {live["city_idle_mb"]} MB | ≤ 120 MB: {verdict(live["city_idle_mb"] <= 120)} | `bench/live.sh` |

The tally's ratio depends on how the peers' queries are written: those in `tally_peers.py` are the cheapest of several
forms. Scoring is bound by memory: it writes a line for every indicator of every window, 36,000 instructions and some
6 KB each, and its time follows the machine more than the program.

A backfill is bound by the processor, and so is the close after it: some 5 and 8 µs of one for each report, where
300,000 a second on two allow 6.7 together. The peers only sort what they read. Here each report is checked, hashed and
kept twice, once as it came and once sealed, and a case that stays open has a row in the open book of each of its days,
so that ten reports become sixteen sealed rows. No single step stands out. The files of a day must be the same bytes by
every way, so a quicker way must make the same columns without the rows between.""")
