//! Prometheus 2.42, from Debian's package `prometheus`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::process::{Process, find_program, isolated};
use crate::{StartError, http};

const PROGRAM: &str = "prometheus";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// `TargetDown` (critical, service checkout), `AlwaysWarning` (warning, service shop) and one that stays pending.
const RULES: &str = include_str!("../material/rules.yml");

/// A running Prometheus whose rules fire into an Alertmanager.
#[derive(Debug)]
pub struct Prometheus {
    process: Process,
    dir: PathBuf,
    port: u16,
    alertmanager: String,
}

impl Prometheus {
    /// Starts a Prometheus on a free loopback port which sends its alerts to the Alertmanager at `alertmanager`
    /// (`http://HOST:PORT`). Start that one first: what is sent before Prometheus has found it is dropped.
    ///
    /// # Errors
    /// [`StartError::Missing`] when it is not installed; else what it printed before it failed.
    pub fn start(dir: &Path, alertmanager: &str) -> Result<Self, StartError> {
        fs::write(dir.join("rules.yml"), RULES)?;
        let alertmanager = alertmanager.trim_start_matches("http://").to_owned();
        let (process, port) = Process::start_on_free_port(None, |port| launch(dir, port, &alertmanager))?;
        Ok(Self { process, dir: dir.to_owned(), port, alertmanager })
    }

    /// The base address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The process and process group.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Ends it at once, as a crash would. Its alerts resolve once Alertmanager no longer hears of them.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Ends it in an orderly way; its data stays.
    pub fn stop(&mut self) {
        self.process.stop();
    }

    /// Starts it again on the same port with the same data, ending the running one first.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn restart(&mut self) -> Result<(), StartError> {
        self.process.stop();
        self.process = launch(&self.dir, self.port, &self.alertmanager)?;
        Ok(())
    }

    /// What `GET /api/v1/alerts` lists now: pending and firing alerts of the rules.
    ///
    /// # Errors
    /// When Prometheus cannot be reached.
    pub fn alerts(&self) -> Result<Value, StartError> {
        Ok(http::get(&format!("{}/api/v1/alerts", self.url()), &[])?.json()?)
    }
}

fn launch(dir: &Path, port: u16, alertmanager: &str) -> Result<Process, StartError> {
    let program = find_program(PROGRAM).ok_or_else(|| StartError::missing(PROGRAM))?;
    fs::write(dir.join("prometheus.yml"), config(port, alertmanager))?;
    let mut command = isolated(program, dir);
    command
        .arg(format!("--config.file={}", dir.join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", dir.join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .args(["--rules.alert.resend-delay=2s", "--storage.tsdb.retention.time=1d", "--log.level=warn"]);
    Process::start("prometheus", dir, command)?.wait_http(
        READY_WITHIN,
        &format!("http://127.0.0.1:{port}/-/ready"),
        &[],
    )
}

/// Scrapes itself, and a port on which nothing can listen, so that one target is down.
fn config(port: u16, alertmanager: &str) -> String {
    format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s, external_labels: {{cluster: test}}}}\n\
         rule_files: ['rules.yml']\n\
         alerting:\n  alertmanagers: [{{static_configs: [{{targets: ['{alertmanager}']}}]}}]\n\
         scrape_configs:\n\
         \x20 - job_name: self\n    static_configs: [{{targets: ['127.0.0.1:{port}'], labels: {{service: prometheus}}}}]\n\
         \x20 - job_name: payments\n    static_configs: [{{targets: ['127.0.0.1:1'], labels: {{service: checkout}}}}]\n"
    )
}
