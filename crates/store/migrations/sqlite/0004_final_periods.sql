-- Periods whose scores stay as they are, whatever is learned later.
CREATE TABLE final_period (
    period    TEXT    NOT NULL,
    scheme    TEXT    NOT NULL,
    final_day INTEGER NOT NULL,
    command   INTEGER NOT NULL,
    PRIMARY KEY (period, scheme)
);
