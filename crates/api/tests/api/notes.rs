//! Notes, from the command to the store and back.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::StreamExt;
use qd_api::App;
use qd_api::commands::{EntityReq, OverviewReq, RowsReq};
use qd_api::notes::{NoteAddReq, NoteIdReq, NotesReq};
use qd_api::view::NoteView;
use qd_connector::testkit::{Described, descriptor};
use qd_connector::{Backend, Descriptor};
use qd_model::{AlertState, Fact, Kind, LONGEST_NOTE};
use qd_store::Store;
use qd_store::testkit::sample::{alert, at, put};
use qd_store_sqlite::SqliteStore;
use serde_json::json;

use crate::home::{Home, connections};

static BELLS: Descriptor = descriptor("bells", &[Kind::Alert]);
static BACKENDS: &[&dyn Backend] = &[&Described::by(&BELLS)];

/// The alert that notes are written on.
const SLOW: &str = "sample/alert/slow";

struct Desk {
    app: App,
    store: Arc<SqliteStore>,
    home: Home,
}

impl Desk {
    /// A product in whose history an alert began to fire at second 0. It is second 100.
    async fn new() -> Self {
        let config = format!("[[service]]\nname = \"shop\"\n{}", connections(&["sample"]));
        let home = Home::new(&config, at(100));
        let store = home.history();
        let app = home.start(&store, BACKENDS).await;
        let desk = Self { app, store, home };
        desk.fires(0, AlertState::Firing).await;
        desk
    }

    async fn fires(&self, secs: i64, state: AlertState) {
        put(self.store.as_ref(), [Fact::Alert(alert("slow", state, Some(at(secs))))], at(secs)).await;
    }

    async fn add(&self, subject: &str, text: &str) -> NoteView {
        let request = NoteAddReq { subject: subject.to_owned(), text: text.to_owned() };
        self.app.note_add(request).await.unwrap()
    }

    async fn of(&self, subject: &str, secs: Option<i64>) -> Vec<NoteView> {
        let as_of = secs.map(at);
        let request = NotesReq { subject: Some(subject.to_owned()), as_of, ..NotesReq::default() };
        self.app.notes(request).await.unwrap().notes
    }
}

#[tokio::test]
async fn a_note_is_trimmed_signed_and_read_back() {
    let desk = Desk::new().await;
    let note = desk.add(SLOW, "  drained node 3\r\nback at 9  ").await;
    assert_eq!(
        (note.text.as_str(), note.at, note.kind, note.title.as_deref(), note.earlier_firing),
        ("drained node 3\nback at 9", at(100), Some(Kind::Alert), Some("Alert slow"), false)
    );
    assert!(!note.author.is_empty());
    assert_eq!(desk.of(SLOW, None).await, std::slice::from_ref(&note));
    let all = desk.app.notes(NotesReq::default()).await.unwrap();
    assert_eq!((all.total, all.longest, &all.author), (1, 4_000, &note.author));
}

#[tokio::test]
async fn what_the_last_person_on_call_wrote_is_there_at_the_next_firing() {
    let desk = Desk::new().await;
    let note = desk.add(SLOW, "restart the cache first").await;
    assert!(!note.earlier_firing, "it was written while it fires");
    desk.fires(200, AlertState::Resolved).await;
    // A month later; retention took the alert away meanwhile.
    let month = 30 * 86_400;
    desk.store.prune(at(month)).await.unwrap();
    let between = desk.of(SLOW, None).await;
    assert_eq!(
        (between.len(), between[0].title.as_deref()),
        (1, None),
        "it is kept, its subject is not known"
    );
    desk.fires(month, AlertState::Firing).await;
    desk.home.clock.advance(TimeDelta::seconds(month));
    let found = desk.of(SLOW, None).await;
    assert_eq!((found[0].text.as_str(), found[0].earlier_firing), ("restart the cache first", true));
    let fresh = desk.add(SLOW, "did that, it helped").await;
    assert!(!fresh.earlier_firing);
    assert_eq!(desk.of(SLOW, None).await.len(), 2);
}

#[tokio::test]
async fn rows_and_services_tell_how_many_notes_they_have_then_and_now() {
    let desk = Desk::new().await;
    desk.add(SLOW, "one").await;
    desk.home.clock.advance(TimeDelta::seconds(50));
    desk.add(SLOW, "two").await;
    desk.add("service:shop", "freeze until Monday").await;
    for (then, on_row, on_service) in [(Some(at(99)), 0, 0), (Some(at(100)), 1, 0), (None, 2, 1)] {
        let rows = RowsReq {
            kind: Kind::Alert,
            query: String::new(),
            all: true,
            as_of: then,
            newest: false,
            offset: 0,
            limit: 10,
            seen_seq: None,
        };
        assert_eq!(desk.app.rows(rows).await.unwrap().rows[0].notes, on_row, "{then:?}");
        let entity = desk.app.entity(EntityReq { id: SLOW.to_owned(), as_of: then }).await.unwrap();
        assert_eq!(entity.row.notes, on_row, "{then:?}");
        let overview =
            desk.app.overview(OverviewReq { as_of: then, ..OverviewReq::default() }).await.unwrap();
        assert_eq!(overview.services[0].notes, on_service, "{then:?}");
    }
    assert_eq!(desk.of(SLOW, Some(100)).await.len(), 1, "what was written later is not of that moment");
    assert_eq!(desk.of("service:shop", Some(100)).await, []);
}

#[tokio::test]
async fn a_removed_note_can_be_put_back_by_the_process_that_removed_it() {
    let desk = Desk::new().await;
    let note = desk.add(SLOW, "look at node 3").await;
    let by_id = || NoteIdReq { id: note.id };
    assert_eq!(desk.app.note_remove(by_id()).await.unwrap(), note);
    assert_eq!(desk.of(SLOW, None).await, []);
    assert_eq!(desk.app.note_remove(by_id()).await.unwrap_err().code, "not_found");
    let other = desk.home.start(&desk.store, &[]).await;
    let refused = other.note_restore(by_id()).await.unwrap_err();
    assert_eq!((refused.code, refused.message.contains("Write it again")), ("not_found", true));
    assert_eq!(desk.app.note_restore(by_id()).await.unwrap(), note, "its time and author are those it had");
    assert_eq!(desk.of(SLOW, None).await, std::slice::from_ref(&note));
    assert_eq!(desk.app.note_restore(by_id()).await.unwrap_err().code, "not_found", "once");
}

#[tokio::test]
async fn another_front_end_hears_of_a_note() {
    let desk = Desk::new().await;
    let other = desk.home.start(&desk.store, &[]).await;
    let mut bell = std::pin::pin!(other.bell());
    let first = bell.next().await.unwrap();
    desk.add(SLOW, "look at node 3").await;
    let second = bell.next().await.unwrap();
    assert_ne!(first, second);
}

#[tokio::test]
async fn what_cannot_be_a_note_is_refused_with_a_reason() {
    let desk = Desk::new().await;
    let long = "x".repeat(LONGEST_NOTE + 1);
    for (subject, text, code, says) in [
        (SLOW, " \n ", "bad_request", "A note needs words."),
        (SLOW, long.as_str(), "bad_request", "this one has 4001"),
        (SLOW, "\u{1b}[2J", "bad_request", "U+001B"),
        ("sample/alert/nobody", "x", "not_found", "is not known"),
        ("service:shpo", "x", "not_found", "no service “shpo”"),
        ("shop", "x", "bad_request", "service:NAME"),
        ("service:", "x", "bad_request", "service:NAME"),
    ] {
        let request = NoteAddReq { subject: subject.to_owned(), text: text.to_owned() };
        let error = desk.app.note_add(request).await.unwrap_err();
        assert_eq!(error.code, code, "{subject} {text:?}");
        assert!(error.message.contains(says), "{subject} {text:?}: {}", error.message);
    }
    assert_eq!(desk.app.notes(NotesReq::default()).await.unwrap().total, 0);
}

#[tokio::test]
async fn hostile_text_leaves_as_text_and_hides_nothing() {
    let desk = Desk::new().await;
    let note = desk.add(SLOW, "<img src=x onerror=alert(1)>\u{202e}gpj.exe").await;
    assert_eq!(note.text, "<img src=x onerror=alert(1)>⟨U+202E⟩gpj.exe");
}

#[tokio::test]
async fn the_commands_are_called_by_name_and_words_find_notes() {
    let desk = Desk::new().await;
    let call = |command: &'static str, payload: serde_json::Value| {
        let app = desk.app.clone();
        async move { app.call(command, payload).await }
    };
    for text in ["Drained node 3", "nothing to see"] {
        call("note_add", json!({ "subject": "service:shop", "text": text })).await.unwrap();
    }
    let found = call("notes", json!({ "words": "NODE drained" })).await.unwrap();
    assert_eq!((&found["total"], &found["notes"][0]["title"]), (&json!(1), &json!("shop")));
    assert_eq!(found["notes"][0]["kind"], json!(null));
    let one = call("notes", json!({ "limit": 1 })).await.unwrap();
    assert_eq!((one["notes"].as_array().map(Vec::len), &one["total"]), (Some(1), &json!(2)));
    let removed = call("note_remove", json!({ "id": found["notes"][0]["id"] })).await.unwrap();
    assert_eq!(removed["text"], "Drained node 3");
}
