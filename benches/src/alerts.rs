//! Made-up alerts, and a real Alertmanager that lists them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use chrono::{DateTime, Utc};
use qd_servers::{Alertmanager, StartError};
use serde::Deserialize;
use serde_json::{Value, json};

/// Alerts sent with one request.
const TOGETHER: usize = 2_000;
/// Of more alerts Alertmanager looks up who inhibits whom for longer than anybody waits for the list.
const INHIBITED: usize = 20_000;
const SERVICES: [&str; 20] = [
    "checkout", "payments", "search", "catalog", "basket", "login", "profile", "mailer", "invoices",
    "ledger", "pricing", "stock", "shipping", "returns", "reviews", "images", "gateway", "sessions", "audit",
    "reports",
];
const SEVERITIES: [&str; 5] = ["critical", "high", "warning", "info", "none"];

/// An Alertmanager with so many alerts that fire. `None`: it is not installed.
///
/// # Errors
/// It does not start, or does not take the alerts.
pub fn firing(folder: &Path, count: usize) -> Result<Option<Alertmanager>> {
    let server = match Alertmanager::start_for_many(folder, count <= INHIBITED) {
        Ok(server) => server,
        Err(StartError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    add(&server, 0..count)?;
    Ok(Some(server))
}

/// Lets more alerts fire.
///
/// # Errors
/// They are not taken.
pub fn add(server: &Alertmanager, numbers: std::ops::Range<usize>) -> Result<()> {
    let alerts: Vec<Value> = numbers.map(alert).collect();
    for some in alerts.chunks(TOGETHER) {
        server.post_alerts(&json!(some))?;
    }
    Ok(())
}

/// The alert with a number, about as large as those of a Kubernetes rule set. It fires until the year 2100. Severities
/// and services are such that the test server's inhibition rule suppresses some.
fn alert(number: usize) -> Value {
    let service = SERVICES[number % SERVICES.len()];
    json!({
        "labels": {
            "alertname": format!("Alert{}", number % 37),
            "service": service,
            "severity": SEVERITIES[(number / SERVICES.len()) % SEVERITIES.len()],
            "namespace": format!("team-{}", number % 11),
            "pod": format!("{service}-7d9f6c5b8-{number:05}"),
            "instance": format!("10.0.{}.{}:9090", number / 250 % 250, number % 250),
            "cluster": "eu-central",
        },
        "annotations": {
            "summary": format!("{service} answers slowly on instance {number}"),
            "description": "The 99th percentile of answers took longer than two seconds during the last ten minutes.",
            "runbook_url": format!("https://runbooks.example/{service}/slow"),
        },
        "startsAt": "2026-01-01T00:00:00Z",
        "endsAt": "2100-01-01T00:00:00Z",
        "generatorURL": format!("http://prometheus.example/graph?g0.expr=slow%7Bpod%3D%22{number}%22%7D"),
    })
}

/// An alert as Alertmanager lists it: what parsing alone costs is measured with this.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// Its identity.
    pub fingerprint: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Prose.
    pub annotations: BTreeMap<String, String>,
    /// Begin.
    pub starts_at: DateTime<Utc>,
    /// Deadline of its next repetition.
    pub ends_at: DateTime<Utc>,
    /// Whether it fires.
    pub status: Status,
    /// Who is told.
    pub receivers: Vec<Receiver>,
    /// Where it was raised.
    #[serde(rename = "generatorURL")]
    pub generator_url: Option<String>,
}

/// State of a listed alert.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `active`, `suppressed`, `unprocessed`.
    pub state: String,
    /// Ids of silences.
    pub silenced_by: Vec<String>,
    /// Fingerprints.
    pub inhibited_by: Vec<String>,
}

/// A receiver of a listed alert.
#[derive(Debug, Deserialize)]
pub struct Receiver {
    /// Its name.
    pub name: String,
}
