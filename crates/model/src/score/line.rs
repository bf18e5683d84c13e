//! One indicator of one unit: from counts to a value.

use super::weigh::share_of_points;
use crate::exact::Ratio;
use crate::scheme::{Baseline, Curve, Direction, Empty, Indicator, Noise, Scheme};
use crate::scheme::{NanoPoints, Surroundings};

/// What is known of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is a value.
    Value,
    /// There was nothing to be done.
    NotApplicable,
    /// Data should be there and is not.
    NoData,
    /// There is data, but too little to speak.
    Suppressed,
    /// The rest of its group has too little data.
    GroupTooSmall,
    /// No data by the unit's own act, confirmed by two people: 0 points.
    OwnAct,
}

impl State {
    /// Whether the indicator gives points.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Value | Self::OwnAct)
    }

    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::NotApplicable => "not_applicable",
            Self::NoData => "no_data",
            Self::Suppressed => "suppressed",
            Self::GroupTooSmall => "group_too_small",
            Self::OwnAct => "own_act",
        }
    }
}

/// One indicator of one unit, with every station between counts and points.
#[derive(Clone, Debug)]
pub struct Line {
    /// The indicator, by position in the scheme.
    pub indicator: usize,
    /// What is known.
    pub state: State,
    /// What was counted above the line.
    pub numerator: i64,
    /// What was counted below the line.
    pub denominator: i64,
    /// How many records the value rests on.
    pub n: i64,
    /// What stands beside an indicator of ratings.
    pub ratings: Option<Box<RatingLine>>,
    /// The peers' value and the number of records it weighs, where the value was shrunk.
    pub shrunk: Option<(Ratio, u32)>,
    /// The sums of squares that say how far apart its cases lie, where the scheme names them.
    pub squares: Option<Box<Squares>>,
    /// The own baseline, where the curve has one.
    pub baseline: Option<Box<Ratio>>,
    /// The value that the curve was read at.
    pub value: Option<Ratio>,
    /// The points, 0 … 100, in billionths.
    pub points: NanoPoints,
    /// The weight by the scheme.
    pub nominal: Ratio,
    /// The weight after the weight of missing indicators moved.
    pub effective: Ratio,
}

/// Sums over cases of x², xy and y²: x is what a case adds above the line, y below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Squares {
    /// Σx²
    pub xx: i64,
    /// Σxy
    pub xy: i64,
    /// Σy²
    pub yy: i64,
}

/// Participation, silence, and what was set aside: never to be left away beside a satisfaction figure (SCORING §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingLine {
    /// Cases asked for a rating.
    pub asked: i64,
    /// Of these, rated.
    pub answered: i64,
    /// Of these, silent.
    pub silent: i64,
    /// Silent cases that count as satisfied; they stand above and below the line.
    pub admitted: i64,
    /// Bad ratings of which the person was not the cause.
    pub set_aside: i64,
    /// Satisfied and counted ratings, without any silence.
    pub rated_only: (i64, i64),
}

impl Line {
    /// A line of which nothing is known: the indicator does not apply.
    fn empty(indicator: usize, nominal: &Ratio) -> Self {
        Self {
            indicator,
            state: State::NotApplicable,
            numerator: 0,
            denominator: 0,
            n: 0,
            ratings: None,
            shrunk: None,
            squares: None,
            baseline: None,
            value: None,
            points: 0,
            nominal: nominal.clone(),
            effective: Ratio::ZERO,
        }
    }

    /// What the line adds to the score: points × effective weight ÷ 100.
    #[must_use]
    pub fn contribution(&self) -> Ratio {
        self.effective.mul(&share_of_points(self.points))
    }
}

/// What was counted for one unit.
#[derive(Clone, Copy)]
pub(super) struct Counted<'a> {
    /// In the period.
    pub(super) values: &'a [Option<i64>],
    /// Silent cases that count as satisfied.
    pub(super) admitted: i64,
    /// In earlier periods.
    pub(super) history: &'a [(u8, Vec<Option<i64>>)],
}

/// What lines of one unit are made from.
pub(super) struct LineInputs<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) counted: Counted<'a>,
    /// The peers' value of each indicator, towards which small numbers are drawn.
    pub(super) priors: &'a [Option<Ratio>],
    /// Whether the unit's missing data for an indicator is its own act.
    pub(super) own_act: &'a dyn Fn(&Indicator) -> bool,
    /// The share of peers below a value, for curves that rank.
    pub(super) place: &'a dyn Fn(usize, &Ratio) -> Option<Ratio>,
}

/// The lines of a unit for the indicators with a weight, without weights moved yet. An indicator that this kind of
/// unit does not have is not applicable to it, so that its weight moves.
pub(super) fn lines(inputs: &LineInputs<'_>, weights: &[Ratio], has: impl Fn(&Indicator) -> bool) -> Vec<Line> {
    let scheme = inputs.scheme;
    let wanted = |index: usize| !weights[index].is_zero();
    let mut lines = Vec::with_capacity(scheme.indicators.len());
    for (index, indicator) in scheme.indicators.iter().enumerate().filter(|(index, _)| wanted(*index)) {
        let mut line = Line::empty(index, &weights[index]);
        if has(indicator) {
            count(inputs, indicator, &mut line);
        }
        lines.push(line);
    }
    for at in 0..lines.len() {
        let points = points(inputs, &lines, at);
        let line = &mut lines[at];
        match (points, line.state) {
            (Some((points, baseline)), State::Value) => {
                line.points = points;
                line.baseline = baseline.map(Box::new);
            }
            // The curve asked for something that is not there: another indicator, or peers.
            (None, State::Value) => line.state = State::NoData,
            _ => {}
        }
        let act = matches!(line.state, State::NoData) && (inputs.own_act)(&scheme.indicators[line.indicator]);
        if act {
            line.state = State::OwnAct;
        }
    }
    lines
}

fn count(inputs: &LineInputs<'_>, indicator: &Indicator, line: &mut Line) {
    let of = |measure: usize| inputs.counted.values.get(measure).copied().flatten().unwrap_or(0);
    line.n = indicator.n.map_or(0, of);
    line.state = State::Value;
    let Some((above, below)) = indicator.ratio else { return };
    (line.numerator, line.denominator) = (of(above), of(below));
    if let Some(ratings) = inputs.scheme.ratings.as_ref().filter(|ratings| ratings.indicator == line.indicator) {
        let admitted = inputs.counted.admitted;
        line.ratings = Some(Box::new(RatingLine {
            asked: of(ratings.asked),
            answered: of(ratings.answered),
            silent: of(ratings.silent),
            admitted,
            set_aside: of(ratings.set_aside),
            rated_only: (line.numerator, line.denominator),
        }));
        line.numerator = line.numerator.saturating_add(admitted);
        line.denominator = line.denominator.saturating_add(admitted);
    }
    line.state = state_of(indicator, line, of);
    if line.state == State::Value {
        let index = line.indicator;
        let prior = inputs.priors.get(index).and_then(Option::as_ref).filter(|_| indicator.shrink > 0);
        line.shrunk = prior.map(|p0| (p0.clone(), indicator.shrink));
        line.value = value(indicator, line);
        if let Noise::Ratio(spread) = &indicator.noise {
            line.squares = Some(Box::new(Squares { xx: of(spread.xx), xy: of(spread.xy), yy: of(spread.yy) }));
        }
    }
}

fn state_of(indicator: &Indicator, line: &Line, of: impl Fn(usize) -> i64) -> State {
    if line.denominator <= 0 {
        return if indicator.empty == Empty::NotApplicable { State::NotApplicable } else { State::NoData };
    }
    let enough = line.n >= i64::from(indicator.min_n);
    let required = indicator.requires.iter().all(|(measure, least)| of(*measure) >= i64::from(*least));
    if enough && required { State::Value } else { State::Suppressed }
}

/// (x + m · p₀) ÷ (n + m), times the factor (SCORING §4).
fn value(indicator: &Indicator, line: &Line) -> Option<Ratio> {
    let value = match &line.shrunk {
        Some((p0, m)) => p0.drawn(line.numerator, line.denominator, *m)?,
        None => Ratio::new(line.numerator.into(), line.denominator.into())?,
    };
    Some(if indicator.factor == Ratio::ONE { value } else { value.mul(&indicator.factor) })
}

fn points(inputs: &LineInputs<'_>, lines: &[Line], at: usize) -> Option<(NanoPoints, Option<Ratio>)> {
    let line = &lines[at];
    let indicator = &inputs.scheme.indicators[line.indicator];
    let around = Around { inputs, lines, at };
    let points = indicator.curve.points(line.value.as_ref(), &around)?;
    Some((points, first_baseline(&indicator.curve).and_then(|baseline| around.baseline(baseline))))
}

fn first_baseline(curve: &Curve) -> Option<Baseline> {
    match curve {
        Curve::Improvement { baseline, .. } => Some(*baseline),
        Curve::BestOf(curves) => curves.iter().find_map(first_baseline),
        _ => None,
    }
}

struct Around<'a> {
    inputs: &'a LineInputs<'a>,
    lines: &'a [Line],
    at: usize,
}

impl Surroundings for Around<'_> {
    fn baseline(&self, baseline: Baseline) -> Option<Ratio> {
        let indicator = &self.inputs.scheme.indicators[self.lines[self.at].indicator];
        let (values, (above, below)) = match baseline {
            Baseline::Measures(above, below) => (self.inputs.counted.values, (above, below)),
            Baseline::PeriodsBefore(periods) => {
                let found = self.inputs.counted.history.iter().find(|(before, _)| *before == periods)?;
                (found.1.as_slice(), indicator.ratio?)
            }
        };
        let (above, below) = (values.get(above).copied().flatten()?, values.get(below).copied().flatten()?);
        Some(Ratio::new(above.into(), below.into())?.mul(&indicator.factor))
    }

    fn value_of(&self, indicator: usize) -> Option<Ratio> {
        self.lines.iter().find(|line| line.indicator == indicator && line.state == State::Value)?.value.clone()
    }

    fn place(&self) -> Option<Ratio> {
        let line = &self.lines[self.at];
        (self.inputs.place)(line.indicator, line.value.as_ref()?)
    }
}

/// Values of an indicator over all peers, sorted from worst to best.
#[derive(Clone, Debug, Default)]
pub(super) struct Field(Vec<Ratio>);

impl Field {
    pub(super) fn new(mut values: Vec<Ratio>, direction: Option<Direction>) -> Self {
        values.sort();
        if direction == Some(Direction::Lower) {
            values.reverse();
        }
        Self(values)
    }

    /// The share of the others that stand below a value, ties half.
    pub(super) fn place(&self, value: &Ratio, direction: Option<Direction>) -> Option<Ratio> {
        let worse = |other: &Ratio| {
            if direction == Some(Direction::Lower) { other > value } else { other < value }
        };
        let below = self.0.partition_point(worse);
        let ties = self.0[below..].iter().take_while(|other| *other == value).count();
        // The unit itself is one of the ties, unless it is a person among windows.
        let own = usize::from(ties > 0);
        // Twice the share, so that half a tie stays whole.
        let twice = i128::try_from(2 * below + ties - own).ok()?;
        Ratio::new(twice, i128::try_from(2 * self.0.len().checked_sub(own)?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_among_peers_counts_ties_half() {
        let numbers = |list: &[i128]| list.iter().map(|n| Ratio::whole(*n)).collect::<Vec<_>>();
        let higher = Field::new(numbers(&[5, 3, 3, 1]), Some(Direction::Higher));
        let place = |n| higher.place(&Ratio::whole(n), Some(Direction::Higher)).map(|share| share.to_plain());
        assert_eq!(place(5).as_deref(), Some("1"));
        assert_eq!(place(3).as_deref(), Some("0.5"));
        assert_eq!(place(1).as_deref(), Some("0"));
        let lower = Field::new(numbers(&[5, 3, 1]), Some(Direction::Lower));
        assert_eq!(lower.place(&Ratio::whole(1), Some(Direction::Lower)).map(|s| s.to_plain()).as_deref(), Some("1"));
        let alone = Field::new(numbers(&[5]), None);
        assert_eq!(alone.place(&Ratio::whole(5), None), None);
    }
}
