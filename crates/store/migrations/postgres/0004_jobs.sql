-- Work that is done beside requests: claimed by one node, which says from time to time that it is alive.
CREATE TABLE job (
    id           BIGINT PRIMARY KEY,
    kind         TEXT COLLATE "C" NOT NULL,
    -- What it is about. The same work is there once, whoever asks for it.
    subject      TEXT COLLATE "C" NOT NULL,
    -- waiting, running, done, failed
    state        TEXT COLLATE "C" NOT NULL,
    run_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    owner        TEXT,
    heartbeat_at BIGINT,
    finished_at  BIGINT,
    -- What came of it, or what was wrong the last time.
    said         TEXT NOT NULL,
    UNIQUE (kind, subject)
);
CREATE INDEX job_open ON job (run_at) WHERE state IN ('waiting', 'running');
