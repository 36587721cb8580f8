//! The command line. Its words are a contract: scripts depend on them.

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};

use crate::chart::{CHART, Chart};
use crate::notes::{NOTE, NOTES, Note, Notes};
use crate::values::{idempotency_key, key_value, time};

const AFTER: &str = "\
Exit codes: 0 fine · 1 error · 2 usage · 3 something is failing (status, services, problems) · 4 a source needs sign-in · \
5 a source could not be reached, or was not read in the time asked for, or what is shown is old; for status also: there is no \
connection to know anything by.

Queries (--filter): words match text; service:shop state:failing env:production source:gh age:<2h owner:payments
during:2026-11-20T14:00:00Z..2026-11-20T15:00:00Z narrow; -word and \
-field:value exclude; commas mean or. age: is the age that is shown: of what ended from its end, of what goes on from its begin.

JSON (--json): sources[].health.state is fresh, stale (read well, but too long ago to be current), or what keeps it from being \
read; current says in one word whether it can be trusted; sources[].unread tells when it was not read within --during. items[] have changed_at, when they were last seen to change, and \
updated_at, when their backend says they did; notes are the notes themselves, and services have note_count.

Examples:
  qd conn add alerts --backend alertmanager --url http://127.0.0.1:9093 --credential none
  qd sync && qd status
  qd alerts --filter 'severity:critical age:<2h' --json | jq '.items[].name'
  qd act alerts/alert/4f5e6d silence --set comment='known' --set duration=2h";

/// Pipelines, deployments, alerts and tickets of all your backends, in the terminal.
#[derive(Debug, Parser)]
#[command(name = "qd", version, after_help = AFTER, max_term_width = 100)]
pub struct Cli {
    /// Print JSON (schema quarterdeck/v1) on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// How everything stands, from what was read last. Asks no backend.
    #[command(after_help = "Example: qd status --json | jq .status.worst")]
    Status,
    /// What failed or belongs to no service: mistakes in the file, sources, what could not be read, entities.
    #[command(
        after_help = "From what was read last; asks no backend. Exit code 3 when something fails or could not be read; warnings alone, and what belongs to no service, are 0."
    )]
    Problems,
    /// Poll every connection once, now, then exit.
    Sync,
    /// Poll continuously without a window, until stopped (Ctrl-C, SIGTERM, or the end of its terminal but under nohup).
    Collect,
    /// Pipeline runs: the latest of each pipeline and branch, worst first.
    #[command(after_help = "Example: qd runs --filter 'service:shop state:failing'")]
    Runs(List),
    /// Deployments: the latest of each service and environment.
    #[command(after_help = "Example: qd deployments --filter env:production --as-of 2026-11-20T09:00:00Z")]
    Deployments(List),
    /// Alerts that fire or are suppressed. The same alert of several sources is one line, and counts once.
    Alerts(List),
    /// Silences of all sources, asked of them now: those that hold, those to come, those that ended within a day. "ended, not confirmed": its
    /// own end has passed, and its server could not be asked since.
    #[command(
        after_help = "Marks: expiring (within an hour), matches_nothing, no_comment.\nEnd one: qd act SOURCE expire_silence --set silence=ID"
    )]
    Silences {
        /// Only those with this text in matchers, comment, author, state or marks.
        #[arg(long, default_value = "", value_name = "TEXT")]
        filter: String,
    },
    /// Open tickets.
    Tickets(List),
    /// Services with their status and the reasons for it.
    Services(List),
    /// A chart: alerts or deployments per hour, or how long runs took. A table, or a picture with --output.
    #[command(after_help = CHART)]
    Chart(Chart),
    /// Everything known of one entity, with its details from the backend.
    #[command(after_help = "Example: qd show ci/run/17")]
    Show {
        /// SOURCE/KIND/ID, as lists print it.
        id: String,
        /// Do not ask the backend for details.
        #[arg(long)]
        offline: bool,
    },
    /// What lies between two versions: commits, authors, files, named tickets.
    #[command(
        after_help = "Without OTHER: what ID has that the last one before it on its line, which passed or went live, has not.\nExamples:\n  qd diff gh/deployment/4711\n  qd diff gh/deployment/4711 main"
    )]
    Diff {
        /// SOURCE/KIND/ID of a run or a deployment.
        id: String,
        /// SOURCE/KIND/ID, or a branch, tag or commit.
        other: Option<String>,
    },
    /// Every state change of one entity, and the notes on it.
    History {
        /// SOURCE/KIND/ID.
        id: String,
    },
    /// The log tail of a run's first failing step.
    Log {
        /// SOURCE/KIND/ID.
        id: String,
    },
    /// Act on an entity, or on a source (force a build, create a ticket).
    #[command(
        after_help = "Without VERB the possible verbs and their arguments are listed.\nWhat an action hits is told on standard error before it is sent; what is not offered now is refused.\nAn unknown outcome is looked up for some seconds and never sent again (exit code 5); later qd sync and qd show look.\nWhat was taken is looked for at once: its source is read once more, for up to ten seconds.\nExamples:\n  qd act ci/run/17 rebuild\n  qd act tickets create --set subject='Checkout slow' --set project=shop --set tracker=Bug"
    )]
    Act {
        /// SOURCE/KIND/ID, or SOURCE.
        id: String,
        /// What to do, as `qd backend show` lists it.
        verb: Option<String>,
        /// Arguments.
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
        set: Vec<(String, String)>,
        /// Repeat a call safely: one key, one write. Another action under the same key is refused.
        #[arg(long, value_name = "KEY", value_parser = idempotency_key)]
        idempotency_key: Option<String>,
        /// Show what it would hit and send nothing.
        #[arg(long)]
        preview: bool,
    },
    /// The log of actions, newest first.
    Actions {
        /// At most so many, up to 1000.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// Write a note on an entity or a service, list its notes, or remove one. Notes stay on this machine.
    #[command(after_help = NOTE)]
    Note(Note),
    /// All notes, newest first.
    #[command(after_help = NOTES)]
    Notes(Notes),
    /// Connections: list, add, test, propose, remove.
    #[command(subcommand)]
    Conn(Conn),
    /// Backends that can be connected, and their settings.
    #[command(subcommand)]
    Backend(BackendCommand),
    /// Saved views, to be named with --view.
    #[command(subcommand)]
    View(ViewCommand),
    /// The configuration file.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Harbour, a company that does not exist: look around without any account.
    #[command(after_help = DEMO)]
    Demo(Demo),
    /// Where configuration, history and state are kept.
    Paths,
    /// Completions for a shell.
    #[command(after_help = "Example: qd completions bash > ~/.local/share/bash-completion/completions/qd")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

const DEMO: &str = "\
Chapters: calm, bad-deploy, alert, tickets, rollback, fix, release.

Everything runs on this machine: three servers on 127.0.0.1 that speak as GitHub, Alertmanager and Redmine do, read by the
same connectors as real ones. Nothing is kept, and your own connections are not touched.

Examples:
  qd demo
  qd demo --story bad-deploy --json | jq '.needs_you[].row.title'
  qd demo --story alert alerts --filter service:checkout
  qd demo serve --play 60";

/// The demo.
#[derive(Debug, Args)]
pub struct Demo {
    /// How far the story has come.
    #[arg(long, value_name = "CHAPTER", default_value = "calm", value_parser = chapter)]
    pub story: &'static str,
    /// Another company by chance; the same seed gives the same.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// What to do there. Left out: what needs somebody, and all services.
    #[command(subcommand)]
    pub command: Option<DemoCommand>,
}

/// What to do in the demo.
#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// The servers alone: prints their addresses and a configuration for them, and serves until stopped.
    Serve {
        /// Let time pass, so many seconds in one.
        #[arg(long, value_name = "SPEED", num_args = 0..=1, default_missing_value = "1",
              value_parser = clap::value_parser!(u32).range(1..=60))]
        play: Option<u32>,
    },
    /// How everything stands.
    Status,
    /// Pipeline runs.
    Runs(List),
    /// Deployments.
    Deployments(List),
    /// Alerts that fire or are suppressed.
    Alerts(List),
    /// Open tickets.
    Tickets(List),
    /// Services with their status and the reasons for it.
    Services(List),
    /// A chart: alerts or deployments per hour, or how long runs took.
    #[command(after_help = CHART)]
    Chart(Chart),
    /// Everything known of one entity.
    Show {
        /// SOURCE/KIND/ID, as lists print it.
        id: String,
    },
    /// Every state change of one entity.
    History {
        /// SOURCE/KIND/ID.
        id: String,
    },
    /// The log tail of a run's first failing step.
    Log {
        /// SOURCE/KIND/ID.
        id: String,
    },
    /// Act on an entity. It takes effect in this Harbour, which ends with the command.
    Act {
        /// SOURCE/KIND/ID, or SOURCE.
        id: String,
        /// What to do.
        verb: Option<String>,
        /// Arguments.
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
        set: Vec<(String, String)>,
    },
}

fn chapter(text: &str) -> Result<&'static str, String> {
    let known: Vec<&str> = qd_host::CHAPTERS.iter().map(|chapter| chapter.key).collect();
    let found = known.iter().find(|key| **key == text);
    found.copied().ok_or_else(|| format!("chapters are {}", known.join(", ")))
}

/// What a list shows.
#[derive(Debug, Clone, Args)]
pub struct List {
    /// Only what matches.
    #[arg(long, default_value = "", value_name = "QUERY", allow_hyphen_values = true)]
    pub filter: String,
    /// What a saved view holds (`qd view list`); the rest narrows further.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Only this service.
    #[arg(long)]
    pub service: Option<String>,
    /// Only services of this owner.
    #[arg(long)]
    pub owner: Option<String>,
    /// Only this environment, or this tier (production, staging, test, development).
    #[arg(long)]
    pub env: Option<String>,
    /// Only what happened between two times (2026-11-20T14:00:00Z..2026-11-20T15:00:00Z), over or not.
    #[arg(long, value_name = "FROM..TO")]
    pub during: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 200)]
    pub limit: u32,
    /// Also what is over: closed tickets, resolved alerts, earlier runs and deployments.
    #[arg(long)]
    pub all: bool,
    /// As it was then: 2026-11-20T09:00:00Z, 2026-11-20T10:00:00+01:00, or a day (midnight UTC).
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub as_of: Option<DateTime<Utc>>,
}

impl List {
    /// Everything that narrows, as one query.
    pub fn query(&self) -> String {
        let narrowing = [
            ("service", &self.service),
            ("owner", &self.owner),
            ("env", &self.env),
            ("during", &self.during),
        ];
        let term = |(field, value): (&str, &Option<String>)| {
            value.as_ref().map(|value| format!("{field}:\"{}\"", value.replace('"', "")))
        };
        let terms = narrowing.into_iter().filter_map(term).chain([self.filter.clone()]);
        terms.filter(|term| !term.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Connections.
#[derive(Debug, Subcommand)]
pub enum Conn {
    /// All connections with their health.
    List,
    /// Add a connection. A secret is asked for, or read from standard input; never given as an argument.
    #[command(
        after_help = "Examples:\n  qd conn add alerts --backend alertmanager --url http://127.0.0.1:9093 --credential none\n  qd conn add tickets --backend redmine --url https://redmine.example.org < key.txt\n  qd conn add gh --backend github --credential gh --set repositories=acme/shop,acme/ledger"
    )]
    Add(Add),
    /// Try a connection, step by step.
    Test {
        /// Its name.
        id: String,
    },
    /// What the credential can see, to be chosen for the settings, and what reading it costs.
    #[command(
        after_help = "A star marks what is chosen, or what the window would preselect: active within 90 days, at most 25.\nExamples:\n  qd conn propose gh\n  qd conn propose --backend github --credential gh --json | jq -r '.items[]|select(.preselected).value'"
    )]
    Propose(Propose),
    /// Remove a connection, its secret and what it observed.
    Remove {
        /// Its name.
        id: String,
    },
}

/// Whose proposals.
#[derive(Debug, Clone, Args)]
pub struct Propose {
    /// A connection by its name.
    #[arg(required_unless_present = "backend", conflicts_with = "backend")]
    pub id: Option<String>,
    /// A backend that is not connected yet.
    #[arg(long)]
    pub backend: Option<String>,
    /// Its address; may be left out where the backend has one of its own.
    #[arg(long, default_value = "", requires = "backend")]
    pub url: String,
    /// Where the credential comes from: keychain (asked for, not kept), env:NAME, gh, none.
    #[arg(long, default_value = "keychain", requires = "backend")]
    pub credential: String,
    /// PEM file with certificates to trust besides the system's.
    #[arg(long, requires = "backend")]
    pub ca_file: Option<String>,
}

/// A new connection.
#[derive(Debug, Clone, Args)]
pub struct Add {
    /// Its name: lower-case letters, digits, '-', '_', '.'.
    pub id: String,
    /// Which backend (`qd backend list`).
    #[arg(long)]
    pub backend: String,
    /// Its address; may be left out where the backend has one of its own.
    #[arg(long, default_value = "")]
    pub url: String,
    /// Where the credential comes from: keychain, env:NAME, gh, none.
    #[arg(long, default_value = "keychain")]
    pub credential: String,
    /// Seconds between polls.
    #[arg(long)]
    pub interval: Option<u32>,
    /// PEM file with certificates to trust besides the system's.
    #[arg(long)]
    pub ca_file: Option<String>,
    /// The backend's own settings (`qd backend show`). Lists are separated by commas.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub set: Vec<(String, String)>,
    /// Save without trying it first.
    #[arg(long)]
    pub no_test: bool,
}

/// Backends.
#[derive(Debug, Subcommand)]
pub enum BackendCommand {
    /// All of them.
    List,
    /// Settings, credential, actions and README of one.
    Show {
        /// Its word, such as github.
        name: String,
    },
}

/// Saved views.
#[derive(Debug, Subcommand)]
pub enum ViewCommand {
    /// All of them.
    List,
}

/// The configuration file.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Read the file and report every mistake with its line.
    Validate,
}
