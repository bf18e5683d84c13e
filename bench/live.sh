#!/bin/sh
# From the commit of a fact to the moment at which a thousand listeners have it, and the memory of a server that idles.
#
#   bench/live.sh [SECONDS]
#
# One process posts 500 facts a second in batches of five, another one holds 1,000 streams. A change of the home has a number, which stands in
# every event: a batch is seen once a stream is told that number or a later one. The last line is one JSON object.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"
cargo build --quiet --release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ulimit -n 8192
python3 bench/live.py "$target/release/heng" "$work" "${1:-30}"
