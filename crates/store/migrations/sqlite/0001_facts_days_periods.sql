-- Facts as reported: appended, never updated but for the two flags that say which revision counts.
CREATE TABLE fact (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    source_id   TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    void        INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    digest      TEXT    NOT NULL,
    payload     TEXT    NOT NULL,
    case_id     TEXT,
    open_from   INTEGER,
    open_until  INTEGER,
    -- 1: this revision counts.
    current     INTEGER NOT NULL,
    -- 1: another payload was reported under the same revision; neither counts until a person decides.
    conflict    INTEGER NOT NULL,
    command     INTEGER NOT NULL,
    UNIQUE (kind, source, source_id, revision, digest)
);

CREATE INDEX fact_case ON fact (case_id, kind) WHERE current = 1 AND case_id IS NOT NULL;
-- The open book of a day is found from its near end, so that it costs what is open and not what ever was.
CREATE INDEX fact_open ON fact (open_until, open_from) WHERE current = 1 AND open_from IS NOT NULL;
CREATE INDEX fact_conflict ON fact (kind, source, source_id) WHERE conflict = 1;

-- The days in whose sealed file a current fact has a row.
CREATE TABLE anchor (
    day  INTEGER NOT NULL,
    fact INTEGER NOT NULL REFERENCES fact (id),
    PRIMARY KEY (day, fact)
) WITHOUT ROWID;

-- Free text, which may name people: erasable, never sealed.
CREATE TABLE fact_text (
    fact   INTEGER NOT NULL REFERENCES fact (id),
    name   TEXT    NOT NULL,
    value  TEXT    NOT NULL,
    PRIMARY KEY (fact, name)
) WITHOUT ROWID;

-- Every sealing of a day; `day` says which one counts.
CREATE TABLE day_seal (
    day          INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    manifest     TEXT    NOT NULL,
    facts_digest TEXT    NOT NULL,
    command      INTEGER NOT NULL,
    PRIMARY KEY (day, revision)
) WITHOUT ROWID;

CREATE TABLE day (
    day      INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    -- The register and the calendar that the rows were last made with.
    context  TEXT    NOT NULL,
    -- 1: a fact changed what the day should hold; it is sealed again before it is read.
    dirty    INTEGER NOT NULL
);

-- Tallies and marks of a sealed day under one set of rules: a cache that can be made again from the facts files.
CREATE TABLE derived (
    day          INTEGER NOT NULL,
    facts_digest TEXT    NOT NULL,
    rules_digest TEXT    NOT NULL,
    file         TEXT    NOT NULL,
    PRIMARY KEY (day, facts_digest, rules_digest)
) WITHOUT ROWID;

-- Every close of a period with its frozen inputs.
CREATE TABLE period_close (
    period   TEXT    NOT NULL,
    scheme   TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    inputs   TEXT    NOT NULL,
    command  INTEGER NOT NULL,
    PRIMARY KEY (period, scheme, revision)
) WITHOUT ROWID;

-- One row per command that changed state.
CREATE TABLE audit (
    command INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    detail  TEXT    NOT NULL
);

-- What the ledger will take in, unsequenced: opaque versioned bytes.
CREATE TABLE leaf (
    command INTEGER PRIMARY KEY REFERENCES audit (command),
    bytes   BLOB NOT NULL
);

-- What the boards will be told: one row per window that a command touched.
CREATE TABLE outbox (
    id      INTEGER PRIMARY KEY,
    command INTEGER NOT NULL REFERENCES audit (command),
    window  TEXT    NOT NULL
);
