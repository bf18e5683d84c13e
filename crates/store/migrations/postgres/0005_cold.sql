-- Reports that lie in files of the lake and not in the table `fact`: what a backfill brought.
CREATE TABLE cold_batch (
    id         BIGINT PRIMARY KEY,
    -- Its reports have the numbers from here on, so many of them. One that is in `fact` under its number counts there.
    first_fact BIGINT NOT NULL,
    facts      BIGINT NOT NULL,
    -- The first day on which a case of it stood open overnight.
    open_from  INTEGER,
    -- The files of texts and keys, in JSON.
    files      TEXT NOT NULL,
    command    BIGINT NOT NULL
);

-- The record file of a day, and the numbers of the first and the last report in it.
CREATE TABLE cold_day (
    day        INTEGER NOT NULL,
    batch      BIGINT NOT NULL,
    file       TEXT NOT NULL,
    first_fact BIGINT NOT NULL,
    last_fact  BIGINT NOT NULL,
    PRIMARY KEY (day, batch)
);

-- How many reports that lie in files have a row of their own on a day.
CREATE TABLE cold_source (
    day    INTEGER NOT NULL,
    batch  BIGINT NOT NULL,
    kind   TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    facts  BIGINT NOT NULL,
    PRIMARY KEY (day, batch, kind, source)
);

-- How many reports lie in files.
CREATE TABLE cold_kind (
    batch   BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    reports BIGINT NOT NULL,
    current BIGINT NOT NULL,
    PRIMARY KEY (batch, kind)
);
