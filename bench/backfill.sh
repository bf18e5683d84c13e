#!/bin/sh
# Years of files to sealed days: reports per second, beside the ordinary way and beside what raw engines take of the same files.
#
#   bench/backfill.sh [CASES]
#
# A made-up city of so many cases (default 2,000,000: three million reports) is written as CSV. Then, in turn: `heng backfill` of
# all its files and `heng close` of all its days, on two threads; DuckDB and Polars reading the same files and writing Parquet by
# day, sorted by window and staff, two threads, too; and `heng import` with `heng close`. The last line is one JSON object.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"
cargo build --quiet --release
venv=$target/bench/venv
[ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r bench/requirements.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$venv/bin/python" bench/backfill.py "$target/release/heng" "$work" "${1:-2000000}"
