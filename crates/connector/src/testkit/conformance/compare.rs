//! Versions compared: optional, but bounded, truthful and harmless where a connector does it.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use qd_model::Fact;

use super::bench::{Bench, ENDLESS, facts_of, within};
use super::{Run, Verdict};
use crate::compare::revision_of;
use crate::testkit::{FaultServer, Reply};
use crate::{Comparison, Head, PollError};

pub async fn put(run: &Run) {
    const NAME: &str = "versions are compared within bounds, by reads alone";
    // That a poll fails or panics is a claim of its own.
    let found = AssertUnwindSafe(known(run)).catch_unwind().await;
    let Ok(Ok(known)) = found else { return run.skip(NAME, "the healthy server cannot be polled") };
    let found = AssertUnwindSafe(sample(run, &known)).catch_unwind().await;
    match found.unwrap_or_else(|_| Err("the connector panicked".to_owned())) {
        Ok(Some((base, head))) => {
            run.claim(NAME, bounded(run, &base, &head)).await;
            run.claim("a failed comparison is an error, never an empty one", failing(run, &base, &head))
                .await;
        }
        Ok(None) => run.skip(NAME, "nothing the healthy server has can be compared"),
        Err(why) => run.claim(NAME, async { Err(why) }).await,
    }
}

/// A few polled entities that tell their commit.
async fn known(run: &Run) -> Result<Vec<Fact>, String> {
    let server = run.healthy().await;
    let facts = facts_of(&Bench::at(&run.suite, &server)?.everything().await?);
    Ok(facts.into_iter().filter(|fact| revision_of(fact).is_some()).take(6).collect())
}

/// The first two of them that the connector compares.
async fn sample(run: &Run, known: &[Fact]) -> Result<Option<(Fact, Fact)>, String> {
    let server = run.healthy().await;
    let bench = Bench::at(&run.suite, &server)?;
    for base in known {
        for head in known.iter().filter(|head| head.kind() == base.kind() && head.id() != base.id()) {
            let compared = bench.connection.compare(&bench.cx, base, Head::Entity(head)).await;
            let compared =
                compared.map_err(|error| format!("a healthy server's comparison ends in '{error}'"))?;
            if compared.is_some() {
                return Ok(Some((base.clone(), head.clone())));
            }
        }
    }
    Ok(None)
}

async fn bounded(run: &Run, base: &Fact, head: &Fact) -> Verdict {
    let server = run.healthy().await;
    let bench = Bench::at(&run.suite, &server)?;
    let compared = bench.connection.compare(&bench.cx, base, Head::Entity(head)).await;
    let found = compared.map_err(|error| error.to_string())?.ok_or("it was compared a moment ago")?;
    if !run.writes(&server).is_empty() {
        return Err("a comparison must not write".to_owned());
    }
    if found.commits.len() > Comparison::MAX_COMMITS || found.tickets.len() > Comparison::MAX_TICKETS {
        return Err("keep at most MAX_COMMITS commits and MAX_TICKETS tickets, and say truncated".to_owned());
    }
    if found.base.is_empty() || found.head.is_empty() {
        return Err("name both revisions".to_owned());
    }
    let broken = |commit: &&crate::Commit| commit.sha.is_empty() || commit.title.contains('\n');
    match found.commits.iter().find(broken) {
        Some(commit) => Err(format!("a commit needs a hash and a title of one line: {commit:?}")),
        None => Ok(()),
    }
}

async fn failing(run: &Run, base: &Fact, head: &Fact) -> Verdict {
    type Fits = fn(&PollError) -> bool;
    let faults: [(&str, Reply, Fits); 5] = [
        ("401", Reply::status(401), |error| matches!(error, PollError::Unauthenticated)),
        ("404", Reply::status(404), |error| matches!(error, PollError::NotFound { .. })),
        ("500", Reply::status(500), |error| matches!(error, PollError::Unreachable { .. })),
        ("broken JSON", Reply::json_text("{"), |error| matches!(error, PollError::Unexpected { .. })),
        ("a login page", Reply::login_page(), |error| !matches!(error, PollError::NotFound { .. })),
    ];
    for (fault, reply, fits) in faults {
        let server: FaultServer = run.always(reply).await;
        let bench = Bench::at(&run.suite, &server)?;
        match within(ENDLESS, bench.connection.compare(&bench.cx, base, Head::Entity(head))).await? {
            Err(error) if fits(&error) => run.silent_about_the_credential("an error", &error.to_string())?,
            Err(error) => return Err(format!("against {fault} it ends in '{error}'")),
            Ok(found) => return Err(format!("against {fault} it answers {found:?}")),
        }
    }
    Ok(())
}
