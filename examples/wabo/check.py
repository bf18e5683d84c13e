#!/usr/bin/env python3
"""Counts the WABO log again, from the raw CSV and with nothing of Heng: check.py DATA_DIR

Prints one JSON object: events, cases, and per group (`none` where the log names none) how many cases are finished,
finished on time against the plan, finished late, unfinished, unfinished and past the plan when the log ends
(2012-01-31), the case-days at whose end they were open, and overdue, the sum and the mean of durations in whole
seconds, and some of these counts for cases from the internet. Times are compared to the microsecond; durations are
between whole seconds, as Heng cuts times at intake. Days are those of the log's own local times.
"""

import csv
import json
import math
import pathlib
import sys
from datetime import date, datetime, timedelta

# The last day of the log.
LAST = date(2012, 1, 31)
ONE_DAY = timedelta(days=1)


def read_cases(path):
    cases, events = {}, 0
    with open(path, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            events += 1
            case = {key: value for key, value in row.items() if key.startswith("case:")}
            known = cases.setdefault(row["case:concept:name"], case)
            # The log repeats what belongs to the case in every event.
            assert known == case, row["case:concept:name"]
    return cases, events


def when(text):
    return datetime.fromisoformat(text) if text else None


def days_between(first, last):
    return max(0, (last - first).days)


def count(case, group):
    start, end, plan = (when(case[key]) for key in ("case:startdate", "case:enddate", "case:enddate_planned"))
    # Open at the end of every day from the start on, and on the day of the end no more.
    after_open = min(end.date(), LAST + ONE_DAY) if end else LAST + ONE_DAY
    group["open_days"] += days_between(start.date(), after_open)
    group["overdue_days"] += days_between(max(start.date(), plan.date()), after_open)
    if end is None:
        group["unfinished"] += 1
        group["unfinished_overdue"] += plan.date() <= LAST
        return
    on_time = end <= plan
    group["finished"] += 1
    group["on_time" if on_time else "late"] += 1
    group["seconds"] += math.floor(end.timestamp()) - math.floor(start.timestamp())
    if case["case:channel"] == "Internet":
        group["internet_finished"] += 1
        group["internet_on_time"] += on_time


def main(data):
    cases, events = read_cases(pathlib.Path(data) / "receipt.csv")
    names = (
        "finished", "on_time", "late", "unfinished", "unfinished_overdue", "open_days", "overdue_days", "seconds",
        "internet_finished", "internet_on_time",
    )  # fmt: skip
    groups = {}
    for case in cases.values():
        count(case, groups.setdefault(case["case:group"] or "none", dict.fromkeys(names, 0)))
    for group in groups.values():
        group["mean_seconds"] = round(group["seconds"] / group["finished"], 3) if group["finished"] else None
    print(json.dumps({"events": events, "cases": len(cases), "groups": groups}, indent=1, sort_keys=True))


main(sys.argv[1])
