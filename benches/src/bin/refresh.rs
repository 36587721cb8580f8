//! A refresh of 10,000 active alerts through the whole product, against a real Alertmanager on loopback.
//!
//! ```text
//! cargo xtask bench refresh          (or: refresh --alerts 50000 --times 7)
//! ```
//!
//! Beside it: `curl` fetching the same answer, and parsing it into plain structs alone. Then fidelity: every alert that the
//! server lists is a row, and nothing else is.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use qd_api::commands::RowsReq;
use qd_api::{App, Listing};
use qd_benches::alerts::{Listed, add, firing};
use qd_benches::process::{ended_children_cpu, own_cpu, status_kb};
use qd_benches::{Report, home, option, timed};
use qd_model::{Fact, Kind};
use qd_servers::Alertmanager;

const PRODUCT: &str = "quarterdeck";

#[tokio::main]
async fn main() -> Result<()> {
    let alerts = option("alerts")?.unwrap_or(10_000);
    let times = option("times")?.unwrap_or(9);
    let folder = tempfile::tempdir()?;
    let mut report = Report::default();
    let Some(server) = firing(folder.path(), alerts)? else {
        report.absent("Alertmanager (`cargo xtask setup --servers` installs it)");
        report.finish();
        return Ok(());
    };
    let home = folder.path().join("home");
    home::connect(&home, &["alerts"], &server.url(), 3600)?;
    let app = home::open(&home).await?;

    let metric = format!("refresh of {alerts} alerts");
    first(&app, &metric, &mut report).await?;
    fidelity(&app, &server, alerts, &mut report).await?;
    unchanged(&app, &server, &metric, times, &mut report).await?;
    changed(&app, &server, alerts, &mut report).await?;
    amtool(&server, &metric, &mut report);
    if let Some(most) = status_kb("VmHWM") {
        report.value("most memory of the whole run", PRODUCT, most / 1024.0, "MiB");
    }
    app.stop().await;
    report.finish();
    Ok(())
}

/// The first poll: every alert is new.
async fn first(app: &App, metric: &str, report: &mut Report) -> Result<()> {
    let (wall, cpu) = poll(app).await?;
    report.durations(&format!("{metric}, all new"), PRODUCT, vec![wall]);
    report.cpu(&[cpu]);
    Ok(())
}

/// One poll of all connections: asked, mapped, stored.
async fn poll(app: &App) -> Result<(Duration, Duration)> {
    let (begin, before) = (std::time::Instant::now(), own_cpu());
    let sources = app.sync().await?;
    let (wall, cpu) = (begin.elapsed(), own_cpu() - before);
    let read = sources.list.iter().all(|source| sources.current(source.id()));
    ensure!(read, "the poll failed: {:?}", sources.list.first().map(|source| &source.report));
    Ok((wall, cpu))
}

/// Polls that bring nothing new, in turn with fetching alone and parsing alone.
async fn unchanged(
    app: &App,
    server: &Alertmanager,
    metric: &str,
    times: usize,
    report: &mut Report,
) -> Result<()> {
    let mut walls: [Vec<Duration>; 3] = Default::default();
    let (mut cpu, mut parse_cpu) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let (body, fetched) = timed(|| curl(&server.url()));
        let body = body?;
        let (wall, used) = poll(app).await?;
        let before = own_cpu();
        let (parsed, took) = timed(|| serde_json::from_slice::<Vec<Listed>>(&body));
        parse_cpu.push(own_cpu() - before);
        std::hint::black_box(parsed?);
        cpu.push(used);
        for (walls, wall) in walls.iter_mut().zip([wall, fetched, took]) {
            walls.push(wall);
        }
    }
    let [ours, fetched, parsed] = walls;
    let wall = report.durations(metric, PRODUCT, ours);
    let cpu = report.cpu(&cpu);
    let floor = report.reference(metric, "floor: curl alone", fetched);
    report.durations(metric, "floor: parsing alone", parsed);
    report.cpu(&parse_cpu);
    if metric.contains(" 50000 ") {
        report.goal("CPU of a refresh of 50,000 unchanged alerts", cpu, 0.35, "s");
    } else {
        report.goal("CPU of a refresh of 10,000 unchanged alerts", cpu, 0.08, "s");
    }
    report.goal("wall of a refresh, against curl", wall / floor, 1.2, "×");
    Ok(())
}

/// A poll that brings a hundred new alerts among the many.
async fn changed(app: &App, server: &Alertmanager, alerts: usize, report: &mut Report) -> Result<()> {
    let (mut walls, mut cpus) = (Vec::new(), Vec::new());
    for round in 0..5 {
        add(server, alerts + round * 100..alerts + (round + 1) * 100)?;
        let (wall, cpu) = poll(app).await?;
        walls.push(wall);
        cpus.push(cpu);
    }
    report.durations(&format!("refresh of {alerts} alerts, 100 new"), PRODUCT, walls);
    report.cpu(&cpus);
    fidelity(app, server, alerts + 500, report).await
}

/// Compares rows and alerts by identity and state.
async fn fidelity(app: &App, server: &Alertmanager, expected: usize, report: &mut Report) -> Result<()> {
    let listed: Vec<Listed> = serde_json::from_slice(&curl(&server.url())?)?;
    ensure!(listed.len() == expected, "the server lists {} alerts, not {expected}", listed.len());
    let word = |state: &str| if state == "suppressed" { "suppressed" } else { "firing" };
    let theirs: BTreeMap<String, &str> =
        listed.iter().map(|alert| (alert.fingerprint.clone(), word(&alert.status.state))).collect();
    let request = RowsReq {
        kind: Kind::Alert,
        query: String::new(),
        all: false,
        as_of: None,
        newest: false,
        offset: 0,
        limit: u32::MAX,
        seen_seq: None,
    };
    let Listing { listed: rows, total, .. } = app.list(&request, &app.sources(None).await?).await?;
    let ours: BTreeMap<String, &str> = rows
        .iter()
        .filter_map(|row| match &row.entity.fact {
            Fact::Alert(alert) => Some((alert.fingerprint.clone(), row.entity.fact.state_word())),
            _ => None,
        })
        .collect();
    let differing = |these: &BTreeMap<String, &str>, those: &BTreeMap<String, &str>| {
        these.iter().filter(|(id, state)| those.get(*id) != Some(*state)).count()
    };
    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    let numbers = [differing(&theirs, &ours), differing(&ours, &theirs), total as usize].map(|n| n as f64);
    let [lost, phantom, total] = numbers;
    report.value(&format!("rows for {expected} alerts"), PRODUCT, total, "rows");
    report.goal(&format!("lost rows of {expected} alerts"), lost, 0.0, "rows");
    report.goal(&format!("phantom rows of {expected} alerts"), phantom, 0.0, "rows");
    Ok(())
}

/// The answer that a refresh reads, fetched by `curl`.
fn curl(server: &str) -> Result<Vec<u8>> {
    let address = format!("{server}/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true");
    let output = Command::new("curl").args(["-sS", "--fail", &address]).output().context("curl")?;
    ensure!(output.status.success(), "curl: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}

/// The server's own command line, where it is installed.
fn amtool(server: &Alertmanager, metric: &str, report: &mut Report) {
    if !Path::new("/usr/bin/amtool").exists() {
        report.absent("amtool");
        return;
    }
    let (mut walls, mut cpus) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let mut command = Command::new("amtool");
        command.args(["alert", "query", "-o", "json", "--alertmanager.url", &server.url()]);
        let before = ended_children_cpu();
        let (status, wall) = timed(|| command.stdout(Stdio::null()).stderr(Stdio::null()).status());
        if status.is_ok_and(|status| status.success()) {
            walls.push(wall);
            cpus.push(ended_children_cpu().saturating_sub(before));
        }
    }
    report.durations(metric, "peer: amtool, stores nothing", walls);
    report.cpu(&cpus);
}
