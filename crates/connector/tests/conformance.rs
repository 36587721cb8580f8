//! The conformance suite, put to a connector small enough to be seen whole, and to ones that break their word.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use qd_connector::http::{Auth, Response};
use qd_connector::testkit::{RecordedRequest, Reply, Report, SampleAction, Suite, conformance};
use qd_connector::{
    ActError, Action, ActionForm, ActionSpec, Aim, Backend, CheckOutcome, CheckReport, Connection,
    CredentialSpec, Descriptor, Detail, PollCx, PollError, Receipt, Risk, Secret, Settings, SettingsError,
};
use qd_model::{
    Batch, Coverage, Cursor, EntityId, Fact, Kind, Observed, Origin, SourceId, Ticket, TicketStatus,
    TicketType,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How a connector breaks its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    SwallowsErrors,
    InventsTimes,
    TriesWritesAgain,
    LogsTheCredential,
    Panics,
}

struct Notes(Flaw);

static DESCRIPTOR: Descriptor = Descriptor {
    backend: "notes",
    name: "Notes",
    summary: "Notes, for the suite's own tests.",
    kinds: &[Kind::Ticket],
    url_example: "http://127.0.0.1:1",
    default_url: None,
    credential: CredentialSpec { label: "Token", help: "", optional: false, gh: false },
    settings: &[],
    actions: &[ActionSpec {
        verb: "close",
        label: "Close",
        aim: Aim::Entity(Kind::Ticket),
        when: &[],
        risk: Risk::Undoable,
        effect: "Closes the note.",
        args: &[],
        previews: false,
    }],
    interval: std::time::Duration::from_secs(60),
    readme: "",
    icon: "",
};

impl Backend for Notes {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn connect(&self, settings: Settings) -> Result<Box<dyn Connection>, SettingsError> {
        Ok(Box::new(Notebook { source: settings.source, flaw: self.0 }))
    }

    fn auth(&self, secret: Option<Secret>) -> Result<Auth, SettingsError> {
        if self.0 == Flaw::LogsTheCredential {
            use secrecy::ExposeSecret;
            tracing::warn!(token = secret.as_ref().map(ExposeSecret::expose_secret), "signing in");
        }
        Ok(secret.map_or(Auth::None, |value| Auth::Header { name: "X-Notes-Key", value }))
    }
}

struct Notebook {
    source: SourceId,
    flaw: Flaw,
}

#[derive(Deserialize)]
struct Page {
    notes: Vec<Note>,
    next: Option<u32>,
}

#[derive(Deserialize)]
struct Note {
    id: u64,
    text: String,
    status: String,
    at: Option<DateTime<Utc>>,
}

#[derive(Serialize, Deserialize)]
struct Place {
    page: u32,
}

impl Notebook {
    fn ticket(&self, note: Note, now: DateTime<Utc>) -> Fact {
        let state = match note.status.as_str() {
            "open" => TicketStatus::Todo,
            "closed" => TicketStatus::Done,
            _ => TicketStatus::Other,
        };
        let invented = (self.flaw == Flaw::InventsTimes).then_some(now);
        Fact::Ticket(Ticket {
            origin: Origin::new(EntityId::new(&self.source, Kind::Ticket, note.id.to_string())),
            key: format!("#{}", note.id),
            summary: note.text,
            ticket_type: Observed::new(TicketType::Other, ""),
            status: Observed::new(state, note.status),
            resolution: None,
            priority: None,
            assignees: Vec::new(),
            labels: Vec::new(),
            milestone: None,
            fix_versions: Vec::new(),
            reporter: None,
            created_at: note.at.or(invented),
            closed_at: None,
            comments: None,
        })
    }

    async fn page(&self, cx: &PollCx, page: u32) -> Result<Response, PollError> {
        cx.http.get("/notes").query(&[("page", &page.to_string())]).conditional().send().await
    }
}

#[async_trait]
impl Connection for Notebook {
    async fn check(&self, cx: &PollCx) -> CheckReport {
        let mut report = CheckReport::default();
        match self.page(cx, 1).await.and_then(|response| response.json::<Page>()) {
            Ok(_) => report.step("read notes", CheckOutcome::Ok, "fine"),
            Err(error) => report.step("read notes", CheckOutcome::Failed, error.to_string()),
        }
        report
    }

    async fn poll(&self, cx: &PollCx, cursor: &Cursor) -> Result<Batch, PollError> {
        assert_ne!(self.flaw, Flaw::Panics, "a bug");
        let page = cursor.read::<Place>().map_or(1, |place| place.page);
        let read = self.page(cx, page).await.and_then(|response| response.json::<Page>());
        let read = match read {
            Err(_) if self.flaw == Flaw::SwallowsErrors => Page { notes: Vec::new(), next: None },
            other => other?,
        };
        let facts = read.notes.into_iter().map(|note| self.ticket(note, cx.now())).collect();
        let next = read.next.filter(|next| *next > page);
        Ok(Batch {
            facts,
            coverage: Coverage::Delta,
            next: Cursor::write(&Place { page: next.unwrap_or(1) }),
            more: next.is_some(),
            told_since: None,
            problems: Vec::new(),
        })
    }

    async fn detail(&self, _cx: &PollCx, _fact: &Fact) -> Result<Detail, PollError> {
        Ok(Detail::default())
    }

    async fn form(&self, _cx: &PollCx, _verb: &str, _fact: Option<&Fact>) -> Result<ActionForm, PollError> {
        Ok(ActionForm::default())
    }

    async fn act(&self, cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
        let (id, _) = action.entity()?;
        let path = format!("/notes/{}/close", id.native);
        let close = || cx.http.post(&path).json(&json!({})).write();
        let closed = match close().await {
            Err(_) if self.flaw == Flaw::TriesWritesAgain => close().await?,
            other => other?,
        };
        closed.json::<serde_json::Value>().map_err(|error| ActError::Unknown { cause: error.to_string() })?;
        Ok(Receipt::done(format!("note {} closed", id.native)).undone_by("reopen", &[]))
    }
}

fn healthy(request: &RecordedRequest) -> Reply {
    match (request.method.as_str(), request.path.as_str(), request.param("page")) {
        ("GET", "/notes", Some("1")) => Reply::json(&json!({
            "notes": [
                {"id": 1, "text": "one", "status": "open", "at": "2026-01-02T03:04:05Z"},
                {"id": 2, "text": "two", "status": "open", "at": null},
            ],
            "next": 2,
        })),
        ("GET", "/notes", Some("2")) => {
            Reply::json(&json!({"notes": [{"id": 3, "text": "three", "status": "closed"}], "next": null}))
        }
        ("POST", "/notes/1/close", _) => Reply::json(&json!({"id": 1})),
        _ => Reply::status(404),
    }
}

async fn report_on(backend: &'static Notes) -> Report {
    let suite = Suite::new(backend, healthy)
        .credential("canary-7f3a91d2")
        .unknown_words("flurbish", |request| healthy(request).replace("\"open\"", "\"flurbish\""))
        .without_times(|request| healthy(request).replace("\"2026-01-02T03:04:05Z\"", "null"))
        .action(SampleAction::on_entity("close", |fact| fact.state_word() == "todo"));
    conformance::run(suite).await
}

/// A connector with a flaw fails the claim that speaks of it.
async fn check(backend: &'static Notes, claim: &str) {
    let report = report_on(backend).await;
    let failed: Vec<&str> = report.failed().map(|claim| claim.name.as_str()).collect();
    assert!(
        failed.iter().any(|name| name.contains(claim)),
        "'{claim}' is not among the failed claims {failed:#?}"
    );
}

#[tokio::test]
async fn a_connector_that_keeps_its_word_passes_every_claim() {
    report_on(&Notes(Flaw::None)).await.assert_passed();
}

#[tokio::test]
async fn a_connector_that_swallows_errors_is_caught() {
    check(&Notes(Flaw::SwallowsErrors), "10: a login page instead of data").await;
}

#[tokio::test]
async fn a_connector_that_invents_times_is_caught() {
    check(&Notes(Flaw::InventsTimes), "no instant of a fact is invented").await;
}

#[tokio::test]
async fn a_connector_that_tries_writes_again_is_caught() {
    check(&Notes(Flaw::TriesWritesAgain), "23: a reset after it was sent is unknown").await;
}

#[tokio::test]
async fn a_connector_that_logs_its_credential_is_caught() {
    check(&Notes(Flaw::LogsTheCredential), "the credential is in no log record").await;
}

#[tokio::test]
async fn a_panic_fails_a_claim_and_not_the_suite() {
    check(&Notes(Flaw::Panics), "a healthy server's answers").await;
}
