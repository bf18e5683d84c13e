//! Draws a month of windows under the article's scheme, and prints the seconds of it as one JSON line.
//!
//! `intervals_bench [WINDOWS] [THREADS]`, by default 12,000 windows on two threads.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{ARTICLE, Size, World};
use insight::uncertainty::DRAWS;
use model::scheme::UnitKind;
use std::time::Instant;

fn main() {
    let mut words = std::env::args().skip(1);
    let count: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(12_000);
    let threads: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(2);
    let size = Size { windows: count, centres: 40, staff_per_window: 3 };
    let world = World::city(size, ARTICLE, 7);
    let windows = world.cards(UnitKind::Window);
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
    let start = Instant::now();
    let drawn = world.draw_cards(&windows, &windows, threads);
    let seconds = start.elapsed().as_secs_f64();
    let scored = drawn.units.iter().flatten().count();
    println!(
        "{{\"windows\": {count}, \"scored\": {scored}, \"draws\": {DRAWS}, \"threads\": {threads}, \"seconds\": \
         {seconds:.3}, \"digest\": \"{}\"}}",
        drawn.digest()
    );
}
