//! What a chart counts: each alert, deployment or run once, where it belongs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qd_model::filter::{Field, Term, Test};
use qd_model::{EntityId, Fact, Filter, Kind, PipelineRun, RunResult, RunState, Status};
use qd_store::{Entity, Happened, Happening, ListQuery, Order, Scope, What};

use crate::plain::line;
use crate::rows::count;
use crate::view::{ChartKind, ChartRow};

/// Runs that are looked at.
const RUNS: u32 = 5_000;

/// What is counted, oldest first.
#[derive(Debug, Default, PartialEq)]
pub struct Found {
    pub points: Vec<Point>,
    /// Runs that ended and are left out.
    pub excluded: u32,
    /// There was more than is counted: before this not everything is here. `None`: everything is.
    pub complete_from: Option<DateTime<Utc>>,
}

/// One alert, deployment or run.
#[derive(Debug, PartialEq)]
pub struct Point {
    id: EntityId,
    title: String,
    service: Option<String>,
    environment: Option<String>,
    /// When it began (alerts, deployments) or ended (runs).
    pub at: DateTime<Utc>,
    /// It pages, fails or failed.
    pub bad: bool,
    /// How long it took. `None`: it is no run.
    pub secs: Option<u32>,
}

impl Point {
    /// As it is told.
    pub fn row(self) -> ChartRow {
        ChartRow {
            id: self.id.to_string(),
            title: line(&self.title),
            service: self.service.as_deref().map(line),
            environment: self.environment.as_deref().map(line),
            at: self.at,
            bad: self.bad,
            secs: self.secs,
        }
    }
}

/// The same filter for one kind.
pub fn only(filter: &Filter, kind: Kind) -> Filter {
    let mut filter = filter.clone();
    filter.terms.push(Term { negated: false, test: Test::Is(Field::Kind, vec![kind.as_str().to_owned()]) });
    filter
}

/// The runs something happened to in a span, newest first.
pub fn ended(filter: &Filter, from: DateTime<Utc>, to: DateTime<Utc>, now: DateTime<Utc>) -> ListQuery {
    let mut filter = filter.clone();
    filter.terms.push(Term { negated: false, test: Test::During { from, to } });
    ListQuery {
        scope: Scope::All,
        filter,
        order: Order::Newest,
        limit: RUNS,
        ..ListQuery::current(Kind::Run, now)
    }
}

/// Alerts or deployments that began at `from` or later.
pub fn happenings(chart: ChartKind, happened: Happened, from: DateTime<Utc>) -> Found {
    let oldest = happened.items.first().map(|item| item.at);
    let complete_from = if happened.truncated { oldest } else { None };
    let mut items = happened.items;
    if chart == ChartKind::Alerts {
        items = begun(items);
    } else {
        items.retain(|item| matches!(item.what, What::Deployed | What::RolledBack | What::DeploymentFailed));
    }
    items.retain(|item| item.at >= from);
    let point = |item: Happening| Point {
        bad: matches!(item.status, Status::Paging | Status::Failing),
        id: item.id,
        title: item.title,
        service: item.service,
        environment: item.environment,
        at: item.at,
        secs: None,
    };
    Found { points: items.into_iter().map(point).collect(), excluded: 0, complete_from }
}

/// Alerts where they began to fire. One that is silenced, or gets worse, goes on in another way: it does not begin again.
/// `items` are in the order of time.
fn begun(items: Vec<Happening>) -> Vec<Happening> {
    let mut ended: BTreeMap<EntityId, Option<DateTime<Utc>>> = BTreeMap::new();
    let mut begun = Vec::new();
    for item in items.into_iter().filter(|item| item.what == What::AlertFired) {
        if ended.insert(item.id.clone(), item.until) != Some(Some(item.at)) {
            begun.push(item);
        }
    }
    begun
}

/// Runs that ended in the span. `total`: how many matched in all.
pub fn runs(entities: Vec<Entity>, total: u64, from: DateTime<Utc>, to: DateTime<Utc>) -> Found {
    let mut found = Found::default();
    if total > entities.len() as u64 {
        // They come newest first, by when they began; whoever ended after that is among them.
        found.complete_from = Some(entities.last().and_then(|last| last.fact.occurred_at()).unwrap_or(to));
    }
    for entity in entities {
        let Fact::Run(run) = entity.fact else { continue };
        let Some(at) = run.finished_at.filter(|at| from <= *at && *at < to) else { continue };
        let Some((secs, bad)) = took(&run) else {
            found.excluded += 1;
            continue;
        };
        found.points.push(Point {
            id: run.origin.id.clone(),
            title: run.title,
            service: entity.links.service.map(|service| service.name),
            environment: entity.links.environment,
            at,
            bad,
            secs: Some(secs),
        });
    }
    found.points.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    found
}

/// How long a run took, and whether it failed. `None` when it did not do its work, or nobody tells when it began.
fn took(run: &PipelineRun) -> Option<(u32, bool)> {
    let result = run.result.as_ref().filter(|_| run.state.state == RunState::Done)?.state;
    let bad = match result {
        RunResult::Success => false,
        RunResult::Failure | RunResult::Error | RunResult::Timeout => true,
        RunResult::Cancellation | RunResult::Skip | RunResult::Unknown => return None,
    };
    let span = run.finished_at? - run.started_at?;
    Some((count(span.num_seconds().max(0).unsigned_abs()), bad))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use qd_store::testkit::sample::happening;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn fired(native: &str, status: Status, from: i64, until: Option<i64>) -> Happening {
        happening(What::AlertFired, status, native, at(from), until.map(at))
    }

    fn check(items: Vec<Happening>, truncated: bool, expected: &[(&str, i64, bool)]) -> Found {
        let found = happenings(ChartKind::Alerts, Happened { items, truncated }, at(0));
        let told: Vec<(&str, i64, bool)> = found
            .points
            .iter()
            .map(|point| (point.title.as_str(), (point.at - at(0)).num_minutes(), point.bad))
            .collect();
        assert_eq!(told, expected);
        found
    }

    #[test]
    fn an_alert_begins_once_however_often_it_is_silenced_and_again_when_it_fires_again() {
        check(
            vec![
                fired("before", Status::Warn, -10, Some(0)),
                fired("before", Status::Inactive, 0, Some(5)),
                fired("a", Status::Paging, 1, Some(4)),
                fired("a", Status::Inactive, 4, Some(6)),
                fired("a", Status::Paging, 6, None),
                fired("b", Status::Warn, 7, Some(8)),
                fired("b", Status::Warn, 9, None),
            ],
            false,
            &[("a", 1, true), ("b", 7, false), ("b", 9, false)],
        );
    }

    #[test]
    fn what_is_missing_is_known_to_be_missing() {
        let found = check(vec![fired("a", Status::Warn, 30, None)], true, &[("a", 30, false)]);
        assert_eq!(found.complete_from, Some(at(30)));
        assert_eq!(check(Vec::new(), false, &[]).complete_from, None);
    }
}
