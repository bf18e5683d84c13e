-- Ratings that devices gave and of which no case is known yet: looked for again, for a week.
CREATE TABLE unmatched_rating (
    source    TEXT    NOT NULL,
    source_id TEXT    NOT NULL,
    "window"  TEXT    NOT NULL,
    rated_at  INTEGER NOT NULL,
    taken_at  INTEGER NOT NULL,
    -- When it is looked for again; noted beside the door.
    try_at    INTEGER NOT NULL,
    PRIMARY KEY (source, source_id)
) WITHOUT ROWID;
CREATE INDEX unmatched_rating_due ON unmatched_rating (try_at);
