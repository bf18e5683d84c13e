//! The weight of missing indicators moves proportionally inside the group, then the layer, then the total.

use super::line::{Line, State};
use crate::exact::Ratio;
use crate::scheme::{NanoPoints, Scheme};

/// Settles groups with too little data, moves weights, and returns the sum of all contributions.
pub(super) fn weigh(scheme: &Scheme, lines: &mut [Line]) -> Ratio {
    settle_small_groups(scheme, lines);
    let mut groups = vec![Share::default(); scheme.groups.len()];
    for line in lines.iter() {
        groups[scheme.indicators[line.indicator].group].add(&line.nominal, line.state.counts());
    }
    let mut layers = vec![Share::default(); scheme.layers.len()];
    for (share, group) in groups.iter().zip(&scheme.groups) {
        layers[group.layer].add(&share.all, !share.present.is_zero());
    }
    let mut total = Share::default();
    for share in &layers {
        total.add(&share.all, !share.present.is_zero());
    }
    // A layer grows by its own factor and the total's, a group by its own besides.
    let of_layers: Vec<Option<Ratio>> =
        layers.iter().map(|layer| Some(layer.growth()?.mul(&total.growth()?))).collect();
    let mut moved: Vec<Option<Moved>> = groups
        .iter()
        .zip(&scheme.groups)
        .map(|(share, group)| Some(Moved::new(share.growth()?, of_layers[group.layer].as_ref()?)))
        .collect();
    for line in lines.iter_mut().filter(|line| line.state.counts()) {
        if let Some(moved) = &mut moved[scheme.indicators[line.indicator].group] {
            line.effective = line.nominal.mul(&moved.factor);
            moved.sum = moved.sum.add(&line.nominal.mul(&share_of_points(line.points)));
        }
    }
    // Summed group by group and layer by layer before their factors, which keeps the fractions short.
    let mut sums = vec![Ratio::ZERO; layers.len()];
    for (moved, group) in moved.iter().zip(&scheme.groups).filter_map(|(moved, group)| Some((moved.as_ref()?, group))) {
        sums[group.layer] = sums[group.layer].add(&moved.sum.mul(&moved.growth));
    }
    sums.iter().zip(&of_layers).filter_map(|(sum, factor)| Some(sum.mul(factor.as_ref()?))).sum()
}

/// Takes the points of groups in which fewer indicators have data than the scheme asks for.
fn settle_small_groups(scheme: &Scheme, lines: &mut [Line]) {
    let group_of = |line: &Line| scheme.indicators[line.indicator].group;
    for (index, group) in scheme.groups.iter().enumerate().filter(|(_, group)| group.min_indicators > 1) {
        let present = lines.iter().filter(|line| group_of(line) == index && line.state.counts()).count();
        if present < group.min_indicators {
            for line in lines.iter_mut().filter(|line| group_of(line) == index && line.state.counts()) {
                line.state = State::GroupTooSmall;
            }
        }
    }
}

/// The weight of a group on its way.
struct Moved {
    /// By what it grows within its layer.
    growth: Ratio,
    /// By what it grows in all.
    factor: Ratio,
    /// Σ nominal weight × points.
    sum: Ratio,
}

impl Moved {
    fn new(growth: Ratio, of_layer: &Ratio) -> Self {
        Self { factor: growth.mul(of_layer), growth, sum: Ratio::ZERO }
    }
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
