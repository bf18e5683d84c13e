//! The weight of missing indicators moves proportionally inside the group, then the layer, then the total.

use super::line::{Line, State};
use crate::exact::Ratio;
use crate::scheme::{NanoPoints, Scheme};

/// Settles groups with too little data, moves weights, and returns the sum of all contributions.
pub(super) fn weigh(scheme: &Scheme, lines: &mut [Line]) -> Ratio {
    let group_of = |line: &Line| scheme.indicators[line.indicator].group;
    for (index, group) in scheme.groups.iter().enumerate() {
        let present = lines.iter().filter(|line| group_of(line) == index && line.state.counts()).count();
        if present < group.min_indicators {
            for line in lines.iter_mut().filter(|line| group_of(line) == index && line.state.counts()) {
                line.state = State::GroupTooSmall;
            }
        }
    }
    let mut groups = vec![Share::default(); scheme.groups.len()];
    for line in lines.iter() {
        groups[group_of(line)].add(&line.nominal, line.state.counts());
    }
    let mut layers = vec![Share::default(); scheme.layers.len()];
    for (index, share) in groups.iter().enumerate() {
        layers[scheme.groups[index].layer].add(&share.all, !share.present.is_zero());
    }
    let mut total = Share::default();
    for share in &layers {
        total.add(&share.all, !share.present.is_zero());
    }
    // One factor per group: its own growth, its layer's and the total's.
    let factors: Vec<Option<Ratio>> = groups
        .iter()
        .enumerate()
        .map(|(index, share)| {
            let layer = &layers[scheme.groups[index].layer];
            Some(share.growth()?.mul(&layer.growth()?).mul(&total.growth()?))
        })
        .collect();
    // Summed group by group before the factor, which keeps the fractions short.
    let mut sums = vec![Ratio::ZERO; factors.len()];
    for line in lines.iter_mut().filter(|line| line.state.counts()) {
        let group = group_of(line);
        if let Some(factor) = &factors[group] {
            line.effective = line.nominal.mul(factor);
            sums[group] = sums[group].add(&line.nominal.mul(&share_of_points(line.points)));
        }
    }
    let weighted = |(sum, factor): (Ratio, Option<Ratio>)| factor.map(|factor| sum.mul(&factor));
    sums.into_iter().zip(factors).filter_map(weighted).sum()
}

/// Points are billionths of 100: ÷ 10⁹ for the unit and ÷ 100 for the scale.
pub(super) fn share_of_points(points: NanoPoints) -> Ratio {
    Ratio::new(points.into(), 100_000_000_000).unwrap_or(Ratio::ZERO)
}

/// Nominal weight in all and of what is present.
#[derive(Clone)]
struct Share {
    all: Ratio,
    present: Ratio,
}

impl Default for Share {
    fn default() -> Self {
        Self { all: Ratio::ZERO, present: Ratio::ZERO }
    }
}

impl Share {
    fn add(&mut self, weight: &Ratio, present: bool) {
        self.all = self.all.add(weight);
        if present {
            self.present = self.present.add(weight);
        }
    }

    /// By what the present weights grow; `None` if nothing is present.
    fn growth(&self) -> Option<Ratio> {
        if self.all == self.present && !self.all.is_zero() {
            return Some(Ratio::ONE);
        }
        self.all.div(&self.present)
    }
}
