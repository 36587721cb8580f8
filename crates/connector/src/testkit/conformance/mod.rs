//! The claims that every connector must keep.

mod bench;
mod compare;
mod facts;
mod reads;
mod trust;
mod writes;

use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;

use super::suite::{Claim, Outcome, Report, Suite};
use super::{LogCapture, Secrets};

/// What a claim comes to: `Ok`, or what was expected, what came and what to do.
pub(super) type Verdict = Result<(), String>;

/// Puts every claim to a connector. Runs on the current-thread flavour of the runtime, because it listens to the log of
/// its own thread.
pub async fn run(suite: Suite) -> Report {
    let (log, _listening) = LogCapture::start();
    let secrets = suite.credential.as_deref().map(Secrets::of).unwrap_or_default();
    let run = Run { suite, secrets, log, report: Mutex::default() };
    facts::put(&run).await;
    compare::put(&run).await;
    reads::put(&run).await;
    trust::put(&run).await;
    writes::put(&run).await;
    run.finish();
    run.report.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The suite on its way through the claims.
pub(super) struct Run {
    pub suite: Suite,
    pub secrets: Secrets,
    log: LogCapture,
    report: Mutex<Report>,
}

impl Run {
    /// Puts one claim; a panic of the connector is a failure of the claim, not of the suite.
    pub async fn claim(&self, name: &str, verdict: impl Future<Output = Verdict>) {
        let excuse = self.suite.excused.iter().find(|(claim, _)| name.starts_with(claim));
        let outcome = match excuse {
            Some((_, reason)) => Outcome::Skipped((*reason).to_owned()),
            None => match AssertUnwindSafe(verdict).catch_unwind().await {
                Ok(Ok(())) => Outcome::Passed,
                Ok(Err(why)) => Outcome::Failed(why),
                Err(panic) => Outcome::Failed(format!("the connector panicked: {}", text_of(&*panic))),
            },
        };
        self.note(Claim { name: name.to_owned(), outcome });
    }

    /// Notes a claim that cannot be put.
    pub fn skip(&self, name: &str, why: &str) {
        self.note(Claim { name: name.to_owned(), outcome: Outcome::Skipped(why.to_owned()) });
    }

    fn note(&self, claim: Claim) {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).claims.push(claim);
    }

    /// What can only be said at the end.
    fn finish(&self) {
        let log = self.log.text();
        let outcome = if self.suite.credential.is_none() {
            Outcome::Skipped("the suite has no credential: add .credential(\"…canary…\")".to_owned())
        } else if self.secrets.are_in(&log) {
            let line = log.lines().find(|line| self.secrets.are_in(line)).unwrap_or_default();
            let place = line.split_whitespace().next().unwrap_or_default();
            Outcome::Failed(format!(
                "the credential is in a log record of '{place}': log fields, never requests or settings"
            ))
        } else if !log.contains("request") {
            Outcome::Failed(
                "the suite heard no log record at all: run it with #[tokio::test] (current thread)"
                    .to_owned(),
            )
        } else {
            Outcome::Passed
        };
        let name = "the credential is in no log record".to_owned();
        self.note(Claim { name, outcome });
    }
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a message").to_owned()
}
