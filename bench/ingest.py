"""Heng and raw databases in turn: ingest.py HENG FOLDER SECONDS. Called by ingest.sh."""

import atexit
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.request

import psycopg

heng, work, seconds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
here = pathlib.Path(__file__).parent
BATCH, TURNS = 100, 3


def columns(run, number):
    minute = number % 60
    return (f"{run}-{number}", 0, "bench", f"W{number % 120:03}", f"{number % 360:06}", f"S{number % 40:03}", "window",
            4_697_340_315_918_528_872 ^ number, 1772672400 + minute, 1772672430 + minute, 1772672440 + minute,
            1772676000 + minute, 1)


TABLE = """CREATE TABLE fact (id TEXT NOT NULL, revision BIGINT NOT NULL, source TEXT NOT NULL, "window" TEXT, staff TEXT,
    item TEXT, channel TEXT, client BIGINT, ticketed_at BIGINT, called_at BIGINT, accepted_at BIGINT, finished_at BIGINT,
    asked BIGINT, PRIMARY KEY (source, id, revision))"""


class RawSqlite:
    """One process, batches of a hundred, a durable commit each."""

    def __init__(self):
        self.connection = sqlite3.connect(work / "raw.db", isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute(TABLE)
        self.number = 0

    def rate(self):
        begun, rows = time.monotonic(), 0
        while time.monotonic() - begun < seconds:
            batch = [columns("raw", self.number + at) for at in range(BATCH)]
            self.number += BATCH
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany(f"INSERT INTO fact VALUES ({','.join('?' * 13)})", batch)
            self.connection.execute("COMMIT")
            rows += BATCH
        return rows / (time.monotonic() - begun)


class Server:
    """A served home with a token."""

    def __init__(self, name, url=None):
        self.home, self.runs = work / name, 0
        words = ["--database-url", url] if url else []
        subprocess.run([heng, "--home", self.home, "init", *words], check=True, stdout=subprocess.DEVNULL)
        issued = subprocess.run([heng, "--home", self.home, "token", "add", "bench"], check=True, capture_output=True, text=True)
        self.token = issued.stdout.strip()
        command = [heng, "--home", self.home, "--lang", "en", "serve", "--port", "0", "--metrics-port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        self.address = re.search(r"http://\S+", self.process.stdout.readline()).group().rstrip("/")
        self.counters = re.search(r"http://\S+", self.process.stdout.readline()).group()

    def new(self):
        text = urllib.request.urlopen(self.counters).read().decode()
        found = re.findall(r'heng_facts_total\{kind="case",result="(new|same)"\} (\d+)', text)
        return {result: int(count) for result, count in found}

    def post(self, items, clients, same=False):
        self.runs += 1
        before = self.new()
        environment = os.environ | {"INGEST_ITEMS": str(items), "INGEST_TOKEN": self.token, "INGEST_RUN": f"r{self.runs}"}
        if same:
            environment["INGEST_SAME"] = "1"
        command = ["wrk", "--threads", "1", "--connections", str(clients), "--duration", f"{seconds}s", "--script",
                   here / "ingest.lua", f"{self.address}/api/v1/facts/case"]
        said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
        told = json.loads(said.strip().splitlines()[-1])
        assert told["errors"] == 0, said
        after = self.new()
        told["rows_per_s"] = sum(after.get(result, 0) - before.get(result, 0) for result in ("new", "same")) / told["seconds"]
        return told

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Postgres:
    """A cluster of its own, durable."""

    def __init__(self):
        self.folder = work / "postgres"
        self.folder.mkdir()
        root = os.geteuid() == 0
        if root:
            shutil.chown(self.folder, "postgres", "postgres")
        owner = ["runuser", "-u", "postgres", "--"] if root else []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
        subprocess.run([*owner, "initdb", "-U", "heng", "-A", "trust", "-E", "UTF8", "--locale=C", "-D", self.folder / "data"], **quiet)
        settings = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c log_min_messages=fatal -c max_wal_size=4GB"
        subprocess.run([*owner, "pg_ctl", "-w", "-D", self.folder / "data", "-l", self.folder / "log", "-o", settings, "start"], **quiet)
        self.owner, self.number = owner, 0
        atexit.register(self.stop)
        for name in ("heng", "raw"):
            subprocess.run(["createdb", *self.words(), name], **quiet)
        subprocess.run(["psql", *self.words(), "-q", "-c", TABLE, "raw"], **quiet)

    def words(self):
        return ["-h", "127.0.0.1", "-p", self.port, "-U", "heng"]

    def url(self, name):
        return f"postgres://heng@127.0.0.1:{self.port}/{name}"

    def rate(self):
        """A set insert of a hundred rows, an array per column, and a commit, by one client."""
        types = ["text", "bigint"] + ["text"] * 5 + ["bigint"] * 6
        arrays = ", ".join(f"%s::{ty}[]" for ty in types)
        rows = 0
        with psycopg.connect(self.url("raw"), autocommit=True) as connection:
            begun = time.monotonic()
            while time.monotonic() - begun < seconds:
                batch = [columns("raw", self.number + at) for at in range(BATCH)]
                self.number += BATCH
                sets = [list(values) for values in zip(*batch)]
                connection.execute(f"INSERT INTO fact SELECT * FROM unnest({arrays})", sets, prepare=True, binary=True)
                rows += BATCH
            return rows / (time.monotonic() - begun)

    def stop(self):
        subprocess.run([*self.owner, "pg_ctl", "-m", "immediate", "-D", self.folder / "data", "stop"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


def turns(server, raw):
    ours, theirs = [], []
    for turn in range(TURNS):
        print("turn", turn + 1, "of", TURNS, file=sys.stderr)
        theirs.append(raw.rate())
        ours.append(server.post(BATCH, 16)["rows_per_s"])
    return statistics.median(ours), statistics.median(theirs)


result = {}
sqlite = Server("sqlite")
result["sqlite_rows_per_s"], result["sqlite_raw_rows_per_s"] = (round(rate) for rate in turns(sqlite, RawSqlite()))
singles = [sqlite.post(1, 64) for _ in range(TURNS)]
result["single_per_s"] = round(statistics.median(one["rows_per_s"] for one in singles))
result["single_p99_ms"] = round(statistics.median(one["p99_ms"] for one in singles), 1)
result["repeats_per_s"] = round(sqlite.post(BATCH, 16, same=True)["rows_per_s"])
sqlite.stop()
if shutil.which("initdb"):
    postgres = Postgres()
    server = Server("server", postgres.url("heng"))
    result["postgres_rows_per_s"], result["postgres_raw_rows_per_s"] = (round(rate) for rate in turns(server, postgres))
    singles = server.post(1, 64)
    result["postgres_single_per_s"], result["postgres_single_p99_ms"] = round(singles["rows_per_s"]), round(singles["p99_ms"], 1)
    server.stop()
    result["postgres_ratio"] = round(result["postgres_rows_per_s"] / result["postgres_raw_rows_per_s"], 3)
result["sqlite_ratio"] = round(result["sqlite_rows_per_s"] / result["sqlite_raw_rows_per_s"], 3)
print(json.dumps(result))
