-- Days that are being sealed: facts go on coming in meanwhile.
CREATE TABLE sealing (
    day INTEGER PRIMARY KEY
);

-- The last command that changed what a day, sealed or being sealed, should hold.
CREATE TABLE changed_day (
    day     INTEGER PRIMARY KEY,
    command INTEGER NOT NULL
);
