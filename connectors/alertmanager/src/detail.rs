//! Routing and silences of one alert: what its own fact does not tell.

use std::collections::BTreeMap;

use qd_connector::{Detail, PollCx, PollError, Section};
use qd_model::{Alert, Fact, Matcher, Silence, SilenceState};

use crate::{Alertmanager, as_alert, map, matcher, poll, wire};

/// Expired silences are shown up to this number: the last ones tell who dealt with this before.
const PAST_SILENCES: usize = 5;

/// What is known of an alert, with its routing and silences read anew.
pub async fn detail(connection: &Alertmanager, cx: &PollCx, fact: &Fact) -> Result<Detail, PollError> {
    let Some(alert) = as_alert(Some(fact)) else { return Ok(Detail::default()) };
    let groups = groups(connection, cx, alert).await?;
    let silences = poll::silences(connection, cx).await?.items;
    let mut sections = Vec::new();
    let routing = routing(&groups);
    if !routing.is_empty() {
        sections.push(Section::Fields { title: "Routing".to_owned(), rows: routing });
    }
    let silences = concerning(alert, &silences);
    if !silences.is_empty() {
        sections.push(Section::Silences { silences });
    }
    Ok(Detail { sections })
}

/// The groups in which Alertmanager notifies of this alert.
async fn groups(
    connection: &Alertmanager,
    cx: &PollCx,
    alert: &Alert,
) -> Result<Vec<wire::Group>, PollError> {
    let exact = |(name, value): (&String, &String)| {
        matcher::write(&Matcher { name: name.clone(), value: value.clone(), is_regex: false, is_equal: true })
    };
    let filter: Vec<String> = alert.labels.iter().map(exact).collect();
    let query: Vec<(&str, &str)> = filter.iter().map(|matcher| ("filter", matcher.as_str())).collect();
    let groups: Vec<wire::Group> = cx
        .http
        .get("api/v2/alerts/groups")
        .query(&query)
        .limit(connection.largest_answer)
        .send()
        .await?
        .json()?;
    let holds =
        |group: &wire::Group| group.alerts.iter().any(|member| member.fingerprint == alert.fingerprint);
    Ok(groups.into_iter().filter(holds).collect())
}

fn routing(groups: &[wire::Group]) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for group in groups {
        let by = pairs(&group.labels).into_iter().map(|(name, value)| format!("{name}={value}"));
        let by = by.collect::<Vec<_>>().join(", ");
        rows.push((
            format!("Receiver {}", group.receiver.name),
            if by.is_empty() { "not grouped".to_owned() } else { format!("grouped by {by}") },
        ));
    }
    rows
}

/// Silences that hold the alert or would, then the last ones that did; the nearest end, or the latest, first.
fn concerning(alert: &Alert, silences: &[wire::Silence]) -> Vec<Silence> {
    let named = |silence: &Silence| alert.silenced_by.iter().any(|held| held.id == silence.id);
    let matches = |silence: &Silence| {
        matcher::Compiled::new(&silence.matchers).is_ok_and(|matchers| matchers.matches(&alert.labels))
    };
    let all = silences.iter().map(map::silence).filter(|silence| named(silence) || matches(silence));
    let (mut past, mut present): (Vec<_>, Vec<_>) = all.partition(|it| it.state == SilenceState::Expired);
    present.sort_by_key(|silence| silence.ends_at);
    past.sort_by_key(|silence| std::cmp::Reverse(silence.ends_at));
    past.truncate(PAST_SILENCES);
    present.extend(past);
    present
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<(String, String)> {
    map.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}
