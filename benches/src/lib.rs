//! The harness that all measurements share: figures as JSON lines on standard output, Markdown tables at the end, and what
//! they measure with. Nothing here is an assertion: a figure is printed beside its floor, its goal and the machine's load.

pub mod alerts;
pub mod home;
pub mod page;
pub mod process;
pub mod report;

use std::time::{Duration, Instant};

pub use report::Report;

/// Runs work and tells how long it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begin = Instant::now();
    let done = work();
    (done, begin.elapsed())
}

/// The value behind `--name` on the command line.
///
/// # Errors
/// It is missing behind the name, or cannot be read.
pub fn option<T>(name: &str) -> anyhow::Result<Option<T>>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let mut args = std::env::args().skip(1).skip_while(|arg| *arg != format!("--{name}")).skip(1);
    if !std::env::args().any(|arg| arg == format!("--{name}")) {
        return Ok(None);
    }
    let text = args.next().ok_or_else(|| anyhow::anyhow!("--{name} needs a value"))?;
    text.parse().map(Some).map_err(|error| anyhow::anyhow!("--{name} {text}: {error}"))
}
