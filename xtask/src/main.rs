//! Checks of the house that no compiler makes: `cargo xtask tidy`, `cargo xtask drills`.

mod drills;
mod tidy;

use anyhow::{Result, bail};

const USAGE: &str = "usage: cargo xtask tidy | drills [--sample] [--seed N] [NAME…]";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.split_first() {
        Some((word, [])) if word == "tidy" => tidy::run(),
        Some((word, rest)) if word == "drills" => drills::run(rest),
        _ => bail!(USAGE),
    }
}
