//! What can be chosen for a connection, what that costs, and everything that is wrong.
#![allow(clippy::unwrap_used, reason = "a test panics where the product does something else")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use qd_api::{App, AppParts, LinkOpener, Paths};
use qd_connector::http::Auth;
use qd_connector::{
    Backend, Connection, CredentialError, CredentialSpec, Credentials, Descriptor, FieldKind, FieldSpec,
    PollCost, PollCx, PollError, Proposal, Proposals, ProposeSpec, Proposes, Secret, Settings, SettingsError,
};
use qd_model::{
    Alert, AlertState, Coverage, Cursor, EntityId, Fact, Health, HealthState, Kind, Links, ManualClock,
    Observed, Origin, ServiceRef, Severity, SourceId,
};
use qd_store::{Holder, Ingest, Store};
use qd_store_sqlite::SqliteStore;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

/// A backend that proposes and is never polled.
struct Proposing;

static DESCRIPTOR: Descriptor = Descriptor {
    backend: "hub",
    name: "Hub",
    summary: "",
    kinds: &[Kind::Alert],
    url_example: "",
    default_url: Some("https://hub.example.org"),
    credential: CredentialSpec { label: "", help: "", optional: true, gh: false },
    settings: &[FieldSpec {
        key: "projects",
        label: "Projects",
        help: "",
        kind: FieldKind::List,
        required: true,
    }],
    actions: &[],
    interval: Duration::from_secs(60),
    readme: "# Hub\n\nSee [its pages](https://hub.example.org/docs) or <javascript:alert(1)>.",
    icon: "",
};

static SPEC: ProposeSpec = ProposeSpec {
    field: "projects",
    label: "Find projects",
    without_credential: Some("Sign in first."),
    cost: PollCost { requests: 6, changing: 2, unchanged_is_free: true },
};

impl Backend for Proposing {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }
    fn connect(&self, settings: Settings) -> Result<Box<dyn Connection>, SettingsError> {
        let _ = settings;
        Err(SettingsError { field: "projects".into(), problem: "name at least one".into() })
    }
    fn auth(&self, _: Option<Secret>) -> Result<Auth, SettingsError> {
        Ok(Auth::None)
    }
    fn proposes(&self) -> Option<&dyn Proposes> {
        Some(self)
    }
}

#[async_trait]
impl Proposes for Proposing {
    fn spec(&self) -> &'static ProposeSpec {
        &SPEC
    }
    async fn proposals(&self, cx: &PollCx) -> Result<Proposals, PollError> {
        let item = |value: &str, days: i64| Proposal {
            value: value.to_owned(),
            active_at: Some(cx.now() - TimeDelta::days(days)),
            shelved: false,
            about: "private".to_owned(),
        };
        let items = vec![item("new", 1), item("old", 100), item("dis\u{202e}guised", 1)];
        Ok(Proposals { items, more: true, problems: Vec::new() })
    }
}

#[derive(Default)]
struct Nobody {
    opened: Mutex<Vec<String>>,
}

impl LinkOpener for Nobody {
    fn open(&self, url: &Url) -> Result<(), String> {
        self.opened.lock().unwrap().push(url.to_string());
        Ok(())
    }
}

#[async_trait]
impl Credentials for Nobody {
    fn check_reference(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
    async fn resolve(
        &self,
        _: &SourceId,
        reference: &str,
        _: Option<&str>,
    ) -> Result<Option<Secret>, CredentialError> {
        match reference {
            "env:UNSET" => Err(CredentialError { code: "env_unset", message: "it is not set".to_owned() }),
            _ => Ok(None),
        }
    }
    async fn keep(&self, _: &SourceId, _: Secret, _: bool) -> Result<(), CredentialError> {
        Ok(())
    }
    async fn forget(&self, _: &SourceId) -> Result<(), CredentialError> {
        Ok(())
    }
    async fn keychain(&self) -> &'static str {
        "ready"
    }
}

struct Bench {
    app: App,
    store: Arc<SqliteStore>,
    opener: Arc<Nobody>,
    _home: TempDir,
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_366_400, 0).unwrap()
}

impl Bench {
    async fn open(config: &str) -> Self {
        let home = TempDir::new().unwrap();
        let paths = Paths::portable(home.path());
        std::fs::write(&paths.config, config).unwrap();
        let store = Arc::new(SqliteStore::open(&paths.history, noon()).unwrap().0);
        let opener = Arc::new(Nobody::default());
        let app = App::open(AppParts {
            paths,
            store: store.clone(),
            credentials: Arc::new(Nobody::default()),
            backends: &[&Proposing],
            clock: Arc::new(ManualClock::at(noon())),
            opener: opener.clone(),
            holder: Holder("test".to_owned()),
            actor: "window",
            notices: Vec::new(),
            demo: None,
            relaunch: None,
        })
        .await
        .unwrap();
        Self { app, store, opener, _home: home }
    }

    async fn call(&self, command: &str, payload: Value) -> Value {
        self.app.call(command, payload).await.unwrap()
    }

    async fn problems(&self) -> Vec<Value> {
        self.call("problems", Value::Null).await.as_array().unwrap().clone()
    }

    async fn sees(&self, native: &str, service: Option<&str>) {
        let id = EntityId::new(&"hub".parse().unwrap(), Kind::Alert, native);
        let alert = Alert {
            origin: Origin::new(id.clone()),
            fingerprint: native.to_owned(),
            name: "Slow".to_owned(),
            labels: Default::default(),
            annotations: Default::default(),
            severity: Observed::new(Severity::Critical, "critical"),
            state: Observed::new(AlertState::Firing, ""),
            starts_at: Some(noon()),
            ends_at: None,
            silenced_by: Vec::new(),
            inhibited_by: Vec::new(),
            receivers: Vec::new(),
            count: 1,
        };
        let service = service.map(|name| ServiceRef { name: name.to_owned(), inferred: false });
        let links = Links { service, ..Links::default() };
        let ingest = Ingest {
            facts: vec![(Fact::Alert(alert), links)],
            coverage: Coverage::Delta,
            next: Cursor::default(),
        };
        self.store.ingest(&id.source, ingest, noon()).await.unwrap();
    }
}

fn form(credential: &str) -> Value {
    let draft = json!({ "id": "hub", "backend": "hub", "url": "", "credential": credential, "interval_secs": null,
                        "ca_file": null, "settings": { "projects": "" } });
    json!({ "draft": draft, "replaces": null, "secret": null, "session_only": false })
}

#[tokio::test]
async fn proposals_need_no_complete_form_and_disguised_values_are_left_out() {
    let bench = Bench::open("").await;
    let found = bench.call("connection_propose", form("env:TOKEN")).await;
    let items: Vec<(&str, bool)> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["value"].as_str().unwrap(), item["preselected"].as_bool().unwrap()))
        .collect();
    assert_eq!(items, [("new", true), ("old", false)]);
    assert_eq!(found["more"], true);
}

#[tokio::test]
async fn without_a_credential_nothing_is_proposed_and_it_is_said_why() {
    let bench = Bench::open("").await;
    let found = bench.call("connection_propose", form("none")).await;
    assert_eq!((&found["items"], &found["notes"]), (&json!([]), &json!(["Sign in first."])));
    let error = bench.app.call("connection_propose", form("env:UNSET")).await.unwrap_err();
    assert_eq!(error.code, "needs_sign_in");
    assert!(error.message.contains("environment variable is not set"), "{error}");
}

#[tokio::test]
async fn an_estimate_follows_the_interval_and_the_ceiling_of_the_file() {
    let bench = Bench::open("[polling]\nbudget_percent = 25\n").await;
    let ask = |interval: Value, signed_in: bool| json!({ "backend": "hub", "values": 10, "interval_secs": interval, "quota_limit": 5000, "signed_in": signed_in });
    let told = bench.call("connection_estimate", ask(json!(600), true)).await;
    let hours: Vec<Value> = told["hours"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hour| json!([hour["pace"], hour["requests"], hour["counted"], hour["percent"]]))
        .collect();
    let expected = json!([["idle", 360, 0, 0], ["watched", 3600, 0, 0], ["running", 17_280, 576, 12]]);
    assert_eq!(json!(hours), expected);
    assert_eq!(told["ceiling_percent"], 25);
    let told = bench.call("connection_estimate", ask(Value::Null, false)).await;
    assert_eq!((&told["hours"][0]["counted"], &told["unchanged_is_free"]), (&json!(3600), &json!(false)));
    let unknown = json!({ "backend": "nagios", "values": 1, "interval_secs": null, "quota_limit": null, "signed_in": true });
    assert_eq!(bench.call("connection_estimate", unknown).await, Value::Null);
}

#[tokio::test]
async fn nothing_wrong_is_no_problem() {
    assert_eq!(Bench::open("").await.problems().await, Vec::<Value>::new());
}

#[tokio::test]
async fn everything_that_failed_or_is_not_matched_is_listed_worst_first() {
    let config = "[[connection]]\nid = \"hub\"\nbackend = \"hub\"\n[window]\nthem = \"dark\"\n";
    let bench = Bench::open(config).await;
    bench.sees("1", None).await;
    bench.sees("2", Some("shop")).await;
    let mut health = Health::new("hub".parse().unwrap(), noon(), 60);
    health.state = HealthState::Unreachable { cause: "refused".to_owned() };
    bench.store.record_health(&health).await.unwrap();
    bench.store.put_note("unread hub", "[\"issues of acme/shop cannot be read\"]").await.unwrap();

    let problems = bench.problems().await;
    let words: Vec<&str> = problems.iter().map(|problem| problem["problem"].as_str().unwrap()).collect();
    assert_eq!(words, ["config", "unread", "config", "unmatched"], "{problems:#?}");
    assert!(
        problems[0]["message"].as_str().unwrap().contains("name at least one"),
        "told once, not again as its health"
    );
    assert_eq!(
        problems[1],
        json!({ "problem": "unread", "source": "hub", "message": "issues of acme/shop cannot be read" })
    );
    assert_eq!((&problems[2]["line"], &problems[2]["broken"]), (&json!(5), &json!(false)));
    let unmatched = json!({ "problem": "unmatched", "kind": "alert", "count": 1, "query": "service:none" });
    assert_eq!(problems[3], unmatched);
    let rows = json!({ "kind": "alert", "query": "service:none", "limit": 10 });
    assert_eq!(bench.call("rows", rows).await["total"], 1, "the query lists what was counted");
}

#[tokio::test]
async fn a_link_of_a_readme_is_opened_by_its_place_after_the_check() {
    let bench = Bench::open("").await;
    let backends = bench.call("backends", Value::Null).await;
    assert_eq!(backends[0]["help"]["nodes"][0]["node"], "heading");
    assert_eq!(backends[0]["proposes"], json!({ "field": "projects", "label": "Find projects" }));
    bench.call("open_prose_link", json!({ "id": "readme:hub", "index": 0 })).await;
    assert_eq!(*bench.opener.opened.lock().unwrap(), ["https://hub.example.org/docs"]);
    for (id, index) in [("readme:hub", 1), ("readme:hub", 9), ("readme:nagios", 0)] {
        let refused = bench.app.call("open_prose_link", json!({ "id": id, "index": index })).await;
        assert!(refused.is_err(), "{id} {index}");
    }
    assert_eq!(bench.opener.opened.lock().unwrap().len(), 1);
}
