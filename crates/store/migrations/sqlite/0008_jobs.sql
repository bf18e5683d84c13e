-- Work that is done beside requests: claimed by one node, which says from time to time that it is alive.
CREATE TABLE job (
    id           INTEGER PRIMARY KEY,
    kind         TEXT    NOT NULL,
    -- What it is about. The same work is there once, whoever asks for it.
    subject      TEXT    NOT NULL,
    -- waiting, running, done, failed
    state        TEXT    NOT NULL,
    run_at       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    owner        TEXT,
    heartbeat_at INTEGER,
    finished_at  INTEGER,
    -- What came of it, or what was wrong the last time.
    said         TEXT    NOT NULL,
    UNIQUE (kind, subject)
);
CREATE INDEX job_open ON job (run_at) WHERE state IN ('waiting', 'running');
