//! Alerts, and the silences that hold them.

use chrono::{DateTime, TimeDelta, Utc};
use regex::Regex;

use super::{Act, Moment};
use crate::world::{Alert, Matcher, Silence};

/// An alert that is listed.
#[derive(Debug, Clone)]
pub struct AlertNow<'a> {
    /// What it is.
    pub plan: &'a Alert,
    /// Since when it fires.
    pub since: DateTime<Utc>,
    /// Silences that hold it.
    pub silenced_by: Vec<String>,
    /// Alerts that make it say nothing new.
    pub inhibited_by: Vec<String>,
}

impl<'a> Moment<'a> {
    /// Alerts that fire, with what holds them.
    pub fn alerts(&self) -> Vec<AlertNow<'a>> {
        let silences: Vec<(String, Vec<Condition>)> = self
            .silences()
            .into_iter()
            .filter(|silence| silence.starts <= self.now && self.now < silence.ends)
            .map(|silence| (silence.id, silence.matchers.iter().map(Condition::of).collect()))
            .collect();
        let since = |alert: &Alert| {
            alert
                .spans
                .iter()
                .find(|(from, until)| *from <= self.now && self.now < *until)
                .map(|(from, _)| *from)
        };
        let fires = |fingerprint: &String| {
            self.world.alerts.iter().any(|alert| alert.fingerprint == *fingerprint && since(alert).is_some())
        };
        let seen = |plan: &'a Alert| {
            let holds = |conditions: &[Condition]| conditions.iter().all(|condition| condition.holds(plan));
            Some(AlertNow {
                plan,
                since: since(plan)?,
                silenced_by: silences
                    .iter()
                    .filter(|(_, all)| holds(all))
                    .map(|(id, _)| id.clone())
                    .collect(),
                inhibited_by: plan.inhibited_by.iter().filter(|by| fires(by)).cloned().collect(),
            })
        };
        self.world.alerts.iter().filter_map(seen).collect()
    }

    /// Silences, also those that have ended within the last five days.
    pub fn silences(&self) -> Vec<Silence> {
        let planned = self.world.silences.iter().filter(|silence| silence.updated <= self.now).cloned();
        let mut silences: Vec<Silence> = planned.collect();
        for deed in self.deeds() {
            match &deed.act {
                Act::Silence(silence) => {
                    silences.retain(|other| other.id != silence.id);
                    silences.push(silence.clone());
                }
                Act::Expire { silence: id } => {
                    for silence in
                        silences.iter_mut().filter(|silence| silence.id == *id && silence.ends > deed.at)
                    {
                        (silence.ends, silence.updated) = (deed.at, deed.at);
                    }
                }
                _ => {}
            }
        }
        silences.retain(|silence| silence.ends > self.now - TimeDelta::days(5));
        silences
    }
}

/// Whether every matcher accepts an alert.
pub fn hold(matchers: &[Matcher], alert: &Alert) -> bool {
    matchers.iter().all(|matcher| Condition::of(matcher).holds(alert))
}

/// A matcher, ready to be asked. One whose expression cannot be read matches nothing.
struct Condition {
    name: String,
    is_equal: bool,
    test: Result<String, Option<Regex>>,
}

impl Condition {
    fn of(matcher: &Matcher) -> Self {
        let test = match matcher.is_regex {
            false => Ok(matcher.value.clone()),
            true => Err(Regex::new(&format!("^(?:{})$", matcher.value)).ok()),
        };
        Self { name: matcher.name.clone(), is_equal: matcher.is_equal, test }
    }

    fn holds(&self, alert: &Alert) -> bool {
        let value = alert.labels.get(&self.name).map_or("", String::as_str);
        match &self.test {
            Ok(wanted) => (wanted == value) == self.is_equal,
            Err(Some(expression)) => expression.is_match(value) == self.is_equal,
            Err(None) => false,
        }
    }
}
