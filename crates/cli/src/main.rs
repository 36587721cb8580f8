//! `qd`: the window's equal for terminals and scripts.

mod act;
mod args;
mod chart;
mod choices;
mod conn;
mod demo;
mod diff;
mod lists;
mod notes;
mod one;
mod out;
mod problems;
mod propose;
mod silences;
mod status;
mod values;
mod views;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};
use qd_api::view::Notice;
use qd_api::{App, LinkOpener};
use url::Url;

use args::{Cli, Command, ConfigCommand, ViewCommand};
use out::{Exit, Failure, say};
use qd_model::Kind;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("QUARTERDECK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("qd: {error}"));
            return Exit::Error.into();
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(exit) => exit.into(),
        Err(Failure { exit: Exit::Fine, .. }) => Exit::Fine.into(),
        Err(failure) => {
            say(&format!("qd: {}", failure.message));
            failure.exit.into()
        }
    }
}

/// `qd` prints addresses and opens none.
struct NoOpener;

impl LinkOpener for NoOpener {
    fn open(&self, _: &Url) -> Result<(), String> {
        Err("qd opens no links".to_owned())
    }
}

async fn run(cli: Cli) -> Result<Exit, Failure> {
    let home = std::env::var_os("QUARTERDECK_HOME").map(Into::into);
    match &cli.command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "qd", &mut script);
            std::io::stdout().lock().write_all(&script)?;
            return Ok(Exit::Fine);
        }
        Command::Paths => return status::paths(&qd_host::paths(home)?, cli.json),
        Command::Backend(command) => return conn::backend(&qd_host::setup(home)?, command, cli.json),
        Command::Config(ConfigCommand::Validate) => return conn::validate(&qd_host::setup(home)?, cli.json),
        _ => {}
    }
    if let Command::Demo(chosen) = cli.command {
        return demo::demo(home, chosen, cli.json).await;
    }
    let options = qd_host::Options { home, actor: "qd", opener: Arc::new(NoOpener), relaunch: None };
    let app = match cli.command {
        Command::Status => qd_host::open_to_read(options).await?,
        _ => qd_host::open(options).await?,
    };
    warn(&app.notices());
    let reads = !matches!(cli.command, Command::Conn(_));
    let outcome = command(&app, cli.command, cli.json).await;
    app.stop().await;
    // A connection that could not be read is missing from what was shown: that is not fine.
    let broken = app.config_problems().iter().any(|problem| problem.code == "config_broken");
    match outcome {
        Ok(Exit::Fine) if reads && broken => Ok(Exit::Error),
        outcome => outcome,
    }
}

/// Tells what the person has to know.
fn warn(notices: &[Notice]) {
    for notice in notices {
        say(&format!("qd: {}{}", place(notice), notice.message));
    }
}

/// Where a notice comes from: the file, and its line when it is known.
fn place(notice: &Notice) -> String {
    match (&notice.file, notice.line) {
        (Some(file), Some(line)) => format!("{file}:{line}: "),
        (Some(file), None) => format!("{file}: "),
        (None, _) => String::new(),
    }
}

async fn command(app: &App, command: Command, json: bool) -> Result<Exit, Failure> {
    match command {
        Command::Status => status::status(app, json).await,
        Command::Problems => problems::problems(app, json).await,
        Command::Sync => status::sync(app, json).await,
        Command::Collect => status::collect(app).await,
        Command::Runs(list) => lists::list(app, Kind::Run, list, json).await,
        Command::Deployments(list) => lists::list(app, Kind::Deployment, list, json).await,
        Command::Alerts(list) => lists::list(app, Kind::Alert, list, json).await,
        Command::Silences { filter } => silences::list(app, &filter, json).await,
        Command::Tickets(list) => lists::list(app, Kind::Ticket, list, json).await,
        Command::Services(list) => lists::services(app, list, json).await,
        Command::Chart(chart) => chart::chart(app, chart, json).await,
        Command::Show { id, offline } => one::show(app, &id, offline, json).await,
        Command::Diff { id, other } => diff::diff(app, id, other, json).await,
        Command::History { id } => one::history(app, &id, json).await,
        Command::Log { id } => one::log(app, &id, json).await,
        Command::Act { id, verb, set, idempotency_key, preview } => {
            act::act(app, act::Proposal { id, verb, set, key: idempotency_key, preview }, json).await
        }
        Command::Actions { limit } => act::actions(app, limit, json).await,
        Command::Note(note) => notes::note(app, note, json).await,
        Command::Notes(notes) => notes::list(app, notes, json).await,
        Command::Conn(command) => conn::conn(app, command, json).await,
        Command::View(ViewCommand::List) => views::list(app, json).await,
        // Answered before the store is opened.
        Command::Paths
        | Command::Completions { .. }
        | Command::Demo(_)
        | Command::Backend(_)
        | Command::Config(_) => Ok(Exit::Fine),
    }
}
