//! Alertmanager's API v2.
//!
//! Source: <https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>. Pure.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::http::{Answer, Reply, Request};
use crate::moment::{Act, AlertNow, Moment};
use crate::world::{Alert, Matcher, Silence};

/// Answers a request. `origin` is the server's own address, for links.
pub fn answer(moment: &Moment<'_>, request: &Request, origin: &str) -> Answer {
    let Some(path) = request.path.strip_prefix("/api/v2/") else {
        return Reply::page(&format!("Alertmanager would show {} here.", request.path)).into();
    };
    match (request.method.as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
        ("GET", ["status"]) => status(moment).into(),
        ("GET", ["receivers"]) => Reply::json(200, &json!([{ "name": "page" }, { "name": "chat" }])).into(),
        ("GET", ["alerts"]) => match wanted(moment, request) {
            Ok(alerts) => list(alerts.iter().map(|it| alert(it, moment.now, origin)).collect()),
            Err(problem) => problem.into(),
        },
        ("GET", ["alerts", "groups"]) => match wanted(moment, request) {
            Ok(alerts) => list(groups(&alerts, moment.now, origin)),
            Err(problem) => problem.into(),
        },
        ("GET", ["silences"]) => list(moment.silences().iter().map(|it| silence(it, moment.now)).collect()),
        ("GET", ["silence", id]) => match moment.silences().iter().find(|silence| silence.id == *id) {
            Some(found) => Reply::json(200, &silence(found, moment.now)).into(),
            None => Reply::empty(404).into(),
        },
        ("DELETE", ["silence", id]) => match moment.silences().iter().find(|silence| silence.id == *id) {
            Some(found) => Answer::done(Act::Expire { silence: found.id.clone() }, Reply::empty(200)),
            None => Reply::empty(404).into(),
        },
        ("POST", ["silences"]) => make(moment, request),
        _ => Reply::empty(404).into(),
    }
}

fn list(entries: Vec<Value>) -> Answer {
    Reply::json(200, &Value::Array(entries)).into()
}

fn status(moment: &Moment<'_>) -> Reply {
    let started = stamp(moment.now - TimeDelta::days(9));
    Reply::json(
        200,
        &json!({
            "cluster": { "name": "harbour", "status": "ready", "peers": [{ "name": "harbour", "address": "127.0.0.1:9094" }] },
            "config": { "original": "route:\n  receiver: chat\n" }, "uptime": started,
            "versionInfo": { "version": "0.28.1", "branch": "HEAD", "revision": "", "buildUser": "", "buildDate": "", "goVersion": "" },
        }),
    )
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The alerts that the filters let pass: `silenced`, `inhibited`, `active`, and exact matchers.
fn wanted<'a>(moment: &Moment<'a>, request: &Request) -> Result<Vec<AlertNow<'a>>, Reply> {
    let on = |flag: &str| request.param(flag) != Some("false");
    let filters: Vec<Matcher> = request
        .params("filter")
        .map(|text| {
            matcher(text).ok_or_else(|| Reply::json(400, &json!(format!("bad matcher format: {text}"))))
        })
        .collect::<Result<_, _>>()?;
    let passes = |alert: &AlertNow<'_>| {
        let quiet = !alert.silenced_by.is_empty() || !alert.inhibited_by.is_empty();
        (on("silenced") || alert.silenced_by.is_empty())
            && (on("inhibited") || alert.inhibited_by.is_empty())
            && (on("active") || quiet)
            && crate::moment::hold(&filters, alert.plan)
    };
    Ok(moment.alerts().into_iter().filter(passes).collect())
}

/// Reads `name="value"`, `!=`, `=~` and `!~`.
fn matcher(text: &str) -> Option<Matcher> {
    let at = text.find(['=', '!'])?;
    let (name, rest) = text.split_at(at);
    let operators = [("=~", true, true), ("!~", true, false), ("!=", false, false), ("=", false, true)];
    let (operator, is_regex, is_equal) =
        operators.into_iter().find(|(operator, ..)| rest.starts_with(operator))?;
    let value = rest[operator.len()..].trim();
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.to_owned());
    (!name.is_empty()).then(|| Matcher { name: name.trim().to_owned(), value, is_regex, is_equal })
}

fn receiver(alert: &Alert) -> &'static str {
    if alert.labels.get("severity").is_some_and(|severity| severity == "critical") { "page" } else { "chat" }
}

fn alert(alert: &AlertNow<'_>, now: DateTime<Utc>, origin: &str) -> Value {
    let plan = alert.plan;
    let quiet = !alert.silenced_by.is_empty() || !alert.inhibited_by.is_empty();
    let name = plan.labels.get("alertname").map_or("", String::as_str);
    // Prometheus repeats an alert every minute; its end is four minutes ahead each time.
    let repeated = alert.since + TimeDelta::minutes((now - alert.since).num_minutes());
    json!({
        "fingerprint": plan.fingerprint, "labels": plan.labels,
        "annotations": { "summary": plan.summary, "runbook_url": format!("{origin}/runbooks/{name}") },
        "startsAt": stamp(alert.since), "updatedAt": stamp(repeated), "endsAt": stamp(repeated + TimeDelta::minutes(4)),
        "generatorURL": format!("{origin}/graph/{name}"), "receivers": [{ "name": receiver(plan) }],
        "status": {
            "state": if quiet { "suppressed" } else { "active" },
            "silencedBy": alert.silenced_by, "inhibitedBy": alert.inhibited_by, "mutedBy": [],
        },
    })
}

/// Grouped by name and service.
fn groups(alerts: &[AlertNow<'_>], now: DateTime<Utc>, origin: &str) -> Vec<Value> {
    let mut groups: std::collections::BTreeMap<(&str, &str), Vec<&AlertNow<'_>>> =
        std::collections::BTreeMap::new();
    for alert in alerts {
        let label = |name: &str| alert.plan.labels.get(name).map_or("", String::as_str);
        groups.entry((label("alertname"), label("service"))).or_default().push(alert);
    }
    let group = |((name, service), members): ((&str, &str), Vec<&AlertNow<'_>>)| {
        json!({
            "labels": { "alertname": name, "service": service },
            "receiver": { "name": members.first().map_or("chat", |first| receiver(first.plan)) },
            "alerts": members.iter().map(|member| alert(member, now, origin)).collect::<Vec<_>>(),
        })
    };
    groups.into_iter().map(group).collect()
}

fn silence(silence: &Silence, now: DateTime<Utc>) -> Value {
    let state = if silence.ends <= now {
        "expired"
    } else if silence.starts > now {
        "pending"
    } else {
        "active"
    };
    let matchers: Vec<Value> = silence
        .matchers
        .iter()
        .map(|it| json!({ "name": it.name, "value": it.value, "isRegex": it.is_regex, "isEqual": it.is_equal }))
        .collect();
    json!({
        "id": silence.id, "status": { "state": state }, "updatedAt": stamp(silence.updated), "comment": silence.comment,
        "createdBy": silence.by, "startsAt": stamp(silence.starts), "endsAt": stamp(silence.ends), "matchers": matchers,
    })
}

/// Makes a silence, or changes one when an id is given.
fn make(moment: &Moment<'_>, request: &Request) -> Answer {
    let body = request.json();
    if request.header("content-type").is_none_or(|kind| !kind.starts_with("application/json")) {
        return Reply::empty(415).into();
    }
    match read(moment, &body) {
        Ok(silence) => {
            let reply = Reply::json(200, &json!({ "silenceID": silence.id }));
            Answer::done(Act::Silence(silence), reply)
        }
        Err(problem) => Reply::json(400, &json!(problem)).into(),
    }
}

fn read(moment: &Moment<'_>, body: &Value) -> Result<Silence, String> {
    let text = |key: &str| body[key].as_str().unwrap_or_default().trim().to_owned();
    let time = |key: &str| DateTime::parse_from_rfc3339(&text(key)).map(|time| time.to_utc());
    let (Ok(starts), Ok(ends)) = (time("startsAt"), time("endsAt")) else {
        return Err("startsAt and endsAt must be times".to_owned());
    };
    if ends <= moment.now || ends <= starts {
        return Err("end time can't be in the past".to_owned());
    }
    let (by, comment) = (text("createdBy"), text("comment"));
    if by.is_empty() || comment.is_empty() {
        return Err("invalid silence: creator and comment must not be empty".to_owned());
    }
    let matchers: Vec<Matcher> =
        body["matchers"].as_array().into_iter().flatten().filter_map(condition).collect();
    if matchers.is_empty() {
        return Err("invalid silence: at least one matcher required".to_owned());
    }
    let id = body["id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let known = |id: &String| moment.silences().iter().any(|silence| silence.id == *id);
    if id.as_ref().is_some_and(|id| !known(id)) {
        return Err("silence not found".to_owned());
    }
    Ok(Silence {
        id: id.unwrap_or_else(|| new_id(moment)),
        matchers,
        starts: starts.max(moment.now).min(ends),
        ends,
        by,
        comment,
        updated: moment.now,
    })
}

fn condition(matcher: &Value) -> Option<Matcher> {
    Some(Matcher {
        name: matcher["name"].as_str()?.to_owned(),
        value: matcher["value"].as_str().unwrap_or_default().to_owned(),
        is_regex: matcher["isRegex"].as_bool().unwrap_or_default(),
        is_equal: matcher["isEqual"].as_bool().unwrap_or(true),
    })
}

/// In the form of a UUID; the same deeds give the same.
fn new_id(moment: &Moment<'_>) -> String {
    let mut dice = crate::world::dice(moment.world.seed, "silence", moment.deeds.len());
    let (a, b) = (dice.u64(..), dice.u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-9{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}
