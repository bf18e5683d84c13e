"""Makes silence.csv: what scipy says about the conditions under which silence counts.

    python silence.py > silence.csv          (scipy 1.17)

Wilson's bounds are scipy's; Newcombe's interval is put together from them as in his paper (method 10). Cases that
lie within 1e-6 of a limit are left out: there floats cannot decide.
"""

import math
import random

from scipy import stats

rng = random.Random(20260322)
LEVEL = 0.90  # both sides, so that each is a one-sided 95 % bound


def wilson(x, n):
    bounds = stats.binomtest(x, n).proportion_ci(LEVEL, "wilson")
    return bounds.low, bounds.high


def share():
    n = round(10 ** rng.uniform(1.5, 4.5))
    p = rng.choice([0.0, 1.0, rng.uniform(0.5, 1.0), rng.uniform(0.75, 0.99)])
    return min(n, max(0, round(n * p))), n


def clear(*margins):
    return all(abs(margin) > 1e-6 for margin in margins)


print("what,x1,n1,x2,n2,first,second")
rows = 0
while rows < 250:
    x, n = share()
    low, _ = wilson(x, n)
    if clear(low - 0.8):
        print(f"wilson,{x},{n},0,0,{int(low >= 0.8)},")
        rows += 1
rows = 0
while rows < 400:
    (x1, n1), (x2, n2) = share(), share()
    (l1, u1), (l2, u2) = wilson(x1, n1), wilson(x2, n2)
    d = x1 / n1 - x2 / n2
    lower = d - math.hypot(x1 / n1 - l1, u2 - x2 / n2)
    upper = d + math.hypot(u1 - x1 / n1, x2 / n2 - l2)
    if clear(lower - 0.1, upper - 0.1):
        print(f"newcombe,{x1},{n1},{x2},{n2},{int(lower <= 0.1)},{int(lower <= 0.1 and upper <= 0.1)}")
        rows += 1
for _ in range(250):
    n, rest = round(10 ** rng.uniform(0, 5)), round(10 ** rng.uniform(0, 6))
    k, others = rng.randint(0, 40), rng.randint(0, 300)
    tail = stats.binom.sf(k - 1, k + others, n / (n + rest))
    print(f"binomial,{k},{n},{others},{rest},{tail:.17g},")
