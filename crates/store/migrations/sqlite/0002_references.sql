-- Reference times, each set frozen for a year.
CREATE TABLE reference_set (
    from_day INTEGER PRIMARY KEY,
    digest   TEXT    NOT NULL,
    file     TEXT    NOT NULL,
    command  INTEGER NOT NULL
);
