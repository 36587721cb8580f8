//! Data goes to standard output, everything else to standard error.

use std::io::{self, Write};
use std::process::ExitCode;

use qd_api::ApiError;
use qd_api::view::SourceView;

/// Exit codes, as `qd --help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Fine.
    Fine = 0,
    /// An error.
    Error = 1,
    /// The call itself was wrong.
    Usage = 2,
    /// Something is failing.
    Failing = 3,
    /// A source needs sign-in.
    SignIn = 4,
    /// A source could not be reached, or was not read in the time that is asked for, or what is shown is old.
    Unreachable = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub struct Failure {
    /// Exit code.
    pub exit: Exit,
    /// For the person.
    pub message: String,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let exit = match error.code {
            "needs_sign_in" | "forbidden" => Exit::SignIn,
            "unreachable" => Exit::Unreachable,
            "bad_request" | "bad_query" => Exit::Usage,
            _ => Exit::Error,
        };
        Self { exit, message: error.message }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // Whoever reads has had enough (`| head`): that is no failure.
        let exit = if error.kind() == io::ErrorKind::BrokenPipe { Exit::Fine } else { Exit::Error };
        Self { exit, message: error.to_string() }
    }
}

impl From<qd_host::OpenError> for Failure {
    fn from(error: qd_host::OpenError) -> Self {
        Self { exit: Exit::Error, message: error.to_string() }
    }
}

/// How far the sources can be trusted, as an exit code; `failing` wins over everything.
pub fn verdict(sources: &[SourceView], failing: bool) -> Exit {
    if failing {
        Exit::Failing
    } else if sources.iter().any(|source| source.health.state == "needs_sign_in") {
        Exit::SignIn
    } else if sources.iter().any(|source| !source.health.current || source.unread.is_some()) {
        Exit::Unreachable
    } else {
        Exit::Fine
    }
}

/// Prints items in the envelope every `--json` answer has.
pub async fn items(app: &qd_api::App, items: Vec<serde_json::Value>) -> Result<(), Failure> {
    json(&qd_api::document(&app.sources(None).await?, items))
}

/// The same envelope for what concerns no source.
pub fn bare(items: Vec<serde_json::Value>) -> Result<(), Failure> {
    let now = qd_model::Clock::now(&qd_model::SystemClock);
    json(&serde_json::json!({ "schema": "quarterdeck/v1", "as_of": now, "sources": [], "items": items }))
}

/// Prints JSON, indented for people and readable for scripts.
pub fn json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// Prints lines.
pub fn lines(lines: impl IntoIterator<Item = impl AsRef<str>>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{}", line.as_ref())?;
    }
    Ok(())
}

/// Prints a table: columns as wide as their widest cell, at most 60 characters but for the last.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> Result<(), Failure> {
    lines(tabled(head, rows))
}

/// The lines of a table.
pub fn tabled(head: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([head.get(column).map_or(0, |cell| cell.len())]).max().unwrap_or(0).min(60)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let last = cells.len().saturating_sub(1);
        let cell = |(i, cell): (usize, &String)| match widths.get(i) {
            Some(width) if i != last => format!("{:width$}", cut(cell, *width)),
            _ => cell.clone(),
        };
        cells.iter().enumerate().map(cell).collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    std::iter::once(line(&head)).chain(rows.iter().map(|row| line(row))).collect()
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Says something to the person, not to the script.
pub fn say(text: &str) {
    // Nobody can be told when standard error is gone.
    let _ = writeln!(io::stderr(), "{text}");
}
