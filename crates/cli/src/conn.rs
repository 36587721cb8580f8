//! Connections, backends, configuration.

use std::io::{IsTerminal, Read};

use qd_api::commands::{ConnectionIdReq, ConnectionReq, Nothing};
use qd_api::view::{BackendView, CheckStepView, CheckView, ConnectionDraft, ConnectionView, FormFieldView};
use qd_api::{App, Setup};
use qd_connector::Secret;
use qd_model::meant_or;
use serde_json::json;

use crate::args::{Add, BackendCommand, Conn};
use crate::out::{self, Exit, Failure, say};

/// Longest secret that is read from standard input.
const LONGEST: u64 = 64 * 1024;

/// `qd conn`.
pub async fn conn(app: &App, command: Conn, json: bool) -> Result<Exit, Failure> {
    match command {
        Conn::List => list(app, json).await,
        Conn::Add(add) => self::add(app, add, json).await,
        Conn::Test { id } => {
            app.configure().await?;
            let draft = find(app, &id).await?.draft;
            let report = app.connection_test(ConnectionReq {
                draft,
                replaces: Some(id),
                secret: None,
                session_only: false,
            });
            report_check(app, &report.await?, json).await
        }
        Conn::Propose(asked) => crate::propose::propose(app, asked, json).await,
        Conn::Remove { id } => {
            app.configure().await?;
            let done = app.connection_remove(ConnectionIdReq { id }).await?;
            say(&done.message);
            Ok(Exit::Fine)
        }
    }
}

/// The connection of that name.
pub async fn find(app: &App, id: &str) -> Result<ConnectionView, Failure> {
    let all = app.connections(Nothing {}).await?;
    all.into_iter().find(|connection| connection.draft.id == id).ok_or_else(|| Failure {
        exit: Exit::Error,
        message: format!("there is no connection '{id}'; see qd conn list"),
    })
}

async fn list(app: &App, json: bool) -> Result<Exit, Failure> {
    let all = app.connections(Nothing {}).await?;
    if json {
        let sources = app.sources(None).await?;
        let items = all.iter().map(|connection| app.connection_item(connection, &sources)).collect();
        out::json(&qd_api::document(&sources, items))?;
    } else {
        let row = |connection: &ConnectionView| {
            let health = connection.health.as_ref();
            vec![
                connection.draft.id.clone(),
                connection.backend_name.clone(),
                connection.draft.url.clone(),
                credential(connection),
                health.map_or_else(|| "unusable".to_owned(), qd_api::health_word),
                app.connection_problems(connection).join("; "),
            ]
        };
        let rows: Vec<Vec<String>> = all.iter().map(row).collect();
        out::table(&["ID", "BACKEND", "URL", "CREDENTIAL", "STATE", "PROBLEMS"], &rows)?;
    }
    Ok(Exit::Fine)
}

/// Where the credential comes from, as it is.
fn credential(connection: &ConnectionView) -> String {
    if connection.session_only { "session only".to_owned() } else { connection.draft.credential.clone() }
}

async fn add(app: &App, add: Add, json: bool) -> Result<Exit, Failure> {
    app.configure().await?;
    let backend = find_backend(app.backends(Nothing {}).await?, &add.backend)?;
    known_settings(app, &backend, &add.set)?;
    let secret = if add.credential == "keychain" { read_secret(&backend)? } else { None };
    if add.credential == "keychain" && secret.is_none() {
        say("no credential was given, so the connection goes without one, as with --credential none; \
             --credential env:NAME reads it from a variable");
    }
    let draft = ConnectionDraft {
        id: add.id,
        backend: add.backend,
        url: add.url,
        credential: if add.credential == "keychain" && secret.is_none() {
            "none".to_owned()
        } else {
            add.credential
        },
        interval_secs: add.interval,
        ca_file: add.ca_file,
        settings: add.set.into_iter().map(|(key, value)| setting(&backend, key, &value)).collect(),
    };
    let request = |secret: Option<Secret>| ConnectionReq {
        draft: draft.clone(),
        replaces: None,
        secret,
        session_only: false,
    };
    if !add.no_test {
        let report = app.connection_test(request(secret.clone())).await?;
        if !report.passed {
            say("not saved, because the test failed; --no-test saves all the same");
            return report_check(app, &report, json).await;
        }
        warn(&report);
    }
    let saved = app.connection_save(request(secret)).await?;
    if json {
        let sources = app.sources(None).await?;
        out::json(&qd_api::document(&sources, vec![app.connection_item(&saved, &sources)]))?;
    } else {
        say(&format!("saved {}; read it now with qd sync", saved.draft.id));
    }
    Ok(Exit::Fine)
}

/// A setting nobody reads would be dropped silently.
fn known_settings(app: &App, backend: &BackendView, set: &[(String, String)]) -> Result<(), Failure> {
    let fields = backend.settings.iter().map(|field| field.key.as_str());
    let others = app.setting_aliases(&backend.backend);
    let known: Vec<&str> = fields.chain(others.iter().map(|(alias, _)| *alias)).collect();
    match set.iter().find(|(key, _)| !known.contains(&key.as_str())) {
        Some((key, _)) => Err(Failure {
            exit: Exit::Usage,
            message: format!("{} has no setting '{key}'; {}", backend.name, meant_or(key, &known, "it has")),
        }),
        None => Ok(()),
    }
}

/// Lists are one item a line in forms, and separated by commas on the command line.
fn setting(backend: &BackendView, key: String, value: &str) -> (String, String) {
    let is_list = backend.settings.iter().any(|field| field.key == key && field.kind == "list");
    let value = if is_list { value.replace(',', "\n") } else { value.to_owned() };
    (key, value)
}

/// Asks for the secret without showing it, or reads it from standard input. Empty: none, where that is allowed.
pub fn read_secret(backend: &BackendView) -> Result<Option<Secret>, Failure> {
    let text = if std::io::stdin().is_terminal() {
        say(&backend.credential_help);
        rpassword::prompt_password(format!("{} (not shown): ", backend.credential_label))?
    } else {
        let mut text = String::new();
        std::io::stdin().take(LONGEST).read_to_string(&mut text)?;
        text
    };
    let text = text.trim();
    match (text.is_empty(), backend.credential_optional) {
        (false, _) => Ok(Some(Secret::from(text.to_owned()))),
        (true, true) => Ok(None),
        (true, false) => Err(Failure {
            exit: Exit::Error,
            message: format!(
                "{} needs a credential: {} Give it on standard input, or name where it is kept: --credential env:NAME; \
                 it does not work with none",
                backend.name, backend.credential_help
            ),
        }),
    }
}

/// What is told of each step of a test.
const STEP: [&str; 3] = ["OUTCOME", "STEP", "FOUND"];

fn step(step: &CheckStepView) -> Vec<String> {
    vec![step.outcome.clone(), step.name.clone(), step.text.clone()]
}

/// Tells what a test warned of that passed, as the test itself would.
fn warn(report: &CheckView) {
    let warned = report.steps.iter().filter(|step| step.outcome == "warning");
    let warned: Vec<Vec<String>> = warned.map(step).collect();
    if !warned.is_empty() {
        out::tabled(&STEP, &warned).iter().for_each(|line| say(line));
    }
}

async fn report_check(app: &App, report: &CheckView, json: bool) -> Result<Exit, Failure> {
    if json {
        out::items(app, vec![json!(report)]).await?;
    } else {
        out::table(&STEP, &report.steps.iter().map(step).collect::<Vec<_>>())?;
    }
    let failed = |names: &[&str]| {
        report.steps.iter().any(|step| step.outcome == "failed" && names.contains(&step.name.as_str()))
    };
    Ok(match report.passed {
        true => Exit::Fine,
        false if failed(&["settings", "CA file"]) => Exit::Usage,
        false if failed(&["sign in", "credential"]) => Exit::SignIn,
        false => Exit::Unreachable,
    })
}

/// The backend of that word.
pub fn find_backend(all: Vec<BackendView>, name: &str) -> Result<BackendView, Failure> {
    let known: Vec<&str> = all.iter().map(|backend| backend.backend.as_str()).collect();
    let unknown = format!("there is no backend '{name}'; {}", meant_or(name, &known, "there are"));
    let found = all.into_iter().find(|backend| backend.backend == name);
    found.ok_or(Failure { exit: Exit::Usage, message: unknown })
}

/// `qd backend`. Needs no history.
pub fn backend(setup: &Setup, command: &BackendCommand, json: bool) -> Result<Exit, Failure> {
    let all = setup.backends();
    match command {
        BackendCommand::List => {
            if json {
                out::bare(all.iter().map(|backend| json!(backend)).collect())?;
            } else {
                let row = |backend: &BackendView| {
                    let kinds = backend.kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    vec![backend.backend.clone(), backend.name.clone(), kinds, backend.summary.clone()]
                };
                out::table(&["BACKEND", "NAME", "BRINGS", "WHAT"], &all.iter().map(row).collect::<Vec<_>>())?;
            }
        }
        BackendCommand::Show { name } => {
            let backend = find_backend(all, name)?;
            if json { out::bare(vec![json!(backend)])? } else { show(setup, &backend)? }
        }
    }
    Ok(Exit::Fine)
}

/// One field of a form, told in a line.
pub fn field(field: &FormFieldView) -> String {
    let required = if field.required { ", required" } else { "" };
    let line = format!("  {} ({}{required}): {}. {}", field.key, field.kind, field.label, field.help);
    line.trim_end().to_owned()
}

fn show(setup: &Setup, backend: &BackendView) -> Result<(), Failure> {
    let mut lines = vec![
        format!("{} — {}", backend.name, backend.summary),
        format!("url         {}", backend.default_url.as_deref().unwrap_or(&backend.url_example)),
        format!("credential  {}. {}", backend.credential_label, backend.credential_help),
        "settings".to_owned(),
    ];
    lines.extend(backend.settings.iter().map(field));
    lines.push("actions".to_owned());
    for (verb, aim, effect, args) in setup.verbs(&backend.backend) {
        lines.push(format!("  {verb} (on {aim}): {effect}"));
        lines.extend(args.iter().map(|arg| format!("  {}", field(arg))));
    }
    lines.push(String::new());
    lines.push(backend.readme.clone());
    out::lines(lines)
}

/// `qd config validate`. Needs no history.
pub fn validate(setup: &Setup, json: bool) -> Result<Exit, Failure> {
    let problems = setup.config_problems();
    crate::warn(&problems);
    if json {
        out::bare(problems.iter().map(|problem| json!(problem)).collect())?;
    } else if problems.is_empty() {
        let file = setup.paths.config.display();
        out::lines([match setup.paths.config.exists() {
            true => format!("{file} is fine"),
            false => format!("there is no {file}; qd conn add makes it"),
        }])?;
    }
    let wrong = problems.iter().any(|problem| problem.code == "config_broken");
    Ok(if wrong { Exit::Error } else { Exit::Fine })
}
