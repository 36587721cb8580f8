//! One poll: a bounded part of a round over all repositories and their lists.
//!
//! Each repository has three lists with a cursor of their own: workflow runs, deployments, issues. A step of a list makes
//! a few conditional requests; what it learned and where it continues are taken over together or not at all. A list that
//! may not be read is a problem of its own; the others go on.

mod deployments;
mod issues;
mod runs;

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use qd_connector::http::Response;
use qd_connector::{PollCx, PollError};
use qd_model::{Batch, Coverage, Cursor, Fact, SourceId};
use serde::{Deserialize, Serialize};

use crate::client::GitHub;
use crate::map::Place;

/// Largest page GitHub gives.
const PAGE: &str = "100";
/// After so many requests a call leaves the remaining repositories to the next one.
const ENOUGH: u32 = 40;
/// A sweep over a list never asks for more pages than this.
const MAX_PAGES: u32 = 100;

/// Where a source stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct State {
    /// The repository with which the next call continues the round.
    #[serde(default)]
    at: usize,
    /// By `owner/name`.
    #[serde(default)]
    repositories: BTreeMap<String, Lists>,
}

/// Where the lists of one repository stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Lists {
    #[serde(default)]
    runs: Progress<runs::Runs>,
    #[serde(default)]
    deployments: Progress<deployments::Deployments>,
    #[serde(default)]
    issues: Progress<issues::Issues>,
}

/// Where a list stands, and whether it wants to go on at once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Progress<T> {
    state: T,
    /// More is waiting.
    #[serde(default)]
    more: bool,
}

impl<T> Progress<T> {
    /// Takes over where a list stands; after an error it stays where it was and waits for the next poll.
    fn settle(&mut self, state: T, found: Result<Found, PollError>) -> Result<Found, PollError> {
        match &found {
            Ok(brought) => {
                self.state = state;
                self.more = brought.more;
            }
            Err(error) if is_local(error) => self.more = false,
            Err(_) => {}
        }
        found
    }
}

impl Lists {
    fn more(&self) -> bool {
        self.runs.more || self.deployments.more || self.issues.more
    }

    /// Since when each list is told without a hole. One that may not be read is a problem of its own.
    fn told(&self) -> impl Iterator<Item = DateTime<Utc>> {
        [self.runs.state.told, self.deployments.state.told, self.issues.state.told].into_iter().flatten()
    }
}

/// What a step of a list brought.
#[derive(Default)]
struct Found {
    facts: Vec<Fact>,
    problems: Vec<String>,
    more: bool,
}

/// What a step of a list may use.
struct Step<'a> {
    github: &'a GitHub,
    place: &'a Place,
    now: DateTime<Utc>,
    /// Begin of the back-fill.
    from: DateTime<Utc>,
    /// Entities of the back-fill.
    entities: u32,
}

impl Step<'_> {
    /// A path below the repository.
    fn path(&self, rest: &str) -> String {
        format!("/repos/{}/{rest}", self.place.repository)
    }

    /// How a list is called in problems.
    fn what(&self, item: &str) -> String {
        format!("{item} of {}", self.place.repository)
    }
}

/// Polls the repositories. See [`qd_connector::Connection::poll`].
pub async fn poll(
    cx: &PollCx,
    source: &SourceId,
    repositories: &[String],
    cursor: &Cursor,
) -> Result<Batch, PollError> {
    let mut state: State = cursor.read().unwrap_or_default();
    state.repositories.retain(|name, _| repositories.contains(name));
    if state.at >= repositories.len() {
        state.at = 0;
    }
    for repository in repositories {
        state.repositories.entry(repository.clone()).or_default();
    }
    let before = state.clone();
    let github = GitHub::new(&cx.http);
    let mut round = Round::default();
    let stopped = round.run(cx, &github, source, repositories, &mut state).await.err();
    if let Some(error) = stopped {
        let progress = state.repositories != before.repositories;
        if !progress || matches!(error, PollError::Unauthenticated | PollError::Cancelled) {
            return Err(error);
        }
        // What was learned before is kept; the next call begins anew, meets the same obstacle first and reports it.
        state.at = 0;
        round.again = true;
    } else if round.read == 0
        && let Some(error) = round.denied
    {
        return Err(error);
    }
    let more = round.again || state.at != 0 || state.repositories.values().any(Lists::more);
    Ok(Batch {
        facts: round.facts,
        coverage: Coverage::Delta,
        next: Cursor::write(&state),
        more,
        told_since: state.repositories.values().flat_map(Lists::told).max(),
        problems: round.problems,
    })
}

#[derive(Default)]
struct Round {
    facts: Vec<Fact>,
    problems: Vec<String>,
    /// Lists that were read.
    read: u32,
    /// The first list that was not.
    denied: Option<PollError>,
    /// The call ended before its time.
    again: bool,
}

impl Round {
    /// Goes through the repositories from where the last call stopped. An error ends the call.
    async fn run(
        &mut self,
        cx: &PollCx,
        github: &GitHub,
        source: &SourceId,
        repositories: &[String],
        state: &mut State,
    ) -> Result<(), PollError> {
        let first = state.at;
        state.at = 0;
        for (index, repository) in repositories.iter().enumerate().skip(first) {
            if index > first && github.requests() >= ENOUGH {
                state.at = index;
                return Ok(());
            }
            if cx.cancel.is_cancelled() {
                return Err(PollError::Cancelled);
            }
            let now = cx.now();
            let from = now - TimeDelta::days(i64::from(cx.backfill.days));
            let place = Place::new(source, cx.http.base(), repository);
            let step = Step { github, place: &place, now, from, entities: cx.backfill.entities };
            let lists = state.repositories.entry(repository.clone()).or_default();
            self.repository(&step, lists).await?;
        }
        Ok(())
    }

    async fn repository(&mut self, step: &Step<'_>, lists: &mut Lists) -> Result<(), PollError> {
        let mut next = lists.runs.state.clone();
        let found = runs::step(step, &mut next).await;
        self.take("workflow runs", step, lists.runs.settle(next, found))?;

        let mut next = lists.deployments.state.clone();
        let found = deployments::step(step, &mut next).await;
        self.take("deployments", step, lists.deployments.settle(next, found))?;

        let mut next = lists.issues.state.clone();
        let found = issues::step(step, &mut next).await;
        self.take("issues", step, lists.issues.settle(next, found))
    }

    /// Takes what a list brought; says what keeps it from being read.
    fn take(
        &mut self,
        list: &str,
        step: &Step<'_>,
        found: Result<Found, PollError>,
    ) -> Result<(), PollError> {
        match found {
            Ok(found) => {
                self.read += 1;
                self.facts.extend(found.facts);
                self.problems.extend(found.problems);
                Ok(())
            }
            Err(error) => match problem(list, &step.place.repository, &error) {
                Some(problem) => {
                    self.problems.push(problem);
                    self.denied.get_or_insert(error);
                    Ok(())
                }
                None => Err(error),
            },
        }
    }
}

/// Whether an error concerns one list only, so that the others are worth asking. A server that redirects in circles does
/// so everywhere.
fn is_local(error: &PollError) -> bool {
    match error {
        PollError::Forbidden { .. } | PollError::NotFound { .. } => true,
        PollError::Unexpected { what, .. } => !what.contains("redirects"),
        _ => false,
    }
}

/// The sentence for a list that cannot be read while others can. `None`: the error concerns the whole connection.
fn problem(list: &str, repository: &str, error: &PollError) -> Option<String> {
    if !is_local(error) {
        return None;
    }
    match error {
        PollError::Forbidden { missing } => {
            Some(format!("{list} of {repository} cannot be read; permission is missing: {missing}"))
        }
        PollError::NotFound { .. } => Some(format!(
            "{list} of {repository} cannot be found: they are switched off, the name is wrong, or the credential may not see them"
        )),
        PollError::Unexpected { what, .. } => Some(format!("{list} of {repository} cannot be read: {what}")),
        _ => None,
    }
}

/// Time as GitHub takes it in queries.
fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Whether there is a further page. Pages are asked for by number, so a link to elsewhere is of no use to anybody; it
/// ends the list and is told.
fn has_next(response: &Response, what: &str, problems: &mut Vec<String>) -> bool {
    match response.next_page() {
        Ok(next) => next.is_some(),
        Err(error) => {
            problems.push(format!("the list of {what} was cut short: {error}"));
            false
        }
    }
}

/// A fingerprint of a body: a page that was taken over before is not taken over again. Kept in the cursor, which is
/// stored together with the facts, so a page counts as taken over only when it was. FNV-1a.
fn digest(response: &Response) -> u64 {
    response
        .body
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// At most `many` of `all`, other ones each minute, so that each has its turn without a note in the cursor.
fn some_of(all: &[String], many: usize, now: DateTime<Utc>) -> Vec<&String> {
    if all.len() <= many {
        return all.iter().collect();
    }
    let minute = usize::try_from(now.timestamp().div_euclid(60)).unwrap_or_default();
    all.iter().cycle().skip((minute * many) % all.len()).take(many).collect()
}
