-- Who may report over HTTP. The secret itself is nowhere: only its SHA-256.
CREATE TABLE source_token (
    id           TEXT COLLATE "C" PRIMARY KEY,
    source       TEXT NOT NULL,
    secret       TEXT NOT NULL,
    -- Lists in JSON; an empty one allows all.
    kinds        TEXT NOT NULL,
    windows      TEXT NOT NULL,
    note         TEXT NOT NULL,
    issued_at    BIGINT NOT NULL,
    revoked_at   BIGINT,
    -- Noted at most once a minute, beside the door.
    last_used_at BIGINT
);
