#!/bin/sh
# Facts over HTTP, beside what the database alone takes of the same rows in the same minutes.
#
#   bench/ingest.sh [SECONDS]
#
# Needs wrk, and PostgreSQL's server for its half. The peers: SQLite by Python's own module, and PostgreSQL by psycopg with an array per
# column, each with the columns of a fact as they come, a key on source, id and revision, and a commit per batch of a hundred; everything durable.
# Heng and peer take turns. The last line is one JSON object: rows per second of each, their ratios, and single posts by 64 clients.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"
command -v wrk >/dev/null || { echo "wrk is missing: apt-get install wrk" >&2; exit 1; }
cargo build --quiet --release
for folder in /usr/lib/postgresql/*/bin; do [ -x "$folder/initdb" ] && PATH="$folder:$PATH"; done
export PATH
venv=$target/bench/ingest-venv
[ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check "psycopg[binary]==3.3.6"
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
"$venv/bin/python" bench/ingest.py "$target/release/heng" "$work" "${1:-8}"
