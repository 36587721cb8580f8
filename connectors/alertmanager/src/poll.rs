//! `GET api/v2/alerts`, and `GET api/v2/silences` when an alert is silenced.

use std::collections::HashMap;

use qd_connector::http::Response;
use qd_connector::{Mark, PollCx, PollError, Polled};
use qd_model::{Batch, Coverage, Cursor, Kind};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::content::Content;
use crate::{Alertmanager, map, wire};

const ALERTS: &str = "api/v2/alerts";

/// Every alert that is not resolved: the answer is always complete, there is nothing to continue.
pub async fn poll(connection: &Alertmanager, cx: &PollCx) -> Result<Batch, PollError> {
    Answers::ask(connection, cx).await?.batch(connection)
}

/// The same, unless everything is as it was.
pub async fn poll_again(
    connection: &Alertmanager,
    cx: &PollCx,
    kept: Option<Mark>,
) -> Result<Polled, PollError> {
    let answers = Answers::ask(connection, cx).await?;
    let mark = answers.mark();
    if mark.is_some() && mark == kept {
        return Ok(Polled::Same);
    }
    Ok(Polled::New(answers.batch(connection)?, mark))
}

/// What one poll was answered.
struct Answers {
    alerts: Response,
    /// `None`: it is no plain list of alerts.
    content: Option<Content>,
    /// Read only when an alert names one.
    silences: Option<Response>,
    problems: Vec<String>,
}

impl Answers {
    async fn ask(connection: &Alertmanager, cx: &PollCx) -> Result<Self, PollError> {
        let alerts = ask_for_alerts(connection, cx).await?;
        let content = alerts.json::<Content>().ok();
        let silenced = match content {
            Some(content) => content.silenced,
            None => list(&alerts, "alerts")?
                .items
                .iter()
                .any(|it: &wire::Alert| !it.status.silenced_by.is_empty()),
        };
        // Silences are read after the alerts, so that every silence an alert names has had the chance to be listed.
        let (silences, problems) =
            if silenced { silences_or_problem(connection, cx).await? } else { (None, Vec::new()) };
        Ok(Self { alerts, content, silences, problems })
    }

    /// By what they are recognised. `None`: they are incomplete, or not understood.
    fn mark(&self) -> Option<Mark> {
        let silences = self.silences.as_ref().map(|answer| answer.body.as_ref());
        self.content.filter(|_| self.problems.is_empty()).map(|content| content.mark(silences))
    }

    fn batch(self, connection: &Alertmanager) -> Result<Batch, PollError> {
        let mut alerts = list::<wire::Alert>(&self.alerts, "alerts")?;
        connection.keep_inhibitors(&mut alerts.items);
        // An alert that could not be read must not pass for one that is over.
        let complete = alerts.problems.is_empty();
        let silences = match &self.silences {
            Some(answer) => list::<wire::Silence>(answer, "silences")?,
            None => Listed { items: Vec::new(), problems: Vec::new() },
        };
        let by_id: HashMap<&str, &wire::Silence> =
            silences.items.iter().map(|it| (it.id.as_str(), it)).collect();
        let fact = |alert| map::alert(&connection.source, &connection.ui, alert, &by_id);
        Ok(Batch {
            facts: alerts.items.into_iter().map(fact).collect(),
            coverage: if complete { Coverage::Complete(vec![Kind::Alert]) } else { Coverage::Delta },
            next: Cursor::default(),
            more: false,
            told_since: None,
            problems: [alerts.problems, self.problems, silences.problems].concat(),
        })
    }
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
async fn ask_for_alerts(connection: &Alertmanager, cx: &PollCx) -> Result<Response, PollError> {
    let all = ["active", "silenced", "inhibited", "unprocessed"].map(|flag| (flag, "true"));
    let query: Vec<(&str, &str)> =
        all.into_iter().chain(connection.filter.iter().map(|matcher| ("filter", matcher.as_str()))).collect();
    cx.http.get(ALERTS).query(&query).limit(connection.largest_answer).send().await
}

/// All alerts, read.
pub async fn alerts(connection: &Alertmanager, cx: &PollCx) -> Result<Listed<wire::Alert>, PollError> {
    list(&ask_for_alerts(connection, cx).await?, "alerts")
}

/// All silences; expired ones stay listed for the server's retention time.
pub async fn silences(connection: &Alertmanager, cx: &PollCx) -> Result<Listed<wire::Silence>, PollError> {
    list(&ask_for_silences(connection, cx).await?, "silences")
}

async fn ask_for_silences(connection: &Alertmanager, cx: &PollCx) -> Result<Response, PollError> {
    cx.http.get("api/v2/silences").limit(connection.largest_answer).send().await
}

/// A proxy may hide silences from readers: alerts are still worth showing then, with the ids of their silences.
async fn silences_or_problem(
    connection: &Alertmanager,
    cx: &PollCx,
) -> Result<(Option<Response>, Vec<String>), PollError> {
    match ask_for_silences(connection, cx).await {
        Ok(answer) => Ok((Some(answer), Vec::new())),
        Err(error @ (PollError::Forbidden { .. } | PollError::NotFound { .. })) => {
            let problem = format!("silences cannot be read ({error}): who silenced an alert is not shown");
            Ok((None, vec![problem]))
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
