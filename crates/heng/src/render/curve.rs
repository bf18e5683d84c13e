//! A curve with the numbers of one unit in it: what a pocket calculator repeats.

use crate::lang::Lang;
use model::exact::{Ratio, Rounding};
use model::scheme::{Baseline, Curve, Surroundings};

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
                format!("{} {threshold}", lang.pick("未达门槛", "short of the threshold"))
            } else if level == i128::from(*levels) {
                format!("{} {benchmark}", lang.pick("达到标杆", "at the benchmark"))
            } else {
                format!("⌊{} × ({v} − {threshold}) ÷ ({benchmark} − {threshold}) + 1⌋", levels - 1)
            };
            format!("{name} {level}/{levels}: {why}")
        }
        Curve::Improvement { benchmark, levels, .. } => {
            let name = lang.pick("进步", "improvement");
            let Some(base) = baseline else {
                return format!("{name}: {}", lang.pick("没有自身基线", "no own baseline"));
            };
            let level = level(curve, value, baseline, *levels);
            let base = decimal(base);
            let why = if level == 0 {
                format!("{} {base}", lang.pick("比自身基线进步不足一级", "less than a level above the own baseline"))
            } else if level == i128::from(levels - 1) {
                format!("{} {base} → {benchmark}", lang.pick("自身基线到标杆", "own baseline to benchmark"))
            } else {
                format!("⌊{levels} × ({v} − {base}) ÷ ({benchmark} − {base})⌋")
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

fn level(curve: &Curve, value: &Ratio, baseline: Option<&Ratio>, levels: u32) -> i128 {
    let points = curve.points(Some(value), &Known(baseline)).unwrap_or(0);
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
             improvement 7/10: ⌊10 × (0.880237 − 0.856752) ÷ (0.887868 − 0.856752)⌋"
        );
    }
}
