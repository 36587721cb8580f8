//! `qd status` from a store with a million transitions, beside `sqlite3` reading one row of the same file.
//!
//! ```text
//! cargo xtask bench status           (or: status --times 31 --transitions 1000000)
//! ```

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};
use qd_benches::{Report, home, option, timed};

const METRIC: &str = "how everything stands, from the store";

#[tokio::main]
async fn main() -> Result<()> {
    let times: usize = option("times")?.unwrap_or(31);
    let transitions = option("transitions")?.unwrap_or(1_000_000);
    let mut report = Report::default();
    let folder = tempfile::tempdir()?;
    let town = folder.path().to_owned();
    home::town(transitions, &town).await?;
    let names = home::sources();
    home::connect(&town, &names.iter().map(String::as_str).collect::<Vec<_>>(), "http://127.0.0.1:9", 60)?;

    let mut qd = Command::new(home::program("qd")?);
    qd.args(["status", "--json"]).env("QUARTERDECK_HOME", &town);
    let mut help = Command::new(home::program("qd")?);
    help.arg("--version");
    let mut sqlite = Command::new("sqlite3");
    sqlite.args(["-readonly"]).arg(town.join("history.db")).arg("SELECT kind, rank, n FROM counter");
    let mut all: [Vec<Duration>; 3] = Default::default();
    for _ in 0..times {
        for (took, command) in all.iter_mut().zip([&mut qd, &mut help, &mut sqlite]) {
            took.extend(run(command)?);
        }
    }
    let [ours, nothing, floor] = all;
    let wall = report.durations(METRIC, "qd status --json", ours);
    report.durations(METRIC, "qd --version: starting alone", nothing);
    if floor.is_empty() {
        report.absent("sqlite3");
    } else {
        report.reference(METRIC, "floor: sqlite3, one table", floor);
    }
    report.goal("wall of qd status", wall, 8.0, "ms");
    report.finish();
    Ok(())
}

/// How long a command takes. `None`: it is not installed.
fn run(command: &mut Command) -> Result<Option<Duration>> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (status, took) = timed(|| command.status());
    match status {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
        Ok(status) => {
            // 3, 4 and 5 tell how things stand.
            ensure!(!matches!(status.code(), None | Some(1 | 2)), "{command:?} ended with {status}");
            Ok(Some(took))
        }
    }
}
