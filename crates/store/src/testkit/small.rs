//! Claims about health, leases, cached answers and notes.

use std::time::Duration;

use bytes::Bytes;
use qd_model::{AlertState, Fact, Health, HealthState};

use super::sample::{alert, at, named, put, source};
use crate::{CachedAnswer, Holder, Store, StoreError};

/// A new age alone is no change.
pub async fn health_rings_only_when_its_state_changes(store: &dyn Store) {
    put(store, [Fact::Alert(alert("1", AlertState::Firing, None))], at(0)).await;
    let new = Health::new(source(), at(0), 30);
    let first = store.record_health(&new).await.expect("health is stored").expect("it is new");
    assert_eq!(first.services, ["shop"], "what this source says of a service may be drawn otherwise now");
    let fresh = Health { state: HealthState::Fresh, as_of: Some(at(1)), ..new.clone() };
    assert!(store.record_health(&fresh).await.expect("health is stored").is_some());
    let later = Health { as_of: Some(at(31)), ..fresh };
    assert_eq!(store.record_health(&later).await.expect("health is stored"), None);
    assert_eq!(store.health().await.expect("the store can be read"), std::slice::from_ref(&later));
    let throttled = Health { state: HealthState::Throttled { until: at(90) }, ..later };
    assert!(store.record_health(&throttled).await.expect("health is stored").is_some());
    let other = Health::new(named("other"), at(0), 30);
    store.record_health(&other).await.expect("health is stored");
    assert_eq!(store.health().await.expect("the store can be read").len(), 2);
}

const MINUTE: Duration = Duration::from_secs(60);

async fn takes(store: &dyn Store, holder: &str, secs: i64) -> bool {
    store.lease(&source(), &Holder(holder.to_owned()), at(secs), MINUTE).await.expect("an answer")
}

/// Leases.
pub async fn a_lease_has_one_holder(store: &dyn Store) {
    assert!(takes(store, "window", 0).await);
    assert!(!takes(store, "qd", 30).await, "somebody has it");
    assert!(takes(store, "window", 50).await, "its holder renews it");
    assert!(!takes(store, "qd", 100).await, "renewed at 50, it holds until 110");
    assert!(takes(store, "qd", 110).await, "it ended");
    assert!(!takes(store, "window", 111).await);
    let other = store.lease(&named("other"), &Holder("window".to_owned()), at(0), MINUTE).await;
    assert!(other.expect("an answer"), "a lease is per source");
}

/// Given back.
pub async fn a_released_lease_is_free(store: &dyn Store) {
    assert!(takes(store, "window", 0).await);
    store.release(&Holder("qd".to_owned())).await.expect("nothing to give back is fine");
    assert!(!takes(store, "qd", 1).await);
    store.release(&Holder("window".to_owned())).await.expect("it is given back");
    assert!(takes(store, "qd", 2).await);
}

/// A clock that was days ahead when the lease was taken, and has been mended.
pub async fn a_lease_from_a_wrong_clock_is_void(store: &dyn Store) {
    assert!(takes(store, "window", 86_400 * 3).await);
    assert!(takes(store, "qd", 0).await, "nobody waits three days for it");
}

/// ETags.
pub async fn answers_are_kept_and_the_oldest_go_first(store: &dyn Store) {
    let answer = |etag: &str| CachedAnswer {
        etag: etag.to_owned(),
        body: Bytes::from(vec![0, 159, 146, 150]),
        link: Some("<https://example.org/?page=2>; rel=\"next\"".to_owned()),
        stored_at: at(0),
    };
    let kept = |key: String| async move { store.etag(&source(), &key).await.expect("the store can be read") };
    assert_eq!(kept("/a".to_owned()).await, None);
    store.put_etag(&source(), "/a", answer("W/\"1\"")).await.expect("it is kept");
    assert_eq!(kept("/a".to_owned()).await, Some(answer("W/\"1\"")));
    let bare = CachedAnswer { link: None, ..answer("\"2\"") };
    store.put_etag(&source(), "/a", bare.clone()).await.expect("it is kept");
    assert_eq!(kept("/a".to_owned()).await, Some(bare), "the newer answer takes its place");
    store.put_etag(&named("other"), "/a", answer("\"o\"")).await.expect("it is kept");
    for number in 0..1_000 {
        store.put_etag(&source(), &format!("/{number}"), answer("\"n\"")).await.expect("it is kept");
    }
    assert_eq!(kept("/a".to_owned()).await, None, "a few hundred are kept");
    assert!(kept("/900".to_owned()).await.is_some());
    let other = store.etag(&named("other"), "/a").await.expect("the store can be read");
    assert!(other.is_some(), "one source does not push another's out");
}

/// Memos.
pub async fn memos_are_kept(store: &dyn Store) {
    assert_eq!(store.memo("views").await.expect("the store can be read"), None);
    for value in ["1", "2", "two\nlines"] {
        store.put_memo("views", value).await.expect("it is kept");
        assert_eq!(store.memo("views").await.expect("the store can be read").as_deref(), Some(value));
    }
}

/// What is asked of a store that was closed is refused, and closing it again changes nothing.
pub async fn a_closed_store_says_so(store: &dyn Store) {
    store.seq().await.expect("the store can be read");
    store.close().await;
    assert!(matches!(store.seq().await, Err(StoreError::Closed)));
    assert!(matches!(store.put_memo("one", "1").await, Err(StoreError::Closed)));
    store.close().await;
}
