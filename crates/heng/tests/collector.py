"""Collects a day of a window as the article describes it: collector.py BASE TOKEN WINDOW DAY. Prints what it got.

Written from the article's description of the interface alone: a GET with a bearer token, the figures as repeated keys, and four
fields without which an answer is not taken.
"""

import datetime
import json
import sys

import requests

base, token, window, day = sys.argv[1:]
answer = requests.get(
    f"{base}/v1/windows/stats",
    headers={"Authorization": f"Bearer {token}"},
    params={
        "window_id": window,
        "date": datetime.date.fromisoformat(day).strftime("%Y-%m-%d"),
        "metrics": ["avg_process_time", "completed_count", "overdue_count"],
    },
    timeout=10,
)
answer.raise_for_status()
figures = answer.json()
missing = {"window_id", "date", "avg_process_time", "completed_count"} - figures.keys()
assert not missing, missing
print(json.dumps(figures))
