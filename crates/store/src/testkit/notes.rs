//! Claims about notes.

use futures_util::StreamExt;
use qd_model::{AlertState, Fact, Kind, NewNote, Note, Subject};

use super::sample::{alert, at, id, put, source};
use crate::{NotesPage, NotesQuery, Store};

/// Texts nobody should write.
const TEXTS: [&str; 6] = [
    "two\nlines\tand a tab",
    "'; DROP TABLE note; --",
    "<img src=x onerror=alert(1)> **no** [markup](javascript:alert(1))",
    "before\0after",
    "\u{202e}reversed\u{200b} 👩‍🚀",
    "%_\\\"*",
];

fn on(kind: Kind, native: &str) -> Subject {
    Subject::Entity(id(kind, native))
}

async fn write(store: &dyn Store, subject: &Subject, text: &str, secs: i64) -> Note {
    let note =
        NewNote { subject: subject.clone(), text: text.to_owned(), author: "ana".to_owned(), at: at(secs) };
    store.write_note(&note).await.expect("a note is kept")
}

async fn read(store: &dyn Store, query: NotesQuery) -> NotesPage {
    store.notes(&query).await.expect("the store can be read")
}

async fn texts(store: &dyn Store, query: NotesQuery) -> Vec<String> {
    read(store, query).await.notes.into_iter().map(|note| note.written.text).collect()
}

/// In order, by subject, up to a limit.
pub async fn notes_are_read_newest_first(store: &dyn Store) {
    let (slow, shop) = (on(Kind::Alert, "slow"), Subject::Service("shop".to_owned()));
    write(store, &slow, "first", 0).await;
    write(store, &shop, "of the service", 10).await;
    write(store, &slow, "the later of two at one instant", 20).await;
    write(store, &slow, "last", 20).await;
    let of = |subject: &Subject| NotesQuery { subject: Some(subject.clone()), ..NotesQuery::default() };
    assert_eq!(texts(store, of(&slow)).await, ["last", "the later of two at one instant", "first"]);
    assert_eq!(texts(store, of(&shop)).await, ["of the service"]);
    assert_eq!(texts(store, of(&on(Kind::Run, "slow"))).await, [""; 0], "another kind is another subject");
    let two = read(store, NotesQuery { limit: 2, ..NotesQuery::default() }).await;
    assert_eq!((two.notes.len(), two.total), (2, 4), "how many there are is told");
    let counts = store.noted(None).await.expect("the store can be read");
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [(slow, 3), (shop, 1)]);
}

/// Whatever it is.
pub async fn a_note_is_kept_letter_by_letter(store: &dyn Store) {
    for (number, text) in TEXTS.iter().enumerate() {
        let subject = Subject::Service((*text).to_owned());
        let kept = write(store, &subject, text, i64::try_from(number).unwrap_or(0)).await;
        let found = read(store, NotesQuery { subject: Some(subject), ..NotesQuery::default() }).await;
        assert_eq!(found.notes, [kept], "{text:?}");
    }
}

/// As of a time.
pub async fn the_past_has_the_notes_of_then(store: &dyn Store) {
    let slow = on(Kind::Alert, "slow");
    write(store, &slow, "early", 10).await;
    write(store, &slow, "late", 20).await;
    for (then, expected) in
        [(9, vec![]), (10, vec!["early"]), (19, vec!["early"]), (20, vec!["late", "early"])]
    {
        let as_of = Some(at(then));
        assert_eq!(texts(store, NotesQuery { as_of, ..NotesQuery::default() }).await, expected, "{then}");
        let noted = store.noted(as_of).await.expect("the store can be read");
        assert_eq!(noted.get(&slow).copied().unwrap_or(0), expected.len() as u64, "{then}");
    }
}

/// Nothing of it stays but its number.
pub async fn a_removed_note_is_gone_and_can_be_put_back(store: &dyn Store) {
    let slow = on(Kind::Alert, "slow");
    let first = write(store, &slow, "first", 0).await;
    let second = write(store, &slow, "second", 1).await;
    let removed = store.remove_note(first.id).await.expect("it is removed");
    assert_eq!(removed.as_ref(), Some(&first), "what was removed is handed back");
    assert_eq!(read(store, NotesQuery::default()).await.notes, std::slice::from_ref(&second));
    let then = NotesQuery { as_of: Some(at(0)), ..NotesQuery::default() };
    assert_eq!(read(store, then).await.total, 0, "it is gone from the past, too");
    assert_eq!(store.remove_note(first.id).await.expect("twice is fine"), None);
    for _ in 0..2 {
        store.restore_note(&first).await.expect("it is put back");
        assert_eq!(read(store, NotesQuery::default()).await.notes, [second.clone(), first.clone()]);
    }
    let other =
        Note { written: NewNote { text: "forged".to_owned(), ..first.written.clone() }, ..first.clone() };
    store.restore_note(&other).await.expect("what is there is left as it is");
    assert_eq!(read(store, NotesQuery::default()).await.notes, [second, first]);
    assert_eq!(store.remove_note(u64::MAX).await.expect("no such number"), None);
}

/// Who removes a note by its number removes that note or none.
pub async fn a_number_is_never_given_twice(store: &dyn Store) {
    let slow = on(Kind::Alert, "slow");
    let first = write(store, &slow, "first", 0).await;
    store.remove_note(first.id).await.expect("it is removed");
    let second = write(store, &slow, "second", 1).await;
    assert!(second.id > first.id, "{} after {}", second.id, first.id);
}

/// Retention and the removal of a connection leave them: the same alert may fire again next month.
pub async fn notes_outlive_what_they_are_written_on(store: &dyn Store) {
    let slow = on(Kind::Alert, "slow");
    put(store, [Fact::Alert(alert("slow", AlertState::Firing, None))], at(0)).await;
    let note = write(store, &slow, "restart the cache first", 1).await;
    put(store, [Fact::Alert(alert("slow", AlertState::Resolved, None))], at(2)).await;
    assert!(store.prune(at(1_000)).await.expect("retention works") > 0);
    assert_eq!(store.get(&id(Kind::Alert, "slow"), None).await.expect("the store can be read"), None);
    assert_eq!(read(store, NotesQuery::default()).await.notes, std::slice::from_ref(&note));
    put(store, [Fact::Alert(alert("slow", AlertState::Firing, None))], at(2_000)).await;
    store.forget(&source()).await.expect("a source is forgotten");
    assert_eq!(read(store, NotesQuery::default()).await.notes, [note], "like the actions log");
}

/// So that another window, or `qd`, shows it.
pub async fn a_note_rings(store: &dyn Store) {
    let mut heard = store.changes(0);
    let mut seq = 0;
    let slow = on(Kind::Alert, "slow");
    let note = write(store, &slow, "look at node 3", 0).await;
    store.remove_note(note.id).await.expect("it is removed");
    store.restore_note(&note).await.expect("it is put back");
    for what in ["written", "removed", "put back"] {
        let set = heard.next().await.expect("the store is open");
        seq += 1;
        assert_eq!((set.seq, set.touched), (seq, vec![id(Kind::Alert, "slow")]), "{what}");
        assert!(set.transitions.is_empty(), "a note is no change of state");
    }
    write(store, &Subject::Service("shop".to_owned()), "freeze until Monday", 1).await;
    assert_eq!(heard.next().await.expect("the store is open").seq, seq + 1, "also for a service");
    assert_eq!(store.remove_note(9_999).await.expect("no such note"), None);
    assert_eq!(store.seq().await.expect("the store can be read"), seq + 1, "nothing was changed");
}

/// Words in any case, all of them.
pub async fn notes_are_found_by_words(store: &dyn Store) {
    write(store, &on(Kind::Alert, "slow"), "Drained NODE 3", 0).await;
    write(store, &Subject::Service("Ärger".to_owned()), "100% of it_", 1).await;
    for (words, expected) in [
        (vec!["node"], 1),
        (vec!["node", "DRAINED"], 1),
        (vec!["node", "4"], 0),
        (vec!["ärger"], 1),
        (vec!["ANA"], 2),
        (vec!["%"], 1),
        (vec!["_"], 1),
        (vec!["alert/slow"], 1),
        (vec![], 2),
    ] {
        let query =
            NotesQuery { words: words.iter().map(|&it| it.to_owned()).collect(), ..NotesQuery::default() };
        assert_eq!(read(store, query).await.total, expected, "{words:?}");
    }
}
