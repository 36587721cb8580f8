//! `qd note` and `qd notes`.

use std::io::{IsTerminal, Read};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use qd_api::App;
use qd_api::notes::{NoteAddReq, NoteIdReq, NotesReq};
use qd_api::view::NoteView;
use serde_json::json;

use crate::lists::ago;
use crate::one::indent;
use crate::out::{self, Exit, Failure, say};

/// Help of `qd note`.
pub const NOTE: &str = "\
Without TEXT it is read from standard input; when that is a terminal or empty, the notes are listed.
A note is plain text of at most 4,000 characters, signed with the name you are logged in with. It is never sent to a backend.

Examples:
  qd note alerts/alert/4f5e6d 'restart the cache first, then look at node 3'
  journalctl -u cache -n 5 | qd note alerts/alert/4f5e6d
  qd note service:checkout
  qd note --remove 17";

/// Help of `qd notes`.
pub const NOTES: &str = "Example: qd notes --filter checkout --json | jq -r '.items[].text'";

/// Bytes read from standard input: more than any note has.
const LONGEST: u64 = 64 * 1024;

/// What is done with a note.
#[derive(Debug, Args)]
pub struct Note {
    /// SOURCE/KIND/ID, as lists print it, or service:NAME.
    #[arg(required_unless_present = "remove", conflicts_with = "remove")]
    pub id: Option<String>,
    /// What to write.
    #[arg(conflicts_with = "remove")]
    pub text: Option<String>,
    /// Remove the note of this number. It is printed once more and kept nowhere.
    #[arg(long, value_name = "NOTE_ID")]
    pub remove: Option<u64>,
}

/// Which notes are listed.
#[derive(Debug, Args)]
pub struct Notes {
    /// Only those with these words in text, author or what they are written on.
    #[arg(long, default_value = "", value_name = "WORDS")]
    pub filter: String,
    /// At most so many, up to 500.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub limit: u32,
}

/// `qd note`.
pub async fn note(app: &App, note: Note, json: bool) -> Result<Exit, Failure> {
    if let Some(id) = note.remove {
        let removed = app.note_remove(NoteIdReq { id }).await?;
        say(&format!("Removed note {id}."));
        return print(app, vec![removed], json).await;
    }
    let subject = note.id.unwrap_or_default();
    match note.text.map_or_else(piped, |text| Ok(Some(text)))? {
        Some(text) => {
            let written = app.note_add(NoteAddReq { subject, text }).await?;
            say(&format!("Note {} is kept on this machine.", written.id));
            print(app, vec![written], json).await
        }
        None => {
            let found = app.notes(NotesReq { subject: Some(subject), ..NotesReq::default() }).await?;
            print(app, found.notes, json).await
        }
    }
}

/// `qd notes`.
pub async fn list(app: &App, notes: Notes, json: bool) -> Result<Exit, Failure> {
    let request = NotesReq { words: notes.filter, limit: Some(notes.limit), ..NotesReq::default() };
    let found = app.notes(request).await?;
    let more = (found.total as usize).saturating_sub(found.notes.len());
    let exit = print(app, found.notes, json).await?;
    if more > 0 {
        say(&format!("qd: {more} more; --limit shows them"));
    }
    Ok(exit)
}

/// The notes of one entity, as `qd show` tells them.
pub fn section(notes: &[NoteView], now: DateTime<Utc>) -> Vec<String> {
    let head = (!notes.is_empty()).then(|| format!("Notes ({})", notes.len()));
    head.into_iter().chain(notes.iter().flat_map(|note| told(note, now, 2))).collect()
}

async fn print(app: &App, notes: Vec<NoteView>, json: bool) -> Result<Exit, Failure> {
    if json {
        out::items(app, notes.iter().map(|note| json!(note)).collect()).await?;
        return Ok(Exit::Fine);
    }
    for note in &notes {
        let title = note.title.as_deref().unwrap_or("not known any more");
        out::lines([format!("{}  {title}", note.subject)])?;
        out::lines(told(note, app.now(), 2))?;
    }
    Ok(Exit::Fine)
}

/// Who wrote it when, and below it what.
fn told(note: &NoteView, now: DateTime<Utc>, by: usize) -> Vec<String> {
    let blank = " ".repeat(by);
    let at = note.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let before = if note.earlier_firing { "  before this firing" } else { "" };
    vec![
        format!("{blank}{}  {}  {at}  {}{before}", note.id, note.author, ago(note.at, now)),
        format!("{blank}  {}", indent(&note.text, by + 2)),
    ]
}

/// What was piped in. `None`: nobody pipes, or nothing came.
fn piped() -> Result<Option<String>, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    stdin.take(LONGEST).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}
