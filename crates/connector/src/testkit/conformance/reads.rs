//! Claims about polls of servers that are broken, slow, hostile or busy.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use qd_model::Cursor;

use super::bench::{Bench, ENDLESS, HASTY, ids_of, within};
use super::facts::honest;
use super::{Run, Verdict};
use crate::testkit::{FaultServer, Reply};
use crate::{Connection, PollCx, PollError};

/// A failing poll ends within this time: a few of the hasty deadlines, and some room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(3 * HASTY.total.as_secs());

/// What a poll must come to.
type Expected = fn(&PollError) -> bool;

const UNREACHABLE: (&str, Expected) = ("Unreachable", |error| matches!(error, PollError::Unreachable { .. }));
const TOO_LARGE: (&str, Expected) = (
    "Unexpected (reply too large)",
    |error| matches!(error, PollError::Unexpected { what, .. } if what.contains("too large")),
);
const UNEXPECTED: (&str, Expected) = ("Unexpected", |error| matches!(error, PollError::Unexpected { .. }));
const LOGIN_PAGE: (&str, Expected) = (
    "Unexpected (login page)",
    |error| matches!(error, PollError::Unexpected { what, .. } if what.contains("login page")),
);
const LIMITED: (&str, Expected) = ("RateLimited", |error| matches!(error, PollError::RateLimited { .. }));

pub async fn put(run: &Run) {
    addresses(run).await;
    for (name, reply, expected) in table() {
        let server = run.always(reply.clone()).await;
        let claim = async { expect(run, &Bench::fitting(&run.suite, &server, &reply)?, expected).await };
        run.claim(name, claim).await;
    }
    run.claim("7: a failure half-way is told, and clears nothing", half_way(run)).await;
    run.claim("16: a rejected credential costs exactly one request", unauthorized(run)).await;
    run.claim("17: a missing permission is named and not tried again", forbidden(run)).await;
    for (name, reply, wait) in busy() {
        run.claim(name, waits(run, reply, wait)).await;
    }
    run.claim("20: nothing found is not taken for nothing there", missing(run)).await;
    run.claim("22: a read is tried at most three times when the server fails", retried(run)).await;
    run.claim("a cancelled call ends within a second", cancelled(run)).await;
    run.claim("the check of a broken server fails with a text and without the credential", checks(run)).await;
}

fn table() -> Vec<(&'static str, Reply, (&'static str, Expected))> {
    let deep = "[".repeat(100_000);
    let page = Reply::login_page();
    vec![
        ("3: accepts and never answers", Reply::hang(), UNREACHABLE),
        ("4: one byte at a time", Reply::drip(Duration::from_millis(50)), UNREACHABLE),
        ("5: a body without end", Reply::endless(), TOO_LARGE),
        ("6: a gzip bomb", Reply::gzip_bomb(4 << 20), TOO_LARGE),
        (
            "7: a body shorter than announced",
            Reply::json_text(r#"{"a": [1, 2, 3]}"#).truncated(),
            UNREACHABLE,
        ),
        (
            "7: a reset in the middle of the body",
            Reply::json_text(r#"{"a": [1, 2, 3]}"#).reset_midway(),
            UNREACHABLE,
        ),
        ("8: broken JSON", Reply::json_text(r#"{"a": [1, "#), UNEXPECTED),
        ("8: JSON nested 100,000 deep", Reply::json_text(&deep), UNEXPECTED),
        ("8: a text instead of data", Reply::json_text("\"fine\""), UNEXPECTED),
        ("8: an empty object instead of data", Reply::json_text("{}"), UNEXPECTED),
        ("8: lists of the wrong type", Reply::json_text("[[1]]"), UNEXPECTED),
        ("8: no body at all", Reply::status(200).header("content-type", "application/json"), UNEXPECTED),
        ("10: a login page instead of data", page.clone(), LOGIN_PAGE),
        ("10: a login page that calls itself JSON", Reply::json_text("").body(page.body), LOGIN_PAGE),
        ("11: bytes that are no UTF-8", Reply::json_text("").body(vec![0xff, 0xfe, 0x00, 0x80]), UNEXPECTED),
        ("22: HTTP 500", Reply::status(500), UNREACHABLE),
        (
            "22: HTTP 502",
            Reply::status(502).header("content-type", "text/html").body("<html>bad gateway"),
            UNREACHABLE,
        ),
        ("22: HTTP 503", Reply::status(503), UNREACHABLE),
        ("22: HTTP 504", Reply::status(504), UNREACHABLE),
    ]
}

/// Rate limits in all dialects, and the wait each of them means for a clock that stands at the suite's now.
fn busy() -> Vec<(&'static str, Reply, Wait)> {
    let minutes = |minutes: i64| Wait::Exactly(TimeDelta::minutes(minutes));
    vec![
        ("18: 429 with Retry-After", Reply::status(429).header("retry-after", "120"), minutes(2)),
        ("18: 429 without a word", Reply::status(429), Wait::AtLeast(TimeDelta::seconds(60))),
        (
            "18: 403 of a secondary limit",
            Reply::json_text(r#"{"message": "You have exceeded a secondary rate limit"}"#).status_of(403),
            Wait::AtLeast(TimeDelta::seconds(60)),
        ),
        ("18: 403 with Retry-After", Reply::status(403).header("retry-after", "180"), minutes(3)),
        ("19: reset in epoch seconds (GitHub)", github(), minutes(4)),
        (
            "19: reset in seconds to go (PagerDuty)",
            Reply::status(429)
                .header("ratelimit-limit", "960")
                .header("ratelimit-remaining", "0")
                .header("ratelimit-reset", "300"),
            minutes(5),
        ),
        (
            "19: reset in ISO 8601 with a reason (Jira)",
            Reply::status(429)
                .header("x-ratelimit-reset", "2026-01-15T12:06Z")
                .header("ratelimit-reason", "jira-burst-based")
                .header("date", "Thu, 15 Jan 2026 12:00:00 GMT"),
            minutes(6),
        ),
        (
            "19: Retry-After as a date, on a server whose clock is an hour ahead",
            Reply::status(429)
                .header("retry-after", "Thu, 15 Jan 2026 13:07:00 GMT")
                .header("date", "Thu, 15 Jan 2026 13:00:00 GMT"),
            minutes(7),
        ),
        (
            "19: a negative wait",
            Reply::status(429).header("retry-after", "-30"),
            Wait::Exactly(TimeDelta::seconds(1)),
        ),
        ("19: an absurd wait", Reply::status(429).header("retry-after", "1000000000000"), minutes(60)),
        ("22: 503 with Retry-After", Reply::status(503).header("retry-after", "240"), minutes(4)),
    ]
}

fn github() -> Reply {
    Reply::status(403)
        .header("x-ratelimit-limit", "5000")
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", "1768478640")
        .header("date", "Thu, 15 Jan 2026 12:00:00 GMT")
        .body(r#"{"message": "API rate limit exceeded"}"#)
}

#[derive(Clone, Copy)]
enum Wait {
    Exactly(TimeDelta),
    AtLeast(TimeDelta),
}

async fn addresses(run: &Run) {
    let url = FaultServer::refusing().await;
    run.claim("1: connection refused", async {
        expect(run, &Bench::to(&run.suite, &url)?, UNREACHABLE).await
    })
    .await;
    match FaultServer::black_hole().await {
        Some((url, _held, _listener)) => {
            run.claim("2: a connection that is neither accepted nor refused", async {
                expect(run, &Bench::hasty(&run.suite, &url)?, UNREACHABLE).await
            })
            .await;
        }
        None => run
            .skip("2: a connection that is neither accepted nor refused", "this system has no such listener"),
    }
}

async fn fails(run: &Run, server: &FaultServer, expected: (&str, Expected)) -> Verdict {
    expect(run, &Bench::at(&run.suite, server)?, expected).await
}

/// One poll that must end soon, with an error of that kind, and without the credential in it.
async fn expect(run: &Run, bench: &Bench, (name, expected): (&str, Expected)) -> Verdict {
    let started = Instant::now();
    let error = match bench.poll(&Cursor::default()).await? {
        Err(error) => error,
        Ok(batch) => {
            let facts = batch.facts.len();
            return Err(format!("expected {name}, got a batch of {facts} facts: pass errors on with `?`"));
        }
    };
    tells_nothing(run, &error)?;
    if !expected(&error) {
        return Err(format!("expected {name}, got {error:?}: pass the facade's error on as it is"));
    }
    let took = started.elapsed();
    match took > PATIENCE {
        true => Err(format!("it took {took:?}: one poll must not try the same again and again")),
        false => Ok(()),
    }
}

/// No form of the error shows the credential.
fn tells_nothing(run: &Run, error: &PollError) -> Verdict {
    let mut text = format!("{error} {error:?} {:?}", error.health());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = write!(text, " {cause} {cause:?}");
        source = cause.source();
    }
    run.silent_about_the_credential("an error", &text)
}

/// Every request of a poll fails once, with all before it answered well.
async fn half_way(run: &Run) -> Verdict {
    let server = run.healthy().await;
    let all = ids_of(&Bench::at(&run.suite, &server)?.everything().await?);
    let requests = server.requests().len();
    // The first has claims of its own; of long polls a sample will do.
    for failing in (2..=requests).step_by(requests.div_ceil(12).max(1)) {
        let cut = run
            .changing(move |request, reply| if request.number >= failing { reply.truncated() } else { reply })
            .await;
        match Bench::at(&run.suite, &cut)?.poll_on(&Cursor::default()).await? {
            Err(error) => tells_nothing(run, &error)?,
            Ok(batches) => honest(&batches, &all, &format!("a broken answer to request {failing}"))?,
        }
    }
    Ok(())
}

async fn unauthorized(run: &Run) -> Verdict {
    let server = run.always(Reply::json_text(r#"{"message": "Bad credentials"}"#).status_of(401)).await;
    let expected: (&str, Expected) = ("Unauthenticated", |error| matches!(error, PollError::Unauthenticated));
    fails(run, &server, expected).await?;
    only_one(&server, "more would lock the account")
}

async fn forbidden(run: &Run) -> Verdict {
    let reply = Reply::json_text(r#"{"message": "Resource needs the frobnicate permission"}"#).status_of(403);
    let server = run.always(reply).await;
    let named = |error: &PollError| matches!(error, PollError::Forbidden { missing } if missing.contains("frobnicate"));
    fails(run, &server, ("Forbidden with the backend's own words", named)).await?;
    only_one(&server, "it will not be granted by asking again")
}

fn only_one(server: &FaultServer, why: &str) -> Verdict {
    match server.requests().len() {
        1 => Ok(()),
        requests => {
            Err(format!("{requests} requests were sent, 1 is allowed: {why}; return the first error"))
        }
    }
}

/// A limited poll says until when; nothing leaves before that instant; then polling goes on.
async fn waits(run: &Run, reply: Reply, wait: Wait) -> Verdict {
    let server = run.always(reply).await;
    let bench = Bench::at(&run.suite, &server)?;
    let until = match bench.poll(&Cursor::default()).await? {
        Err(PollError::RateLimited { until }) => until,
        other => {
            return Err(format!("expected {}, got {:?}", LIMITED.0, other.map(|batch| batch.facts.len())));
        }
    };
    let waited = until - run.suite.now;
    let fits = match wait {
        Wait::Exactly(wait) => waited == wait,
        Wait::AtLeast(wait) => waited >= wait,
    };
    if !fits {
        return Err(format!("the wait is {} s", waited.num_seconds()));
    }
    if waited <= TimeDelta::seconds(2) {
        return Ok(());
    }
    server.clear();
    bench.clock.advance(waited - TimeDelta::seconds(5));
    let again = bench.poll(&Cursor::default()).await?;
    if !server.requests().is_empty() || !matches!(again, Err(PollError::RateLimited { .. })) {
        return Err("a request left before the allowed time".to_owned());
    }
    bench.clock.advance(TimeDelta::seconds(6));
    let healthy = run.suite.healthy.clone();
    server.set(move |request| healthy(request));
    match bench.poll(&Cursor::default()).await? {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("after the allowed time the poll ends in {error:?}")),
    }
}

async fn missing(run: &Run) -> Verdict {
    let healthy = run.healthy().await;
    let all = ids_of(&Bench::at(&run.suite, &healthy)?.everything().await?);
    let server = run.always(Reply::json_text(r#"{"message": "Not Found"}"#).status_of(404)).await;
    match Bench::at(&run.suite, &server)?.poll_on(&Cursor::default()).await? {
        Err(PollError::NotFound { .. } | PollError::Misconfigured { .. } | PollError::Unexpected { .. }) => {
            Ok(())
        }
        Err(error) => Err(format!("expected NotFound or Misconfigured, got {error:?}")),
        Ok(batches) => honest(&batches, &all, "404 for everything"),
    }
}

async fn retried(run: &Run) -> Verdict {
    let server = run.always(Reply::status(500)).await;
    fails(run, &server, UNREACHABLE).await?;
    let requests = server.requests();
    let first = requests.first().map(|request| request.path.clone()).unwrap_or_default();
    match requests.len() {
        2..=3 => Ok(()),
        count => Err(format!(
            "{count} requests, first to {first}: the facade tries three times, a poll adds nothing to it"
        )),
    }
}

async fn cancelled(run: &Run) -> Verdict {
    let healthy = run.healthy().await;
    let facts = super::bench::facts_of(&Bench::at(&run.suite, &healthy)?.everything().await?);
    let server = run.always(Reply::drip(Duration::from_millis(50))).await;
    let bench = Bench::at(&run.suite, &server)?;
    let start = Cursor::default();
    let result = stopped(&bench.cx, bench.connection.poll(&bench.cx, &start)).await?;
    if !matches!(result, Err(PollError::Cancelled)) {
        return Err(format!("expected Cancelled, got {:?}", result.map(|batch| batch.facts.len())));
    }
    let bench = Bench::at(&run.suite, &server)?;
    stopped(&bench.cx, bench.connection.check(&bench.cx)).await?;
    if let Some(fact) = facts.first() {
        let bench = Bench::at(&run.suite, &server)?;
        let _ = stopped(&bench.cx, bench.connection.detail(&bench.cx, fact)).await?;
    }
    Ok(())
}

/// Cancels a call after a moment; it must end within a second. A busy machine may need one more; no deadline is as near.
async fn stopped<T>(cx: &PollCx, call: impl Future<Output = T>) -> Result<T, String> {
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cx.cancel.cancel();
        std::future::pending::<()>().await;
    };
    let limit = Duration::from_millis(2100);
    tokio::select! {
        done = within(limit, call) => {
            done.map_err(|_| "it went on after being cancelled: loops look at cx.cancel, requests go through cx.http".to_owned())
        }
        () = cancel => Err("cancelled".to_owned()),
    }
}

async fn checks(run: &Run) -> Verdict {
    let refusing = FaultServer::refusing().await;
    let bench = Bench::to(&run.suite, &refusing)?;
    failed_check(run, "connection refused", &*bench.connection, &bench.cx).await?;
    let replies = [
        ("401", Reply::status(401)),
        ("403", Reply::status(403)),
        ("500", Reply::status(500)),
        ("a login page", Reply::login_page()),
        ("no answer", Reply::hang()),
        ("broken JSON", Reply::json_text("{")),
    ];
    for (name, reply) in replies {
        let server = run.always(reply.clone()).await;
        let bench = Bench::fitting(&run.suite, &server, &reply)?;
        failed_check(run, name, &*bench.connection, &bench.cx).await?;
    }
    Ok(())
}

async fn failed_check(run: &Run, fault: &str, connection: &dyn Connection, cx: &PollCx) -> Verdict {
    let report = within(ENDLESS, connection.check(cx)).await?;
    run.silent_about_the_credential("the check's report", &format!("{report:?}"))?;
    if report.passed() {
        return Err(format!("the check passes against {fault}: a step must fail"));
    }
    match report.steps.iter().find(|step| step.name.is_empty() || step.text.is_empty()) {
        Some(_) => Err(format!("a step of the check against {fault} has no name or text")),
        None if report.steps.is_empty() => Err(format!("the check against {fault} has no steps")),
        None => Ok(()),
    }
}
