//! Where units stand among their peers in the draws: places, quotas, and who can be told apart.

use super::parallel;
use super::{Difference, PlaceInterval, middle};
use model::outcome::{Membership, Memberships, Seats};
use model::scheme::Quota;
use model::score::{Hundredths, Scorecard};
use std::collections::BTreeMap;

/// A unit's standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The middle of its places; none for units that are not ranked.
    pub places: Option<PlaceInterval>,
    /// In what share of the draws it stands inside each quota; none if the scheme has none.
    pub memberships: Option<Memberships>,
    /// The unit that follows in the ranking, and by how much it is behind.
    pub next: Option<Difference>,
}

/// One pool: who is in it, by position, the best first, the vetoed last.
struct Pool<'a> {
    cards: &'a [Scorecard],
    draws: &'a [Option<Vec<Hundredths>>],
    ranked: Vec<usize>,
    vetoed: Vec<usize>,
    quota: Option<&'a Quota>,
}

/// The standing of every card that is ranked or vetoed, in the order of the cards.
pub(super) fn standings(
    cards: &[Scorecard],
    draws: &[Option<Vec<Hundredths>>],
    quota: Option<&Quota>,
    threads: usize,
) -> Vec<Option<Standing>> {
    let pools = pools(cards, draws, quota);
    let found = parallel::map(pools.len(), threads, |at| pools[at].standings());
    let mut standings = vec![None; cards.len()];
    for (at, standing) in found.into_iter().flatten() {
        standings[at] = Some(standing);
    }
    standings
}

fn pools<'a>(cards: &'a [Scorecard], draws: &'a [Option<Vec<Hundredths>>], quota: Option<&'a Quota>) -> Vec<Pool<'a>> {
    let mut pools: BTreeMap<_, Pool<'a>> = BTreeMap::new();
    let mut order: Vec<usize> = (0..cards.len()).collect();
    order.sort_by_key(|at| (cards[*at].rank.as_ref().map(|rank| rank.place), &cards[*at].unit));
    for at in order {
        let (Some(scored), Some(pool)) = (cards[at].scored(), &cards[at].pool) else { continue };
        let entry = pools.entry((cards[at].kind, pool));
        let pool = entry.or_insert_with(|| Pool { cards, draws, ranked: Vec::new(), vetoed: Vec::new(), quota });
        if scored.vetoed {
            pool.vetoed.push(at);
        } else if cards[at].rank.is_some() {
            pool.ranked.push(at);
        }
    }
    pools.into_values().collect()
}

impl Pool<'_> {
    fn draws_of(&self, at: usize) -> &[Hundredths] {
        self.draws[at].as_deref().unwrap_or(&[])
    }

    fn standings(&self) -> Vec<(usize, Standing)> {
        let draws = self.ranked.first().map_or(0, |at| self.draws_of(*at).len());
        let seats = self.quota.map(|quota| Seats::new(quota, self.ranked.len() + self.vetoed.len()));
        let mut places = vec![Vec::with_capacity(draws); self.ranked.len()];
        let mut inside = vec![[0_u32; 3]; self.ranked.len()];
        for draw in 0..draws {
            let scores: Vec<Hundredths> = self.ranked.iter().map(|at| self.draws_of(*at)[draw]).collect();
            let mut ascending = scores.clone();
            ascending.sort_unstable();
            for (score, places) in scores.iter().zip(&mut places) {
                places.push(1 + ascending.len() - ascending.partition_point(|other| other <= score));
            }
            let Some(seats) = &seats else { continue };
            let edges = seats.edges(&ascending, self.vetoed.len());
            for (score, inside) in scores.iter().zip(&mut inside) {
                inside[0] += u32::from(edges.is_top(*score));
                inside[1] += u32::from(edges.is_bottom(*score));
                inside[2] += u32::from(edges.needs_help(*score));
            }
        }
        let of = u32::try_from(draws).unwrap_or(0);
        let ranked =
            self.ranked.iter().zip(places).zip(inside).enumerate().map(|(order, ((at, mut places), inside))| {
                let [top, bottom, help] = inside.map(|inside| Membership { inside, draws: of });
                let (best, worst) = middle(&mut places).unwrap_or_default();
                let standing = Standing {
                    places: Some(PlaceInterval { best, worst }),
                    memberships: seats.map(|_| Memberships { top, bottom, help }),
                    next: self.ranked.get(order + 1).map(|next| self.difference(*at, *next)),
                };
                (*at, standing)
            });
        ranked.chain(self.vetoed.iter().map(|at| (*at, self.vetoed_standing(*at, seats.as_ref())))).collect()
    }

    fn difference(&self, first: usize, second: usize) -> Difference {
        Difference::of(&self.cards[second].unit, self.draws_of(first), self.draws_of(second))
    }

    /// A veto is no matter of chance: last in every draw.
    fn vetoed_standing(&self, at: usize, seats: Option<&Seats>) -> Standing {
        let of = u32::try_from(self.draws_of(at).len()).unwrap_or(0);
        let all = |inside: bool| Membership { inside: if inside { of } else { 0 }, draws: of };
        let of_seats =
            |seats: &Seats| Memberships { top: all(false), bottom: all(seats.bottom > 0), help: all(seats.help > 0) };
        Standing { places: None, memberships: seats.map(of_seats), next: None }
    }
}
