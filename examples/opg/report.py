#!/usr/bin/env python3
"""Finds out by which rule percentages were published: report.py DATA_DIR SCORES_DIR [REPORT]

SCORES_DIR holds `heng score --json` of every month under each scheme, as SCHEME-MONTH.json. A rule fits a month of a
service if the published percentage is within one of its score. For every ordered pair of rules and every month, the
report asks how many months the first explains before and the second from that month on, and takes the split that
explains the most; a single rule is a split without a second. Months that the best split does not explain are outliers.
The report knows no month, service or rule beforehand.
"""

import json
import pathlib
import re
import sys
from decimal import Decimal

TOLERANCE = 1


def published(data):
    figures = {}
    for path in sorted(pathlib.Path(data).glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            if row["dataType"] == "user-satisfaction-percent":
                figures[row["_timestamp"][:7], row["service"]] = Decimal(str(row["count"]))
    return figures


def scores(folder):
    by_rule = {}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        rule, month = re.fullmatch(r"(.+)-(\d{4}-\d{2})", path.stem).groups()
        for unit in json.loads(path.read_text(encoding="utf-8"))["units"]:
            if unit["exact"] is not None:
                by_rule.setdefault(rule, {})[month, unit["unit"]] = Decimal(unit["exact"])
    return by_rule


def best_split(figures, by_rule):
    """The split that explains the most; among equals the one with fewer rules, then the earliest."""
    fits = {rule: {key for key in figures if key in found and abs(found[key] - figures[key]) <= TOLERANCE}
            for rule, found in by_rule.items()}  # fmt: skip
    months = sorted({month for month, _ in figures})
    splits = [(rule, None, None) for rule in by_rule]
    splits += [(one, month, other) for one in by_rule for other in by_rule for month in months[1:] if one != other]

    def explained(split):
        before, switch, after = split
        return {key for key in figures if key in fits[before if switch is None or key[0] < switch else after]}

    best = max(splits, key=lambda split: (len(explained(split)), split[1] is None))
    return best, explained(best)


def main(data, folder, report=None):
    figures, by_rule = published(data), scores(folder)
    (before, switch, after), explained = best_split(figures, by_rule)
    outliers = sorted(set(figures) - explained)
    print(f"{len(explained)} of {len(figures)} published percentages are within {TOLERANCE} of a score")
    print(f"rule: {before}" if switch is None else f"rule: {before} before {switch}, {after} from {switch} on")
    for month, service in outliers:
        near = ", ".join(f"{rule} {found[month, service]:.2f}" for rule, found in by_rule.items())
        print(f"outlier: {service} {month}: published {figures[month, service]}, {near}")
    if report:
        lines = [
            {"month": month, "service": service, "published": str(figure), "explained": (month, service) in explained,
             **{rule: str(found.get((month, service))) for rule, found in by_rule.items()}}
            for (month, service), figure in sorted(figures.items())
        ]  # fmt: skip
        summary = {"before": before, "switch": switch, "after": after, "outliers": outliers, "months": lines}
        pathlib.Path(report).write_text(json.dumps(summary, indent=1), encoding="utf-8")


main(*sys.argv[1:])
