//! One indicator of one unit in the draws: from what was counted to points, again and again.

use super::curve::{Around, Twin};
use super::field::Field;
use super::memo::Memo;
use super::posterior::{Posterior, Prior, Sums};
use crate::float::{of_ratio, of_sum};
use crate::random::Stream;
use model::canonical::Digest;
use model::exact::Ratio;
use model::scheme::{Indicator, Noise, Scheme, Spread};
use model::score::{Line, State};

/// A line of a card, ready to be drawn.
#[derive(Debug)]
pub(super) struct DrawnLine<'a> {
    /// The indicator, by position in the scheme.
    pub(super) indicator: usize,
    /// What it adds to the unit's score per point.
    pub(super) weight: f64,
    stream: Stream,
    posterior: Option<Posterior>,
    factor: f64,
    /// What the card has, where nothing is drawn.
    value: f64,
    points: f64,
    /// None where the card's points stand.
    twin: Option<Twin>,
    field: Option<&'a Field>,
}

/// What lines are drawn with.
pub(super) struct LineContext<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) seed: Digest,
    /// Whose lines: the name of their streams.
    pub(super) name: Vec<&'a str>,
    /// By how much what is counted varies more than it should, per indicator.
    pub(super) dispersion: &'a [Option<Ratio>],
    /// The windows among which curves rank, by indicator.
    pub(super) fields: Vec<(usize, &'a Field)>,
}

impl<'a> DrawnLine<'a> {
    /// The lines that have points, each with the weight that `weight_of` gives it.
    pub(super) fn all(ctx: &LineContext<'a>, lines: &[Line], weight_of: impl Fn(&Line) -> f64) -> Vec<Self> {
        let counting: Vec<&Line> = lines.iter().filter(|line| line.state.counts()).collect();
        let line_of = |indicator: usize| {
            counting.iter().position(|line| line.indicator == indicator && line.state == State::Value)
        };
        counting.iter().map(|line| Self::new(ctx, line, weight_of(line), &line_of)).collect()
    }

    pub(super) fn new(
        ctx: &LineContext<'a>,
        line: &Line,
        weight: f64,
        line_of: &dyn Fn(usize) -> Option<usize>,
    ) -> Self {
        let indicator = &ctx.scheme.indicators[line.indicator];
        let dispersion = ctx.dispersion.get(line.indicator).and_then(Option::as_ref);
        let posterior = posterior_of(indicator, line, dispersion);
        let twin = (line.state == State::Value)
            .then(|| Twin::of(&indicator.curve, line.baseline.as_deref(), line_of))
            .flatten()
            .filter(|twin| posterior.is_some() || twin.looks_around());
        let mut name = ctx.name.clone();
        name.push(indicator.id.as_str());
        Self {
            indicator: line.indicator,
            weight,
            stream: Stream::new(ctx.seed, &name),
            posterior,
            factor: of_ratio(&indicator.factor),
            value: line.value.as_ref().map_or(0.0, of_ratio),
            points: of_ratio(&Ratio::nano(line.points)),
            twin,
            field: ctx.fields.iter().find(|(indicator, _)| *indicator == line.indicator).map(|(_, field)| *field),
        }
    }

    /// Whether every draw has the card's points.
    pub(super) fn is_certain(&self) -> bool {
        self.twin.is_none()
    }

    /// The value in one draw.
    #[inline]
    pub(super) fn value(&self, draw: u32) -> f64 {
        match &self.posterior {
            Some(posterior) => posterior.draw(&mut self.stream.draw(draw)) * self.factor,
            None => self.value,
        }
    }

    /// The points in one draw. `lines` are those of the same unit, among which a curve may look.
    #[inline]
    pub(super) fn points(&self, draw: u32, lines: &[DrawnLine<'_>]) -> f64 {
        let Some(twin) = &self.twin else { return self.points };
        let around = Around { draw, lines, field: self.field };
        twin.points(self.value(draw), &around).unwrap_or(self.points)
    }

    /// Adds the weighted points of every draw.
    pub(super) fn add_to(&self, sums: &mut [f64], lines: &[DrawnLine<'_>], memo: &mut Memo) {
        let Some(twin) = &self.twin else {
            let same = self.weight * self.points;
            for sum in sums {
                *sum += same;
            }
            return;
        };
        let values = self.posterior.map(|posterior| memo.draws(self.stream, posterior, sums.len()));
        for (at, (sum, draw)) in sums.iter_mut().zip(0..).enumerate() {
            let value = values.map_or(self.value, |values| values[at] * self.factor);
            let around = Around { draw, lines, field: self.field };
            *sum += self.weight * twin.points(value, &around).unwrap_or(self.points);
        }
    }
}

/// What is believed of a line's ratio before its factor; `None` if it is certain.
fn posterior_of(indicator: &Indicator, line: &Line, dispersion: Option<&Ratio>) -> Option<Posterior> {
    if line.state != State::Value || line.denominator <= 0 {
        return None;
    }
    let (x, n) = (of_sum(line.numerator), of_sum(line.denominator));
    let prior = line
        .shrunk
        .as_ref()
        .map_or(Prior::default(), |(value, weight)| Prior { value: of_ratio(value), weight: f64::from(*weight) });
    let dispersion = dispersion.map(of_ratio);
    match &indicator.noise {
        Noise::None => None,
        Noise::Share => Posterior::share(x, n, prior, dispersion.unwrap_or(1.0)),
        Noise::Count => Posterior::count(x, n, prior, dispersion.unwrap_or(1.0)),
        Noise::Ratio(spread) => {
            let prior = Prior { weight: prior.weight / f64::from(spread.scale), ..prior };
            Posterior::ratio(sums_of(spread, line)?, prior, dispersion)
        }
    }
}

/// The sums of a line, all in the unit that its squares are of.
fn sums_of(spread: &Spread, line: &Line) -> Option<Sums> {
    let squares = line.squares.as_deref()?;
    let scale = f64::from(spread.scale);
    Some(Sums {
        x: of_sum(line.numerator) / scale,
        y: of_sum(line.denominator) / scale,
        xx: of_sum(squares.xx),
        xy: of_sum(squares.xy),
        yy: of_sum(squares.yy),
        cases: of_sum(line.n),
    })
}
