//! A clock that is a day off, either way: nothing that is scored depends on it.

use super::program::said;
use super::town::{copy, result};
use super::{Ground, Report};
use anyhow::Result;

pub(super) fn run(ground: &Ground<'_>) -> Result<Report> {
    let mut report = Report::default();
    for (name, offset) in [("ahead", "+1d"), ("behind", "-1d")] {
        for at in 0..ground.town.stations.len() {
            let work = tempfile::tempdir()?;
            let home = work.path().join("home");
            copy(&ground.town.stations[at].before, &home)?;
            // One command with the wrong clock, the rest with the right one.
            for (step, station) in ground.town.stations[at..].iter().enumerate() {
                let output = if step == 0 {
                    ground.heng.under(&["faketime", "-f", offset], &home, &station.words())?
                } else {
                    ground.heng.run(&home, &station.words())?
                };
                report.expect(output.status.success(), || format!("{} a day {name}: {}", station.name, said(&output)));
            }
            let same = result(ground.heng, &home)? == ground.town.result;
            report.expect(same, || format!("{} a day {name}: another result", ground.town.stations[at].name));
        }
    }
    // Today is not over, whatever a clock that stands a day behind has sealed before.
    let work = tempfile::tempdir()?;
    let home = work.path().join("home");
    copy(&ground.town.finished, &home)?;
    for (clock, day, expect) in
        [("2026-02-20 12:00:00", "2026-02-20", "not over"), ("2026-02-03 12:00:00", "2026-02-05", "not over")]
    {
        let output = ground.heng.under(&["faketime", clock], &home, &["close", day])?;
        let text = said(&output);
        report.expect(output.status.code() == Some(1) && text.contains(expect), || format!("{day} at {clock}: {text}"));
    }
    let early = ground.heng.under(&["faketime", "2026-02-03 12:00:00"], &home, &["close", "--period", "2026-01"])?;
    report.expect(early.status.code() == Some(1), || format!("closed before its cut-off: {}", said(&early)));
    report.says(format!(
        "Each of {} commands with a clock a day ahead and a day behind, the others with the right one: the same digests; \
         a day that is not over and a period before its cut-off are refused",
        ground.town.stations.len()
    ));
    Ok(report)
}
