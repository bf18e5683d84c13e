//! A database copied to the other engine and back says the same.

use super::{Ground, TEST, case, code, fact, import, intrude, march, on_both, rating, windows};
use crate::{Command, SealedRow, Store, StoreError};
use model::canonical::Digest;
use model::fact::{Kind, Value};
use model::time::Instant;

on_both! { a_copy_says_what_was_copied }

async fn fill(store: &Store) {
    import(store, vec![case("c1", 0, "W1", 0), case("c2", 0, "窗口二", 0), rating("r1", "c1", 1)]).await;
    import(store, vec![case("c1", 1, "W3", 0), case("c2", 0, "W9", 0)]).await;
    let text = Value::Text("一字不差 \" \\ \n🙂".into());
    let occurred = ("occurred_at", Value::Instant(Instant(super::NINE)));
    import(
        store,
        vec![fact(Kind::Complaint, "12345", "t1", 0, vec![occurred, ("window", code("W1")), ("text", text)])],
    )
    .await;
    let (facts_digest, context) = (Digest::of(b"f"), Digest::of(b"c"));
    let row = SealedRow { day: march(5), manifest: "{}".to_owned(), facts_digest, context, as_of: i64::MAX };
    store.write(TEST, Command::SealDay(row)).await.expect("written");
    store.remember_derived(march(5), facts_digest, context, "file").await.expect("written");
}

async fn a_copy_says_what_was_copied(ground: &Ground) {
    let from = ground.store().await;
    fill(&from).await;
    let grounds = [Some(Ground::sqlite()), Ground::postgres()];
    for to in grounds.into_iter().flatten() {
        let store = to.store().await;
        let copied = store.copy_from(&from, &mut |_, _| {}).await.expect("copied");
        assert_eq!(copied.iter().find(|table| table.name == "fact").map(|table| table.rows), Some(6));
        assert_eq!(windows(&store, march(5)).await, windows(&from, march(5)).await);
        assert_eq!(store.last_command().await.expect("readable"), 4);
        assert_eq!(store.verify().await.expect("readable"), Vec::<String>::new());
        // A second copy, of the copy, is the same to the digest; into something that holds something, none is made.
        let back = Ground::sqlite();
        let again = back.store().await.copy_from(&store, &mut |_, _| {}).await.expect("copied");
        assert_eq!(again, copied);
        assert!(matches!(store.copy_from(&from, &mut |_, _| {}).await, Err(StoreError::NotEmpty)));
        // Life goes on in the copy, with the numbers that come next.
        assert_eq!(import(&store, vec![case("c1", 1, "W3", 0), case("c9", 0, "新窗口", 0)]).await.new, 1);
        assert_eq!(store.last_command().await.expect("readable"), 5);
    }
    // Whoever reads beside the writer sees what is committed and writes nothing.
    let reader = Store::open_to_read(&ground.location).await.expect("opened");
    assert_eq!(windows(&reader, march(5)).await, windows(&from, march(5)).await);
    intrude(&from, "DELETE FROM anchor").await;
    assert_eq!(windows(&reader, march(5)).await, Vec::<String>::new());
}
