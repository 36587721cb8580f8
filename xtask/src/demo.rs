//! Real servers with something to see, and a configuration that connects to them.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, bail};
use qd_servers::{Alertmanager, Buildbot, Prometheus, Redmine, StartError};
use serde_json::{Value, json};

use crate::shell;

/// The variable by which the configuration refers to Redmine's key.
const KEY_VARIABLE: &str = "QD_REDMINE_KEY";

/// The running servers; they end when this is dropped.
pub struct Demo {
    home: PathBuf,
    alertmanager: Alertmanager,
    prometheus: Prometheus,
    buildbot: Buildbot,
    redmine: Redmine,
    /// Given back last, when the servers have ended.
    _lock: File,
}

impl Demo {
    /// Starts all four from nothing, seeds them, and writes a fresh configuration.
    pub fn start() -> Result<Self> {
        let base = shell::target().join("demo");
        let lock = lock(&shell::target().join("demo.lock"))?;
        if base.exists() {
            fs::remove_dir_all(&base)?;
        }
        let folder = |name: &str| -> Result<PathBuf> {
            let folder = base.join(name);
            fs::create_dir_all(&folder)?;
            Ok(folder)
        };
        let [alerts, metrics, builds, tickets, home] = [
            folder("alertmanager")?,
            folder("prometheus")?,
            folder("buildbot")?,
            folder("redmine")?,
            folder("home")?,
        ];
        eprintln!("servers: starting Alertmanager, Prometheus, Buildbot and Redmine");
        let (alerting, buildbot, redmine) = thread::scope(|scope| {
            let buildbot = scope.spawn(|| Buildbot::start(&builds));
            let redmine = scope.spawn(|| Redmine::start(&tickets));
            let alerting = Alertmanager::start(&alerts).and_then(|alertmanager| {
                Ok((Prometheus::start(&metrics, &alertmanager.url())?, alertmanager))
            });
            (alerting, joined(buildbot), joined(redmine))
        });
        let (prometheus, alertmanager) = alerting?;
        let demo =
            Self { home, alertmanager, prometheus, buildbot: buildbot?, redmine: redmine?, _lock: lock };
        demo.seed()?;
        fs::write(demo.home.join("config.toml"), demo.config())
            .context("the configuration could not be written")?;
        Ok(demo)
    }

    /// What a process needs to use this configuration.
    pub fn environment(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("QUARTERDECK_HOME", self.home.display().to_string()),
            (KEY_VARIABLE, self.redmine.api_key().to_owned()),
        ])
    }

    /// Says where everything is.
    pub fn print(&self) {
        println!("Alertmanager  {}", self.alertmanager.url());
        println!("Prometheus    {}", self.prometheus.url());
        println!("Buildbot      {}", self.buildbot.url());
        println!("Redmine       {}", self.redmine.url());
        println!("To use them in another terminal (the key is this start's own, for these servers only):");
        for (name, value) in self.environment() {
            println!("  export {name}={}", shell::quoted(&value));
        }
    }

    /// Alerts that fire, one of them suppressed; builds that pass, fail, deploy and run. Redmine brings its tickets.
    fn seed(&self) -> Result<(), StartError> {
        self.alertmanager.post_alerts(&alerts())?;
        for builder in ["app-build", "app-flaky", "deploy-production", "long-running"] {
            self.buildbot.force(builder)?;
        }
        let title = "Payment page shows an error after the last deployment";
        self.redmine.create_issue("shop", title, "Seen by three customers since this morning.")?;
        Ok(())
    }

    fn config(&self) -> String {
        format!(
            r#"# Written by `cargo xtask run --servers`, fresh with every start.
[[connection]]
id = "alerts"
backend = "alertmanager"
url = "{alerts}"
credential = "none"
interval_secs = 10

[[connection]]
id = "ci"
backend = "buildbot"
url = "{builds}"
credential = "none"
interval_secs = 10
[connection.settings]
deployments = [{{ builder = "deploy-production", environment = "production", service = "shop" }}]

[[connection]]
id = "tickets"
backend = "redmine"
url = "{tickets}"
credential = "env:{KEY_VARIABLE}"
interval_secs = 15
[connection.settings]
projects = ["shop", "warehouse"]

[[service]]
name = "shop"
owner = "storefront"
labels = {{ service = "shop" }}

[[service]]
name = "checkout"
owner = "payments"
labels = {{ service = "checkout" }}
"#,
            alerts = self.alertmanager.url(),
            builds = self.buildbot.url(),
            tickets = self.redmine.url(),
        )
    }
}

/// Takes the folder of the servers for this process: a second start would delete it under the first. The operating system
/// gives the lock back when the process ends, however it ends.
///
/// # Errors
/// Names the process that has it.
fn lock(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(path).unwrap_or_default();
            let holder = holder.trim();
            let holder = if holder.is_empty() { "not told" } else { holder };
            bail!("the servers run already (process {holder}); end that one first: both use one folder");
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("{} could not be locked", path.display()));
        }
    }
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())?;
    Ok(file)
}

fn joined<T>(started: thread::ScopedJoinHandle<'_, Result<T, StartError>>) -> Result<T> {
    Ok(started.join().map_err(|_| anyhow::anyhow!("starting a server panicked"))??)
}

/// Alertmanager ends an alert that is not posted again after five minutes, unless it says itself when it ends. The seeded
/// ones fire as long as the servers run.
const END: &str = "2099-01-01T00:00:00Z";
/// Without it an alert begins at its end, for all the server knows.
const BEGIN: &str = "2026-01-05T09:00:00Z";

/// `HighErrorRate` is critical and so suppresses the warning of the same service.
fn alerts() -> Value {
    let alert = |name: &str, severity: &str, service: &str, summary: &str| {
        json!({
            "labels": { "alertname": name, "severity": severity, "service": service, "environment": "production" },
            "annotations": { "summary": summary, "runbook_url": format!("https://runbooks.example/{name}") },
            "startsAt": BEGIN,
            "endsAt": END,
            "generatorURL": "https://prometheus.example/graph",
        })
    };
    json!([
        alert("HighErrorRate", "critical", "shop", "5 % of requests fail since the last deployment"),
        alert("SlowResponses", "warning", "shop", "p95 is above 800 ms"),
        alert("QueueGrows", "warning", "warehouse", "1,200 orders wait to be packed"),
        alert("CertificateExpires", "info", "checkout", "the certificate expires in 13 days"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_is_refused_and_names_the_first() -> Result<()> {
        let path = std::env::temp_dir().join(format!("quarterdeck-demo-{}.lock", std::process::id()));
        let first = lock(&path)?;
        let told = lock(&path).map(drop).map_err(|error| error.to_string());
        let expected = format!("process {}", std::process::id());
        assert!(told.as_ref().is_err_and(|told| told.contains(&expected)), "{told:?}");
        drop(first);
        lock(&path)?;
        Ok(fs::remove_file(&path)?)
    }

    #[test]
    fn seeded_alerts_fire_until_the_servers_end() {
        let alerts = alerts();
        let ends = alerts.as_array().into_iter().flatten().map(|alert| alert["endsAt"].as_str());
        assert_eq!(
            ends.collect::<Vec<_>>(),
            [Some(END); 4],
            "without an end they are over after five minutes"
        );
    }
}
