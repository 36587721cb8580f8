//! Silences: make, extend, end.

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::{ActError, Action, PollCx, PollError, Receipt, Verdict};
use qd_model::Matcher;

use crate::form::{USUAL_DURATION, holding};
use crate::{Alertmanager, as_alert, duration, map, matcher, poll, silence_path, silences, wire};

/// A begin that surely lies in the server's past, which it turns into its present; a begin taken from a clock that is
/// ahead would make the silence wait.
const EARLIER: TimeDelta = TimeDelta::seconds(60);
/// The server's clock is known to about a second.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(5);

/// Carries an action out.
pub async fn act(connection: &Alertmanager, cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
    match action.verb.as_str() {
        "silence" | silences::CREATE => create(connection, cx, action).await,
        "extend" | silences::EXTEND => extend(cx, action).await,
        "expire" | silences::EXPIRE => expire(cx, action).await,
        other => Err(refused(format!("there is no action '{other}'"))),
    }
}

/// After an unknown outcome: looks for what the action would have left behind.
pub async fn verify(connection: &Alertmanager, cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
    match action.verb.as_str() {
        "silence" | silences::CREATE => verify_created(connection, cx, action).await,
        "extend" | "expire" | silences::EXTEND | silences::EXPIRE => verify_changed(cx, action).await,
        _ => Ok(Verdict::CannotTell),
    }
}

/// What a new silence is to be, as asked for.
struct Wish {
    matchers: Vec<Matcher>,
    duration: TimeDelta,
    comment: String,
    created_by: String,
}

fn wish(connection: &Alertmanager, action: &Action) -> Result<Wish, ActError> {
    let alert = as_alert(action.fact.as_ref());
    let text = match (action.optional("matchers"), alert) {
        (Some(text), _) => text.to_owned(),
        (None, Some(alert)) => matcher::of_labels(&alert.labels),
        (None, None) => action.arg("matchers")?.to_owned(),
    };
    let matchers = matcher::parse(&text).map_err(refused)?;
    let compiled = matcher::Compiled::new(&matchers).map_err(refused)?;
    if alert.is_some_and(|alert| !compiled.matches(&alert.labels)) {
        return Err(refused("these matchers do not match the alert itself; nothing was sent".to_owned()));
    }
    Ok(Wish {
        matchers,
        duration: duration::parse(action.optional("duration").unwrap_or(USUAL_DURATION)).map_err(refused)?,
        comment: action.arg("comment")?.to_owned(),
        created_by: action.optional("created_by").unwrap_or(&connection.created_by).to_owned(),
    })
}

/// `POST api/v2/silences` without an id.
async fn create(connection: &Alertmanager, cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
    let wish = wish(connection, action)?;
    let now = server_now(cx).await?;
    let ends_at = now + wish.duration;
    let body = wire::PostableSilence {
        id: None,
        matchers: wish.matchers.iter().map(map::matcher_to_wire).collect(),
        starts_at: now - EARLIER,
        ends_at,
        created_by: wish.created_by,
        comment: wish.comment,
    };
    let id = post(cx, &body).await?;
    let made = Receipt::done(format!("silence {id} holds until {}", short(ends_at)));
    Ok(made.undone_by("expire", &[("silence", &id)]))
}

/// `POST api/v2/silences` with the id and a later end. The begin and the matchers are sent as they are, else
/// Alertmanager would end the silence and make a new one.
async fn extend(cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
    let id = silence_id(action)?;
    let more = duration::parse(action.optional("duration").unwrap_or(USUAL_DURATION)).map_err(refused)?;
    let present = read(cx, &id).await?;
    if present.status.state == "expired" {
        return Err(refused("the silence has ended meanwhile; make a new one".to_owned()));
    }
    let now = server_now(cx).await?;
    let ends_at = present.ends_at.unwrap_or(now) + more;
    let body = wire::PostableSilence {
        id: Some(id.clone()),
        matchers: present.matchers,
        starts_at: present.starts_at.unwrap_or(now - EARLIER),
        ends_at,
        created_by: present.created_by,
        comment: present.comment,
    };
    let new = post(cx, &body).await?;
    let end = short(ends_at);
    Ok(Receipt::done(match new == id {
        true => format!("silence {id} now holds until {end}"),
        false => format!("silence {id} was replaced by {new}, which holds until {end}"),
    }))
}

/// `DELETE api/v2/silence/{id}`. The silence stays listed, as expired.
async fn expire(cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
    let id = silence_id(action)?;
    if read(cx, &id).await?.status.state == "expired" {
        return Ok(Receipt::already(format!("silence {id} had already ended")));
    }
    cx.http.delete(&silence_path(&id)).write().await?;
    Ok(Receipt::done(format!("silence {id} ended")))
}

async fn read(cx: &PollCx, id: &str) -> Result<wire::Silence, ActError> {
    let response = cx.http.get(&silence_path(id)).send().await.map_err(|error| match error {
        PollError::NotFound { .. } => refused(format!("there is no silence {id} any more")),
        other => other.into(),
    })?;
    Ok(response.json::<wire::Silence>()?)
}

async fn post(cx: &PollCx, body: &wire::PostableSilence) -> Result<String, ActError> {
    let response = cx.http.post("api/v2/silences").json(body).write().await?;
    // It was taken; an answer that cannot be read leaves open which silence holds now.
    let created = response.json::<wire::SilenceCreated>();
    created.map(|created| created.silence_id).map_err(|error| ActError::Unknown { cause: error.to_string() })
}

/// The silence that is meant: as given, else the only one that holds the alert.
fn silence_id(action: &Action) -> Result<String, ActError> {
    if let Some(id) = action.optional("silence") {
        // Go's router decodes a path before it tidies it, so that an escaped `../` would lead elsewhere.
        let plain = id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        return if plain {
            Ok(id.to_owned())
        } else {
            Err(refused(format!("'{id}' is not the id of a silence")))
        };
    }
    let Some(fact) = action.fact.as_ref() else {
        return Err(refused("say which silence; nothing was sent".to_owned()));
    };
    let held: Vec<_> = as_alert(Some(fact)).into_iter().flat_map(holding).collect();
    match held.as_slice() {
        [only] => Ok(only.id.clone()),
        [] => Err(refused("no silence holds this alert; nothing was sent".to_owned())),
        _ => Err(refused("several silences hold this alert: say which one; nothing was sent".to_owned())),
    }
}

/// The server's time: ends are judged by its clock, not by ours.
async fn server_now(cx: &PollCx) -> Result<DateTime<Utc>, PollError> {
    if cx.http.clock_skew().is_none() {
        cx.http.get("api/v2/receivers").send().await?;
    }
    Ok(to_server(cx, cx.now()))
}

fn to_server(cx: &PollCx, ours: DateTime<Utc>) -> DateTime<Utc> {
    ours + cx.http.clock_skew().unwrap_or_default()
}

async fn verify_created(
    connection: &Alertmanager,
    cx: &PollCx,
    action: &Action,
) -> Result<Verdict, PollError> {
    let Ok(wish) = wish(connection, action) else { return Ok(Verdict::DidNotHappen) };
    let sorted = |mut matchers: Vec<wire::Matcher>| {
        matchers.sort();
        matchers
    };
    let wanted = sorted(wish.matchers.iter().map(map::matcher_to_wire).collect());
    let listed = poll::silences(connection, cx).await?;
    let since = to_server(cx, action.proposed_at) - CLOCK_TOLERANCE;
    let found = listed.items.into_iter().find(|silence| {
        silence.updated_at.is_some_and(|at| at >= since)
            && silence.created_by == wish.created_by
            && silence.comment == wish.comment
            && sorted(silence.matchers.clone()) == wanted
    });
    Ok(match found {
        Some(silence) => Verdict::Happened(format!("silence {} was made", silence.id)),
        // The one we look for may be among those that could not be read.
        None if listed.problems.is_empty() => Verdict::DidNotHappen,
        None => Verdict::CannotTell,
    })
}

async fn verify_changed(cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
    let Ok(id) = silence_id(action) else { return Ok(Verdict::DidNotHappen) };
    let present: wire::Silence = match cx.http.get(&silence_path(&id)).send().await {
        Ok(response) => response.json()?,
        Err(PollError::NotFound { .. }) => return Ok(Verdict::CannotTell),
        Err(error) => return Err(error),
    };
    let expired = present.status.state == "expired";
    if matches!(action.verb.as_str(), "expire" | silences::EXPIRE) {
        return Ok(match expired {
            true => Verdict::Happened(format!("silence {id} has ended")),
            false => Verdict::DidNotHappen,
        });
    }
    // Aimed at the silence itself, nobody knows the end it had; whether it changed since is known.
    let since = to_server(cx, action.proposed_at) - CLOCK_TOLERANCE;
    if action.fact.is_none() && !expired {
        return Ok(match (present.updated_at, present.ends_at) {
            (Some(at), Some(end)) if at >= since => {
                Verdict::Happened(format!("silence {id} now holds until {}", short(end)))
            }
            (Some(_), _) => Verdict::DidNotHappen,
            (None, _) => Verdict::CannotTell,
        });
    }
    let before = as_alert(action.fact.as_ref())
        .and_then(|alert| alert.silenced_by.iter().find(|silence| silence.id == id)?.ends_at);
    Ok(match (before, present.ends_at) {
        (Some(before), Some(end)) if !expired && end > before => {
            Verdict::Happened(format!("silence {id} now holds until {}", short(end)))
        }
        (Some(before), Some(end)) if !expired && end == before => Verdict::DidNotHappen,
        _ => Verdict::CannotTell,
    })
}

fn refused(reason: String) -> ActError {
    ActError::Refused { reason }
}

fn short(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}
