//! The inputs of a score, gathered from sealed days.

use crate::AppError;
use crate::day::{derive_days, manifest_of, overrides_of, rows_of};
use crate::home::Home;
use insight::uncertainty::Dispersion;
use lake::kernel::{Overrides, Query, SelectedRow, Selection};
use model::canonical::Digest;
use model::fact::Table;
use model::id::{StaffId, WindowId};
use model::period::Period;
use model::register::Register;
use model::rule::Predicate;
use model::ruling::Rulings;
use model::scheme::{Indicator, Noise, Scheme};
use model::score::{Incident, Priors};
use model::silence::Verdicts;
use model::tally::{PeriodSum, Tally};
use model::time::Day;
use store::SealedDay;
use tokio::runtime::Handle;

/// What was counted for a period, and from which days.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Every sealed day that any measure looks at, with the digest of its facts.
    pub days: Vec<(Day, Digest)>,
    /// The period's tally.
    pub tally: Tally,
    /// The peers' values over earlier periods.
    pub priors: Priors,
    /// By how much counts of earlier periods vary more than chance; only intervals look at it.
    pub dispersion: Dispersion,
    /// The tallies of earlier periods that units are compared with themselves: how many periods before.
    pub history: Vec<(u8, Tally)>,
    /// Whether silence counts, window by window; decided when the period is closed.
    pub silence: Verdicts,
    /// Records that the negative list hits.
    pub incidents: Vec<Incident>,
}

/// What is gathered for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The scheme.
    pub scheme: &'a Scheme,
    /// Windows and people.
    pub register: &'a Register,
    /// Decisions of people.
    pub rulings: &'a Rulings,
    /// The period.
    pub period: Period,
    /// A day behind the sealed ones that is still open, as far as it went.
    pub open: Option<(Day, &'a Tally)>,
}

/// Gathers from the days that are sealed now. Days that are open or have changed are the caller's business.
pub fn gather(home: &Home, wanted: &Wanted<'_>, threads: usize, runtime: &Handle) -> Result<Gathered, AppError> {
    let Wanted { scheme, register, rulings, period, open } = *wanted;
    let first = PeriodSum::first_day(&scheme.measures, period);
    let mut sum = PeriodSum::new(&scheme.measures, period);
    let days = add_days(home, scheme, rulings, (first, period.days().1), &mut sum, threads, runtime)?;
    if let Some((day, tally)) = open {
        sum.add(day, tally)?;
    }
    let tally = sum.finish();
    let mut history = Vec::new();
    for before in 1..=periods_back(scheme) {
        let Some(earlier) = period.before(before.into()) else { break };
        let mut sum = PeriodSum::of_period_alone(&scheme.measures, earlier);
        add_days(home, scheme, rulings, earlier.days(), &mut sum, threads, runtime)?;
        let tally = sum.finish();
        if !tally.rows.is_empty() {
            history.push((before, tally));
        }
    }
    let incidents = incidents(home, scheme, rulings, period, runtime)?;
    let priors = Priors::new(scheme, register, period, &history);
    let dispersion = Dispersion::new(scheme, register, period, &history);
    history.retain(|(before, _)| scheme.looks_back(*before));
    Ok(Gathered { days, tally, priors, dispersion, history, silence: Verdicts::new(), incidents })
}

/// How many earlier periods the scheme looks at.
fn periods_back(scheme: &Scheme) -> u8 {
    let compares = |indicator: &Indicator| indicator.shrink > 0 || indicator.noise != Noise::None;
    let own = (1..=24).filter(|before| scheme.looks_back(*before)).max().unwrap_or(0);
    own.max(if scheme.indicators.iter().any(compares) { scheme.shrinkage.0 } else { 0 })
}

/// Adds the sealed days of a span. Returns them with the digests of their facts.
fn add_days(
    home: &Home,
    scheme: &Scheme,
    rulings: &Rulings,
    (first, last): (Day, Day),
    sum: &mut PeriodSum<'_>,
    threads: usize,
    runtime: &Handle,
) -> Result<Vec<(Day, Digest)>, AppError> {
    let sealed: Vec<SealedDay> = runtime.block_on(home.store.sealed_days(first, last))?;
    let mut days = Vec::with_capacity(sealed.len());
    derive_days(home, scheme, rulings, &sealed, threads, runtime, &mut |day| {
        days.push((day.day, day.facts));
        Ok(sum.add(day.day, &day.tally)?)
    })?;
    Ok(days)
}

/// Every record of the period that an entry of the negative list hits and no ruling leaves out.
fn incidents(
    home: &Home,
    scheme: &Scheme,
    rulings: &Rulings,
    period: Period,
    runtime: &Handle,
) -> Result<Vec<Incident>, AppError> {
    let overrides = overrides_of(rulings);
    let (first, last) = period.days();
    let lists: Vec<NegativeList> =
        Table::ALL.into_iter().filter_map(|table| NegativeList::new(scheme, table)).collect();
    let mut found = Vec::new();
    if lists.is_empty() {
        return Ok(found);
    }
    let lists: Vec<(&NegativeList, Selection<'_>)> = lists.iter().map(|list| (list, list.selection())).collect();
    for day in runtime.block_on(home.store.sealed_days(first, last))? {
        let manifest = manifest_of(&day)?;
        for (list, selection) in &lists {
            for row in rows_of(home, &manifest, selection, runtime)? {
                list.add(&row, day.day, &overrides, &mut found);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The entries of the negative list that look at one table.
struct NegativeList {
    table: Table,
    /// Positions in the scheme, and under which condition each hits.
    entries: Vec<usize>,
    tests: Vec<Predicate>,
    any: Predicate,
}

impl NegativeList {
    fn new(scheme: &Scheme, table: Table) -> Option<Self> {
        let of_table = scheme.negatives.iter().enumerate().filter(|(_, negative)| negative.table == table);
        let (entries, tests): (Vec<usize>, Vec<Predicate>) =
            of_table.map(|(index, negative)| (index, negative.condition.clone())).unzip();
        let any = Predicate::Any(tests.clone());
        (!entries.is_empty()).then_some(Self { table, entries, tests, any })
    }

    fn selection(&self) -> Selection<'_> {
        let texts = &["window", "staff", "source", "source_id", "incident"];
        let (table, wanted) = (self.table, Some(&self.any));
        Selection::new(Query { table, wanted, texts, numbers: &[], tests: &self.tests, marks: &[] })
    }

    /// One incident per entry that hits the row, unless a ruling leaves the row out.
    fn add(&self, row: &SelectedRow, day: Day, overrides: &Overrides, found: &mut Vec<Incident>) {
        let [window, staff, source, source_id, incident] = &row.texts[..] else { return };
        if overrides.excluded.contains(&(source.clone(), source_id.clone())) {
            return;
        }
        for (negative, _) in self.entries.iter().zip(&row.holds).filter(|(_, holds)| **holds) {
            found.push(Incident {
                incident: incident.clone(),
                negative: *negative,
                window: WindowId::new(window),
                staff: StaffId::new(staff),
                day,
                table: self.table,
                source: source.clone(),
                source_id: source_id.clone(),
            });
        }
    }
}
