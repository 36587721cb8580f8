//! What fires, when, and what is silenced.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::names::ALARMS;
use super::{Alert, Matcher, Scale, Service, Silence, dice, one_of};
use crate::story::{BAD_DEPLOY, END, START};

/// From when until when, in seconds after the bad deployment.
type Spans = &'static [(i64, i64)];

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

struct Told {
    name: &'static str,
    service: &'static str,
    environment: &'static str,
    severity: &'static str,
    summary: &'static str,
    spans: Spans,
}

/// The story's alerts, and what stands beside it. Begin and end are counted from the bad deployment.
const TOLD: &[Told] = &[
    Told {
        name: "CheckoutLatencyBudgetBurn",
        service: "checkout",
        environment: "prod-eu",
        severity: "critical",
        summary: "p95 is 1.9 s, the objective is 800 ms: the error budget of the month is gone in two hours",
        spans: &[(3 * MINUTE, 14 * MINUTE + 30)],
    },
    Told {
        name: "CheckoutSlow",
        service: "checkout",
        environment: "prod-eu",
        severity: "warning",
        summary: "p95 is above 800 ms",
        spans: &[(2 * MINUTE + 20, 15 * MINUTE)],
    },
    Told {
        name: "PaymentProviderErrors",
        service: "payments-api",
        environment: "prod-eu",
        severity: "warning",
        summary: "the provider answers 3 % of requests with 503",
        spans: &[(4 * MINUTE, 16 * MINUTE)],
    },
    Told {
        name: "SearchIndexAge",
        service: "search",
        environment: "prod-eu",
        severity: "warning",
        summary: "no data from the indexer since 31 minutes",
        spans: &[(-31 * MINUTE, 55 * MINUTE)],
    },
    Told {
        name: "Http5xxRatio",
        service: "web",
        environment: "prod-us",
        severity: "warning",
        summary: "1.2 % of requests end with 5xx",
        spans: &[(-8 * HOUR - 20 * MINUTE, -7 * HOUR), (-12 * MINUTE, 47 * MINUTE)],
    },
    Told {
        name: "LedgerDiskAlmostFull",
        service: "ledger",
        environment: "prod-eu",
        severity: "warning",
        summary: "7 % of /var/lib/ledger is free",
        spans: &[(-25 * HOUR, 20 * HOUR)],
    },
    Told {
        name: "CertificateExpires",
        service: "gateway",
        environment: "prod-us",
        severity: "info",
        summary: "the certificate of edge-us-2 expires in 13 days",
        spans: &[(-2 * DAY, 2 * DAY)],
    },
    Told {
        name: "MailQueueGrows",
        service: "mailer",
        environment: "stage",
        severity: "warning",
        summary: "1,200 mails wait on stage",
        spans: &[(-24 * HOUR - 10 * MINUTE, -23 * HOUR), (-100 * MINUTE, -60 * MINUTE)],
    },
];

/// Everything that fires. A storm begins within the half hour before the story.
pub fn alerts(scale: Scale, seed: u64, services: &[Service]) -> Vec<Alert> {
    let named = |name: &str| services.iter().find(|service| service.name == name);
    let mut alerts: Vec<Alert> = TOLD
        .iter()
        .filter_map(|told| {
            let spans = told.spans.iter().map(|(from, until)| (after(*from), after(*until))).collect();
            Some(alert(
                named(told.service)?,
                told.name,
                told.environment,
                told.severity,
                told.summary,
                "",
                spans,
            ))
        })
        .collect();
    let burn = alerts.iter().find(|alert| alert.labels["alertname"] == "CheckoutLatencyBudgetBurn");
    let burn = burn.map(|alert| alert.fingerprint.clone());
    for alert in alerts.iter_mut().filter(|alert| alert.labels["alertname"] == "CheckoutSlow") {
        alert.inhibited_by = burn.clone();
    }
    if let Some(notify) = named("notify") {
        let summary = "the queue is longer than 500";
        alerts.push(alert(notify, "NotifyBacklog", "prod-eu", "warning", summary, "", flapping()));
    }
    let mut dice = dice(seed, "storm", 0);
    for index in 0..scale.alerts {
        let service = &services[index % services.len().max(1)];
        let (name, severity, summary) = ALARMS[index / services.len().max(1) % ALARMS.len()];
        let environment = one_of(&mut dice, &["prod-eu", "prod-us", "stage"]);
        let from = START - TimeDelta::seconds(dice.i64(5..1800));
        let instance = format!("node-{index:05}:9100");
        alerts.push(alert(service, name, environment, severity, summary, &instance, vec![(from, END)]));
    }
    alerts
}

fn after(seconds: i64) -> DateTime<Utc> {
    BAD_DEPLOY + TimeDelta::seconds(seconds)
}

/// Three minutes of every seven, over the last nine hours and the next two.
fn flapping() -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let begins = (-9 * HOUR..2 * HOUR).step_by(7 * 60);
    begins.map(|from| (after(from), after(from + 3 * MINUTE))).collect()
}

fn alert(
    service: &Service,
    name: &str,
    environment: &str,
    severity: &str,
    summary: &str,
    instance: &str,
    spans: Vec<(DateTime<Utc>, DateTime<Utc>)>,
) -> Alert {
    let mut labels: BTreeMap<String, String> = [
        ("alertname", name),
        ("environment", environment),
        ("service", service.name.as_str()),
        ("severity", severity),
        ("team", service.team.name),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    if !instance.is_empty() {
        labels.insert("instance".to_owned(), instance.to_owned());
    }
    let fingerprint = labels.iter().flat_map(|(key, value)| key.bytes().chain(value.bytes()));
    let fingerprint = fingerprint.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Alert {
        fingerprint: format!("{fingerprint:016x}"),
        labels,
        summary: summary.to_owned(),
        spans,
        inhibited_by: None,
    }
}

/// What is silenced when the demo begins: one silence that holds, one that holds nothing, one that has ended.
pub fn silences(services: &[Service]) -> Vec<Silence> {
    let is = |name: &str, value: &str| Matcher {
        name: name.to_owned(),
        value: value.to_owned(),
        is_regex: false,
        is_equal: true,
    };
    let silence = |number: u32, matchers, from: i64, until: i64, by: &str, comment: &str| Silence {
        id: format!("5f0c8a1e-41d2-4b7c-9e55-0000000{number:05}"),
        matchers,
        starts: after(from),
        ends: after(until),
        by: by.to_owned(),
        comment: comment.to_owned(),
        updated: after(from),
    };
    let mut silences = vec![
        silence(
            1,
            vec![is("alertname", "LedgerDiskAlmostFull"), is("service", "ledger")],
            -24 * HOUR - 30 * MINUTE,
            2 * HOUR + 30 * MINUTE,
            "tomas",
            "known: the volume grows on Friday",
        ),
        silence(2, vec![is("alertname", "BackupLate")], -5 * HOUR, 30 * HOUR, "kofi", ""),
        silence(3, vec![is("service", "mailer")], -26 * HOUR, -20 * HOUR, "ivy", "load test on stage"),
    ];
    if !services.iter().any(|service| service.name == "ledger") {
        silences.clear();
    }
    silences
}
