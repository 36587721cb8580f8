//! When stored facts are linked anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use qd_engine::{Engine, EngineConfig};
use qd_model::{AlertState, Fact, Kind, Service};
use qd_rules::Catalogue;
use qd_store::Store;
use qd_store::testkit::sample::{alert, at, id, put};
use qd_store_sqlite::SqliteStore;

use crate::bench;

/// Configures one service that claims every alert of the samples, under a name.
async fn configure(engine: &Engine, name: &str) {
    let service = Service {
        name: name.into(),
        owner: None,
        repositories: Vec::new(),
        projects: Vec::new(),
        labels: BTreeMap::from([("team".to_owned(), "shop".to_owned())]),
    };
    let catalogue = Catalogue::new(vec![service], BTreeMap::new());
    engine.configure(EngineConfig { catalogue, ..EngineConfig::default() }).await.unwrap();
}

async fn service(store: &SqliteStore) -> Option<String> {
    let found = store.get(&id(Kind::Alert, "1"), None).await.unwrap().unwrap();
    found.links.service.map(|service| service.name)
}

#[tokio::test]
async fn facts_are_linked_anew_when_the_services_changed_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("history.db"), at(0)).unwrap().0);
    let mut fact = alert("1", AlertState::Firing, Some(at(0)));
    fact.labels = BTreeMap::from([("team".to_owned(), "shop".to_owned())]);
    put(&*store, [Fact::Alert(fact)].into_iter(), at(0)).await;

    let first = bench::engine("test", &store);
    configure(&first, "old").await;
    assert_eq!(service(&store).await.as_deref(), Some("old"));
    let linked = store.seq().await.unwrap();

    let second = bench::engine("test", &store);
    configure(&second, "old").await;
    assert_eq!(store.seq().await.unwrap(), linked, "the next start has nothing to do");

    configure(&second, "new").await;
    assert_eq!(service(&store).await.as_deref(), Some("new"), "the file was edited while it ran");
    let third = bench::engine("test", &store);
    configure(&third, "newest").await;
    assert_eq!(service(&store).await.as_deref(), Some("newest"), "the file was edited while nothing ran");

    configure(&second, "newest").await;
    assert_eq!(service(&store).await.as_deref(), Some("newest"));
}
