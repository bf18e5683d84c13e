"""Scores of a period, computed again by hand from the printed method and the counts: recompute.py METHOD WINDOWS STAFF.

METHOD is what `heng scheme print --lang zh` prints; WINDOWS and STAFF are `heng score --json`. Nothing else is read, and
of WINDOWS and STAFF nothing but counts, states of data that the method leaves to the records, peers' values, half-days
and incidents. Prints how many units were computed; ends with status 1 and the first difference if one differs.
"""

import json
import re
import sys
from fractions import Fraction


def table(lines, heading):
    """The rows of the first table under a heading, as lists of cells."""
    at = lines.index("## " + heading)
    rows = []
    for line in lines[at + 1 :]:
        if line.startswith("## "):
            break
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
        elif rows:
            break
    return [[cell.strip() for cell in "|".join(row).split("|")] if len(row) == 1 else row for row in rows if "---" not in row[0]]


def bracketed(text):
    return re.search(r"\[([^\[\]]+)\]$", text).group(1)


def number(text):
    return Fraction(text.replace("−", "-"))


class Method:
    def __init__(self, path):
        text = open(path, encoding="utf-8").read()
        lines = text.splitlines()
        rows = table(lines, "指标与权重")
        self.types = [bracketed(cell) for cell in rows[0][1:]]
        self.layers = []  # of lists of groups, which are lists of indicators
        self.weights = {}
        for row in rows[1:]:
            row = row + [""] * (len(rows[0]) - len(row))
            if row[0].startswith("**"):
                self.layers.append([])
            elif row[0].startswith("·"):
                indicator = bracketed(row[0])
                self.layers[-1][-1][1].append(indicator)
                self.weights[indicator] = dict(zip(self.types, (number(cell) if cell else Fraction(0) for cell in row[1:])))
            else:
                self.layers[-1].append((row[0], []))
        self.indicators = {}
        for row in table(lines, "每项指标怎么算")[1:]:
            ratio = re.match(r"`\w+` ÷ `\w+`(?: × (\S+))?$", row[1])
            linear = re.match(r"100 × \(v − (\S+)\) ÷ \((\S+) − (\S+)\),限于 0 至 100$", row[2])
            least = re.search(r"n = `\w+` ≥ (\d+)", row[3])
            shrink = re.search(r"收缩 m = (\d+)", row[3])
            self.indicators[bracketed(row[0])] = {
                "factor": number(ratio.group(1) or "1"),
                "floor": number(linear.group(1)),
                "target": number(linear.group(2)),
                "least": int(least.group(1)) if least else 0,
                "shrink": int(shrink.group(1)) if shrink else 0,
            }
        self.negatives = {bracketed(row[0]): row[2] for row in table(lines, "负面清单")[1:]}
        share = re.search(r"S1 = (\S+) × 自身得分 \+ (\S+) × T。T 是其岗位所在各窗口“([^”]+)”组", text)
        self.own, self.share, self.team_group = number(share.group(1)), number(share.group(2)), share.group(3)


def nine(value):
    """Nine decimals, half even."""
    scaled = value * 10**9
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    twice = 2 * rest
    if twice > scaled.denominator or (twice == scaled.denominator and whole % 2):
        whole += 1
    return Fraction(whole, 10**9)


def points_of(method, line):
    """The points of an indicator, or None where its weight moves."""
    if line["state"] == "own_act":
        return Fraction(0)
    rule = method.indicators[line["id"]]
    above, below = int(line["numerator"]), int(line["denominator"])
    if below == 0 or (line["n"] is not None and int(line["n"]) < rule["least"]):
        if line["state"] in ("value",):
            raise SystemExit(f"{line['id']}: has a value where the method gives none")
        return None
    if line["state"] != "value":
        # Another condition of the method, on a count that is not on the card.
        return None
    value = Fraction(above, below)
    if line["shrunk"]:
        weight = int(line["shrunk"]["m"])
        if weight != rule["shrink"]:
            raise SystemExit(f"{line['id']}: m is {weight}, the method says {rule['shrink']}")
        value = (above + weight * Fraction(line["shrunk"]["p0"])) / (below + weight)
    value *= rule["factor"]
    return nine(min(Fraction(100), max(Fraction(0), 100 * (value - rule["floor"]) / (rule["target"] - rule["floor"]))))


def effective(method, window_type, points):
    """Weights after those without points have moved: inside the group, else the layer, else over everything."""
    nominal = {indicator: method.weights[indicator][window_type] for indicator in points}
    moved = {}
    for layer in method.layers:
        groups = [[i for i in members if i in points and nominal[i]] for _, members in layer]
        sums = [sum(nominal[i] for i in group) for group in groups]
        live = [sum(nominal[i] for i in group if points[i] is not None) for group in groups]
        whole = sum(total for total, has in zip(sums, live) if has)
        for group, total, has in zip(groups, sums, live):
            for i in group:
                if points[i] is not None:
                    moved[i] = nominal[i] * total / has * sum(sums) / whole
    total = sum(moved.values())
    return {i: weight * 100 / total for i, weight in moved.items()}


def lines_by_window(unit):
    parts = {}
    for layer in unit["layers"]:
        part = parts.setdefault(layer["window"], (int(layer["half_days"]), []))
        for group in layer["groups"]:
            part[1].extend(group["indicators"])
    return parts


def own_score(method, unit, types):
    """The own score, and per window the points of the team's group."""
    total, days, team = Fraction(0), 0, {}
    for window, (half_days, lines) in lines_by_window(unit).items():
        window_type = types[window]
        points = {line["id"]: points_of(method, line) for line in lines}
        weights = effective(method, window_type, points)
        total += half_days * sum(points[i] * weight for i, weight in weights.items()) / 100
        days += half_days
        members = next(m for layer in method.layers for name, m in layer if name == method.team_group)
        share = sum(weights[i] for i in members if i in weights)
        if share:
            team[window] = sum(points[i] * weights[i] for i in members if i in weights) / share
    return total / days, team


def deducted(method, unit, s1):
    shares, taken = Fraction(0), Fraction(0)
    counts = {}
    for deduction in unit["deductions"]:
        counts[deduction["entry"]] = counts.get(deduction["entry"], 0) + 1
    for entry, count in counts.items():
        effect = method.negatives[entry]
        share = re.match(r"S1 × (\S+),每件,至多 (\d+) 件$", effect)
        points = re.match(r"−(\S+),每件$", effect)
        if share:
            shares += number(share.group(1)) * min(count, int(share.group(2)))
        elif points:
            taken += number(points.group(1)) * count
        elif effect != "一票否决":
            raise SystemExit(f"{entry}: what is {effect}?")
    return min(Fraction(100), max(Fraction(0), s1 * (1 - shares) - taken))


def main(method_file, windows_file, staff_file):
    method = Method(method_file)
    windows = json.load(open(windows_file, encoding="utf-8"))["units"]
    staff = json.load(open(staff_file, encoding="utf-8"))["units"]
    types = {unit["unit"]: unit["type"] for unit in windows}
    team_points = {}
    computed = {"window": 0, "staff": 0, "stand_in": 0}

    def compare(unit, score):
        found = f"{nine(score).numerator * 10**9 // nine(score).denominator:010d}"
        found = f"{found[:-9]}.{found[-9:]}"
        if found != unit["exact"]:
            raise SystemExit(f"{unit['unit']}: {found}, Heng says {unit['exact']}")
        computed[unit["kind"]] += 1

    for unit in windows:
        if unit["score"] is None:
            continue
        own, team = own_score(method, unit, types)
        team_points.update(team)
        compare(unit, deducted(method, unit, own))
    for unit in staff:
        if unit["score"] is None:
            continue
        own, _ = own_score(method, unit, types)
        s1 = own
        if unit["team"]:
            days, total = 0, Fraction(0)
            for window in unit["team"]["windows"]:
                if window["points"] is None:
                    continue
                if window["stand_in"]:
                    # Type and centre together: their counts are on no card.
                    points = Fraction(window["points"])
                    computed["stand_in"] += 1
                else:
                    points = team_points[window["window"]]
                days += int(window["half_days"])
                total += int(window["half_days"]) * points
            s1 = method.own * own + method.share * total / days
        compare(unit, deducted(method, unit, s1))
    print(json.dumps(computed))


if __name__ == "__main__":
    main(*sys.argv[1:])
