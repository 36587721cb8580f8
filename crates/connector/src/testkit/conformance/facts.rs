//! Claims about what a connector makes of good answers.

use std::collections::BTreeSet;

use qd_model::{Cursor, Fact, Kind, Status};
use serde_json::Value;

use super::bench::{Bench, clears, facts_of, ids_of};
use super::{Run, Verdict};
use crate::testkit::{RecordedRequest, Reply};

pub async fn put(run: &Run) {
    run.claim("a healthy server's answers become facts of the declared kinds", good_answers(run)).await;
    match run.suite.credential {
        Some(_) => run.claim("the credential reaches the backend", credential_arrives(run)).await,
        None => run.skip("the credential reaches the backend", "the suite has no .credential(\"…\")"),
    }
    run.claim("the same answers give the same entities again", stable_ids(run)).await;
    run.claim("a cut poll is resumed where its cursor points", resumable(run)).await;
    run.claim("a cursor of another version begins anew", foreign_cursor(run)).await;
    let name = "9, 11: unknown fields, broken UTF-8, NUL and lone surrogates do not hide entities";
    run.claim(name, tolerant(run)).await;
    unknown_words(run).await;
    run.claim("no instant of a fact is invented", no_invented_times(run)).await;
    absent_times(run).await;
    run.claim("24: an unchanged answer (304) gives the same entities", not_modified(run)).await;
    run.claim("details, logs and forms of every kind can be read", on_demand(run)).await;
    run.claim("the check of a healthy server passes", check(run)).await;
}

async fn good_answers(run: &Run) -> Verdict {
    let server = run.healthy().await;
    let batches = Bench::at(&run.suite, &server)?.everything().await?;
    let facts = facts_of(&batches);
    let declared = run.suite.backend.descriptor().kinds;
    if server.requests().iter().any(|request| !(run.suite.reads)(request)) {
        return Err("a poll must not write".to_owned());
    }
    for kind in declared {
        if !facts.iter().any(|fact| fact.kind() == *kind) {
            return Err(format!(
                "the descriptor declares {kind}s, but the healthy answers give none: add one to them"
            ));
        }
    }
    for fact in &facts {
        let id = fact.id();
        if !declared.contains(&id.kind) {
            return Err(format!("{id} is of a kind that the descriptor does not declare"));
        }
        if id.source.as_str() != "conformance" || id.native.is_empty() {
            return Err(format!("{id}: the source is settings.source, the native id is never empty"));
        }
    }
    let broken: Vec<&String> = batches.iter().flat_map(|batch| &batch.problems).collect();
    if let Some(problem) = broken.first() {
        return Err(format!("the healthy answers give a problem: {problem}"));
    }
    let cursors = batches.iter().map(|batch| format!("{:?}", batch.next)).collect::<String>();
    run.silent_about_the_credential("a cursor", &cursors)?;
    run.silent_about_the_credential("a fact", &format!("{facts:?}"))
}

async fn credential_arrives(run: &Run) -> Verdict {
    let server = run.healthy().await;
    Bench::at(&run.suite, &server)?.everything().await?;
    let bare =
        |request: &&RecordedRequest| !run.secrets.are_in(&request.head) && request.header("cookie").is_none();
    match server.requests().iter().find(bare) {
        Some(RecordedRequest { path, .. }) => {
            Err(format!("the request to {path} came without it: auth() must present what it is given"))
        }
        None => Ok(()),
    }
}

async fn stable_ids(run: &Run) -> Verdict {
    let server = run.healthy().await;
    let first = ids_of(&Bench::at(&run.suite, &server)?.everything().await?);
    let second = ids_of(&Bench::at(&run.suite, &server)?.everything().await?);
    same(&first, &second, "ids must come from the backend's own, not from positions, times or random numbers")
}

async fn resumable(run: &Run) -> Verdict {
    let server = run.healthy().await;
    let whole = Bench::at(&run.suite, &server)?.everything().await?;
    let all = ids_of(&whole);
    for (at, batch) in whole.iter().enumerate() {
        // What the store keeps is text.
        let kept = serde_json::to_string(&batch.next).map_err(|error| error.to_string())?;
        let cursor: Cursor = serde_json::from_str(&kept).map_err(|error| error.to_string())?;
        let rest = Bench::at(&run.suite, &server)?.poll_on(&cursor).await?;
        let rest =
            rest.map_err(|error| format!("a new connection cannot go on from cursor {}: {error}", at + 1))?;
        let mut ids = ids_of(&whole[..=at]);
        ids.extend(ids_of(&rest));
        same(&all, &ids, "everything before the cut and everything after it is everything")?;
    }
    Ok(())
}

async fn foreign_cursor(run: &Run) -> Verdict {
    let server = run.healthy().await;
    let all = ids_of(&Bench::at(&run.suite, &server)?.everything().await?);
    for strange in
        [serde_json::json!("another form"), serde_json::json!({"v": 99, "since": []}), serde_json::json!(17)]
    {
        let batches = Bench::at(&run.suite, &server)?.poll_on(&Cursor(Some(strange.clone()))).await?;
        let batches =
            batches.map_err(|error| format!("the cursor {strange} ends in '{error}': use Cursor::read"))?;
        same(&all, &ids_of(&batches), "an unreadable cursor is an empty one")?;
    }
    Ok(())
}

async fn tolerant(run: &Run) -> Verdict {
    let plain = run.healthy().await;
    let all = ids_of(&Bench::at(&run.suite, &plain)?.everything().await?);
    let server =
        run.changing(|request, reply| if request.method == "GET" { with_extras(reply) } else { reply }).await;
    let batches = Bench::at(&run.suite, &server)?.everything().await?;
    same(
        &all,
        &ids_of(&batches),
        "unknown fields are ignored: no #[serde(deny_unknown_fields)] on wire structs",
    )
}

/// Adds a field with hostile text to every object of an answer.
fn with_extras(reply: Reply) -> Reply {
    fn add(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(add),
            Value::Object(map) => {
                map.values_mut().for_each(add);
                // Where an object is a table of texts (labels), a text is what fits.
                map.insert("qd_extra".to_owned(), Value::String("@@HOSTILE@@".to_owned()));
            }
            _ => {}
        }
    }
    let mut reply = reply.map_json(add);
    let hostile = b"\xff\xfe \\u0000 \\ud800 \xe2\x80\xae";
    let mark = b"@@HOSTILE@@";
    let mut body = Vec::with_capacity(reply.body.len());
    let mut rest = reply.body.as_slice();
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
        body.extend_from_slice(&rest[..at]);
        body.extend_from_slice(hostile);
        rest = &rest[at + mark.len()..];
    }
    body.extend_from_slice(rest);
    reply.body = body;
    reply
}

async fn unknown_words(run: &Run) {
    let name = "9: a state word nobody knows becomes unknown, is kept as it was, and is never green";
    let Some((word, answers)) = run.suite.unknown.clone() else {
        run.skip(name, "the suite has no .unknown_words(word, answers)");
        return;
    };
    let put = async {
        let server = run.answering(answers).await;
        let facts = facts_of(&Bench::at(&run.suite, &server)?.everything().await?);
        for kind in run.suite.backend.descriptor().kinds {
            unknown_of_kind(&facts, *kind, &word)?;
        }
        Ok(())
    };
    run.claim(name, put).await;
}

fn unknown_of_kind(facts: &[Fact], kind: Kind, word: &str) -> Verdict {
    let with_word: Vec<&Fact> =
        facts.iter().filter(|fact| fact.kind() == kind && fact.raw_status().contains(word)).collect();
    if with_word.is_empty() {
        return Err(format!("no {kind} keeps '{word}' as its raw state: Observed::new(Unknown, word)"));
    }
    for fact in with_word {
        // Tickets have backends' own states by nature; `other` is their unknown.
        if !matches!(fact.state_word(), "unknown" | "other") {
            return Err(format!("{} is '{}' although its state is '{word}'", fact.id(), fact.state_word()));
        }
        if fact.kind() != Kind::Ticket && fact.signal().status == Status::Ok {
            return Err(format!("{} counts as ok although its state is not known", fact.id()));
        }
    }
    Ok(())
}

async fn no_invented_times(run: &Run) -> Verdict {
    let server = run.healthy().await;
    let bench = Bench::at(&run.suite, &server)?;
    let facts = facts_of(&bench.everything().await?);
    for fact in &facts {
        let day = run.suite.now;
        if let Some(found) = instants(fact).into_iter().find(|at| (*at - day).num_seconds().abs() <= 2) {
            return Err(format!(
                "{} holds {found}, which is the poll's own now: absent times stay absent",
                fact.id()
            ));
        }
    }
    Ok(())
}

async fn absent_times(run: &Run) {
    let name = "absent times stay absent";
    let Some(answers) = run.suite.without_times.clone() else {
        run.skip(name, "the suite has no .without_times(answers)");
        return;
    };
    let put = async {
        let server = run.answering(answers).await;
        let facts = facts_of(&Bench::at(&run.suite, &server)?.everything().await?);
        if facts.is_empty() {
            return Err("answers without times give no facts: a time is an Option".to_owned());
        }
        match facts.iter().find_map(|fact| instants(fact).pop().map(|at| (fact.id(), at))) {
            Some((id, at)) => Err(format!("{id} holds {at}, which no answer has: a time is an Option")),
            None => Ok(()),
        }
    };
    run.claim(name, put).await;
}

/// Every instant in a fact, whatever the field.
fn instants(fact: &Fact) -> Vec<chrono::DateTime<chrono::Utc>> {
    fn walk(value: &Value, found: &mut Vec<chrono::DateTime<chrono::Utc>>) {
        match value {
            Value::String(text) => {
                if let Ok(at) = chrono::DateTime::parse_from_rfc3339(text) {
                    found.push(at.to_utc());
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            Value::Object(map) => map.values().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::to_value(fact) {
        walk(&value, &mut found);
    }
    found
}

async fn not_modified(run: &Run) -> Verdict {
    let server = run
        .changing(|request, reply| {
            if request.method != "GET" || !reply.is_success() {
                return reply;
            }
            if reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("etag")) {
                return reply;
            }
            let etag = format!(
                "W/\"{:x}\"",
                reply.body.iter().fold(7u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
            );
            match request.header("if-none-match") {
                Some(known) if known == etag => Reply::status(304).header("etag", etag),
                _ => reply.header("etag", etag),
            }
        })
        .await;
    let bench = Bench::at(&run.suite, &server)?;
    let first = ids_of(&bench.everything().await?);
    let second = bench.everything().await?;
    same(&first, &ids_of(&second), "a 304 is the kept answer, not an empty one")
}

async fn on_demand(run: &Run) -> Verdict {
    let server = run.healthy().await;
    let bench = Bench::at(&run.suite, &server)?;
    let facts = facts_of(&bench.everything().await?);
    let descriptor = run.suite.backend.descriptor();
    for kind in descriptor.kinds {
        for fact in facts.iter().filter(|fact| fact.kind() == *kind).take(3) {
            let detail = bench.connection.detail(&bench.cx, fact).await;
            detail.map_err(|error| format!("the details of {} end in '{error}'", fact.id()))?;
            let log = bench.connection.log(&bench.cx, fact).await;
            log.map_err(|error| format!("the log of {} ends in '{error}'", fact.id()))?;
        }
    }
    for sample in &run.suite.actions {
        let action = bench.action(sample, &facts, "form")?;
        let spec = descriptor
            .action(sample.verb)
            .ok_or_else(|| format!("the descriptor has no action '{}'", sample.verb))?;
        let form = bench.connection.form(&bench.cx, sample.verb, action.fact.as_ref()).await;
        let form = form.map_err(|error| format!("the form of '{}' ends in '{error}'", sample.verb))?;
        let fields: BTreeSet<&str> = form.fields.iter().map(|field| field.key.as_str()).collect();
        let declared: BTreeSet<&str> = spec.args.iter().map(|field| field.key).collect();
        if !fields.is_subset(&declared) {
            return Err(format!(
                "the form of '{}' has fields {fields:?}, the descriptor {declared:?}",
                sample.verb
            ));
        }
    }
    Ok(())
}

async fn check(run: &Run) -> Verdict {
    let server = run.healthy().await;
    let bench = Bench::at(&run.suite, &server)?;
    let report = bench.connection.check(&bench.cx).await;
    run.silent_about_the_credential("the check's report", &format!("{report:?}"))?;
    if server.requests().iter().any(|request| !(run.suite.reads)(request)) {
        return Err("a check must not write".to_owned());
    }
    if report.passed() { Ok(()) } else { Err(format!("it says: {:?}", report.steps)) }
}

fn same(expected: &BTreeSet<String>, found: &BTreeSet<String>, hint: &str) -> Verdict {
    if expected == found {
        return Ok(());
    }
    let missing: Vec<&String> = expected.difference(found).take(5).collect();
    let extra: Vec<&String> = found.difference(expected).take(5).collect();
    Err(format!("missing {missing:?}, unexpected {extra:?} – {hint}"))
}

/// A poll that fell short says so, and does not clear what it did not see. `all` are the ids of an unhindered poll.
pub fn honest(batches: &[qd_model::Batch], all: &BTreeSet<String>, fault: &str) -> Verdict {
    if batches.iter().all(|batch| batch.problems.is_empty()) {
        return Err(format!(
            "{fault} is passed over in silence: return the error, or name it in batch.problems"
        ));
    }
    let seen = ids_of(batches);
    let unseen = all.difference(&seen).next();
    match unseen.filter(|_| batches.iter().any(clears)) {
        Some(id) => Err(format!("{fault}, and yet the batch claims to be complete: {id} would vanish")),
        None => Ok(()),
    }
}
