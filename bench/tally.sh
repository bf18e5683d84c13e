#!/bin/sh
# The tally benchmark: Heng, DuckDB and Polars count the same sealed files, in turn, two threads each.
#
#   bench/tally.sh [--cases N] [--runs N] [--repeat] [--show]
#
# The last line is one JSON object with the medians. --repeat adds a mark that looks
# beyond one row; --show prints the queries of the peers and stops.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
target=${CARGO_TARGET_DIR:-$root/target}
cases=10000000 runs=5 show= repeat=

while [ $# -gt 0 ]; do
    case $1 in
    --cases) cases=$2; shift 2 ;;
    --runs) runs=$2; shift 2 ;;
    --repeat) repeat=repeat; shift ;;
    --show) show=yes; shift ;;
    *) echo "usage: bench/tally.sh [--cases N] [--runs N] [--repeat] [--show]" >&2; exit 2 ;;
    esac
done

cd "$root"
cargo build --quiet --release --package lake --example seal_bench --example tally_bench
target=$(cd "$target" && pwd)
heng=$target/release/examples
work=$target/bench
mkdir -p "$work"

venv=$work/venv
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    echo "making the environment of the peers" >&2
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$venv/requirements.txt"
fi
peers() { "$venv/bin/python" "$here/tally_peers.py" "$@" ${repeat:+repeat}; }
ours() { "$heng/tally_bench" "$data" ${repeat:+--repeat} "$@"; }

# Data is kept for one layout and one generator: the programs that write it are part of its name.
mark=$(cat "$here/../crates/lake/src/facts.rs" "$here/../crates/lake/src/batch.rs" "$here/../crates/lake/src/parts.rs" \
    "$here/../crates/lake/examples/seal_bench.rs" | cksum | cut -d ' ' -f 1)
data=$work/tally-$cases-$mark
if [ ! -d "$data" ]; then
    echo "making $cases cases" >&2
    rm -rf "$data.part"
    # As many cases for each window and day, however few cases there are.
    "$heng/seal_bench" "$data.part" --cases "$cases" --windows $(((cases * 12 + 9999) / 10000)) >&2
    mv "$data.part" "$data"
fi

if [ -n "$show" ]; then
    peers show "$data"
    exit
fi

# Every group of every engine, once.
ours --groups "$work/groups.csv" >/dev/null
for engine in duckdb polars-streaming polars-in-memory; do
    peers check "$engine" "$data" "$work/groups.csv" >&2
done

# One process a run: a warm-up, then the run that counts.
results=$work/tally.jsonl
: >"$results"
turn=0
while [ "$turn" -lt "$runs" ]; do
    turn=$((turn + 1))
    ours --runs 2 | tail -n 1 >>"$results"
    for engine in duckdb polars-streaming polars-in-memory; do
        peers run "$engine" "$data" >>"$results"
    done
    echo "turn $turn of $runs" >&2
done
peers summary "$results"
