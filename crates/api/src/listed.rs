//! Lists for front ends that print them whole, and what is counted of them: the same alert of several sources is one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use qd_model::filter::{Field, Term, Test};
use qd_model::{AlertState, Fact, Filter, Kind, SourceId, Status, Subject};
use qd_rules::board::{Seen, bundle};
use qd_rules::shown;
use qd_store::{Count, Entity, ListQuery};

use crate::board::{READ, is_current};
use crate::commands::RowsReq;
use crate::notes::NotesReq;
use crate::rows::{Beside, query, row};
use crate::sources::Sources;
use crate::view::{NoteView, Row};
use crate::{ApiError, App};

/// An entity of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What was observed; of an alert the worst of what its sources say.
    pub entity: Entity,
    /// Whoever tells of it, its own source first.
    pub sources: Vec<SourceId>,
    /// What people wrote on it, newest first.
    pub notes: Vec<NoteView>,
}

impl Listed {
    /// As a row.
    pub fn row(&self, sources: &Sources) -> Row {
        row(&self.entity, sources, &Beside::default())
    }
}

/// A list from its beginning on.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The first of them.
    pub listed: Vec<Listed>,
    /// How many there are in all, or when `cut` how many were counted.
    pub total: u64,
    /// There are more than `total`.
    pub cut: bool,
}

/// How many there are, as they may be shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counted {
    /// Of each kind and status.
    pub of: BTreeMap<(Kind, Status), Tellers>,
    /// Alerts that fire and ask for nobody; they are among the inactive.
    pub informing: u64,
}

/// How many there are, and how many of them sources tell of that are not current.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tellers {
    pub all: u64,
    pub stale: u64,
}

impl Tellers {
    fn add(&mut self, more: u64, current: bool) {
        self.all += more;
        self.stale += if current { 0 } else { more };
    }
}

impl App {
    /// A list from its beginning on, and how many there are in all. A page that begins later is not read.
    ///
    /// # Errors
    /// The query cannot be read, or the store failed.
    pub async fn list(&self, request: &RowsReq, sources: &Sources) -> Result<Listing, ApiError> {
        let folds = request.kind == Kind::Alert && sources.views(Some(Kind::Alert)).len() > 1;
        let filter = self.of_configured(self.filter(&request.query)?, sources).await?;
        let wanted = query(request, filter, sources.now);
        let wanted = ListQuery { limit: if folds { READ } else { request.limit }, ..wanted };
        let page = self.inner.parts.store.list(&wanted).await?;
        if page.total == 0 {
            self.known_states(&wanted.filter, request.kind).await?;
        }
        if !folds {
            let alone = |entity: Entity| Listed {
                sources: vec![entity.fact.id().source.clone()],
                entity,
                notes: Vec::new(),
            };
            let mut listed: Vec<Listed> = page.items.into_iter().map(alone).collect();
            self.add_notes(&mut listed, request.as_of).await?;
            return Ok(Listing { listed, total: page.total, cut: page.capped });
        }
        let mut listed = folded(page.items, sources);
        let (total, cut) = (listed.len() as u64, page.capped || page.total > u64::from(READ));
        listed.truncate(request.limit as usize);
        self.add_notes(&mut listed, request.as_of).await?;
        Ok(Listing { listed, total, cut })
    }

    /// Adds what people had written by then. Few entities have notes; only those are asked for.
    async fn add_notes(&self, listed: &mut [Listed], as_of: Option<DateTime<Utc>>) -> Result<(), ApiError> {
        let noted = self.inner.parts.store.noted(as_of).await?;
        for listed in listed {
            let subject = Subject::Entity(listed.entity.fact.id().clone());
            if noted.contains_key(&subject) {
                let of = NotesReq { subject: Some(subject.to_string()), as_of, ..NotesReq::default() };
                listed.notes = self.notes(of).await?.notes;
            }
        }
        Ok(())
    }

    /// How many there are of each kind and status. What a source said that is not current counts as unknown where it was
    /// good; what a connection said that is configured no longer does not count.
    pub(crate) async fn how_many(&self, sources: &Sources, seq: u64) -> Result<Counted, ApiError> {
        let counts = self.inner.parts.store.counts().await?;
        let counts: Vec<Count> = counts.into_iter().filter(|count| sources.knows(&count.source)).collect();
        let of_alerts = counts.iter().filter(|count| count.kind == Kind::Alert).map(|count| &count.source);
        let told_twice = of_alerts.collect::<BTreeSet<_>>().len() > 1;
        let mut counted = Counted::default();
        for count in counts.iter().filter(|count| !told_twice || count.kind != Kind::Alert) {
            let current = sources.current(&count.source);
            let status = shown(count.status, current);
            counted.of.entry((count.kind, status)).or_default().add(count.count, current);
        }
        if told_twice || counted.of.contains_key(&(Kind::Alert, Status::Inactive)) {
            let alerts = self.alerts_counted(sources, seq, told_twice).await?;
            counted.of.extend(alerts.of);
            counted.informing = alerts.informing;
        }
        Ok(counted)
    }

    /// What the store does not count of alerts by itself, asked once a change: all of those that several sources tell of, and of
    /// those of a single source the ones that inform.
    async fn alerts_counted(
        &self,
        sources: &Sources,
        seq: u64,
        told_twice: bool,
    ) -> Result<Counted, ApiError> {
        let mut kept = self.inner.alerts_counted.lock().await;
        if let Some((known, counted)) = &*kept
            && *known == seq
        {
            return Ok(counted.clone());
        }
        let counted = if told_twice {
            self.folded_count(sources).await?
        } else {
            Counted { of: BTreeMap::new(), informing: self.informing(sources).await? }
        };
        *kept = Some((seq, counted.clone()));
        Ok(counted)
    }

    /// How many alerts fire though nobody has to look at them.
    async fn informing(&self, sources: &Sources) -> Result<u64, ApiError> {
        let fires = |word: &str| Term { negated: false, test: Test::Is(Field::State, vec![word.to_owned()]) };
        let filter =
            Filter { terms: vec![fires(AlertState::Firing.as_str()), fires(Status::Inactive.as_str())] };
        let filter = self.of_configured(filter, sources).await?;
        let query = ListQuery { limit: 1, filter, ..ListQuery::current(Kind::Alert, sources.now) };
        Ok(self.inner.parts.store.list(&query).await?.total)
    }

    /// Alerts of several sources by status.
    async fn folded_count(&self, sources: &Sources) -> Result<Counted, ApiError> {
        let filter = self.of_configured(Filter::default(), sources).await?;
        let query = ListQuery { limit: READ, filter, ..ListQuery::current(Kind::Alert, sources.now) };
        let alerts = self.inner.parts.store.list(&query).await?.items;
        let mut counted = Counted::default();
        for alert in folded(alerts, sources) {
            let current = is_current(&alert.entity, sources);
            let status = shown(alert.entity.fact.signal().status, current);
            counted.of.entry((Kind::Alert, status)).or_default().add(1, current);
            let fires = matches!(&alert.entity.fact, Fact::Alert(it) if it.state.state == AlertState::Firing);
            counted.informing += u64::from(fires && status == Status::Inactive);
        }
        Ok(counted)
    }
}

/// Alerts with each once, in the order given.
fn folded(alerts: Vec<Entity>, sources: &Sources) -> Vec<Listed> {
    let seen = |alert: &Entity| is_current(alert, sources);
    let current: Vec<bool> = alerts.iter().map(seen).collect();
    let seen: Vec<Seen<'_>> = alerts
        .iter()
        .zip(current)
        .map(|(alert, current)| Seen { fact: &alert.fact, links: &alert.links, current, draws: None })
        .collect();
    let told: BTreeMap<usize, Vec<SourceId>> = bundle(&seen)
        .into_iter()
        .map(|bundle| {
            let members = std::iter::once(bundle.first).chain(bundle.others);
            (bundle.first, members.map(|at| alerts[at].fact.id().source.clone()).collect())
        })
        .collect();
    let listed = |(at, entity): (usize, Entity)| {
        Some(Listed { sources: told.get(&at)?.clone(), entity, notes: Vec::new() })
    };
    alerts.into_iter().enumerate().filter_map(listed).collect()
}
