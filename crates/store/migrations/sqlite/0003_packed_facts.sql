-- Facts take a quarter of the room: texts that come again and again stand here once, a fact's values are packed into
-- bytes (src/fact/pack.rs), and no digest lies beside what it can be taken from.

-- Kinds, sources, shapes of facts, codes: appended, never changed.
CREATE TABLE text (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);

INSERT INTO text (text) SELECT kind FROM fact UNION SELECT source FROM fact;

-- Facts as reported: appended, never updated but for the two flags that say which revision counts.
CREATE TABLE packed_fact (
    id          INTEGER PRIMARY KEY,
    kind        INTEGER NOT NULL REFERENCES text (id),
    source      INTEGER NOT NULL REFERENCES text (id),
    source_id   TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    -- Counts the reports of one revision that contradict each other.
    version     INTEGER NOT NULL,
    void        INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    -- The columns that are filled, and how each is packed; NULL: the payload is JSON, from before this migration.
    shape       INTEGER REFERENCES text (id),
    payload     BLOB    NOT NULL,
    -- The case that it names; a case without another number goes by its own id.
    case_id     TEXT,
    open_from   INTEGER,
    open_until  INTEGER,
    -- 1: this revision counts.
    current     INTEGER NOT NULL,
    -- 1: another payload was reported under the same revision; neither counts until a person decides.
    conflict    INTEGER NOT NULL,
    command     INTEGER NOT NULL,
    -- The record's own id first: cases are looked for by it, whoever reported them.
    UNIQUE (source_id, kind, source, revision, version)
);

INSERT INTO packed_fact
    SELECT f.id, kind.id, source.id, f.source_id, f.revision,
        ROW_NUMBER() OVER (PARTITION BY f.kind, f.source, f.source_id, f.revision ORDER BY f.id) - 1,
        f.void, f.reported_at, NULL, CAST(f.payload AS BLOB),
        CASE WHEN f.kind = 'case' AND f.case_id = f.source_id THEN NULL ELSE f.case_id END,
        f.open_from, f.open_until, f.current, f.conflict, f.command
    FROM fact AS f JOIN text AS kind ON kind.text = f.kind JOIN text AS source ON source.text = f.source
    ORDER BY f.id;

-- The days in whose sealed file a current fact has a row.
CREATE TABLE packed_anchor (
    day  INTEGER NOT NULL,
    fact INTEGER NOT NULL REFERENCES packed_fact (id),
    PRIMARY KEY (day, fact)
) WITHOUT ROWID;
INSERT INTO packed_anchor SELECT day, fact FROM anchor;

-- Free text, which may name people: erasable, never sealed.
CREATE TABLE packed_fact_text (
    fact   INTEGER NOT NULL REFERENCES packed_fact (id),
    name   TEXT    NOT NULL,
    value  TEXT    NOT NULL,
    PRIMARY KEY (fact, name)
) WITHOUT ROWID;
INSERT INTO packed_fact_text SELECT fact, name, value FROM fact_text;

DROP TABLE anchor;
DROP TABLE fact_text;
DROP TABLE fact;
ALTER TABLE packed_fact RENAME TO fact;
ALTER TABLE packed_anchor RENAME TO anchor;
ALTER TABLE packed_fact_text RENAME TO fact_text;

CREATE INDEX fact_case ON fact (case_id, kind) WHERE current = 1 AND case_id IS NOT NULL;
-- The open book of a day is found from its near end, so that it costs what is open and not what ever was.
CREATE INDEX fact_open ON fact (open_until, open_from) WHERE current = 1 AND open_from IS NOT NULL;
CREATE INDEX fact_conflict ON fact (kind, source, source_id) WHERE conflict = 1;
