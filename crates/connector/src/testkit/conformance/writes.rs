//! Claims about actions: at most one write, and the truth about what became of it.

use std::time::Duration;

use qd_model::Fact;

use super::bench::{Bench, ENDLESS, facts_of, within};
use super::{Run, Verdict};
use crate::testkit::suite::SampleAction;
use crate::testkit::{FaultServer, Reply};
use crate::{ActError, Receipt, Risk};

/// What an action must come to.
type Expected = fn(&ActError) -> bool;

pub async fn put(run: &Run) {
    let descriptor = run.suite.backend.descriptor();
    let tried: Vec<&str> = run.suite.actions.iter().map(|sample| sample.verb).collect();
    for action in descriptor.actions.iter().filter(|action| !tried.contains(&action.verb)) {
        let name = format!("'{}' is carried out", action.verb);
        let why =
            format!("the suite has no sample for it: add .action(SampleAction::…(\"{}\", …))", action.verb);
        run.claim(&name, async { Err(why) }).await;
    }
    for sample in run.suite.actions.clone() {
        let verb = sample.verb;
        run.claim(&format!("'{verb}' is carried out, with one write"), works(run, &sample)).await;
        run.claim(
            &format!("'{verb}': nothing is sent when the server cannot be reached"),
            unreachable(run, &sample),
        )
        .await;
        for (fault, reply, expected, check) in table() {
            run.claim(&format!("'{verb}': {fault}"), ends(run, &sample, reply, expected, check)).await;
        }
        run.claim(
            &format!("'{verb}': a redirected write is not repeated elsewhere"),
            elsewhere(run, &sample),
        )
        .await;
        let name = format!("'{verb}': cancelled under way, it is unknown, within a second");
        run.claim(&name, cancelled(run, &sample)).await;
    }
}

fn table() -> Vec<(&'static str, Reply, &'static str, Expected)> {
    const UNKNOWN: Expected = |error| matches!(error, ActError::Unknown { .. });
    const WORDS: Expected =
        |error| matches!(error, ActError::Refused { reason } if reason.contains("frobnicate"));
    let words = |status| {
        Reply::json_text(r#"{"message": "cannot frobnicate it", "errors": ["cannot frobnicate it"]}"#)
            .status_of(status)
    };
    vec![
        ("23: a reset after it was sent is unknown", Reply::reset(), "Unknown", UNKNOWN),
        ("23: no answer after it was sent is unknown", Reply::hang(), "Unknown", UNKNOWN),
        ("22: HTTP 500 is unknown", Reply::status(500), "Unknown", UNKNOWN),
        ("22: HTTP 502 is unknown", Reply::status(502), "Unknown", UNKNOWN),
        ("10: a login page is no receipt", Reply::login_page(), "an error", |_| true),
        ("16: 401 is a rejected credential", Reply::status(401), "Unauthenticated", |error| {
            matches!(error, ActError::Unauthenticated)
        }),
        ("17: 403 is a missing permission", words(403), "Forbidden", |error| {
            matches!(error, ActError::Forbidden { .. })
        }),
        ("18: 429 is a wait", Reply::status(429).header("retry-after", "60"), "RateLimited", |error| {
            matches!(error, ActError::RateLimited { .. })
        }),
        ("21: 409 is refused in the backend's words", words(409), "Refused with the backend's words", WORDS),
        ("21: 412 is refused in the backend's words", words(412), "Refused with the backend's words", WORDS),
        ("21: 422 is refused in the backend's words", words(422), "Refused with the backend's words", WORDS),
    ]
}

/// A server whose reads are answered well and whose writes are answered so.
async fn writes_end_in(run: &Run, reply: Reply) -> FaultServer {
    let reads = run.suite.reads;
    run.changing(move |request, healthy| if reads(request) { healthy } else { reply.clone() }).await
}

/// Polls what the action is aimed at, carries it out, and returns what came and how many writes there were.
async fn act(
    run: &Run,
    server: &FaultServer,
    bench: &Bench,
    sample: &SampleAction,
) -> Result<(Result<Receipt, ActError>, usize), String> {
    let action = bench.action(sample, &targets(run).await?, "key-1")?;
    server.clear();
    let result = within(ENDLESS, bench.connection.act(&bench.cx, &action)).await?;
    run.silent_about_the_credential("the outcome of an action", &format!("{result:?}"))?;
    Ok((result, run.writes(server).len()))
}

/// What can be aimed at.
async fn targets(run: &Run) -> Result<Vec<Fact>, String> {
    let healthy = run.healthy().await;
    Ok(facts_of(&Bench::at(&run.suite, &healthy)?.everything().await?))
}

async fn works(run: &Run, sample: &SampleAction) -> Verdict {
    let Some(spec) = run.suite.backend.descriptor().action(sample.verb) else {
        return Err(format!("the descriptor has no action '{}'", sample.verb));
    };
    let server = run.healthy().await;
    let (result, writes) = act(run, &server, &Bench::at(&run.suite, &server)?, sample).await?;
    let receipt =
        result.map_err(|error| format!("it ends in {error:?}: does the healthy server answer it?"))?;
    if spec.risk == Risk::Undoable && !receipt.already && receipt.undo.is_none() {
        return Err("its risk is Undoable, but the receipt does not say what takes it back".to_owned());
    }
    match writes {
        1 if !receipt.message.is_empty() => Ok(()),
        1 => Err("the receipt has no message".to_owned()),
        0 if receipt.already => Ok(()),
        writes => Err(format!("{writes} writes: one key, one write")),
    }
}

async fn unreachable(run: &Run, sample: &SampleAction) -> Verdict {
    let refusing = FaultServer::refusing().await;
    let bench = Bench::to(&run.suite, &refusing)?;
    let action = bench.action(sample, &targets(run).await?, "key-2")?;
    match within(ENDLESS, bench.connection.act(&bench.cx, &action)).await? {
        Err(ActError::NotSent { .. }) => Ok(()),
        other => Err(format!("expected NotSent, got {other:?}")),
    }
}

async fn ends(run: &Run, sample: &SampleAction, reply: Reply, name: &str, expected: Expected) -> Verdict {
    let server = writes_end_in(run, reply.clone()).await;
    let bench = Bench::fitting(&run.suite, &server, &reply)?;
    let (result, writes) = act(run, &server, &bench, sample).await?;
    if writes > 1 {
        return Err(format!("{writes} writes: a write is never tried again"));
    }
    match result {
        Err(error) if expected(&error) => Ok(()),
        other => {
            Err(format!("expected {name}, got {other:?}: send writes with .write() and pass the error on"))
        }
    }
}

async fn elsewhere(run: &Run, sample: &SampleAction) -> Verdict {
    let second = FaultServer::start(|_| Reply::json_text("{}")).await;
    for status in [301, 302, 303, 307, 308] {
        let place = format!("http://127.0.0.1:{}/", second.address().port());
        let server = writes_end_in(run, Reply::redirect(status, &place)).await;
        let (result, writes) = act(run, &server, &Bench::at(&run.suite, &server)?, sample).await?;
        if result.is_ok() || writes > 1 || second.connections() > 0 {
            let there = second.connections();
            return Err(format!(
                "{status}: {result:?}, {writes} writes, {there} connections to the other host"
            ));
        }
    }
    Ok(())
}

async fn cancelled(run: &Run, sample: &SampleAction) -> Verdict {
    let server = writes_end_in(run, Reply::hang()).await;
    let bench = Bench::at(&run.suite, &server)?;
    let action = bench.action(sample, &targets(run).await?, "key-3")?;
    let cancel = bench.cx.cancel.clone();
    let stop = async {
        while run.writes(&server).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cancel.cancel();
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    tokio::select! {
        biased;
        result = bench.connection.act(&bench.cx, &action) => match result {
            Err(ActError::Unknown { .. }) => Ok(()),
            other => Err(format!("expected Unknown, got {other:?}")),
        },
        () = stop => Err("it went on for more than a second".to_owned()),
    }
}
