//! Shapes taken from published data, compiled in as tables of whole numbers.

use crate::random::Random;

/// How long a case takes compared with what was planned, in permille: quantiles 0, 2.5 %, … 100 %.
///
/// From the receipt phase of environmental permits in Dutch municipalities (J. Buijs, 4TU.ResearchData, "Receipt phase
/// of an environmental permit application process"): end − start over planned end − start of the 1,329 cases that have
/// both.
const OVER_PLANNED: [i64; 41] = [
    0, 114, 213, 293, 357, 403, 475, 512, 559, 592, 614, 635, 667, 701, 737, 758, 776, 797, 831, 850, 867, 885, 903,
    931, 948, 959, 975, 990, 995, 1007, 1011, 1027, 1063, 1134, 1207, 1316, 1464, 1649, 2046, 2703, 5878,
];

/// Shares of the five levels of satisfaction, worst first, in permille.
///
/// From the UK Office of the Public Guardian, "use a lasting power of attorney": 911,823 answers of five levels
/// (`ministryofjustice/opg-performance-data`).
const LEVELS: [i64; 5] = [18, 17, 57, 273, 635];

/// A duration whose planned value is `planned_seconds`, drawn from how planned and real durations relate.
pub(crate) fn duration(random: &mut Random, planned_seconds: i64) -> i64 {
    let steps = OVER_PLANNED.len() - 1;
    let at = random.index(steps);
    let (low, high) = (OVER_PLANNED[at], OVER_PLANNED[at + 1]);
    planned_seconds * random.between(low, high) / 1_000
}

/// A level of satisfaction from 1 (worst) to 5; the share of the three lower ones is multiplied by `displeasure`
/// permille.
pub(crate) fn level(random: &mut Random, displeasure: i64) -> i64 {
    let unhappy: i64 = LEVELS[..3].iter().sum();
    let (from, of) = if random.permille((unhappy * displeasure / 1_000).min(950)) { (1, 0..3) } else { (4, 3..5) };
    from + i64::try_from(random.weighted(LEVELS[of].iter().copied())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn durations_have_the_mean_and_the_lateness_of_the_source() {
        let mut random = Random::new(1, Stream::Plan, 0);
        let drawn: Vec<i64> = (0..40_000).map(|_| duration(&mut random, 1_000)).collect();
        let mean = drawn.iter().sum::<i64>() / 40_000;
        let late = drawn.iter().filter(|seconds| **seconds > 1_000).count() * 1_000 / 40_000;
        // 389 of 1,329 cases ended after their planned end.
        assert!((900..1_000).contains(&mean) && (270..310).contains(&late), "{mean} {late}");
    }

    #[test]
    fn displeasure_moves_the_lower_levels() {
        let share = |displeasure| {
            let mut random = Random::new(1, Stream::Plan, 0);
            (0..10_000).filter(|_| level(&mut random, displeasure) <= 3).count()
        };
        assert!((850..1_000).contains(&share(1_000)), "{}", share(1_000));
        assert!((2_600..2_950).contains(&share(3_000)), "{}", share(3_000));
        assert_eq!(share(0), 0);
    }
}
