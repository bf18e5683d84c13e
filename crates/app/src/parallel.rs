//! Work spread over threads, taken in order.

use crate::AppError;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Makes so many things on several threads, and takes them one after another, each as soon as its turn has come. After
/// a failure nothing more is made.
pub(crate) fn in_order<T: Send>(
    threads: usize,
    count: usize,
    make: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(usize, T) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (made, ready) = std::sync::mpsc::channel();
        for _ in 0..threads.clamp(1, 256).min(count.max(1)) {
            let (made, next, make) = (made.clone(), &next, &make);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    // Nobody listens after a failure.
                    if at >= count || made.send((at, make(at))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(made);
        let (mut waiting, mut turn) = (BTreeMap::new(), 0);
        for (at, thing) in ready {
            waiting.insert(at, thing);
            while let Some(thing) = waiting.remove(&turn) {
                take(turn, thing)?;
                turn += 1;
            }
        }
        if turn == count { Ok(()) } else { Err(AppError::Worker) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_taken_in_order_whatever_the_threads() {
        for threads in [1, 2, 7] {
            let mut taken = Vec::new();
            let took = in_order(
                threads,
                50,
                |at| at * at,
                |at, thing| {
                    taken.push((at, thing));
                    Ok(())
                },
            );
            assert!(took.is_ok());
            assert_eq!(taken, (0..50).map(|at| (at, at * at)).collect::<Vec<_>>());
        }
        assert!(in_order(2, 0, |at| at, |_, _| Ok(())).is_ok());
    }

    #[test]
    fn after_a_failure_nothing_more_is_taken() {
        let mut taken = 0;
        let took = in_order(
            3,
            50,
            |at| at,
            |at, _| {
                taken += 1;
                if at == 4 { Err(AppError::Worker) } else { Ok(()) }
            },
        );
        assert!(took.is_err());
        assert_eq!(taken, 5);
    }
}
