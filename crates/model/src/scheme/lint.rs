//! What a scheme should say although it can be computed without: SMART checks, sums, bounds, double counting.

use super::{Indicator, NegativeEffect, Noise, On, Ratings, Scheme};
use crate::exact::Ratio;
use crate::fact::{Kind, Table};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The scheme should not be used like this.
    Error,
    /// Somebody should look at it and say that it is meant.
    Warning,
}

/// Something that a scheme should say or say otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Which part of the scheme.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// How to mend it.
    pub fix: String,
}

/// Every finding, errors first.
#[must_use]
pub fn lint(scheme: &Scheme) -> Vec<Finding> {
    let mut findings = Vec::new();
    for indicator in &scheme.indicators {
        findings.extend(smart(indicator));
    }
    sums(scheme, &mut findings);
    bounds(scheme, &mut findings);
    double_counting(scheme, &mut findings);
    noise(scheme, &mut findings);
    unused(scheme, &mut findings);
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn finding(severity: Severity, place: String, problem: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { severity, place, problem: problem.into(), fix: fix.into() }
}

/// Specific, measurable, achievable, relevant, time-bound: the article's demand, as far as a program can see it.
fn smart(indicator: &Indicator) -> Vec<Finding> {
    let place = format!("indicator {}", indicator.id);
    let missing = [
        (indicator.unit.is_none(), "unit", "say what the value is measured in: unit = \"%\""),
        (indicator.direction.is_none(), "direction", "say which way is better: direction = \"higher\" or \"lower\""),
        (indicator.source.is_none(), "source", "say where the data comes from: source = \"业务系统\""),
        (indicator.period.is_none(), "period", "say which span the value speaks of: period = \"当月\""),
    ];
    let missing = missing.into_iter().filter(|(is_missing, ..)| *is_missing);
    missing.map(|(_, what, fix)| finding(Severity::Error, place.clone(), format!("no {what}"), fix)).collect()
}

fn sums(scheme: &Scheme, findings: &mut Vec<Finding>) {
    let total: Ratio = scheme.layers.iter().map(|layer| layer.weight.clone()).sum();
    if total != Ratio::whole(100) {
        let fix = "make the layers sum to 100";
        findings.push(finding(Severity::Error, "layers".to_owned(), format!("the weights sum to {total}"), fix));
    }
    for profile in &scheme.profiles {
        for (index, layer) in scheme.layers.iter().enumerate() {
            let in_layer = |(at, _): &(usize, &Ratio)| scheme.groups[scheme.indicators[*at].group].layer == index;
            let sum: Ratio = profile.weights.iter().enumerate().filter(in_layer).map(|(_, w)| w.clone()).sum();
            if sum != layer.weight {
                let place = format!("profile {}, layer {}", profile.id, layer.id);
                let problem = format!("the weights sum to {sum}, the layer has {}", layer.weight);
                let fix = format!("change the weights of the layer's indicators so that they sum to {}", layer.weight);
                findings.push(finding(Severity::Error, place, problem, fix));
            }
        }
    }
}

fn bounds(scheme: &Scheme, findings: &mut Vec<Finding>) {
    for profile in &scheme.profiles {
        for bound in &profile.bounds {
            let (ok, sum) = bound.check(&profile.weights);
            if !ok {
                let place = format!("profile {}, tags {}", profile.id, bound.tags.join(" ∪ "));
                let fix = "shift weight between tagged and other indicators";
                findings.push(finding(Severity::Error, place, format!("the weight {sum} breaks the bound"), fix));
            }
        }
    }
}

fn double_counting(scheme: &Scheme, findings: &mut Vec<Finding>) {
    let mut by_numerator: BTreeMap<usize, Vec<&Indicator>> = BTreeMap::new();
    for indicator in &scheme.indicators {
        if let Some((above, _)) = indicator.ratio {
            by_numerator.entry(above).or_default().push(indicator);
        }
    }
    for (measure, indicators) in by_numerator.iter().filter(|(_, indicators)| indicators.len() > 1) {
        let names: Vec<_> = indicators.iter().map(|indicator| indicator.id.as_str()).collect();
        let problem = format!("measure {} counts in each of them", scheme.measures[*measure].id);
        let fix = "keep one, or say in the method text why the same event counts twice";
        findings.push(finding(Severity::Warning, format!("indicators {}", names.join(", ")), problem, fix));
    }
    for negative in scheme.negatives.iter().filter(|negative| negative.effect != NegativeEffect::Veto) {
        let counted = scheme
            .indicators
            .iter()
            .find(|indicator| indicator.ratio.is_some_and(|(above, _)| scheme.measures[above].table == negative.table));
        if let Some(indicator) = counted {
            let what = if negative.table == Table::Complaint { "a complaint" } else { "a violation" };
            let problem =
                format!("{what} lowers indicator {} and is deducted again by the negative list", indicator.id);
            let fix = "keep it if that is meant: the method text says so in plain words";
            findings.push(finding(Severity::Warning, format!("negative {}", negative.id), problem, fix));
        }
    }
}

/// Figures that are counted here, and of whose chance part nothing is known.
fn noise(scheme: &Scheme, findings: &mut Vec<Finding>) {
    let reported = |(above, below): (usize, usize)| {
        [above, below].iter().any(|measure| scheme.measures[*measure].table == Table::Statistic)
    };
    for indicator in &scheme.indicators {
        if indicator.noise == Noise::None && indicator.ratio.is_some_and(|ratio| !reported(ratio)) {
            let problem = "intervals take its value as certain";
            let fix = "say noise = \"share\" or \"count\", or \"ratio\" with a spread";
            findings.push(finding(Severity::Warning, format!("indicator {}", indicator.id), problem, fix));
        }
    }
}

fn unused(scheme: &Scheme, findings: &mut Vec<Finding>) {
    let mut used: BTreeSet<usize> = scheme.team.iter().map(|team| team.ratings).collect();
    used.extend(scheme.ratings.iter().flat_map(Ratings::measures));
    for indicator in &scheme.indicators {
        used.extend(indicator.ratio.into_iter().flat_map(|(above, below)| [above, below]));
        used.extend(indicator.n);
        if let Noise::Ratio(spread) = &indicator.noise {
            used.extend([spread.xx, spread.xy, spread.yy]);
        }
        used.extend(indicator.requires.iter().map(|(measure, _)| *measure));
        used.extend(indicator.curve.baseline_measures().into_iter().flat_map(|(above, below)| [above, below]));
    }
    for measure in &scheme.measures {
        if let super::Merge::Weighted(by) = measure.merge {
            used.insert(by);
        }
    }
    for (index, measure) in scheme.measures.iter().enumerate() {
        if !used.contains(&index) {
            let fix = "delete it, or use it in an indicator";
            findings.push(finding(Severity::Warning, format!("measure {}", measure.id), "no indicator uses it", fix));
        }
    }
    for (index, indicator) in scheme.indicators.iter().enumerate() {
        if scheme.profiles.iter().all(|profile| profile.weights[index].is_zero()) {
            let place = format!("indicator {}", indicator.id);
            let fix = "give it a weight in some profile, or delete it";
            findings.push(finding(Severity::Warning, place, "no type of window has it", fix));
        }
    }
}

/// Indicators for which no fact of their kind has ever come in.
#[must_use]
pub fn lint_data(scheme: &Scheme, kinds_with_facts: &BTreeSet<Kind>) -> Vec<Finding> {
    let kind_of = |measure: usize| {
        let measure = &scheme.measures[measure];
        let rating = measure.on == Some(On::Rating);
        Kind::ALL.into_iter().find(|kind| match measure.table {
            Table::Case if rating => *kind == Kind::Rating,
            Table::Case | Table::CaseDay => *kind == Kind::Case,
            table => Table::of(*kind) == table && *kind != Kind::Rating,
        })
    };
    let empty = |indicator: &&Indicator| {
        let measures = indicator.ratio.into_iter().flat_map(|(above, below)| [above, below]);
        measures.filter_map(kind_of).any(|kind| !kinds_with_facts.contains(&kind))
    };
    let found = scheme.indicators.iter().filter(empty).map(|indicator| {
        let fix = "import its source, or give its weight to others until there is one";
        finding(Severity::Warning, format!("indicator {}", indicator.id), "no data has ever come in for it", fix)
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::parse;

    const ARTICLE: &str = include_str!("../../../../schemes/article.toml");

    fn findings(text: &str) -> Vec<Finding> {
        lint(&parse(text).unwrap_or_else(|error| panic!("{error}")))
    }

    #[test]
    fn the_preset_of_the_article_has_no_errors_and_says_what_it_counts_twice() {
        let findings = findings(ARTICLE);
        let shown: Vec<_> = findings.iter().map(|f| format!("{:?} {}: {}", f.severity, f.place, f.problem)).collect();
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn the_preset_has_the_weights_of_the_table() {
        let scheme = parse(ARTICLE).expect("valid");
        let tagged = |profile: &str, tags: &[&str]| {
            let profile = scheme.profile(profile).expect(profile);
            let has = |indicator: &Indicator| indicator.tags.iter().any(|tag| tags.contains(&tag.as_str()));
            let tagged = scheme.indicators.iter().zip(&profile.weights).filter(|(indicator, _)| has(indicator));
            tagged.map(|(_, weight)| weight.clone()).sum::<Ratio>().to_plain()
        };
        assert_eq!(tagged("simple", &["efficiency"]), "64");
        assert_eq!(tagged("approval", &["quality", "compliance"]), "55");
        assert_eq!(tagged("consulting", &["attitude", "accuracy"]), "72");
        assert_eq!(scheme.profile("self_service").map(|p| p.units.len()), Some(1));
    }

    #[test]
    fn what_is_missing_or_does_not_add_up_is_found() {
        let check = |from: &str, to: &str, expect: &str| {
            assert!(ARTICLE.contains(from), "{from}");
            let found = findings(&ARTICLE.replacen(from, to, 1));
            assert!(found.iter().any(|f| format!("{} {}", f.place, f.problem).contains(expect)), "{expect}: {found:?}");
        };
        check("direction = \"lower\"\n", "", "no direction");
        check("unit = \"%\"\n", "", "no unit");
        check("source = \"业务系统\"\n", "", "no source");
        check("period = \"当月\"\n", "", "no period");
        check("default = 8, simple = 20", "default = 8, simple = 21", "sum to 61");
        check("\nweight = 60", "\nweight = 61", "sum to 101");
        check("at_most = 70", "at_most = 63", "breaks the bound");
        check("noise = \"count\"\n", "noise = \"none\"\n", "value as certain");
        check("numerator = \"on_time\"", "numerator = \"handling\"", "counts in each of them");
    }

    #[test]
    fn the_digest_is_of_what_is_meant() {
        let digest = |text: &str| parse(text).expect("valid").digest();
        let commented = format!("# another comment\n{}", ARTICLE.replace("min_weight = 60", "min_weight   = \"60.0\""));
        assert_eq!(digest(&commented), digest(ARTICLE));
        let reweighted = ARTICLE.replace("default = 8, simple = 20", "default = 8, simple = 19");
        assert_ne!(digest(&reweighted), digest(ARTICLE));
        let rules = |text: &str| parse(text).expect("valid").rules_digest();
        assert_eq!(rules(&reweighted), rules(ARTICLE));
        assert_ne!(rules(&ARTICLE.replace("elapsed_seconds < 10", "elapsed_seconds < 9")), rules(ARTICLE));
    }
}
