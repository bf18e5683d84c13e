-- Ratings that devices gave and of which no case is known yet: looked for again, for a week.
CREATE TABLE unmatched_rating (
    source    TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    "window"  TEXT COLLATE "C" NOT NULL,
    rated_at  BIGINT NOT NULL,
    taken_at  BIGINT NOT NULL,
    -- When it is looked for again; noted beside the door.
    try_at    BIGINT NOT NULL,
    PRIMARY KEY (source, source_id)
);
CREATE INDEX unmatched_rating_due ON unmatched_rating (try_at);
