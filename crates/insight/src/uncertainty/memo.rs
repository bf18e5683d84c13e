//! Draws that are kept, so that two schemes on the same facts need not draw alike twice.

use super::posterior::Posterior;
use crate::random::Stream;

/// Draws of the lines of a unit, before their factors.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// Whether what was drawn is asked for again.
    keeps: bool,
    drawn: Vec<(Stream, Posterior, Vec<f64>)>,
}

impl Memo {
    /// One that keeps what it draws.
    pub(super) fn keeping() -> Self {
        Self { keeps: true, drawn: Vec::new() }
    }

    /// So many draws from a posterior.
    pub(super) fn draws(&mut self, stream: Stream, posterior: Posterior, count: usize) -> &[f64] {
        let known = |(of, from, draws): &(Stream, Posterior, Vec<f64>)| {
            *of == stream && *from == posterior && draws.len() == count
        };
        let at = self.drawn.iter().position(known).unwrap_or_else(|| {
            if !self.keeps {
                self.drawn.clear();
            }
            let draws = (0..).take(count).map(|draw| posterior.draw(&mut stream.draw(draw))).collect();
            self.drawn.push((stream, posterior, draws));
            self.drawn.len() - 1
        });
        &self.drawn[at].2
    }
}
