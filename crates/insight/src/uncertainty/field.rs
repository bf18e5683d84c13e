//! The values of all windows of a type in every draw, for curves that rank.

use model::scheme::Direction;

/// Per draw, the values of the peers in ascending order.
#[derive(Clone, Debug)]
pub(super) struct Field {
    draws: Vec<Vec<f64>>,
    direction: Option<Direction>,
}

impl Field {
    /// The field of peers whose values `of` a draw are these.
    pub(super) fn new(draws: u32, direction: Option<Direction>, of: impl Fn(u32) -> Vec<f64>) -> Self {
        let sorted = |draw| {
            let mut values = of(draw);
            values.sort_by(f64::total_cmp);
            values
        };
        Self { draws: (0..draws).map(sorted).collect(), direction }
    }

    /// The share of the others that stand below a value, ties half, as `model` counts it.
    pub(super) fn place(&self, draw: u32, value: f64) -> Option<f64> {
        let values = self.draws.get(usize::try_from(draw).ok()?)?;
        let (less, up_to) = (values.partition_point(|v| *v < value), values.partition_point(|v| *v <= value));
        let (ties, own) = (up_to - less, usize::from(up_to > less));
        let worse = if self.direction == Some(Direction::Lower) { values.len() - up_to } else { less };
        let others = u32::try_from(values.len().checked_sub(own)?).ok().filter(|others| *others > 0)?;
        let twice = u32::try_from(2 * worse + ties - own).ok()?;
        Some(f64::from(twice) / (2.0 * f64::from(others)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_among_peers_counts_ties_half() {
        let check = |direction, value: f64, expect: Option<f64>| {
            let field = Field::new(1, Some(direction), |_| vec![5.0, 3.0, 3.0, 1.0]);
            assert_eq!(field.place(0, value), expect);
        };
        check(Direction::Higher, 5.0, Some(1.0));
        check(Direction::Higher, 3.0, Some(0.5));
        check(Direction::Higher, 1.0, Some(0.0));
        check(Direction::Lower, 1.0, Some(1.0));
        // A person among windows.
        check(Direction::Higher, 4.0, Some(0.75));
        assert_eq!(Field::new(1, None, |_| vec![5.0]).place(0, 5.0), None);
    }
}
