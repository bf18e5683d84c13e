//! The statistics that decide, without a float: conditions on square roots are decided by squaring.

use super::Share;
use crate::exact::Ratio;
use num_bigint::BigInt;
use num_rational::BigRational;
use std::cmp::Ordering;

/// The square of the one-sided 95 % point of the normal distribution, as SCORING §3 writes it.
fn z_squared() -> Ratio {
    Ratio::new(2_705_543, 1_000_000).unwrap_or(Ratio::ONE)
}

fn ratio((x, n): Share) -> Option<Ratio> {
    Ratio::new(x.into(), n.into())
}

/// Whether the one-sided 95 % lower bound of a share by Wilson (JASA 22, 1927) is at least `least`.
///
/// The bound is where the score test would just not reject, so that with p = x ÷ n the question is whether p ≥ least
/// and (p − least)² · n ≥ z² · least · (1 − least). False without records.
///
/// ```
/// # use model::{exact::Ratio, silence::wilson_lower_at_least};
/// let least = Ratio::parse("0.8").unwrap();
/// assert!(wilson_lower_at_least((28, 30), &least));
/// assert!(!wilson_lower_at_least((27, 30), &least));
/// ```
#[must_use]
pub fn wilson_lower_at_least(share: Share, least: &Ratio) -> bool {
    let Some(p) = ratio(share) else { return false };
    let above = p.sub(least);
    let noise = z_squared().mul(least).mul(&Ratio::ONE.sub(least));
    above >= Ratio::ZERO && above.mul(&above).mul(&Ratio::whole(share.1.into())) >= noise
}

/// Whether the first share is not more than `most` above the second: the one-sided 95 % lower bound of their
/// difference is at most that; with `surely` the upper bound, too. By Newcombe (Statistics in Medicine 17, 1998,
/// method 10): the bounds are made from Wilson's bounds of both shares. False without records.
///
/// ```
/// # use model::{exact::Ratio, silence::gap_at_most};
/// let most = Ratio::parse("10%").unwrap();
/// assert!(gap_at_most(((98, 100), (85, 100)), &most, false));
/// assert!(!gap_at_most(((98, 100), (85, 100)), &most, true));
/// assert!(!gap_at_most(((98, 100), (60, 100)), &most, false));
/// ```
#[must_use]
pub fn gap_at_most((first, second): (Share, Share), most: &Ratio, surely: bool) -> bool {
    let (Some(a), Some(b)) = (Wilson::new(first), Wilson::new(second)) else { return false };
    // How far the limit lies above the difference itself.
    let room = most.sub(&a.share.sub(&b.share));
    let lower = room >= Ratio::ZERO || a.below().squared_with(&b.above(), &room) != Ordering::Less;
    let upper = || room >= Ratio::ZERO && a.above().squared_with(&b.below(), &room) != Ordering::Greater;
    lower && (!surely || upper())
}

/// Wilson's interval of a share: centre ± √`half_squared`.
struct Wilson {
    share: Ratio,
    centre: Ratio,
    half_squared: Ratio,
}

/// The distance from a share to one of its bounds: plain + √root.
struct Distance {
    plain: Ratio,
    root: Ratio,
}

impl Wilson {
    fn new((x, n): Share) -> Option<Self> {
        let share = ratio((x, n))?;
        let (x, n, z2) = (Ratio::whole(x.into()), Ratio::whole(n.into()), z_squared());
        let scale = Ratio::whole(2).mul(&n.add(&z2));
        let centre = Ratio::whole(2).mul(&x).add(&z2).div(&scale)?;
        let inner = z2.add(&Ratio::whole(4).mul(&x).mul(&Ratio::ONE.sub(&share)));
        let half_squared = z2.mul(&inner).div(&scale.mul(&scale))?;
        Some(Self { share, centre, half_squared })
    }

    fn below(&self) -> Distance {
        Distance { plain: self.share.sub(&self.centre), root: self.half_squared.clone() }
    }

    fn above(&self) -> Distance {
        Distance { plain: self.centre.sub(&self.share), root: self.half_squared.clone() }
    }
}

impl Distance {
    /// Compares self² + other² with room².
    fn squared_with(&self, other: &Self, room: &Ratio) -> Ordering {
        let two = Ratio::whole(2);
        let plain = |of: &Self| of.plain.mul(&of.plain).add(&of.root);
        let rest = plain(self).add(&plain(other)).sub(&room.mul(room));
        sign(&rest, (&two.mul(&self.plain), &self.root), (&two.mul(&other.plain), &other.root))
    }
}

/// A number times a square root; what stands under the root is not negative.
type Root<'a> = (&'a Ratio, &'a Ratio);

/// The sign of a number and two roots added up, as a comparison with zero.
fn sign(plain: &Ratio, first: Root<'_>, second: Root<'_>) -> Ordering {
    let square = |(times, under): Root<'_>| times.mul(times).mul(under);
    let roots = match (sign_of(first), sign_of(second)) {
        (Ordering::Less, Ordering::Greater) => square(second).cmp(&square(first)),
        (Ordering::Greater, Ordering::Less) => square(first).cmp(&square(second)),
        (Ordering::Equal, other) | (other, _) => other,
    };
    let rest = plain.cmp(&Ratio::ZERO);
    if rest == Ordering::Equal {
        return roots;
    }
    if roots == Ordering::Equal || roots == rest {
        return rest;
    }
    // They pull apart: whichever has the greater square wins. (b√m + c√n)² = b²m + c²n + 2bc·√(mn).
    let known = square(first).add(&square(second)).sub(&plain.mul(plain));
    let cross = Ratio::whole(2).mul(first.0).mul(second.0);
    match sign_with_one(&known, (&cross, &first.1.mul(second.1))) {
        Ordering::Greater => roots,
        Ordering::Less => rest,
        Ordering::Equal => Ordering::Equal,
    }
}

fn sign_of((times, under): Root<'_>) -> Ordering {
    if under.is_zero() { Ordering::Equal } else { times.cmp(&Ratio::ZERO) }
}

/// The sign of a number and one root added up.
fn sign_with_one(plain: &Ratio, root: Root<'_>) -> Ordering {
    let (rest, of_root) = (plain.cmp(&Ratio::ZERO), sign_of(root));
    if of_root == Ordering::Equal || rest == of_root {
        return rest;
    }
    if rest == Ordering::Equal {
        return of_root;
    }
    match plain.mul(plain).cmp(&root.0.mul(root.0).mul(root.1)) {
        Ordering::Greater => rest,
        Ordering::Less => of_root,
        Ordering::Equal => Ordering::Equal,
    }
}

/// P(Bin(k + K, n ÷ (n + N)) ≥ k): how likely a window with n cases had at least its k complaints, if complaints fell
/// on its cases as on the N cases of its peers with K. Exact. 1 without any case or complaint.
///
/// ```
/// # use model::{exact::Rounding, silence::binomial_tail};
/// let tail = binomial_tail((3, 100), (0, 100));
/// assert_eq!(tail.to_decimal(3, Rounding::HalfUp), "0.125");
/// ```
#[must_use]
pub fn binomial_tail((k, n): Share, (others, rest): Share) -> Ratio {
    // Without a complaint nothing is strange; without peers there is nobody to compare with.
    if k <= 0 || n + rest <= 0 || rest <= 0 {
        return Ratio::ONE;
    }
    let (own, others_cases, trials) = (BigInt::from(n), BigInt::from(rest), k + others);
    let power = |base: &BigInt, exponent: i64| base.pow(u32::try_from(exponent).unwrap_or(u32::MAX));
    // 1 − Σ C(k + K, j) · nʲ · N^(k + K − j) ÷ (n + N)^(k + K) over j < k, each term made from the one before.
    let mut term = power(&others_cases, trials);
    let mut below = BigInt::from(0);
    for count in 0..k {
        below += &term;
        term = term * (trials - count) * &own / (count + 1) / &others_cases;
    }
    Ratio::ONE.sub(&Ratio::from_big(BigRational::new(below, power(&(own + others_cases), trials))))
}
