//! What can be chosen for a connection, what that costs, and everything that is wrong.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use qd_api::App;
use qd_connector::http::Auth;
use qd_connector::testkit::descriptor;
use qd_connector::{
    Backend, Connection, Descriptor, FieldKind, FieldSpec, PollCost, PollCx, PollError, Proposal, Proposals,
    ProposeSpec, Proposes, Secret, Settings, SettingsError,
};
use qd_model::{AlertState, Fact, Health, HealthState, Kind, Links};
use qd_store::Store;
use qd_store::testkit::sample::{alert, named, of_service, of_source, put_linked};
use qd_store_sqlite::SqliteStore;
use serde_json::{Value, json};

use crate::home::{Home, noon};

/// A backend that proposes and is never polled.
struct Proposing;

static DESCRIPTOR: Descriptor = Descriptor {
    settings: &[FieldSpec {
        key: "projects",
        label: "Projects",
        help: "",
        kind: FieldKind::List,
        required: true,
    }],
    readme: "# Hub\n\nSee [its pages](https://hub.example.org/docs) or <javascript:alert(1)>.",
    ..descriptor("hub", &[Kind::Alert])
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
    fn connect(&self, _: Settings) -> Result<Box<dyn Connection>, SettingsError> {
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

struct Bench {
    app: App,
    store: Arc<SqliteStore>,
    home: Home,
}

impl Bench {
    async fn open(config: &str) -> Self {
        let home = Home::new(config, noon());
        let store = home.history();
        let app = home.start(&store, &[&Proposing]).await;
        Self { app, store, home }
    }

    async fn call(&self, command: &str, payload: Value) -> Value {
        self.app.call(command, payload).await.unwrap()
    }

    async fn problems(&self) -> Vec<Value> {
        self.call("problems", Value::Null).await.as_array().unwrap().clone()
    }

    async fn sees(&self, native: &str, service: Option<&str>) {
        let source = named("hub");
        let fact = of_source(&source, Fact::Alert(alert(native, AlertState::Firing, Some(noon()))));
        let links = service.map_or_else(Links::default, of_service);
        put_linked(&*self.store, &source, [(fact, links)], noon()).await;
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
    assert!(error.message.contains("environment variable UNSET is not set"), "{error}");
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
    bench.store.put_memo("unread hub", "[\"issues of acme/shop cannot be read\"]").await.unwrap();

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
    assert_eq!(bench.home.opened.links(), ["https://hub.example.org/docs"]);
    for (id, index) in [("readme:hub", 1), ("readme:hub", 9), ("readme:nagios", 0)] {
        let refused = bench.app.call("open_prose_link", json!({ "id": id, "index": index })).await;
        assert!(refused.is_err(), "{id} {index}");
    }
    assert_eq!(bench.home.opened.links().len(), 1);
}
