//! What the READMEs promise a newcomer, done as written there.

use crate::common::{TestHome, path, project};

/// The fenced blocks of a language, in order.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

fn check(readme: &str, lang: &str) {
    let text = std::fs::read_to_string(project().join(readme)).expect("readable");
    let (toml, csv) = (blocks(&text, "toml"), blocks(&text, "csv"));
    let home = TestHome::empty();
    let scheme = home.file("first.toml", toml[0]);
    let map = home.file("cases.toml", toml[1]);
    let cases = home.file("cases.csv", format!("{}\n", csv[0]));
    home.ok(&["init", "--scheme", path(&scheme)]);
    let console = blocks(&text, "console").concat();
    for file in ["centres.csv", "windows.csv"] {
        let line = console.lines().find(|line| line.contains("printf") && line.contains(file)).expect("a printf");
        let quoted = line.split('\'').nth(1).expect("a quoted text").replace("\\n", "\n");
        home.home_file(&format!("register/{file}"), &quoted);
    }
    home.ok(&["import", "--map", path(&map), path(&cases)]);
    home.ok(&["close", "--period", "2026-03"]);
    let printed = home.ok(&["--lang", lang, "score", "2026-03"])
        + &home.ok(&["--lang", lang, "explain", "W1", "2026-03", "--indicator", "on_time_rate"]);
    // Every line that the README shows of these two commands is printed.
    let shown = console.split("heng score 2026-03\n").nth(1).expect("the score");
    for line in shown.lines().filter(|line| !line.starts_with('$') && !line.is_empty()) {
        assert!(printed.contains(line.trim_end()), "{readme}: `{line}` is not printed:\n{printed}");
    }
}

#[test]
fn the_worked_example_prints_what_the_readme_shows() {
    check("README.md", "en");
    check("README.zh-CN.md", "zh");
}
