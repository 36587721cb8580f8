//! What people write on what they see.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::{EntityId, IdError};

/// Characters of a note at the most.
pub const LONGEST_NOTE: usize = 4_000;

/// Begins the written form of a service; no entity's id has a colon in its first part.
const SERVICE: &str = "service:";

/// What a note is written on.
///
/// Written as the entity's id, or `service:NAME`. An alert that fires again has the same id as before, so what was
/// written on it is there at its next firing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A run, a deployment, an alert or a ticket.
    Entity(EntityId),
    /// A service, by its name.
    Service(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entity(id) => id.fmt(f),
            Self::Service(name) => write!(f, "{SERVICE}{name}"),
        }
    }
}

impl FromStr for Subject {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.strip_prefix(SERVICE) {
            Some("") => Err(IdError::Form),
            Some(name) => Ok(Self::Service(name.to_owned())),
            None => text.parse().map(Self::Entity),
        }
    }
}

/// A note before it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNote {
    /// What it is written on.
    pub subject: Subject,
    /// Plain text, as [`note_text`] gives it.
    pub text: String,
    /// Who wrote it: the name under which the person is logged in.
    pub author: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A note that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its number, from 1. Never given to another one, also not after it was removed.
    pub id: u64,
    /// What was written.
    pub written: NewNote,
}

/// Why a text is not taken as a note.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// There is nothing to read in it.
    #[error("a note needs words")]
    Empty,
    /// It is too long.
    #[error("a note has at most {LONGEST_NOTE} characters; this one has {0}")]
    TooLong(usize),
    /// It holds what no person types: an escape sequence, a bell.
    #[error("a note is plain text; this one has the control character U+{0:04X}")]
    Control(u32),
}

/// A text as it is kept: without blanks around it, every line ended the same way.
///
/// # Errors
/// [`NoteError`]: nothing is cut off and nothing is taken out silently.
pub fn note_text(text: &str) -> Result<String, NoteError> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim();
    let length = text.chars().count();
    if text.is_empty() {
        return Err(NoteError::Empty);
    }
    if length > LONGEST_NOTE {
        return Err(NoteError::TooLong(length));
    }
    match text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        Some(control) => Err(NoteError::Control(u32::from(control))),
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, NoteError>) {
        assert_eq!(note_text(text), expected.map(str::to_owned), "{text:?}");
    }

    #[test]
    fn a_note_is_trimmed_and_its_lines_end_alike() {
        check("  drained node 3\r\nback at 9\r\n", Ok("drained node 3\nback at 9"));
        check("a\rb\tc", Ok("a\nb\tc"));
        check("<script>alert(1)</script> **no** markup", Ok("<script>alert(1)</script> **no** markup"));
    }

    #[test]
    fn what_is_no_note_is_refused_whole() {
        check(" \n\t ", Err(NoteError::Empty));
        check("\u{1b}[31mred", Err(NoteError::Control(0x1b)));
        check("bell\u{7}", Err(NoteError::Control(7)));
        check(&"ä".repeat(4_000), Ok(&"ä".repeat(4_000)));
        check(&format!(" {} ", "x".repeat(4_001)), Err(NoteError::TooLong(4_001)));
    }

    #[test]
    fn a_subject_reads_back_as_it_was_written() {
        for text in ["alerts/alert/4f5e", "gh/run/acme/shop/17", "service:checkout", "service:a b/c:d"] {
            assert_eq!(text.parse::<Subject>().map(|subject| subject.to_string()).as_deref(), Ok(text));
        }
        for text in ["service:", "checkout", "gh/build/1", ""] {
            assert!(text.parse::<Subject>().is_err(), "{text:?}");
        }
    }
}
