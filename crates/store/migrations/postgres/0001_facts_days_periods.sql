-- The tables of SQLite's migrations 1 to 5. What they mean is said there; what differs is said here. Nothing refers to
-- another table by a constraint: each row would be looked up again, which is two fifths of an import, and the one door
-- is what keeps them together, on SQLite, too.

-- SQLite's function of this name, as far as statements use it: the entries of a list in JSON.
CREATE FUNCTION json_each(list TEXT) RETURNS TABLE (value TEXT)
    LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE ROWS 1000
    AS $$ SELECT pg_catalog.json_array_elements_text(list::JSON) $$;

-- Texts are compared by their bytes, as in SQLite and in Rust, whatever language the server speaks.
CREATE TABLE text (
    id   BIGINT PRIMARY KEY,
    text TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE fact (
    id          BIGINT PRIMARY KEY,
    kind        BIGINT NOT NULL,
    source      BIGINT NOT NULL,
    source_id   TEXT COLLATE "C" NOT NULL,
    revision    BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    void        BOOLEAN NOT NULL,
    reported_at BIGINT NOT NULL,
    shape       BIGINT,
    payload     BYTEA NOT NULL,
    case_id     TEXT COLLATE "C",
    open_from   INTEGER,
    open_until  INTEGER,
    current     BOOLEAN NOT NULL,
    conflict    BOOLEAN NOT NULL,
    command     BIGINT NOT NULL,
    UNIQUE (source_id, kind, source, revision, version)
);
CREATE INDEX fact_case ON fact (case_id, kind) WHERE current AND case_id IS NOT NULL;
CREATE INDEX fact_open ON fact (open_until, open_from) WHERE current AND open_from IS NOT NULL;
CREATE INDEX fact_conflict ON fact (kind, source, source_id) WHERE conflict;

CREATE TABLE anchor (
    day  INTEGER NOT NULL,
    fact BIGINT NOT NULL,
    PRIMARY KEY (day, fact)
);

CREATE TABLE fact_text (
    fact  BIGINT NOT NULL,
    name  TEXT COLLATE "C" NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (fact, name)
);

CREATE TABLE day_seal (
    day          INTEGER NOT NULL,
    revision     BIGINT NOT NULL,
    manifest     TEXT NOT NULL,
    facts_digest TEXT COLLATE "C" NOT NULL,
    command      BIGINT NOT NULL,
    PRIMARY KEY (day, revision)
);

CREATE TABLE day (
    day      INTEGER PRIMARY KEY,
    revision BIGINT NOT NULL,
    context  TEXT NOT NULL,
    dirty    BOOLEAN NOT NULL
);

CREATE TABLE derived (
    day          INTEGER NOT NULL,
    facts_digest TEXT COLLATE "C" NOT NULL,
    rules_digest TEXT COLLATE "C" NOT NULL,
    file         TEXT NOT NULL,
    PRIMARY KEY (day, facts_digest, rules_digest)
);

CREATE TABLE period_close (
    period   TEXT COLLATE "C" NOT NULL,
    scheme   TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    inputs   TEXT NOT NULL,
    command  BIGINT NOT NULL,
    PRIMARY KEY (period, scheme, revision)
);

CREATE TABLE audit (
    command BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    detail  TEXT NOT NULL
);

CREATE TABLE leaf (
    command BIGINT PRIMARY KEY,
    bytes   BYTEA NOT NULL
);

CREATE TABLE outbox (
    command  BIGINT NOT NULL,
    "window" TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (command, "window")
);

CREATE TABLE reference_set (
    from_day INTEGER PRIMARY KEY,
    digest   TEXT NOT NULL,
    file     TEXT NOT NULL,
    command  BIGINT NOT NULL
);

CREATE TABLE final_period (
    period    TEXT COLLATE "C" NOT NULL,
    scheme    TEXT COLLATE "C" NOT NULL,
    final_day INTEGER NOT NULL,
    command   BIGINT NOT NULL,
    PRIMARY KEY (period, scheme)
);
