//! `qd demo`: Harbour in the terminal.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::SecondsFormat;
use qd_api::App;
use qd_api::commands::{Nothing, OverviewReq};
use qd_api::view::NeedsYou;
use qd_host::{DemoOptions, HARBOUR_TOKEN, Options, PASSING};
use qd_model::Clock;
use serde_json::json;

use crate::args::{Command, Demo, DemoCommand};
use crate::lists::{self, since};
use crate::out::{self, Exit, Failure, say};
use crate::status::glyph;

/// The variable by which a configuration for Harbour's servers finds their credential.
const VARIABLE: &str = "HARBOUR_TOKEN";

/// Runs a command against a Harbour of its own, which ends with it.
pub async fn demo(home: Option<PathBuf>, demo: Demo, json: bool) -> Result<Exit, Failure> {
    let chosen = DemoOptions { seed: demo.seed, chapter: demo.story, ..DemoOptions::default() };
    let command = match demo.command {
        Some(DemoCommand::Serve { play }) => return serve(chosen, play).await,
        command => command,
    };
    let folder = qd_host::demo_home(home, &format!("{PASSING}{}", std::process::id()))?;
    let options = Options { home: None, actor: "qd", opener: Arc::new(crate::NoOpener), relaunch: None };
    let app = qd_host::open_demo(options, &folder, chosen).await?;
    if let Some(state) = app.status(Nothing {}).await?.demo {
        let at = state.now.format("%Y-%m-%d %H:%M UTC");
        let mark = format!("DEMO · {} · {at} · {}", state.company, state.chapter);
        // Wherever the text ends up, it says what it is; a JSON document says so itself.
        if json { say(&mark) } else { out::lines([mark])? }
    }
    let outcome = match command.and_then(plain) {
        Some(command) => crate::command(&app, command, json).await,
        None => overview(&app, json).await,
    };
    app.stop().await;
    outcome
}

/// The command it stands for. `None`: the overview.
fn plain(command: DemoCommand) -> Option<Command> {
    Some(match command {
        DemoCommand::Serve { .. } => return None,
        DemoCommand::Status => Command::Status,
        DemoCommand::Runs(list) => Command::Runs(list),
        DemoCommand::Deployments(list) => Command::Deployments(list),
        DemoCommand::Alerts(list) => Command::Alerts(list),
        DemoCommand::Tickets(list) => Command::Tickets(list),
        DemoCommand::Services(list) => Command::Services(list),
        DemoCommand::Chart(chart) => Command::Chart(chart),
        DemoCommand::Show { id } => Command::Show { id, offline: false },
        DemoCommand::History { id } => Command::History { id },
        DemoCommand::Log { id } => Command::Log { id },
        DemoCommand::Act { id, verb, set } => {
            Command::Act { id, verb, set, idempotency_key: None, preview: false }
        }
    })
}

/// What needs somebody, and every service.
async fn overview(app: &App, json: bool) -> Result<Exit, Failure> {
    let overview = app.overview(OverviewReq::default()).await?;
    if json {
        let services = overview.services.iter().map(qd_api::service_item).collect();
        let mut document = qd_api::document(&app.sources(None).await?, services);
        document["needs_you"] = json!(overview.needs_you);
        out::json(&document)?;
    } else {
        let now = app.now();
        let row = |need: &NeedsYou| {
            vec![
                format!("{} {}", glyph(need.row.status), need.reason.replace('_', " ")),
                need.since.and_then(|at| since(at, now)).unwrap_or_else(|| "—".to_owned()),
                need.row.service.clone().unwrap_or_else(|| "—".to_owned()),
                need.row.title.clone(),
                need.row.id.clone(),
            ]
        };
        let rows: Vec<Vec<String>> = overview.needs_you.iter().map(row).collect();
        out::table(&["NEEDS YOU", "AGE", "SERVICE", "TITLE", "ID"], &rows)?;
        out::lines([""])?;
        lists::print_services(&overview.services, now)?;
    }
    // The story is meant to be looked at: that something burns in it is no failure.
    Ok(Exit::Fine)
}

/// The servers alone, until stopped.
async fn serve(chosen: DemoOptions, play: Option<u32>) -> Result<Exit, Failure> {
    let stop = crate::status::Stop::new()?;
    let harbour = qd_host::serve_demo(chosen).await?;
    harbour.clock().run(play.is_some(), play.unwrap_or(1));
    out::lines([
        format!("# GitHub        {}", harbour.github),
        format!("# Alertmanager  {}", harbour.alerts),
        format!("# Redmine       {}", harbour.tickets),
        format!("# The credential of GitHub and Redmine:  export {VARIABLE}={}", HARBOUR_TOKEN),
        format!("# The time there is {}.", harbour.clock().now().to_rfc3339_opts(SecondsFormat::Secs, true)),
        harbour.config(&format!("env:{VARIABLE}")),
    ])?;
    say("serving on this machine only; stop with Ctrl-C");
    stop.asked().await?;
    harbour.end().await;
    Ok(Exit::Fine)
}
