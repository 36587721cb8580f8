//! How everything stands; polling by hand and without a window.

use qd_api::commands::Nothing;
use qd_api::view::{CountView, SourceView, StatusView};
use qd_api::{App, Paths};
use qd_model::{Kind, Status};
use serde_json::json;

use crate::out::{self, Exit, Failure, say, verdict};

/// `qd status`.
pub async fn status(app: &App, json: bool) -> Result<Exit, Failure> {
    let status = app.status(Nothing {}).await?;
    if json {
        let head = json!({ "worst": status.worst, "counts": status.counts, "informing": status.informing, "left_out": status.left_out, "offline_since": status.offline_since });
        let mut document = qd_api::document(&app.sources(None).await?, Vec::new());
        document["status"] = head;
        out::json(&document)?;
    } else {
        print(&status)?;
    }
    if status.sources.is_empty() {
        return Ok(Exit::Unreachable);
    }
    Ok(verdict(&status.sources, status.worst.is_failing()))
}

fn print(status: &StatusView) -> Result<(), Failure> {
    if status.sources.is_empty() {
        no_connections(&status.notices);
        return Ok(());
    }
    let mut lines = vec![format!("{} {}{}", glyph(status.worst), status.worst.as_str(), unknown(status))];
    for kind in Kind::ALL {
        let of_kind = counted(&status.counts, status.informing, kind);
        if !of_kind.is_empty() {
            lines.push(format!("  {:12}{}", format!("{kind}s"), of_kind.join(" · ")));
        }
    }
    out::lines(lines)?;
    sources(&status.sources)
}

/// What keeps the verdict from being about everything: ` (1 of 3 sources not current, 1 connection left out)`.
fn unknown(status: &StatusView) -> String {
    let old = status.sources.iter().filter(|source| !source.health.current).count();
    let old = (old > 0).then(|| format!("{old} of {} sources not current", status.sources.len()));
    let out = match status.left_out {
        0 => None,
        1 => Some("1 connection of config.toml left out".to_owned()),
        n => Some(format!("{n} connections of config.toml left out")),
    };
    let told: Vec<String> = old.into_iter().chain(out).collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}

/// How many of a kind there are: `⬣ 2 paging · ⊘ 1 silenced, …`. What is inactive and yet there is called by what it is.
fn counted(counts: &[CountView], informing: u32, kind: Kind) -> Vec<String> {
    let told = |status: Status, count: u32, word: &str| {
        (count > 0).then(|| format!("{} {count} {word}", glyph(status)))
    };
    let of_kind = counts.iter().filter(|count| count.kind == kind);
    let words = of_kind.flat_map(|&CountView { kind, status, count, .. }| match (kind, status) {
        (Kind::Alert, Status::Inactive) => [
            told(status, informing, "firing for information"),
            told(status, count.saturating_sub(informing), "silenced, inhibited or acknowledged"),
        ],
        (Kind::Run, Status::Inactive) => [told(status, count, "cancelled or skipped"), None],
        (Kind::Deployment, Status::Inactive) => [told(status, count, "cancelled or superseded"), None],
        (Kind::Ticket, Status::Inactive) => [told(status, count, "open"), None],
        _ => [told(status, count, status.as_str()), None],
    });
    words.flatten().collect()
}

/// Says how to begin, unless there are connections that could not be read: then that was said already.
fn no_connections(notices: &[qd_api::view::Notice]) {
    if !notices.iter().any(|notice| notice.code.starts_with("config_")) {
        say("No connections yet. Add one: qd conn add --help");
    }
}

fn sources(sources: &[SourceView]) -> Result<(), Failure> {
    let row = |source: &SourceView| {
        vec![
            source.id.clone(),
            source.backend_name.clone(),
            qd_api::health_word(&source.health),
            source.health.as_of.map_or_else(
                || "never".to_owned(),
                |at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            ),
            quota(source),
            qd_api::health_why(&source.health),
        ]
    };
    // The reason is the last: it may be long, and what to do stands at its end.
    let head = ["SOURCE", "BACKEND", "STATE", "READ", "QUOTA", "WHY"];
    out::table(&head, &sources.iter().map(row).collect::<Vec<_>>())
}

fn quota(source: &SourceView) -> String {
    match (source.health.quota_remaining, source.health.quota_limit) {
        (Some(left), Some(limit)) => format!("{left}/{limit}"),
        _ => String::new(),
    }
}

/// The glyph of a status.
pub fn glyph(status: Status) -> &'static str {
    match status {
        Status::Ok => "●",
        Status::Running => "◐",
        Status::Warn => "▲",
        Status::Failing | Status::Paging => "⬣",
        Status::Waiting => "◇",
        Status::Unknown => "◌",
        Status::Inactive => "⊘",
    }
}

/// `qd sync`.
pub async fn sync(app: &App, json: bool) -> Result<Exit, Failure> {
    let polled = app.sync().await?;
    let views = polled.views(None);
    if json {
        out::json(&qd_api::document(&polled, Vec::new()))?;
    } else if views.is_empty() {
        no_connections(&app.notices());
    } else {
        sources(&views)?;
    }
    Ok(verdict(&views, false))
}

/// `qd collect`.
pub async fn collect(app: &App) -> Result<Exit, Failure> {
    // Before anything begins: who stops it at once stops it cleanly, too.
    let stop = Stop::new()?;
    app.start().await?;
    let count = app.entries().len();
    say(&format!("collecting from {count} connections; stop with Ctrl-C"));
    say(&format!("stopping ({})", stop.asked().await?));
    Ok(Exit::Fine)
}

/// Everything by which somebody asks a command to end that would run on.
pub struct Stop {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// `None`: whoever started the command (`nohup`) wants it to outlive its terminal.
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
}

impl Stop {
    /// Listens from now on.
    #[cfg(unix)]
    pub fn new() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let hangup = if ends_with_its_terminal() { Some(signal(SignalKind::hangup())?) } else { None };
        let (interrupt, terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(Self { interrupt, terminate, hangup })
    }

    /// Waits until it is asked, and tells how.
    #[cfg(unix)]
    pub async fn asked(mut self) -> Result<&'static str, Failure> {
        let hung_up = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        Ok(tokio::select! {
            _ = self.interrupt.recv() => "Ctrl-C",
            _ = self.terminate.recv() => "asked to terminate",
            _ = hung_up => "the terminal is gone",
        })
    }

    /// Listens from now on.
    #[cfg(not(unix))]
    pub fn new() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Waits until it is asked, and tells how.
    #[cfg(not(unix))]
    pub async fn asked(self) -> Result<&'static str, Failure> {
        tokio::signal::ctrl_c().await?;
        Ok("Ctrl-C")
    }
}

/// Whether a hangup is not ignored already. Where that cannot be told, a hangup keeps its usual effect.
#[cfg(unix)]
fn ends_with_its_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // Signal 1 is the lowest bit.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 0)
}

/// `qd paths`.
pub fn paths(paths: &Paths, json: bool) -> Result<Exit, Failure> {
    if json {
        let item = json!({ "config": paths.config, "history": paths.history, "state": paths.state });
        out::bare(vec![item])?;
    } else {
        out::lines([
            format!("config   {}", paths.config.display()),
            format!("history  {}", paths.history.display()),
            format!("state    {}", paths.state.display()),
        ])?;
    }
    Ok(Exit::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inactive_is_called_by_what_it_is() {
        let check = |kind, status, count, informing, expected: &[&str]| {
            assert_eq!(counted(&[CountView { kind, status, count, stale: 0 }], informing, kind), expected);
        };
        check(Kind::Alert, Status::Paging, 2, 0, &["⬣ 2 paging"]);
        check(
            Kind::Alert,
            Status::Inactive,
            3,
            1,
            &["⊘ 1 firing for information", "⊘ 2 silenced, inhibited or acknowledged"],
        );
        check(Kind::Alert, Status::Inactive, 1, 1, &["⊘ 1 firing for information"]);
        check(Kind::Ticket, Status::Inactive, 4, 1, &["⊘ 4 open"]);
        check(Kind::Run, Status::Inactive, 1, 0, &["⊘ 1 cancelled or skipped"]);
        check(Kind::Deployment, Status::Inactive, 1, 0, &["⊘ 1 cancelled or superseded"]);
        check(Kind::Run, Status::Ok, 0, 0, &[]);
    }
}
