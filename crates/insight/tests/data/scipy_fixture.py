"""Writes scipy.csv, the oracle of `tests/scipy.rs`: run with scipy==1.17.1 and mpmath==1.3.0.

    python3 -m venv venv && venv/bin/pip install scipy==1.17.1 mpmath==1.3.0
    venv/bin/python scipy_fixture.py > scipy.csv

A line is a quantity, its arguments, and what scipy says. Newcombe's interval is not in scipy; it is made here from
scipy's Wilson bounds. scipy's quantile of the gamma distribution is wrong in the sixth digit for shapes of millions and
probabilities below 1e-5 (it does not give back the probability); there mpmath takes the last steps. Numbers are written
so that reading them gives the same double.
"""

import math
import random
import sys

import mpmath
import scipy
from scipy import special, stats

assert scipy.__version__ == "1.17.1", scipy.__version__
draw = random.Random(20260301)
COUNT = 250
mpmath.mp.dps = 40
corrected = 0


def shape():
    """Shapes from a hundredth to ten million, every size as likely."""
    return draw.choice([0.5, 1.0, 10 ** draw.uniform(-2, 1), 10 ** draw.uniform(0, 4), 10 ** draw.uniform(3, 7)])


def probability():
    """Probabilities of every kind: the middle, both tails, and the usual ones."""
    kind = draw.randrange(4)
    if kind == 0:
        return draw.uniform(0, 1)
    if kind == 1:
        return 10 ** draw.uniform(-12, -1)
    if kind == 2:
        return 1 - 10 ** draw.uniform(-12, -1)
    return draw.choice([0.025, 0.05, 0.5, 0.9, 0.95, 0.975])


def counts():
    """x of n, with nothing and everything among them."""
    n = draw.choice([1, 2, draw.randrange(3, 100), draw.randrange(100, 10**5), draw.randrange(10**5, 10**9)])
    x = draw.choice([0, n, draw.randrange(n + 1), min(n, draw.randrange(10)), n - min(n, draw.randrange(10))])
    return x, n


def write(name, arguments, value):
    if math.isfinite(value):
        print(",".join([name, *(repr(float(a)) if isinstance(a, float) else str(a) for a in arguments), repr(float(value))]))


def near(mean, sd):
    """A point somewhere around the mean, or far from it."""
    return mean + draw.choice([0.1, 1, 3, 6]) * sd * draw.uniform(-1, 1)


def beta():
    a, b = shape(), shape()
    x = near(a / (a + b), math.sqrt(a * b / (a + b) ** 2 / (a + b + 1)))
    x = x if 0 < x < 1 else draw.uniform(0, 1)
    write("beta_cdf", (a, b, x), special.betainc(a, b, x))
    write("beta_upper", (a, b, x), special.betaincc(a, b, x))
    p = probability()
    write("beta_quantile", (a, b, p), special.betaincinv(a, b, p))


def exact_gamma_lower(a, x):
    """The lower tail by its series, with forty digits."""
    term = total = mpmath.mpf(1)
    n = mpmath.mpf(a)
    while term > total * mpmath.mpf(10) ** -30:
        n += 1
        term *= x / n
        total += term
    return mpmath.e ** (a * mpmath.log(x) - x - mpmath.loggamma(mpmath.mpf(a) + 1)) * total


def gamma_quantile(a, p):
    global corrected
    x = special.gammaincinv(a, p)
    if a < 1e5 or p > 0.5:
        return x
    better = mpmath.mpf(x)
    for _ in range(3):
        density = mpmath.e ** ((a - 1) * mpmath.log(better) - better - mpmath.loggamma(a))
        better -= (exact_gamma_lower(a, better) - p) / density
    corrected += abs(float(better) / x - 1) > 1e-9
    return float(better)


def gamma():
    a = shape()
    x = abs(near(a, math.sqrt(a)))
    write("gamma_cdf", (a, x), special.gammainc(a, x))
    write("gamma_upper", (a, x), special.gammaincc(a, x))
    p = probability()
    write("gamma_quantile", (a, p), gamma_quantile(a, p))


def normal():
    p = probability()
    write("normal_quantile", (p,), special.ndtri(p))
    z = draw.uniform(-8, 8)
    write("normal_cdf", (z,), special.ndtr(z))


def binomial():
    k, n = counts()
    p = draw.choice([draw.uniform(0, 1), min(0.999, max(0.001, (k + 0.5) / (n + 1) * draw.uniform(0.9, 1.1)))])
    write("binomial_at_least", (k, n, p), stats.binom.sf(k - 1, n, p))
    write("binomial_at_most", (k, n, p), stats.binom.cdf(k, n, p))


def wilson_of(x, n, confidence, sides):
    if sides == 2:
        ci = stats.binomtest(x, n).proportion_ci(confidence, "wilson")
        return ci.low, ci.high
    lower = stats.binomtest(x, n, alternative="greater").proportion_ci(confidence, "wilson").low
    upper = stats.binomtest(x, n, alternative="less").proportion_ci(confidence, "wilson").high
    return lower, upper


def proportions():
    confidence = draw.choice([0.8, 0.9, 0.95, 0.99, draw.uniform(0.5, 0.999)])
    (x1, n1), (x2, n2) = counts(), counts()
    for sides in (1, 2):
        (l1, u1), (l2, u2) = wilson_of(x1, n1, confidence, sides), wilson_of(x2, n2, confidence, sides)
        write(f"wilson_lower_{sides}", (x1, n1, confidence), l1)
        write(f"wilson_upper_{sides}", (x1, n1, confidence), u1)
        p1, p2 = x1 / n1, x2 / n2
        write(f"newcombe_lower_{sides}", (x1, n1, x2, n2, confidence), p1 - p2 - math.hypot(p1 - l1, u2 - p2))
        write(f"newcombe_upper_{sides}", (x1, n1, x2, n2, confidence), p1 - p2 + math.hypot(u1 - p1, p2 - l2))


for _ in range(COUNT):
    for quantity in (beta, gamma, normal, binomial, proportions):
        quantity()
print(f"scipy {scipy.__version__}, {COUNT} inputs a quantity, {corrected} gamma quantiles corrected", file=sys.stderr)
