//! A curve with the numbers of one unit in it: what a pocket calculator repeats.

use crate::Lang;
use model::exact::{Ratio, Rounding};
use model::scheme::{Baseline, ConsistencyPart, Curve, NanoPoints, Surroundings};

/// The own baseline is all that a card knows around a value.
struct Known<'a>(Option<&'a Ratio>);

impl Surroundings for Known<'_> {
    fn baseline(&self, _: Baseline) -> Option<Ratio> {
        self.0.cloned()
    }
    fn value_of(&self, _: usize) -> Option<Ratio> {
        None
    }
    fn place(&self) -> Option<Ratio> {
        None
    }
}

/// How a value became points.
pub(crate) fn worked(lang: Lang, curve: &Curve, value: &Ratio, baseline: Option<&Ratio>) -> String {
    let v = decimal(value);
    match curve {
        Curve::Linear { floor, target, .. } => format!("100 × ({v} − {floor}) ÷ ({target} − {floor}) → 0…100"),
        Curve::Achievement { threshold, benchmark, levels } => {
            let level = level(curve, value, baseline, *levels);
            let name = lang.pick("达标", "achievement");
            let why = if level == 0 {
                format!("{} {threshold}", lang.pick("未达门槛", "worse than the threshold"))
            } else if level == i128::from(*levels) {
                format!("{} {benchmark}", lang.pick("达到或优于标杆", "at or better than the benchmark"))
            } else {
                format!("⌊{} × ({v} − {threshold}) ÷ ({benchmark} − {threshold}) + 1⌋", levels - 1)
            };
            format!("{name} {level}/{levels}: {why}")
        }
        Curve::Improvement { benchmark, levels, lower_is_better, .. } => {
            let name = lang.pick("进步", "improvement");
            let Some(exact_base) = baseline else {
                return format!("{name}: {}", lang.pick("没有自身基线", "no own baseline"));
            };
            let level = level(curve, value, baseline, *levels);
            let base = decimal(exact_base);
            let better = if *lower_is_better { value < exact_base } else { value > exact_base };
            let at_benchmark = if *lower_is_better { value <= benchmark } else { value >= benchmark };
            let most = levels - 1;
            let why = match (better, at_benchmark) {
                (false, _) => format!("{} {base}", lang.pick("不优于自身基线", "not better than its own baseline")),
                (true, true) => format!(
                    "{} {benchmark}{} {most}",
                    lang.pick("达到或优于标杆", "at or better than the benchmark"),
                    lang.pick(",进步至多", "; improvement gives at most")
                ),
                (true, false) => format!(
                    "⌊{levels} × ({v} − {base}) ÷ ({benchmark} − {base})⌋{} {most}",
                    lang.pick(",至多", ", at most")
                ),
            };
            format!("{name} {level}/{levels}: {why}")
        }
        Curve::BestOf(curves) => {
            let parts: Vec<_> = curves.iter().map(|curve| worked(lang, curve, value, baseline)).collect();
            format!("{} · {}", lang.pick("取最优", "the best of"), parts.join(" · "))
        }
        Curve::Piecewise(_) | Curve::Steps(_) | Curve::Consistency { .. } | Curve::Rank => curve.formula(),
    }
}

/// How the weakest of several indicators became points; `None` if one of them has no value.
pub(crate) fn weakest<'a>(
    lang: Lang,
    points: NanoPoints,
    levels: u32,
    of: &[ConsistencyPart],
    named: impl Fn(usize) -> Option<(&'a str, &'a Ratio)>,
) -> Option<String> {
    let mut lowest: Option<(Ratio, String)> = None;
    for part in of {
        let (id, value) = named(part.indicator)?;
        let share = value.sub(&part.floor).div(&part.threshold.sub(&part.floor))?;
        if lowest.as_ref().is_none_or(|(least, _)| share < *least) {
            let (v, floor, threshold) = (decimal(value), &part.floor, &part.threshold);
            lowest = Some((share, format!("({v} − {floor}) ÷ ({threshold} − {floor})⌋ [{id}]")));
        }
    }
    let (_, sum) = lowest?;
    let level = level_of(points, levels);
    let weakest = match lang {
        Lang::Zh => format!("{} 项中离下限最近的一项", of.len()),
        Lang::En => format!("of {} the one nearest its floor", of.len()),
    };
    Some(format!("{weakest} · {level}/{levels}: ⌊{levels} × {sum}"))
}

fn level(curve: &Curve, value: &Ratio, baseline: Option<&Ratio>, levels: u32) -> i128 {
    level_of(curve.points(Some(value), &Known(baseline)).unwrap_or(0), levels)
}

/// The step of a ladder of so many that points stand for.
fn level_of(points: NanoPoints, levels: u32) -> i128 {
    let level = Ratio::nano(points).mul(&Ratio::whole(levels.into())).div(&Ratio::whole(100));
    level.and_then(|level| level.round_small(0, Rounding::HalfUp)).unwrap_or(0)
}

/// At most six decimals, without idle zeros.
pub(crate) fn decimal(ratio: &Ratio) -> String {
    let text = ratio.to_decimal(6, Rounding::HalfEven);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_shown_with_its_sum() {
        let r = |text: &str| Ratio::parse(text).expect(text);
        let achievement = Curve::Achievement { threshold: r("0.869247"), benchmark: r("0.887868"), levels: 10 };
        let improvement = Curve::Improvement {
            benchmark: r("0.887868"),
            lower_is_better: false,
            baseline: Baseline::PeriodsBefore(1),
            levels: 10,
        };
        let base = r("0.856752");
        let both = worked(Lang::En, &Curve::BestOf(vec![achievement, improvement]), &r("0.880237"), Some(&base));
        assert_eq!(
            both,
            "the best of · achievement 6/10: ⌊9 × (0.880237 − 0.869247) ÷ (0.887868 − 0.869247) + 1⌋ · \
             improvement 7/10: ⌊10 × (0.880237 − 0.856752) ÷ (0.887868 − 0.856752)⌋, at most 9"
        );
    }
}
