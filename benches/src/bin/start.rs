//! From the start of the program to its first painted row, with a million transitions of history.
//!
//! ```text
//! cargo xtask bench start            (or: start --times 9 --transitions 1000000 --page FOLDER, on a display)
//! ```
//!
//! Beside it, in turn: a bare WebKitGTK window that shows the same page with invented rows. `--page` is the folder of that
//! page (`npm run build:browser`).

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use qd_benches::page::Pages;
use qd_benches::process::Tree;
use qd_benches::{Report, alerts, home, option};

const METRIC: &str = "start to first painted row";
const PRODUCT: &str = "quarterdeck";
/// A window that has not painted by then does not.
const LIMIT: Duration = Duration::from_secs(60);
/// After a window has gone, what it left to write is written.
const REST: Duration = Duration::from_millis(400);

#[tokio::main]
async fn main() -> Result<()> {
    let times: usize = option("times")?.unwrap_or(9);
    let transitions = option("transitions")?.unwrap_or(1_000_000);
    let page: Option<PathBuf> = option("page")?;
    let mut report = Report::default();
    ensure!(
        std::env::var_os("DISPLAY").is_some(),
        "there is no display; `cargo xtask bench start` brings one"
    );

    let folder = tempfile::tempdir()?;
    let town = folder.path().join("town");
    home::town(transitions, &town).await?;
    let server = alerts::firing(folder.path(), 200)?;
    if server.is_none() {
        report.absent("Alertmanager: the sources of the history are not reached while the window starts");
    }
    let address = server.as_ref().map_or_else(|| "http://127.0.0.1:9".to_owned(), |server| server.url());
    let names = home::sources();
    home::connect(&town, &names.iter().map(String::as_str).collect::<Vec<_>>(), &address, 3600)?;
    // The made-up past takes over the configuration once, as a real one would have when it was written.
    let app = home::open(&town).await?;
    app.sync().await?;
    app.stop().await;
    drop(app);
    let empty = folder.path().join("empty");
    home::connect(&empty, &["alerts"], &address, 3600)?;

    let pages = Pages::serve(page.clone())?;
    let (quarterdeck, bare) = (home::program("quarterdeck")?, home::program("bare")?);
    let window = |home: &std::path::Path| {
        let mut command = Command::new(&quarterdeck);
        command.args(["--bench-beacon", &pages.beacon()]).env("QUARTERDECK_HOME", home);
        command
    };
    let reference = || {
        let mut command = Command::new(&bare);
        command.args([pages.page(), pages.beacon()]).env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
        command
    };
    let mut all: [Vec<(Duration, Duration)>; 3] = Default::default();
    for round in 0..=times {
        let mut starts = vec![window(&town), window(&empty)];
        if page.is_some() {
            starts.push(reference());
        }
        for (took, command) in all.iter_mut().zip(&mut starts) {
            let figure = start(command, &pages)?;
            // The first round brings the programs and the history into the memory of the machine.
            if round > 0 {
                took.push(figure);
            }
        }
    }
    note(&mut report, transitions, all);
    if page.is_none() {
        report.absent("the reference, since no --page was given");
    }
    report.finish();
    Ok(())
}

/// Starts a window, waits for its first row, and ends it. Returns wall and CPU time until then.
fn start(command: &mut Command, pages: &Pages) -> Result<(Duration, Duration)> {
    pages.forget();
    let begin = Instant::now();
    let mut tree = Tree::start(command.env("GDK_BACKEND", "x11"))?;
    let painted = pages.wait(LIMIT);
    let cpu = tree.cpu();
    let painted =
        painted.with_context(|| format!("no row was painted; ended by itself: {}", tree.ended()))?;
    drop(tree);
    std::thread::sleep(REST);
    Ok((painted - begin, cpu))
}

fn note(report: &mut Report, transitions: u64, all: [Vec<(Duration, Duration)>; 3]) {
    let subjects = [
        format!("{PRODUCT}, {transitions} transitions"),
        format!("{PRODUCT}, no history"),
        "reference: bare WebKitGTK, the same page".to_owned(),
    ];
    let [ours, empty, bare] = all.map(|all| all.into_iter().unzip::<_, _, Vec<_>, Vec<_>>());
    let median = report.durations(METRIC, &subjects[0], ours.0);
    report.cpu(&ours.1);
    report.durations(METRIC, &subjects[1], empty.0);
    report.cpu(&empty.1);
    if bare.0.is_empty() {
        return;
    }
    let floor = report.reference(METRIC, &subjects[2], bare.0);
    report.cpu(&bare.1);
    report.goal("start, against the bare window", median / floor, 1.35, "×");
    let p95 = report.p95(METRIC, &subjects[0]) / floor;
    report.goal("p95 of the start, against the bare window's median", p95, 1.6, "×");
    let history = median / report.median(METRIC, &subjects[1]);
    report.goal("start with a history, against none", history, 1.05, "×");
}
