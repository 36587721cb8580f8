//! What the window costs while nothing happens: memory and CPU with 10,000 active alerts, visible, polled each minute.
//!
//! ```text
//! cargo xtask bench idle             (or: idle --alerts 10000 --seconds 120 --page FOLDER, on a display)
//! ```
//!
//! Beside it, at the same time: a bare WebKitGTK window that shows the same page with invented rows.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use qd_benches::page::Pages;
use qd_benches::process::Tree;
use qd_benches::{Report, alerts, home, option};

const PRODUCT: &str = "quarterdeck";
const BARE: &str = "reference: bare WebKitGTK, the same page";
const LIMIT: Duration = Duration::from_secs(60);
/// The first poll, the first pictures, the merging of the text index and the compiling of what the page does often are over by
/// then: a window is left open all day, and not for a minute.
const SETTLED: Duration = Duration::from_secs(120);
/// Longer than any measurement: nothing is polled while it lasts.
const NEVER: u32 = 3600;

fn main() -> Result<()> {
    let count = option("alerts")?.unwrap_or(10_000);
    let seconds: u64 = option("seconds")?.unwrap_or(120);
    let page: Option<PathBuf> = option("page")?;
    let mut report = Report::default();
    ensure!(
        std::env::var_os("DISPLAY").is_some(),
        "there is no display; `cargo xtask bench idle` brings one"
    );
    let folder = tempfile::tempdir()?;
    let Some(server) = alerts::firing(folder.path(), count)? else {
        report.absent("Alertmanager (`cargo xtask setup --servers` installs it)");
        report.finish();
        return Ok(());
    };
    let pages = Pages::serve(page.clone())?;
    let window = |name: &str, interval| -> Result<Tree> {
        let home = folder.path().join(name);
        home::connect(&home, &["alerts"], &server.url(), interval)?;
        let mut command = Command::new(home::program("quarterdeck")?);
        open(command.args(["--bench-beacon", &pages.beacon()]).env("QUARTERDECK_HOME", home), &pages)
    };
    let polling = window("polling", 60)?;
    let still = window("still", NEVER)?;
    let bare = match &page {
        None => None,
        Some(_) => {
            let mut command = Command::new(home::program("bare")?);
            let command = command.args([pages.page(), pages.beacon()]);
            Some(open(command.env("WEBKIT_DISABLE_DMABUF_RENDERER", "1"), &pages)?)
        }
    };
    std::thread::sleep(SETTLED);
    let trees = [Some(&polling), Some(&still), bare.as_ref()];
    let begin = Instant::now();
    let before = trees.map(|tree| tree.map(Tree::cpu));
    std::thread::sleep(Duration::from_secs(seconds));
    let minutes = begin.elapsed().as_secs_f64() / 60.0;
    let after = trees.map(|tree| tree.map(Tree::cpu));
    let used = |which: usize| {
        let spent = after[which]?.saturating_sub(before[which]?);
        Some(spent.as_secs_f64() / minutes)
    };
    let metric = "idle CPU per minute";
    let [asking, looking, floor] = [0, 1, 2].map(used);
    if let Some(cpu) = floor {
        report.reference_values(metric, BARE, vec![cpu], "s");
    } else {
        report.absent("the reference, since no --page was given");
    }
    report.value(
        metric,
        &format!("{PRODUCT}, {count} alerts polled each minute"),
        asking.unwrap_or(f64::NAN),
        "s",
    );
    report.value(metric, &format!("{PRODUCT}, {count} alerts, no poll"), looking.unwrap_or(f64::NAN), "s");
    memory(&mut report, count, &polling, bare.as_ref());
    report.goal("idle CPU per minute, half a percent of a core", asking.unwrap_or(f64::NAN), 0.3, "s");
    report.goal("idle CPU per minute, of the budget", asking.unwrap_or(f64::NAN), 0.12, "s");
    report.finish();
    Ok(())
}

/// Opens a window and waits until it has painted.
fn open(command: &mut Command, pages: &Pages) -> Result<Tree> {
    pages.forget();
    let mut tree = Tree::start(command.env("GDK_BACKEND", "x11"))?;
    let painted = pages.wait(LIMIT);
    painted.with_context(|| format!("no row was painted; ended by itself: {}", tree.ended()))?;
    Ok(tree)
}

fn memory(report: &mut Report, count: usize, window: &Tree, bare: Option<&Tree>) {
    let metric = "memory, window open (PSS of all its processes)";
    let floor =
        bare.and_then(Tree::pss_mib).map(|mib| report.reference_values(metric, BARE, vec![mib], "MiB"));
    let Some(mib) = window.pss_mib() else {
        report.absent("PSS: this system does not tell it");
        return;
    };
    report.value(metric, &format!("{PRODUCT}, {count} alerts"), mib, "MiB");
    if let Some(floor) = floor {
        report.goal("memory, against the bare window", mib / floor, 1.25, "×");
    }
}
