//! Against a real Redmine: a ticket is created, commented, assigned, closed; a wrong key is caught; the server dies.
#![allow(clippy::unwrap_used, reason = "a test panics where the real server does something else")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use qd_connector::http::{Budget, Http, HttpConfig, Limits, MemoryCache};
use qd_connector::{
    ActError, Action, Backend, Backfill, CheckOutcome, Connection, PollCx, PollError, Secret, Section,
    Settings, Verdict,
};
use qd_connector_redmine::RedmineBackend;
use qd_model::{
    Batch, Clock, Coverage, Cursor, Fact, SourceId, SystemClock, Target, Ticket, TicketStatus, TicketType,
};
use qd_servers::{Redmine, or_skip};
use serde_json::json;

/// A connection to a real server, as the engine would hold it.
struct Bench {
    connection: Box<dyn Connection>,
    cx: PollCx,
    source: SourceId,
}

impl Bench {
    fn new(url: &str, secret: &str, own: serde_json::Value) -> Self {
        let source: SourceId = "tickets".parse().unwrap();
        let url: url::Url = url.parse().unwrap();
        let own = own.as_object().unwrap().clone();
        let settings =
            Settings { source: source.clone(), url: url.clone(), interval: None, ca_file: None, own };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let http = Http::new(HttpConfig {
            base: url,
            auth: RedmineBackend.auth(Some(Secret::from(secret.to_owned()))).unwrap(),
            ca_pem: None,
            limits: Limits { retry_base: Duration::from_millis(10), ..Limits::default() },
            cache: Arc::new(MemoryCache::default()),
            budget: Arc::new(Budget::new(Budget::SHARE, clock.clone())),
            clock: clock.clone(),
            user_agent: "quarterdeck-test".to_owned(),
        });
        let cx =
            PollCx { http: http.unwrap(), cancel: Default::default(), clock, backfill: Backfill::default() };
        Self { connection: RedmineBackend.connect(settings).unwrap(), cx, source }
    }

    async fn poll(&self, cursor: &Cursor) -> Batch {
        let batch = self.connection.poll(&self.cx, cursor).await.unwrap();
        assert_eq!(batch.coverage, Coverage::Delta);
        assert_eq!(batch.problems, Vec::<String>::new());
        batch
    }

    /// The ticket as a poll from `cursor` shows it.
    async fn ticket(&self, cursor: &Cursor, native: &str) -> Ticket {
        let facts = self.poll(cursor).await.facts;
        tickets(facts)
            .into_iter()
            .find(|ticket| ticket.origin.id.native == native)
            .expect("the ticket is listed")
    }

    fn action(&self, verb: &str, ticket: Option<&Ticket>, args: &[(&str, &str)]) -> Action {
        let target = match ticket {
            Some(ticket) => Target::Entity(ticket.origin.id.clone()),
            None => Target::Source(self.source.clone()),
        };
        Action {
            target,
            fact: ticket.cloned().map(Fact::Ticket),
            verb: verb.to_owned(),
            args: args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            idempotency_key: "key".to_owned(),
            proposed_at: self.cx.now(),
        }
    }

    /// Carries it out; before, a re-read says it has not happened, afterwards that it has.
    async fn act(&self, action: &Action) -> String {
        assert_eq!(self.connection.verify(&self.cx, action).await.unwrap(), Verdict::DidNotHappen);
        let receipt = self.connection.act(&self.cx, action).await.unwrap();
        assert!(!receipt.already, "{}", receipt.message);
        let verdict = self.connection.verify(&self.cx, action).await.unwrap();
        assert!(matches!(verdict, Verdict::Happened(_)), "a re-read shows it: {verdict:?}");
        receipt.message
    }

    async fn choices(&self, verb: &str, fact: Option<&Fact>) -> BTreeMap<String, Vec<String>> {
        let form = self.connection.form(&self.cx, verb, fact).await.unwrap();
        let labels =
            |field: &qd_connector::FormField| field.choices.iter().map(|it| it.label.clone()).collect();
        form.fields.iter().map(|field| (field.key.clone(), labels(field))).collect()
    }
}

fn tickets(facts: Vec<Fact>) -> Vec<Ticket> {
    let ticket = |fact| if let Fact::Ticket(ticket) = fact { ticket } else { panic!("not a ticket") };
    facts.into_iter().map(ticket).collect()
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, ActError>) -> String {
    match outcome {
        Err(ActError::Refused { reason }) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_ticket_is_created_commented_assigned_and_closed() {
    let dir = tempfile::tempdir().unwrap();
    let name = "a_ticket_is_created_commented_assigned_and_closed";
    let Some(server) = or_skip(name, Redmine::start(dir.path())) else { return };
    let bench = Bench::new(&server.url(), server.api_key(), json!({}));
    let first = bench.poll(&Cursor::default()).await;
    assert_eq!((first.facts.len(), first.more), (14, false), "all statuses, both projects");

    let choices = bench.choices("create", None).await;
    assert_eq!(choices["project"], ["Shop", "Warehouse"]);
    assert_eq!(choices["tracker"], ["Bug", "Feature", "Support"]);
    let form = bench.connection.form(&bench.cx, "create", None).await.unwrap();
    let proposed = |key: &str| form.fields.iter().find(|field| field.key == key).unwrap().value.clone();
    assert_eq!(
        (proposed("project"), proposed("tracker")),
        (String::new(), String::new()),
        "nothing is chosen silently"
    );
    assert_eq!(choices["priority"], ["Low", "Normal", "High", "Urgent", "Immediate"]);
    let create = bench.action(
        "create",
        None,
        &[
            ("project", "shop"),
            ("tracker", "bug"),
            ("subject", "Card <b>declined</b> ☃"),
            ("description", "h2. Steps"),
            ("priority", "High"),
        ],
    );
    let message = bench.act(&create).await;
    assert_eq!(message, "ticket #15 was opened");

    let ticket = bench.ticket(&first.next, "15").await;
    assert_eq!(ticket.summary, "Card <b>declined</b> ☃", "text stays text");
    assert_eq!((ticket.status.state, ticket.ticket_type.state), (TicketStatus::Todo, TicketType::Bug));
    assert_eq!((ticket.priority.as_deref(), ticket.origin.project.as_deref()), (Some("High"), Some("shop")));
    assert_eq!(ticket.origin.url.as_deref(), Some(format!("{}/issues/15", server.url()).as_str()));

    bench.act(&bench.action("comment", Some(&ticket), &[("comment", "Looking into it.\nTomorrow.")])).await;
    let fact = Fact::Ticket(ticket.clone());
    let people = bench.choices("assign", Some(&fact)).await;
    assert!(people["assignee"].contains(&"Alice Ops".to_owned()), "{people:?}");
    bench.act(&bench.action("assign", Some(&ticket), &[("assignee", "alice ops")])).await;
    assert_eq!(bench.ticket(&first.next, "15").await.assignees, ["Alice Ops"]);
    bench.act(&bench.action("assign", Some(&ticket), &[("assignee", "nobody")])).await;

    let statuses = bench.choices("status", Some(&fact)).await;
    assert!(statuses["status"].contains(&"Closed".to_owned()), "{statuses:?}");
    let close = bench.action("status", Some(&ticket), &[("status", "Closed"), ("comment", "Fixed in 2.14.")]);
    assert_eq!(bench.act(&close).await, "#15 is now Closed");
    let closed = bench.ticket(&first.next, "15").await;
    assert_eq!((closed.status.state, closed.assignees.len()), (TicketStatus::Done, 0));
    assert!(closed.closed_at.is_some(), "the server tells when");
    assert!(bench.connection.act(&bench.cx, &close).await.unwrap().already, "closed once");

    let detail = bench.connection.detail(&bench.cx, &Fact::Ticket(closed.clone())).await.unwrap();
    let Some(Section::Comments { comments }) = detail.sections.last() else { panic!("no comments") };
    let said: Vec<String> = comments.iter().map(|comment| comment.text.replace('\r', "")).collect();
    assert_eq!(said, ["Looking into it.\nTomorrow.", "Fixed in 2.14."]);

    bench.act(&bench.action("status", Some(&closed), &[("status", "In Progress")])).await;
    let again = bench.ticket(&first.next, "15").await;
    assert_eq!(
        (again.status.state, again.closed_at),
        (TicketStatus::InProgress, None),
        "open tickets are not closed"
    );
}

#[tokio::test]
async fn what_redmine_does_not_take_is_refused_in_its_words() {
    let dir = tempfile::tempdir().unwrap();
    let name = "what_redmine_does_not_take_is_refused_in_its_words";
    let Some(server) = or_skip(name, Redmine::start(dir.path())) else { return };
    let bench = Bench::new(&server.url(), server.api_key(), json!({ "projects": ["warehouse"] }));
    let batch = bench.poll(&Cursor::default()).await;
    let listed = tickets(batch.facts);
    assert_eq!(listed.len(), 2, "other projects are left out");
    assert!(listed.iter().all(|ticket| ticket.origin.project.as_deref() == Some("warehouse")));

    let act = |action: Action| {
        let bench = &bench;
        async move { refusal(bench.connection.act(&bench.cx, &action).await) }
    };
    let long = "x".repeat(300);
    let create = bench.action("create", None, &[("project", "shop"), ("tracker", "Bug"), ("subject", &long)]);
    assert_eq!(act(create).await, "Subject is too long (maximum is 255 characters)");
    let nowhere = bench.action("create", None, &[("project", "moon"), ("tracker", "Bug"), ("subject", "x")]);
    assert_eq!(act(nowhere).await, "there is no project 'moon' to choose; there are: shop, warehouse");
    let no_subject = bench.action("create", None, &[("project", "shop"), ("tracker", "Bug")]);
    assert_eq!(act(no_subject).await, "'subject' is missing; nothing was sent");
    let status = bench.action("status", Some(&listed[0]), &[("status", "Perfect")]);
    assert!(act(status).await.starts_with("there is no status 'Perfect' to choose; there are: New"));
    let mut gone = listed[0].clone();
    gone.origin.id.native = "4711".to_owned();
    assert_eq!(act(bench.action("comment", Some(&gone), &[("comment", "x")])).await, "it no longer exists");
    let error = bench.connection.detail(&bench.cx, &Fact::Ticket(gone)).await.unwrap_err();
    assert!(matches!(error, PollError::NotFound { .. }), "{error}");

    let nowhere = Bench::new(&server.url(), server.api_key(), json!({ "projects": ["moon"] }));
    let error = nowhere.connection.poll(&nowhere.cx, &Cursor::default()).await.unwrap_err();
    assert!(matches!(error, PollError::Misconfigured { .. }), "{error}");
}

#[tokio::test]
async fn a_wrong_key_is_not_taken_for_anonymous() {
    let dir = tempfile::tempdir().unwrap();
    let Some(server) = or_skip("a_wrong_key_is_not_taken_for_anonymous", Redmine::start(dir.path())) else {
        return;
    };
    let right = Bench::new(&server.url(), server.api_key(), json!({}));
    let batch = right.poll(&Cursor::default()).await;
    let ticket = tickets(batch.facts).remove(0);
    let anonymous =
        qd_servers::http::get(&format!("{}/issues.json", server.url()), &[("X-Redmine-API-Key", "f00d")]);
    assert_eq!(
        anonymous.unwrap().status,
        200,
        "the server itself does not tell a wrong key from an anonymous visitor"
    );

    for secret in ["f00df00df00df00df00df00df00df00df00df00d", "admin:wrong"] {
        let wrong = Bench::new(&server.url(), secret, json!({}));
        let error = wrong.connection.poll(&wrong.cx, &batch.next).await.unwrap_err();
        assert!(matches!(error, PollError::Unauthenticated), "{error}");
        let error = wrong.connection.detail(&wrong.cx, &Fact::Ticket(ticket.clone())).await.unwrap_err();
        assert!(matches!(error, PollError::Unauthenticated), "{error}");
        let comment = wrong.action("comment", Some(&ticket), &[("comment", "not me")]);
        let error = wrong.connection.act(&wrong.cx, &comment).await.unwrap_err();
        assert!(matches!(error, ActError::Unauthenticated), "{error}");
        let report = wrong.connection.check(&wrong.cx).await;
        let failed: Vec<_> =
            report.steps.iter().filter(|step| step.outcome == CheckOutcome::Failed).collect();
        assert_eq!(failed.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["sign in"]);
        assert!(!format!("{report:?}").contains(secret), "the key is not repeated");
    }
    let journals = server.issue(ticket.origin.id.native.parse().unwrap()).unwrap()["journals"].clone();
    assert!(!journals.to_string().contains("not me"), "nothing was written");
}

#[tokio::test]
async fn a_back_fill_is_bounded_newest_first_and_continues_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let name = "a_back_fill_is_bounded_newest_first_and_continues_where_it_was";
    let Some(server) = or_skip(name, Redmine::start(dir.path())) else { return };
    let mut bench = Bench::new(&server.url(), server.api_key(), json!({}));
    server.create_issue("shop", "the newest", "").unwrap();
    bench.cx.backfill = Backfill { days: 90, entities: 5 };
    let first = bench.poll(&Cursor::default()).await;
    assert_eq!((first.facts.len(), first.more), (5, false), "no more than asked for");
    assert!(tickets(first.facts).iter().any(|ticket| ticket.summary == "the newest"));

    // Another connection goes on from the stored cursor.
    let other = Bench::new(&server.url(), server.api_key(), json!({}));
    let id = server.create_issue("shop", "newer still", "").unwrap();
    let second = other.poll(&first.next).await;
    assert!(
        second.facts.iter().any(|fact| fact.id().native == id.to_string()),
        "what is new since is listed"
    );
}

#[tokio::test]
async fn a_server_that_dies_is_unreachable_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let name = "a_server_that_dies_is_unreachable_and_recovers";
    let Some(mut server) = or_skip(name, Redmine::start(dir.path())) else { return };
    let bench = Bench::new(&server.url(), server.api_key(), json!({}));
    let report = bench.connection.check(&bench.cx).await;
    assert!(report.passed(), "{report:?}");
    assert_eq!(report.identity.as_deref(), Some("Redmine Admin (admin)"));
    let batch = bench.poll(&Cursor::default()).await;
    server.kill();
    let error = bench.connection.poll(&bench.cx, &batch.next).await.unwrap_err();
    assert!(matches!(error, PollError::Unreachable { .. }), "{error}");
    let ticket = tickets(batch.facts).remove(0);
    let comment = bench.action("comment", Some(&ticket), &[("comment", "x")]);
    let error = bench.connection.act(&bench.cx, &comment).await.unwrap_err();
    assert!(matches!(error, ActError::NotSent { .. }), "nothing was sent: {error}");
    server.restart().unwrap();
    bench.poll(&batch.next).await;
}
