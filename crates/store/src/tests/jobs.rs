//! Jobs: taken by one, told alive, tried again, handed back.

use super::{Ground, on_both};
use crate::{JobState, LEASE_SECONDS, MAX_ATTEMPTS, Store, Take};
use model::time::Instant;

on_both! {
    a_job_is_taken_by_one
    a_job_whose_node_is_silent_is_taken_over
    what_fails_is_tried_again_later_and_in_the_end_given_up
    what_a_person_wants_done_is_taken_at_once
}

async fn take(store: &Store, owner: &str, now: i64) -> Option<String> {
    store.claim(owner, Instant(now)).await.expect("readable").map(|job| job.subject)
}

async fn a_job_is_taken_by_one(ground: &Ground) {
    let (one, other) = (ground.store().await, ground.store().await);
    assert_eq!(take(&one, "a", 100).await, None);
    for subject in ["2026-03-05", "2026-03-06"] {
        assert!(one.enqueue("close", subject, Instant(100)).await.expect("written"));
    }
    assert!(!other.enqueue("close", "2026-03-05", Instant(1)).await.expect("written"), "the same work is there once");
    // Not before its time; then each by one of those who ask at once.
    assert_eq!(take(&one, "a", 99).await, None);
    let mut asked = Vec::new();
    for n in 0..8 {
        let store = if n % 2 == 0 { one.clone() } else { other.clone() };
        asked.push(tokio::spawn(async move { take(&store, &format!("node {n}"), 100).await }));
    }
    let mut taken = Vec::new();
    for task in asked {
        taken.extend(task.await.expect("no panic"));
    }
    taken.sort();
    assert_eq!(taken, ["2026-03-05", "2026-03-06"]);
}

async fn a_job_whose_node_is_silent_is_taken_over(ground: &Ground) {
    let store = ground.store().await;
    store.enqueue("close", "d", Instant(0)).await.expect("written");
    let first = store.claim("a", Instant(0)).await.expect("readable").expect("a job");
    assert!(store.heartbeat(&first, Instant(50)).await.expect("written"));
    assert_eq!(take(&store, "b", 50 + LEASE_SECONDS).await, None);
    let second = store.claim("b", Instant(51 + LEASE_SECONDS)).await.expect("readable").expect("a job");
    assert_eq!((second.attempts, second.owner.as_deref()), (2, Some("b")));
    // Whoever was taken over from is told so, and can neither finish nor fail what is another's.
    assert!(!store.heartbeat(&first, Instant(120)).await.expect("written"));
    store.finish(&first, "mine", Instant(120)).await.expect("written");
    store.fail(&first, "mine", Instant(120)).await.expect("written");
    assert_eq!(store.latest_jobs(1).await.expect("readable")[0].state, JobState::Running);
    // A node that ends gives back what it has.
    assert_eq!(store.hand_back("b").await.expect("written"), 1);
    let third = store.claim("c", Instant(130)).await.expect("readable").expect("a job");
    assert_eq!(third.attempts, 2);
    store.finish(&third, "3 days", Instant(140)).await.expect("written");
    let job = &store.latest_jobs(1).await.expect("readable")[0];
    assert_eq!((job.state, job.said.as_str()), (JobState::Done, "3 days"));
    assert_eq!(take(&store, "d", 1_000_000).await, None);
}

async fn what_fails_is_tried_again_later_and_in_the_end_given_up(ground: &Ground) {
    let store = ground.store().await;
    store.enqueue("close", "d", Instant(0)).await.expect("written");
    let (mut now, mut waits) = (0, Vec::new());
    for attempt in 1..=MAX_ATTEMPTS {
        let job = store.claim("a", Instant(now)).await.expect("readable").expect("a job");
        assert_eq!(job.attempts, attempt);
        store.fail(&job, "the disk is full", Instant(now)).await.expect("written");
        let after = &store.latest_jobs(1).await.expect("readable")[0];
        assert_eq!(after.said, "the disk is full");
        if attempt < MAX_ATTEMPTS {
            waits.push(after.run_at.0 - now);
            assert_eq!(take(&store, "a", after.run_at.0 - 1).await, None);
            now = after.run_at.0;
        } else {
            assert_eq!(after.state, JobState::Failed);
        }
    }
    for (wait, least) in waits.iter().zip([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]) {
        assert!((least..=least + least / 4).contains(wait), "{waits:?}");
    }
    assert_eq!(take(&store, "a", i64::MAX / 2).await, None);
    // What fails together comes apart.
    let mut again = Vec::new();
    for other in 0..8 {
        store.enqueue("close", &format!("other {other}"), Instant(0)).await.expect("written");
        let job = store.claim("a", Instant(0)).await.expect("readable").expect("a job");
        store.fail(&job, "the disk is full", Instant(0)).await.expect("written");
        again.push(store.latest_jobs(1).await.expect("readable")[0].run_at);
    }
    again.sort_unstable();
    again.dedup();
    assert!(again.len() > 3, "{again:?}");
}

async fn what_a_person_wants_done_is_taken_at_once(ground: &Ground) {
    let store = ground.store().await;
    let wanted = async |now: i64| store.take("folder", "f", "person", Instant(now)).await.expect("written");
    let Take::Yours(job) = wanted(100).await else { panic!("nobody asked for it") };
    assert_eq!((job.attempts, job.owner.as_deref()), (1, Some("person")));
    // Whoever is at it is not interrupted, unless nothing was heard of them for long.
    assert_eq!(wanted(100 + LEASE_SECONDS).await, Take::Busy);
    let Take::Yours(job) = wanted(101 + LEASE_SECONDS).await else { panic!("it was lost") };
    // It need not be due, nor be hoped for.
    store.fail(&job, "no such file", Instant(200)).await.expect("written");
    let Take::Yours(mut job) = wanted(200).await else { panic!("it waits") };
    job.attempts = MAX_ATTEMPTS;
    store.fail(&job, "no such file", Instant(200)).await.expect("written");
    assert_eq!(store.latest_jobs(1).await.expect("readable")[0].state, JobState::Failed);
    assert!(store.settle("folder", "f", "by hand", Instant(300)).await.expect("written"));
    assert!(!store.settle("folder", "f", "again", Instant(300)).await.expect("written"), "what is done stays so");
    assert_eq!(wanted(400).await, Take::Done("by hand".to_owned()));
    assert_eq!(store.troubled_jobs(9).await.expect("readable"), []);
    let Take::Yours(job) = store.take("folder", "h", "person", Instant(500)).await.expect("written") else {
        panic!("nobody asked for it")
    };
    store.fail(&job, "no such file", Instant(500)).await.expect("written");
    let troubled = store.troubled_jobs(9).await.expect("readable");
    assert_eq!(troubled.iter().map(|job| job.subject.as_str()).collect::<Vec<_>>(), ["h"]);
    assert!(!store.settle("folder", "g", "by hand", Instant(300)).await.expect("written"));
}
