//! Prometheus Alertmanager 0.25, from Debian's package `prometheus-alertmanager`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::process::{Process, find_program, isolated};
use crate::{StartError, http};

const PROGRAM: &str = "prometheus-alertmanager";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Two receivers (`team-critical` for `severity="critical"`, else `team-ops`), short group times, and one inhibition:
/// a critical alert suppresses the warnings of the same service. The receivers notify nobody.
const CONFIG: &str = include_str!("../material/alertmanager.yml");

/// A running Alertmanager.
#[derive(Debug)]
pub struct Alertmanager {
    process: Process,
    dir: PathBuf,
    port: u16,
}

impl Alertmanager {
    /// Starts an Alertmanager on a free loopback port, with its configuration and data in `dir`.
    ///
    /// # Errors
    /// [`StartError::Missing`] when it is not installed; else what it printed before it failed.
    pub fn start(dir: &Path) -> Result<Self, StartError> {
        Self::start_with(dir, CONFIG)
    }

    /// The same, but nobody is ever told of an alert, and without `inhibits` none inhibits another. With the short times of
    /// [`start`](Self::start), tens of thousands of alerts keep it busy with groups and inhibitions alone, and it leaves
    /// requests unanswered for minutes; with inhibitions, it takes 13 s to list 50,000.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_for_many(dir: &Path, inhibits: bool) -> Result<Self, StartError> {
        Self::start_with(dir, &for_many(inhibits))
    }

    fn start_with(dir: &Path, config: &str) -> Result<Self, StartError> {
        fs::write(dir.join("alertmanager.yml"), config)?;
        let (process, port) = Process::start_on_free_port(None, |port| launch(dir, port))?;
        Ok(Self { process, dir: dir.to_owned(), port })
    }

    /// The base address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The process and process group.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Ends it at once, as a crash would; its data stays. [`restart`](Self::restart) brings it back.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Ends it in an orderly way; its data stays. Alertmanager writes silences down now, alerts never.
    pub fn stop(&mut self) {
        self.process.stop();
    }

    /// Starts it again on the same port with the same data, ending the running one first.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn restart(&mut self) -> Result<(), StartError> {
        self.process.stop();
        self.process = launch(&self.dir, self.port)?;
        Ok(())
    }

    /// Sends alerts as a client such as Prometheus does: an array for `POST /api/v2/alerts`.
    ///
    /// # Errors
    /// When Alertmanager cannot be reached or refuses them.
    pub fn post_alerts(&self, alerts: &Value) -> Result<(), StartError> {
        Ok(http::post(&format!("{}/api/v2/alerts", self.url()), &[], alerts)?.expect_success()?)
    }

    /// What `GET /api/v2/alerts` lists now.
    ///
    /// # Errors
    /// When Alertmanager cannot be reached.
    pub fn alerts(&self) -> Result<Value, StartError> {
        Ok(http::get(&format!("{}/api/v2/alerts", self.url()), &[])?.json()?)
    }

    /// What `GET /api/v2/silences` lists now, expired ones included.
    ///
    /// # Errors
    /// When Alertmanager cannot be reached.
    pub fn silences(&self) -> Result<Value, StartError> {
        Ok(http::get(&format!("{}/api/v2/silences", self.url()), &[])?.json()?)
    }
}

/// The configuration with groups that wait for ten years: alerts that began longer ago than a group waits are told of at
/// once.
fn for_many(inhibits: bool) -> String {
    let rules = CONFIG.find("inhibit_rules:").filter(|_| !inhibits).unwrap_or(CONFIG.len());
    CONFIG[..rules].replace("group_wait: 1s", "group_wait: 87600h")
}

fn launch(dir: &Path, port: u16) -> Result<Process, StartError> {
    let program = find_program(PROGRAM).ok_or_else(|| StartError::missing(PROGRAM))?;
    let mut command = isolated(program, dir);
    command
        .arg(format!("--config.file={}", dir.join("alertmanager.yml").display()))
        .arg(format!("--storage.path={}", dir.join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        // An empty address turns the gossip off, which otherwise listens on every interface.
        .arg("--cluster.listen-address=");
    Process::start("alertmanager", dir, command)?.wait_http(
        READY_WITHIN,
        &format!("http://127.0.0.1:{port}/-/ready"),
        &[],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_alerts_are_never_told_and_inhibit_each_other_as_wanted() {
        for inhibits in [true, false] {
            let config = for_many(inhibits);
            assert!(config.contains("group_wait: 87600h") && !config.contains("group_wait: 1s"), "{config}");
            assert_eq!(config.contains("inhibit_rules"), inhibits, "{config}");
        }
    }
}
