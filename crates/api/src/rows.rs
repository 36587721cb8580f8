//! Lists.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qd_model::{Fact, Filter, Kind, Silence, Subject, Tier};
use qd_rules::shown;
use qd_store::{ActionsQuery, Entity, ListQuery, Order, Scope, TimelineQuery, Transition};

use crate::commands::{RowsReq, TimelineReq};
use crate::lapsed;
use crate::plain::line;
use crate::sources::Sources;
use crate::view::{ActionView, Row, RowMore, RowsView, SilenceView, TransitionView};
use crate::{ApiError, App};

/// Rows of one answer.
const MOST: u32 = 200;

/// What this machine knows of entities besides what their backends say.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Actions under way or unsettled, by target.
    pending: BTreeMap<String, ActionView>,
    /// How many notes each subject has.
    notes: BTreeMap<Subject, u64>,
}

impl Beside {
    /// How many notes it has.
    pub fn notes(&self, subject: &Subject) -> u32 {
        self.notes.get(subject).copied().map_or(0, count)
    }
}

impl App {
    /// A window of a list.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn rows(&self, request: RowsReq) -> Result<RowsView, ApiError> {
        let filter = self.filter(&request.query)?;
        self.inner.engine.watch(Some(request.kind));
        let sources = self.sources_within(&filter, request.as_of).await?;
        let store = &self.inner.parts.store;
        let seq = self.view_seq(store.seq().await?, &sources);
        if request.as_of.is_none() && request.seen_seq == Some(seq) && !is_aging(&filter) {
            return Ok(unchanged(seq, sources.views(Some(request.kind))));
        }
        let alone = filter.is_empty();
        let filter = self.of_configured(filter, &sources).await?;
        let query = ListQuery { limit: request.limit.min(MOST), ..query(&request, filter, sources.now) };
        let page = store.list(&query).await?;
        if page.total == 0 {
            self.known_states(&query.filter, request.kind).await?;
        }
        let unfiltered = if alone {
            page.total
        } else {
            let filter = self.of_configured(Filter::default(), &sources).await?;
            store.list(&ListQuery { filter, offset: 0, limit: 1, ..query }).await?.total
        };
        let beside = self.beside(request.as_of).await?;
        let last_closed =
            if page.total == 0 { self.last_closed(request.kind, &sources).await? } else { None };
        Ok(RowsView {
            unchanged: false,
            rows: page.items.iter().map(|entity| row(entity, &sources, &beside)).collect(),
            total: count(page.total),
            cut: page.capped,
            unfiltered: count(unfiltered),
            seq,
            sources: sources.views(Some(request.kind)),
            last_closed,
        })
    }

    /// State changes in a span, newest first.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn timeline(&self, request: TimelineReq) -> Result<Vec<TransitionView>, ApiError> {
        let query = TimelineQuery {
            from: request.from,
            to: request.to,
            kinds: Vec::new(),
            limit: request.limit.min(1000),
        };
        let sources = self.sources(None).await?;
        Ok(self.transitions(query, &sources).await?.iter().map(transition).collect())
    }

    /// What is known of entities besides what their backends say. Notes: those written by then.
    pub(crate) async fn beside(&self, as_of: Option<DateTime<Utc>>) -> Result<Beside, ApiError> {
        let store = &self.inner.parts.store;
        let query = ActionsQuery { target: None, unsettled: true, limit: 100 };
        let records = store.actions(&query).await?;
        let pending =
            records.iter().map(|record| (record.target.to_string(), self.action_view(record))).collect();
        Ok(Beside { pending, notes: store.noted(as_of).await? })
    }

    /// The last alert that was resolved and the last ticket that was closed.
    pub(crate) async fn last_closings(&self, sources: &Sources) -> Result<Vec<TransitionView>, ApiError> {
        let mut last = Vec::new();
        for kind in [Kind::Alert, Kind::Ticket] {
            last.extend(self.last_closed(kind, sources).await?);
        }
        Ok(last)
    }

    pub(crate) async fn last_closed(
        &self,
        kind: Kind,
        sources: &Sources,
    ) -> Result<Option<TransitionView>, ApiError> {
        // As of a time, nothing that came later has happened.
        let now = sources.as_of.unwrap_or(sources.now);
        let query =
            TimelineQuery { from: now - chrono::TimeDelta::days(30), to: now, kinds: vec![kind], limit: 200 };
        let recent = self.transitions(query, sources).await?;
        Ok(recent.iter().find(|t| matches!(t.to.as_str(), "resolved" | "done")).map(transition))
    }
}

pub(crate) fn query(request: &RowsReq, filter: Filter, now: DateTime<Utc>) -> ListQuery {
    // Ages of the past are counted from there.
    let now = request.as_of.unwrap_or(now);
    ListQuery {
        kinds: vec![request.kind],
        // What happened in a span is asked for whether it is over or not.
        scope: if request.all || filter.has_span() { Scope::All } else { Scope::Current },
        filter,
        as_of: request.as_of,
        now,
        order: if request.newest { Order::Newest } else { Order::Attention },
        offset: request.offset.into(),
        limit: request.limit,
    }
}

/// Rows of an age filter come and go with time alone.
pub(crate) fn is_aging(filter: &Filter) -> bool {
    filter.terms.iter().any(|term| matches!(term.test, qd_model::filter::Test::Age { .. }))
}

fn unchanged(seq: u64, sources: Vec<crate::view::SourceView>) -> RowsView {
    RowsView {
        unchanged: true,
        rows: Vec::new(),
        total: 0,
        cut: false,
        unfiltered: 0,
        seq,
        sources,
        last_closed: None,
    }
}

pub(crate) fn count(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// One entity as a row.
pub(crate) fn row(entity: &Entity, sources: &Sources, beside: &Beside) -> Row {
    let fact = &entity.fact;
    let origin = fact.origin();
    let source = sources.get(&origin.id.source);
    let current = sources.current(&origin.id.source);
    let signal = fact.signal();
    let id = origin.id.to_string();
    let service = entity.links.service.as_ref();
    Row {
        kind: fact.kind(),
        source: origin.id.source.to_string(),
        backend: source.map(|source| source.descriptor().backend.to_owned()).unwrap_or_default(),
        title: line(fact.title()),
        status: shown(signal.status, current && entity.gone_at.is_none()),
        acknowledged: signal.acknowledged,
        state: fact.state_word().to_owned(),
        raw_status: line(fact.raw_status()),
        stale: !current,
        as_of: source.and_then(|source| source.report.health.as_of),
        service: service.map(|service| line(&service.name)),
        service_inferred: service.is_some_and(|service| service.inferred),
        environment: entity.links.environment.as_deref().map(line),
        tier: entity.links.environment.as_deref().map(Tier::infer),
        author: fact.author().map(line),
        occurred_at: fact.occurred_at(),
        since: fact.since(),
        changed_at: entity.changed,
        gone_at: entity.gone_at,
        seq: entity.seq,
        has_url: origin.url.is_some(),
        pending_action: beside.pending.get(&id).cloned(),
        notes: beside.notes(&Subject::Entity(origin.id.clone())),
        more: more(fact, sources),
        id,
    }
}

fn more(fact: &Fact, sources: &Sources) -> RowMore {
    let text = |value: &Option<String>| value.as_deref().map(line);
    let origin = fact.origin();
    let place = origin.repository.as_deref().or(origin.project.as_deref()).map(line);
    match fact {
        Fact::Run(run) => RowMore::Run {
            pipeline: line(&run.pipeline_name),
            number: line(&run.number()),
            place,
            reference: text(&run.reference),
            revision: text(&run.revision),
            trigger: text(&run.trigger),
            attempt: run.attempt,
            queued_at: run.queued_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
            failed_step: text(&run.failed_step),
        },
        Fact::Deployment(deployment) => RowMore::Deployment {
            version: line(&deployment.version),
            revision: text(&deployment.revision),
            deployment_kind: word(&deployment.deployment_kind),
            origin: word(&deployment.driver),
            place,
            description: text(&deployment.description),
            started_at: deployment.started_at,
            finished_at: deployment.finished_at,
        },
        Fact::Alert(alert) => RowMore::Alert {
            severity: alert.severity.state,
            raw_severity: line(&alert.severity.raw),
            summary: alert.summary().map(line),
            apart: None,
            labels: alert.labels.iter().take(200).map(|(name, value)| (line(name), line(value))).collect(),
            silences: lapsed::of_alert(alert, sources).iter().map(silence).collect(),
            inhibited_by: count(alert.inhibited_by.len() as u64),
            receivers: alert.receivers.iter().map(|name| line(name)).collect(),
            starts_at: alert.starts_at,
            ends_at: alert.ends_at,
            fingerprint: line(&alert.fingerprint),
        },
        Fact::Ticket(ticket) => RowMore::Ticket {
            key: line(&ticket.key),
            ticket_type: ticket.ticket_type.state.as_str().to_owned(),
            raw_type: line(&ticket.ticket_type.raw),
            priority: text(&ticket.priority),
            assignees: ticket.assignees.iter().map(|name| line(name)).collect(),
            labels: ticket.labels.iter().map(|name| line(name)).collect(),
            milestone: text(&ticket.milestone),
            place,
            customer: ticket.is_customer_reported(),
            regression: ticket.is_regression(),
            comments: ticket.comments,
            created_at: ticket.created_at,
            closed_at: ticket.closed_at,
        },
    }
}

/// The serialised word of a plain enum.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A silence, ready to be shown.
pub(crate) fn silence(silence: &Silence) -> SilenceView {
    let matcher = |matcher: &qd_model::Matcher| {
        let operator = match (matcher.is_equal, matcher.is_regex) {
            (true, false) => "=",
            (false, false) => "!=",
            (true, true) => "=~",
            (false, true) => "!~",
        };
        line(&format!("{}{operator}\"{}\"", matcher.name, matcher.value))
    };
    SilenceView {
        id: line(&silence.id),
        matchers: silence.matchers.iter().map(matcher).collect(),
        starts_at: silence.starts_at,
        ends_at: silence.ends_at,
        created_by: line(&silence.created_by),
        comment: line(&silence.comment),
        state: word(&silence.state),
    }
}

/// A transition, ready to be shown.
pub(crate) fn transition(transition: &Transition) -> TransitionView {
    TransitionView {
        id: transition.id.to_string(),
        kind: transition.id.kind,
        title: line(&transition.title),
        service: transition.service.as_deref().map(line),
        environment: transition.environment.as_deref().map(line),
        from: transition.from.clone(),
        to: transition.to.clone(),
        raw: line(&transition.raw),
        status: transition.status,
        at: transition.at,
    }
}
