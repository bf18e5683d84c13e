//! Exact arithmetic: the only numbers on the road from a tally to a score.
//!
//! A [`Ratio`] is a fraction of two 64-bit integers as long as they suffice, of two 128-bit ones beyond, and of two
//! big integers beyond those; it never rounds, overflows or wraps. Rounding happens only where the method says so, by [`Ratio::round`].

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_rational::BigRational;
use num_traits::{One as _, Signed as _, ToPrimitive as _};
use std::cmp::Ordering;
use std::fmt;

/// How a number between two representable ones is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearer one; halves go up (towards +∞).
    HalfUp,
    /// To the nearer one; halves go to the even one.
    HalfEven,
    /// Down (towards −∞).
    Floor,
}

/// An exact fraction.
#[derive(Clone, Debug)]
pub struct Ratio(Repr);

/// Numerator and denominator > 0, not necessarily in lowest terms.
#[derive(Clone, Debug)]
enum Repr {
    /// Nearly every number of a score; products of two of them fit 128 bits.
    Small(i64, i64),
    Wide(Box<(i128, i128)>),
    Big(Box<BigRational>),
}

impl Ratio {
    /// Zero.
    pub const ZERO: Self = Self(Repr::Small(0, 1));
    /// One.
    pub const ONE: Self = Self(Repr::Small(1, 1));

    /// The fraction `numerator / denominator`; `None` if the denominator is zero.
    #[must_use]
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator > 0 {
            return Some(Self::of(numerator, denominator));
        }
        if denominator == 0 {
            return None;
        }
        Some(Self::from_big(BigRational::new(numerator.into(), denominator.into())))
    }

    /// A whole number.
    #[must_use]
    pub fn whole(number: i128) -> Self {
        Self::of(number, 1)
    }

    /// A number of billionths.
    #[must_use]
    pub const fn nano(number: i64) -> Self {
        Self(Repr::Small(number, 1_000_000_000))
    }

    /// A fraction with a denominator > 0.
    fn of(numerator: i128, denominator: i128) -> Self {
        match (i64::try_from(numerator), i64::try_from(denominator)) {
            (Ok(numerator), Ok(denominator)) => Self(Repr::Small(numerator, denominator)),
            _ => Self(Repr::Wide(Box::new((numerator, denominator)))),
        }
    }

    /// Numerator and denominator > 0, not necessarily in lowest terms; `None` if they do not fit.
    #[must_use]
    pub fn pair(&self) -> Option<(i128, i128)> {
        match &self.0 {
            Repr::Small(numerator, denominator) => Some(((*numerator).into(), (*denominator).into())),
            Repr::Wide(pair) => Some(**pair),
            Repr::Big(_) => None,
        }
    }

    /// Reads `12`, `-0.869247`, `99.5%` or `25/6`.
    ///
    /// At most 40 characters; no exponent, no white space, no thousands separator.
    ///
    /// ```
    /// use model::exact::Ratio;
    /// assert_eq!(Ratio::parse("0.5"), Ratio::new(1, 2));
    /// assert_eq!(Ratio::parse("50%"), Ratio::parse("1/2"));
    /// assert_eq!(Ratio::parse("1e3"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 40 {
            return None;
        }
        if let Some(percent) = text.strip_suffix('%') {
            return Self::parse_decimal(percent)?.div(&Self::whole(100));
        }
        match text.split_once('/') {
            Some((above, below)) => Self::parse_decimal(above)?.div(&Self::parse_decimal(below)?),
            None => Self::parse_decimal(text),
        }
    }

    fn parse_decimal(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(fraction) || digits.ends_with('.') {
            return None;
        }
        let number: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = power_of_ten(u32::try_from(fraction.len()).ok()?)?;
        Self::new(if negative { -number } else { number }, scale)
    }

    pub(crate) fn from_big(big: BigRational) -> Self {
        match (big.numer().to_i128(), big.denom().to_i128()) {
            (Some(numerator), Some(denominator)) => Self::of(numerator, denominator),
            _ => Self(Repr::Big(Box::new(big))),
        }
    }

    fn big(&self) -> BigRational {
        match &self.0 {
            Repr::Small(numerator, denominator) => BigRational::new((*numerator).into(), (*denominator).into()),
            Repr::Wide(pair) => BigRational::new(pair.0.into(), pair.1.into()),
            Repr::Big(big) => (**big).clone(),
        }
    }

    /// The sum.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        if let (Repr::Small(n1, d1), Repr::Small(n2, d2)) = (&self.0, &other.0) {
            // Nearly every sum: of whole numbers, or of points times weights.
            return match n1.checked_add(*n2).filter(|_| d1 == d2) {
                Some(sum) => Self(Repr::Small(sum, *d1)),
                None => add_small((*n1).into(), *d1, (*n2).into(), *d2),
            };
        }
        self.combine(other, i128::checked_add, |a, b| a + b)
    }

    /// The difference.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        if let (Repr::Small(n1, d1), Repr::Small(n2, d2)) = (&self.0, &other.0) {
            return add_small((*n1).into(), *d1, -i128::from(*n2), *d2);
        }
        self.combine(other, i128::checked_sub, |a, b| a - b)
    }

    fn combine(
        &self,
        other: &Self,
        small: fn(i128, i128) -> Option<i128>,
        big: fn(BigRational, BigRational) -> BigRational,
    ) -> Self {
        if let (Some(a), Some(b)) = (self.pair(), other.pair())
            && let Some((numerator, denominator)) = combine_wide(a, b, small)
        {
            return Self::of(numerator, denominator);
        }
        Self::from_big(big(self.big(), other.big()))
    }

    /// The product.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        if let (Repr::Small(n1, d1), Repr::Small(n2, d2)) = (&self.0, &other.0) {
            return match (n1.checked_mul(*n2), d1.checked_mul(*d2)) {
                (Some(n), Some(d)) => Self(Repr::Small(n, d)),
                _ => Self::of(i128::from(*n1) * i128::from(*n2), i128::from(*d1) * i128::from(*d2)),
            };
        }
        if let (Some((n1, d1)), Some((n2, d2))) = (self.pair(), other.pair())
            && let (Some(n), Some(d)) = (n1.checked_mul(n2), d1.checked_mul(d2))
        {
            return Self::of(n, d);
        }
        Self::from_big(self.big() * other.big())
    }

    /// The quotient; `None` when dividing by zero.
    #[must_use]
    pub fn div(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        if let (Repr::Small(n1, d1), Repr::Small(n2, d2)) = (&self.0, &other.0) {
            let (n, d) = (i128::from(*n1) * i128::from(*d2), i128::from(*d1) * i128::from(*n2));
            return Some(if d < 0 { Self::of(-n, -d) } else { Self::of(n, d) });
        }
        if let (Some((n1, d1)), Some((n2, d2))) = (self.pair(), other.pair())
            && let (Some(n), Some(d)) = (n1.checked_mul(d2), n2.checked_abs().and_then(|n2| d1.checked_mul(n2)))
            && let Some(n) = if n2 < 0 { n.checked_neg() } else { Some(n) }
        {
            return Some(Self::of(n, d));
        }
        Some(Self::from_big(self.big() / other.big()))
    }

    /// x of n records drawn towards this share as by m records more: (x + m · p) ÷ (n + m); `None` without records.
    #[must_use]
    pub fn drawn(&self, x: i64, n: i64, m: u32) -> Option<Self> {
        let (x, n, m) = (i128::from(x), i128::from(n), i128::from(m));
        if let Repr::Small(above, below) = self.0 {
            return Self::new(x * i128::from(below) + i128::from(above) * m, (n + m) * i128::from(below));
        }
        Self::whole(x).add(&self.mul(&Self::whole(m))).div(&Self::whole(n + m))
    }

    /// Whether this is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match &self.0 {
            Repr::Small(numerator, _) => *numerator == 0,
            Repr::Wide(pair) => pair.0 == 0,
            Repr::Big(_) => false,
        }
    }

    /// The smaller of the two.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// The larger of the two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }

    /// This number times 10^`places`, rounded to a whole number.
    #[must_use]
    pub fn round(&self, places: u32, rounding: Rounding) -> BigInt {
        if let Some(small) = self.round_small(places, rounding) {
            return small.into();
        }
        let big = self.big();
        let numerator = big.numer() * BigInt::from(10).pow(places);
        let (quotient, rest) = numerator.div_mod_floor(big.denom());
        let twice: BigInt = rest * 2;
        if rounds_up(twice.cmp(big.denom()), quotient.is_odd(), rounding) { quotient + 1 } else { quotient }
    }

    /// As [`Ratio::round`], if the result fits.
    #[must_use]
    pub fn round_to_i64(&self, places: u32, rounding: Rounding) -> Option<i64> {
        match self.round_small(places, rounding) {
            Some(small) => i64::try_from(small).ok(),
            None => self.round(places, rounding).to_i64(),
        }
    }

    /// As [`Ratio::round`], if the work fits `i128`.
    #[must_use]
    pub fn round_small(&self, places: u32, rounding: Rounding) -> Option<i128> {
        let (numerator, denominator) = self.pair()?;
        let scaled = numerator.checked_mul(power_of_ten(places)?)?;
        // One division, where a division and a remainder would be two.
        let towards_zero = scaled / denominator;
        let rest = scaled - towards_zero * denominator;
        let (quotient, rest) = if rest < 0 { (towards_zero - 1, rest + denominator) } else { (towards_zero, rest) };
        let up = rounds_up(rest.checked_mul(2)?.cmp(&denominator), quotient % 2 != 0, rounding);
        Some(quotient + i128::from(up))
    }

    /// The number as a decimal text with so many places.
    #[must_use]
    pub fn to_decimal(&self, places: u32, rounding: Rounding) -> String {
        let (negative, digits) = if let Some(small) = self.round_small(places, rounding) {
            (small < 0, small.unsigned_abs().to_string())
        } else {
            let rounded = self.round(places, rounding);
            (rounded.is_negative(), rounded.abs().to_string())
        };
        let width = places as usize + 1;
        let padded = format!("{digits:0>width$}");
        let (whole, fraction) = padded.split_at(padded.len() - places as usize);
        let sign = if negative { "-" } else { "" };
        if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// The fraction in lowest terms, as `25/6`, or `4` when it is whole.
    #[must_use]
    pub fn to_fraction(&self) -> String {
        if let Some((numerator, denominator)) = self.pair() {
            let divisor = gcd(numerator, denominator);
            let (above, below) = (numerator / divisor, denominator / divisor);
            return if below == 1 { above.to_string() } else { format!("{above}/{below}") };
        }
        let big = self.big();
        if big.denom().is_one() { big.numer().to_string() } else { format!("{}/{}", big.numer(), big.denom()) }
    }

    /// The number as people write it: a terminating decimal where there is one of at most nine places, else the
    /// fraction.
    #[must_use]
    pub fn to_plain(&self) -> String {
        let text = self.to_decimal(9, Rounding::HalfEven);
        if Self::parse(&text).as_ref() != Some(self) {
            return self.to_fraction();
        }
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    match exponent {
        // Points and scores, asked for millions of times.
        9 => Some(1_000_000_000),
        2 => Some(100),
        0 => Some(1),
        other => 10_i128.checked_pow(other),
    }
}

/// The greatest common divisor of a number and a positive one; cheap where both fit 64 bits, as in scores.
fn gcd(a: i128, positive: i128) -> i128 {
    match (u64::try_from(a.unsigned_abs()), u64::try_from(positive)) {
        (Ok(a), Ok(b)) => i128::from(a.gcd(&b)),
        _ => a.gcd(&positive),
    }
}

fn rounds_up(twice_rest_to_denominator: Ordering, odd: bool, rounding: Rounding) -> bool {
    match (rounding, twice_rest_to_denominator) {
        (Rounding::Floor, _) | (_, Ordering::Less) => false,
        (_, Ordering::Greater) | (Rounding::HalfUp, Ordering::Equal) => true,
        (Rounding::HalfEven, Ordering::Equal) => odd,
    }
}

/// Denominators below this leave room for what follows: looking for a smaller one costs more than it saves.
const SHORT: i128 = 1 << 50;

/// The sum of two fractions of 64 bits (a numerator may be one that was negated), which fits 128.
fn add_small(n1: i128, d1: i64, n2: i128, d2: i64) -> Ratio {
    if d1 == d2 {
        return Ratio::of(n1 + n2, d1.into());
    }
    // Else denominators are kept at the least common multiple.
    let divisor = if i128::from(d1) * i128::from(d2) < SHORT { 1 } else { d1.gcd(&d2) };
    let (grow1, grow2) = (i128::from(d2 / divisor), i128::from(d1 / divisor));
    Ratio::of(n1 * grow1 + n2 * grow2, i128::from(d1) * grow1)
}

fn combine_wide(
    (n1, d1): (i128, i128),
    (n2, d2): (i128, i128),
    op: fn(i128, i128) -> Option<i128>,
) -> Option<(i128, i128)> {
    let divisor = gcd(d1, d2);
    let (grow1, grow2) = (d2 / divisor, d1 / divisor);
    let denominator = d1.checked_mul(grow1)?;
    Some((op(n1.checked_mul(grow1)?, n2.checked_mul(grow2)?)?, denominator))
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ratio {}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Small(n1, d1), Repr::Small(n2, d2)) = (&self.0, &other.0) {
            return (i128::from(*n1) * i128::from(*d2)).cmp(&(i128::from(*n2) * i128::from(*d1)));
        }
        if let (Some((n1, d1)), Some((n2, d2))) = (self.pair(), other.pair())
            && let (Some(left), Some(right)) = (n1.checked_mul(d2), n2.checked_mul(d1))
        {
            return left.cmp(&right);
        }
        self.big().cmp(&other.big())
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_plain())
    }
}

impl serde::Serialize for Ratio {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_fraction())
    }
}

impl<'de> serde::Deserialize<'de> for Ratio {
    /// Reads what was written: a fraction of whole numbers of any length.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (above, below) = text.split_once('/').unwrap_or((&text, "1"));
        let whole = |part: &str| part.parse::<BigInt>().ok();
        let zero = BigInt::from(0);
        match (whole(above), whole(below)) {
            (Some(above), Some(below)) if below > zero => Ok(Self::from_big(BigRational::new(above, below))),
            _ => Err(serde::de::Error::custom(format!("`{text}` is not a fraction"))),
        }
    }
}

impl std::iter::Sum for Ratio {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |sum, next| sum.add(&next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).expect(text)
    }

    #[test]
    fn numbers_are_read_as_written_or_refused() {
        assert_eq!(ratio("73.8343%"), ratio("738343/1000000"));
        assert_eq!(ratio("25/6").to_plain(), "25/6");
        assert_eq!(ratio("-1.50").to_plain(), "-1.5");
        let long = "1".repeat(41);
        for text in ["", "-", ".5", "5.", "1 2", "1,000", "１", "+1", "1/0", "1/2/3", "NaN", "--1", long.as_str()] {
            assert_eq!(Ratio::parse(text), None, "{text}");
        }
    }

    #[test]
    fn halves_go_where_the_method_sends_them() {
        let check = |text: &str, places, rounding, expect: &str| {
            assert_eq!(ratio(text).to_decimal(places, rounding), expect, "{text}");
        };
        check("0.125", 2, Rounding::HalfUp, "0.13");
        check("0.125", 2, Rounding::HalfEven, "0.12");
        check("0.135", 2, Rounding::HalfEven, "0.14");
        check("-0.125", 2, Rounding::HalfUp, "-0.12");
        check("2.5", 0, Rounding::HalfUp, "3");
        check("-2.5", 0, Rounding::HalfEven, "-2");
        check("-0.1", 0, Rounding::Floor, "-1");
        check("2/3", 9, Rounding::HalfEven, "0.666666667");
    }

    #[test]
    fn small_numbers_are_drawn_by_the_peers() {
        assert_eq!(ratio("0.5").drawn(3, 4, 16).map(|value| value.to_plain()).as_deref(), Some("0.55"));
        assert_eq!(ratio("0.5").drawn(0, 0, 0), None);
        let wide = Ratio::new(1 << 80, 3 << 80).expect("a share");
        assert_eq!(wide.drawn(3, 4, 6), ratio("1/3").drawn(3, 4, 6));
    }

    #[test]
    fn numbers_beyond_i128_stay_exact() {
        let huge = Ratio::whole(i128::MAX);
        let square = huge.mul(&huge);
        assert_eq!(square.div(&huge), Some(huge.clone()));
        assert_eq!(square.sub(&square), Ratio::ZERO);
        assert_eq!(square.div(&square).map(|one| one.to_decimal(2, Rounding::HalfUp)).as_deref(), Some("1.00"));
    }

    proptest! {
        #[test]
        fn the_small_the_wide_and_the_big_road_agree(
            a in any::<i64>(), b in 1_i64.., c in any::<i64>(), d in 1_i64.., places in 0_u32..10,
        ) {
            let (x, y) = (Ratio(Repr::Small(a, b)), Ratio(Repr::Small(c, d)));
            let wide = |r: &Ratio| Ratio(Repr::Wide(Box::new(r.pair().expect("small"))));
            let big = |r: &Ratio| Ratio(Repr::Big(Box::new(r.big())));
            for other in [&wide as &dyn Fn(&Ratio) -> Ratio, &big] {
                prop_assert_eq!(x.add(&y), other(&x).add(&other(&y)));
                prop_assert_eq!(x.sub(&y), other(&x).sub(&other(&y)));
                prop_assert_eq!(x.mul(&y), other(&x).mul(&other(&y)));
                prop_assert_eq!(x.div(&y), other(&x).div(&other(&y)));
                prop_assert_eq!(x.cmp(&y), other(&x).cmp(&other(&y)));
                for rounding in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Floor] {
                    prop_assert_eq!(x.round(places, rounding), other(&x).round(places, rounding));
                }
                prop_assert_eq!(x.to_fraction(), other(&x).to_fraction());
            }
        }
    }
}
