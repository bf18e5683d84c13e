-- Flags are asked as flags (`WHERE current`), which is how PostgreSQL has them, too; the indexes say the same.
DROP INDEX fact_case;
DROP INDEX fact_open;
DROP INDEX fact_conflict;
CREATE INDEX fact_case ON fact (case_id, kind) WHERE current AND case_id IS NOT NULL;
CREATE INDEX fact_open ON fact (open_until, open_from) WHERE current AND open_from IS NOT NULL;
CREATE INDEX fact_conflict ON fact (kind, source, source_id) WHERE conflict;

-- The number of the command is order enough.
CREATE TABLE ordered_outbox (
    command  INTEGER NOT NULL REFERENCES audit (command),
    "window" TEXT    NOT NULL,
    PRIMARY KEY (command, "window")
) WITHOUT ROWID;
INSERT INTO ordered_outbox SELECT DISTINCT command, "window" FROM outbox;
DROP TABLE outbox;
ALTER TABLE ordered_outbox RENAME TO outbox;
