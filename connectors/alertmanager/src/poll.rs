//! `GET api/v2/alerts`, and `GET api/v2/silences` when an alert is silenced.

use std::collections::HashMap;

use qd_connector::http::Response;
use qd_connector::{PollCx, PollError};
use qd_model::{Batch, Coverage, Cursor, Kind};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Alertmanager, map, wire};

/// Every alert that is not resolved: the answer is always complete, there is nothing to continue.
pub async fn poll(connection: &Alertmanager, cx: &PollCx) -> Result<Batch, PollError> {
    let listed = alerts(connection, cx).await?;
    let mut problems = listed.problems;
    // An alert that could not be read must not pass for one that is over.
    let complete = problems.is_empty();

    // Silences are read after the alerts, so that every silence an alert names has had the chance to be listed.
    let silenced = listed.items.iter().any(|alert| !alert.status.silenced_by.is_empty());
    let silences =
        if silenced { silences_or_problem(connection, cx, &mut problems).await? } else { Vec::new() };
    let by_id: HashMap<&str, &wire::Silence> = silences.iter().map(|it| (it.id.as_str(), it)).collect();

    let fact = |alert| map::alert(&connection.source, &connection.ui, alert, &by_id);
    Ok(Batch {
        facts: listed.items.into_iter().map(fact).collect(),
        coverage: if complete { Coverage::Complete(vec![Kind::Alert]) } else { Coverage::Delta },
        next: Cursor::default(),
        more: false,
        problems,
    })
}

/// A list, and what of it could not be read.
pub struct Listed<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// Sentences about the rest.
    pub problems: Vec<String>,
}

/// All alerts: active, silenced, inhibited and unprocessed ones are listed unless told otherwise; saying it guards
/// against a proxy or fork with other defaults.
pub async fn alerts(connection: &Alertmanager, cx: &PollCx) -> Result<Listed<wire::Alert>, PollError> {
    let all = ["active", "silenced", "inhibited", "unprocessed"].map(|flag| (flag, "true"));
    let query: Vec<(&str, &str)> =
        all.into_iter().chain(connection.filter.iter().map(|matcher| ("filter", matcher.as_str()))).collect();
    let response = cx.http.get("api/v2/alerts").query(&query).limit(connection.largest_answer).send().await?;
    list(&response, "alerts")
}

/// All silences; expired ones stay listed for the server's retention time.
pub async fn silences(connection: &Alertmanager, cx: &PollCx) -> Result<Listed<wire::Silence>, PollError> {
    let response = cx.http.get("api/v2/silences").limit(connection.largest_answer).send().await?;
    list(&response, "silences")
}

/// A proxy may hide silences from readers: alerts are still worth showing then, with the ids of their silences.
async fn silences_or_problem(
    connection: &Alertmanager,
    cx: &PollCx,
    problems: &mut Vec<String>,
) -> Result<Vec<wire::Silence>, PollError> {
    match silences(connection, cx).await {
        Ok(listed) => {
            problems.extend(listed.problems);
            Ok(listed.items)
        }
        Err(error @ (PollError::Forbidden { .. } | PollError::NotFound { .. })) => {
            problems.push(format!("silences cannot be read ({error}): who silenced an alert is not shown"));
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

/// Reads a list. One entry that cannot be read does not hide the others; when none can be read, that is an error.
fn list<T: DeserializeOwned>(response: &Response, what: &str) -> Result<Listed<T>, PollError> {
    let error = match response.json::<Vec<T>>() {
        Ok(items) => return Ok(Listed { items, problems: Vec::new() }),
        Err(error) => error,
    };
    let Ok(entries) = response.json::<Vec<Value>>() else { return Err(error) };
    let total = entries.len();
    let items: Vec<T> = entries.into_iter().filter_map(|entry| T::deserialize(entry).ok()).collect();
    if items.is_empty() {
        return Err(error);
    }
    let problem = format!("{} of {total} {what} could not be read", total - items.len());
    Ok(Listed { items, problems: vec![problem] })
}
