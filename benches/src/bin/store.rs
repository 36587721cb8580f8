//! Rows ingested per second, and how long lists and searches take with a million transitions stored.
//!
//! ```text
//! cargo xtask bench store            (or: store --transitions 1000000 --seed 1 --folder PATH)
//! ```
//!
//! `--seed` makes another town, `--folder` keeps the file. The floor beside a figure is plain SQLite doing only the same
//! reading or writing, on the same bodies, in the same run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use chrono::TimeDelta;
use qd_benches::home::TOGETHER;
use qd_benches::process::{own_cpu, status_kb};
use qd_benches::{Report, option, timed};
use qd_model::filter::search_text;
use qd_model::{Filter, Kind};
use qd_store::testkit::town::{SERVICES, Town};
use qd_store::{ListQuery, Order, Scope, Store, TimelineQuery};
use qd_store_sqlite::SqliteStore;
use qd_store_sqlite::floor::Floor;

const STORE: &str = "store";
const NEWEST: &str = "newest 200 runs of all";
const CURRENT: &str = "current of a kind, worst first";
const FACETS: &str = "runs of a service × state × time";
const COUNTERS: &str = "counters";
const CPU: &str = "CPU per 100,000 transitions";
const BYTES: &str = "bytes per transition";
const SEARCHES: [&str; 3] = ["text", "text × service × state", "text × time"];
const RARITIES: [&str; 3] = ["rare", "middling", "common"];

#[tokio::main]
async fn main() -> Result<()> {
    let transitions = option("transitions")?.unwrap_or(1_000_000);
    let town = Town::new(option("seed")?.unwrap_or(1));
    let kept = tempfile::tempdir()?;
    let folder = option::<PathBuf>("folder")?.unwrap_or_else(|| kept.path().to_owned());
    let path = folder.join("history.db");
    let mut report = Report::default();

    let mut floor = Floor::create(&folder.join("floor.db"))?;
    let (store, _) = SqliteStore::open(&path, Town::begin())?;
    fill(&store, &mut floor, town, transitions, &mut report).await?;
    drop(store);
    size(&path, transitions, &mut report)?;

    let mut opened = Vec::new();
    for _ in 0..15 {
        let (store, took) = timed(|| SqliteStore::open(&path, Town::begin()));
        let (store, _) = store?;
        let begin = Instant::now();
        store.counts().await?;
        opened.push(took + begin.elapsed());
        drop(store);
    }
    report.durations("open, and count what is current", STORE, opened);

    let (store, _) = SqliteStore::open(&path, Town::begin())?;
    unchanged(&store, town, &mut report).await?;
    questions(&store, transitions, &mut report).await?;
    floors(&floor, &mut report)?;
    if let Some(most) = status_kb("VmHWM") {
        report.value("most memory of the whole run", "store and floor", most / 1024.0, "MiB");
    }
    goals(&mut report);
    report.finish();
    Ok(())
}

/// Stores everything, and the same bodies in a plain table, batch by batch in turn.
async fn fill(
    store: &SqliteStore,
    floor: &mut Floor,
    town: Town,
    transitions: u64,
    report: &mut Report,
) -> Result<()> {
    let (mut ours, mut theirs, mut ours_cpu) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for poll in town.polls(transitions, TOGETHER) {
        let rows: Vec<(i64, String, String)> = poll
            .ingest
            .facts
            .iter()
            .map(|(fact, links)| {
                let occurred = fact.occurred_at().map_or(0, |at| at.timestamp_micros());
                Ok((occurred, serde_json::to_string(fact)?, search_text(fact, links).to_lowercase()))
            })
            .collect::<Result<_>>()?;
        let (inserted, took) = timed(|| floor.insert(&rows));
        inserted?;
        theirs += took;
        let (begin, cpu_begin) = (Instant::now(), own_cpu());
        store.ingest(&poll.source, poll.ingest, poll.at).await?;
        ours += begin.elapsed();
        ours_cpu += own_cpu() - cpu_begin;
    }
    #[allow(clippy::cast_precision_loss, reason = "a rate is approximate")]
    let count = transitions as f64;
    let rate = "rows stored per second";
    report.value(rate, STORE, count / ours.as_secs_f64(), "1/s");
    report.reference_values(rate, "floor: plain inserts", vec![count / theirs.as_secs_f64()], "1/s");
    report.value(CPU, STORE, ours_cpu.as_secs_f64() * 1e5 / count, "s");
    Ok(())
}

fn size(path: &Path, transitions: u64, report: &mut Report) -> Result<()> {
    #[allow(clippy::cast_precision_loss, reason = "a mean is approximate")]
    let bytes = std::fs::metadata(path)?.len() as f64 / transitions as f64;
    report.value(BYTES, STORE, bytes, "B");
    Ok(())
}

/// A poll that brings nothing new.
async fn unchanged(store: &SqliteStore, town: Town, report: &mut Report) -> Result<()> {
    let polls: Vec<_> = town.polls(30_000, TOGETHER).collect();
    // The last states of each group: the third stage of runs and tickets, the second of the others.
    let mut took = Vec::new();
    for poll in polls.into_iter().filter(|poll| poll.ingest.facts.len() >= 500) {
        let size = poll.ingest.facts.len();
        let source = poll.source.clone();
        store.ingest(&source, poll.ingest.clone(), poll.at).await?; // now it is the last word of these
        let begin = Instant::now();
        let changes = store.ingest(&source, poll.ingest, poll.at).await?;
        if !changes.is_empty() {
            bail!("an unchanged poll wrote something");
        }
        let per_thousand = begin.elapsed().as_secs_f64() * 1e3 / f64::from(u32::try_from(size)?);
        took.push(Duration::from_secs_f64(per_thousand));
    }
    report.durations("1,000 unchanged facts", STORE, took);
    Ok(())
}

/// Every question a hundred times or so, each with other words.
async fn questions(store: &SqliteStore, transitions: u64, report: &mut Report) -> Result<()> {
    let end = Town::begin() + TimeDelta::seconds(i64::try_from(transitions * 8)?);
    let base = |kind: Kind, scope: Scope, order: Order, filter: &str| -> Result<ListQuery> {
        let filter = Filter::parse(filter)?;
        Ok(ListQuery { scope, order, filter, ..ListQuery::current(kind, end) })
    };
    let mut groups: Vec<(&str, Vec<ListQuery>)> = Vec::new();
    let mut group =
        |name, queries: Result<Vec<ListQuery>>| queries.map(|queries| groups.push((name, queries)));
    let hundred = || (0..100_usize).map(|n| (n, SERVICES[n % SERVICES.len()]));
    group(
        CURRENT,
        Kind::ALL
            .into_iter()
            .cycle()
            .take(40)
            .map(|kind| base(kind, Scope::Current, Order::Attention, ""))
            .collect(),
    )?;
    group(NEWEST, (0..100).map(|_| base(Kind::Run, Scope::All, Order::Newest, "")).collect())?;
    group(
        "200 runs after the 100,000th",
        (0..20)
            .map(|_| Ok(ListQuery { offset: 100_000, ..base(Kind::Run, Scope::All, Order::Newest, "")? }))
            .collect(),
    )?;
    group(
        FACETS,
        hundred()
            .map(|(n, service)| {
                let state = ["failing", "ok", "unknown", "cancellation"][n % 4];
                let age = ["<30d", "<7d", "<2d", ">10d"][n % 3];
                base(
                    Kind::Run,
                    Scope::All,
                    Order::Newest,
                    &format!("service:{service} state:{state} age:{age}"),
                )
            })
            .collect(),
    )?;
    for (name, extra) in SEARCHES.into_iter().zip(["", "service:{} state:failing", "age:<2d"]) {
        for (rarity, words) in RARITIES.into_iter().zip([
            ["qd-4711", "qd-123", "qd-31999", "qd-77"],
            ["feature/17", "rounding", "zoë", "feature/8"],
            ["acme", "main", "nightly", "checkout"],
        ]) {
            let name: &'static str = Box::leak(format!("{name}: {rarity}").into_boxed_str());
            group(
                name,
                hundred()
                    .map(|(n, service)| {
                        let query = format!("{} {}", words[n % 4], extra.replace("{}", service));
                        let order = if n % 2 == 0 { Order::Newest } else { Order::Attention };
                        base(Kind::Run, Scope::All, order, &query)
                    })
                    .collect(),
            )?;
        }
    }
    group(
        "no such text",
        (0..50).map(|n| base(Kind::Run, Scope::All, Order::Newest, &format!("xyzzy{n}"))).collect(),
    )?;
    group(
        "current an hour before the end",
        (0..8)
            .map(|_| {
                let query = base(Kind::Run, Scope::Current, Order::Attention, "")?;
                Ok(ListQuery { as_of: Some(end - TimeDelta::hours(1)), ..query })
            })
            .collect(),
    )?;
    for (name, queries) in groups {
        let mut took = Vec::new();
        for query in &queries {
            let begin = Instant::now();
            let page = store.list(query).await?;
            took.push(begin.elapsed());
            std::hint::black_box(page.items.len());
        }
        report.durations(name, STORE, took);
    }
    let mut counts = Vec::new();
    let mut timelines = Vec::new();
    for n in 0..100 {
        let begin = Instant::now();
        store.counts().await?;
        counts.push(begin.elapsed());
        let from = Town::begin() + TimeDelta::seconds(n * 5_000);
        let query = TimelineQuery { from, to: from + TimeDelta::hours(1), kinds: Vec::new(), limit: 200 };
        let begin = Instant::now();
        store.timeline(&query).await?;
        timelines.push(begin.elapsed());
    }
    report.durations(COUNTERS, STORE, counts);
    report.durations("an hour of the timeline", STORE, timelines);
    Ok(())
}

/// Plain SQLite for the same pages.
fn floors(floor: &Floor, report: &mut Report) -> Result<()> {
    let repeat = |times: usize, question: &dyn Fn(usize) -> Result<usize>| -> Result<Vec<Duration>> {
        (0..times)
            .map(|n| {
                let (answer, took) = timed(|| question(n));
                std::hint::black_box(answer?);
                Ok(took)
            })
            .collect()
    };
    let newest = repeat(100, &|_| Ok(floor.newest(200)?))?;
    report.reference(NEWEST, "floor: one index, nothing read from JSON", newest);
    let words = ["feature/17", "rounding", "zoë", "feature/8"];
    let like = repeat(8, &|n| Ok(floor.like(words[n % 4], 200)?))?;
    report.reference("text: middling", "floor: LIKE scan", like);
    Ok(())
}

fn goals(report: &mut Report) {
    for metric in [NEWEST, CURRENT, FACETS, COUNTERS] {
        report.goal(&format!("p95: {metric}"), report.p95(metric, STORE), 5.0, "ms");
    }
    for name in SEARCHES {
        for rarity in RARITIES {
            let metric = format!("{name}: {rarity}");
            report.goal(&format!("p95: {metric}"), report.p95(&metric, STORE), 5.0, "ms");
        }
    }
    report.goal(BYTES, report.median(BYTES, STORE), 800.0, "B");
    // 2.5 s for fetched, parsed and stored, of which fetching and parsing take 0.92.
    report.goal(CPU, report.median(CPU, STORE), 1.6, "s");
}
