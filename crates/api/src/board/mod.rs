//! Grouped lists: the same alert of several sources is one line, groups come with their counts, and a storm is told as
//! groups unasked. Grouping happens here, so that at most 200 lines travel, however many alerts there are.

mod lines;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::{AlertState, EntityId, Fact, Filter, Kind, Status};
use qd_rules::board::{Bundle, Group, Key, STORM_KEYS, Seen, bundle, group, storms};
use qd_rules::during::{AlertSpan, span};
use qd_rules::flap::{self, SPAN, STOPS, flap};
use qd_store::{Entity, ListQuery, Order, RestlessQuery, Scope};

use self::lines::Window;
pub(crate) use self::lines::{during_view, inhibitor};

use crate::commands::RowsReq;
use crate::plain::line;
use crate::rows::{count, is_aging, query};
use crate::sources::Sources;
use crate::view::{BoardReq, BoardView, FlapView, KeyView};
use crate::{ApiError, App};

/// Entities that are read for one list at the most.
pub(crate) const READ: u32 = 50_000;
/// Alerts that flap at the same time are looked for up to here.
const FLAPPING: u32 = 500;
/// Alerts that tickets are laid beside: the newest.
const SPANS: u32 = 2_000;
/// Labels that are offered as keys at the most.
const LABELS: usize = 40;
/// Even when nothing changed a list is made anew after this time: what flapped an hour ago flaps no more.
const FRESH: TimeDelta = TimeDelta::seconds(60);

/// Everything that answers a question, made once and read in windows.
pub(crate) struct Board {
    question: (Kind, String, bool, Option<DateTime<Utc>>),
    seq: u64,
    made: DateTime<Utc>,
    entities: Vec<Entity>,
    /// What each draws instead of its own status.
    draws: Vec<Option<Status>>,
    current: Vec<bool>,
    bundles: Vec<Bundle>,
    firing: usize,
    flaps: HashMap<EntityId, FlapView>,
    spans: Vec<AlertSpan>,
    keys: Vec<KeyView>,
    unfiltered: u64,
    cut: bool,
    grouped: Mutex<Option<Grouped>>,
}

/// The groups that some keys make.
type Grouped = (Vec<Key>, Arc<Vec<Group>>);

impl App {
    /// A window of a grouped list.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn board(&self, request: BoardReq) -> Result<BoardView, ApiError> {
        let filter = self.filter(&request.query)?;
        self.inner.engine.watch(Some(request.kind));
        let sources = self.sources_within(&filter, request.as_of).await?;
        let seq = self.view_seq(self.inner.parts.store.seq().await?, &sources);
        let kept = self.kept(&request, seq, sources.now).filter(|_| !is_aging(&filter));
        if kept.is_some() && request.seen_seq == Some(seq) {
            return Ok(unchanged(&request, seq, &sources));
        }
        let board = match kept {
            Some(board) => board,
            None => {
                let board = Arc::new(self.make(&request, filter, seq, &sources).await?);
                *self.inner.board.lock().unwrap_or_else(PoisonError::into_inner) = Some(board.clone());
                board
            }
        };
        let beside = self.beside(request.as_of).await?;
        let last_closed =
            if board.bundles.is_empty() { self.last_closed(request.kind, &sources).await? } else { None };
        let storm =
            request.group.is_none() && request.kind == Kind::Alert && storms(board.firing, request.storm);
        let keys: Vec<Key> = match &request.group {
            Some(words) => words.iter().filter_map(|word| Key::parse(word)).collect(),
            None if storm => STORM_KEYS.to_vec(),
            None => Vec::new(),
        };
        let window = Window { board: &board, sources: &sources, beside: &beside };
        let (lines, total) = window.lines(&keys, &request);
        Ok(BoardView {
            unchanged: false,
            lines,
            total: count(total as u64),
            count: count(board.bundles.len() as u64),
            unfiltered: count(board.unfiltered),
            firing: count(board.firing as u64),
            cut: board.cut,
            group: keys.iter().map(Key::word).collect(),
            storm,
            keys: board.keys.clone(),
            seq,
            sources: sources.views(Some(request.kind)),
            last_closed,
        })
    }

    fn kept(&self, request: &BoardReq, seq: u64, now: DateTime<Utc>) -> Option<Arc<Board>> {
        let kept = self.inner.board.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kept.filter(|board| {
            let (kind, query, all, as_of) = &board.question;
            (*kind, query, *all, *as_of) == (request.kind, &request.query, request.all, request.as_of)
                && board.seq == seq
                && (now - board.made).abs() < FRESH
        })
    }

    async fn make(
        &self,
        request: &BoardReq,
        filter: Filter,
        seq: u64,
        sources: &Sources,
    ) -> Result<Board, ApiError> {
        let store = &self.inner.parts.store;
        let rows = RowsReq {
            kind: request.kind,
            query: request.query.clone(),
            all: request.all,
            as_of: request.as_of,
            newest: request.all,
            offset: 0,
            limit: READ,
            seen_seq: None,
        };
        let alone = filter.is_empty();
        let query = query(&rows, self.of_configured(filter, sources).await?, sources.now);
        let page = store.list(&query).await?;
        let cut = page.items.len() as u64 >= u64::from(READ) && (page.capped || page.total > u64::from(READ));
        if page.items.is_empty() {
            self.known_states(&query.filter, request.kind).await?;
        }
        let unfiltered = if alone {
            page.total
        } else {
            let filter = self.of_configured(Filter::default(), sources).await?;
            store.list(&ListQuery { filter, limit: 1, ..query.clone() }).await?.total
        };
        let mut entities = page.items;
        let flaps = match request.kind {
            Kind::Alert => self.flapping(&query, &mut entities).await?,
            _ => HashMap::new(),
        };
        let spans = match request.kind {
            Kind::Ticket => self.alert_spans(query.now, request.as_of).await?,
            _ => Vec::new(),
        };
        let draws = entities.iter().map(|entity| drawn(entity, &flaps)).collect();
        let current = entities.iter().map(|entity| is_current(entity, sources)).collect();
        let mut board = Board {
            question: (request.kind, request.query.clone(), request.all, request.as_of),
            seq,
            made: sources.now,
            keys: keys(request.kind, &entities),
            entities,
            draws,
            current,
            bundles: Vec::new(),
            firing: 0,
            flaps,
            spans,
            unfiltered,
            cut,
            grouped: Mutex::default(),
        };
        board.bundles = bundle(&board.seen());
        board.firing = board.bundles.iter().filter(|bundle| board.fires(bundle)).count();
        Ok(board)
    }

    /// Alerts that flap. One that matches and does not fire at this moment is added, so that its one row stays.
    async fn flapping(
        &self,
        query: &ListQuery,
        entities: &mut Vec<Entity>,
    ) -> Result<HashMap<EntityId, FlapView>, ApiError> {
        let store = &self.inner.parts.store;
        let (from, to) = (query.now - SPAN, query.now + TimeDelta::seconds(1));
        let wanted = RestlessQuery { kind: Kind::Alert, from, to, at_least: STOPS, limit: FLAPPING };
        let mut flaps = HashMap::new();
        for restless in store.restless(&wanted).await? {
            let changes = restless.changes.iter().map(|it| (it.from.as_deref(), it.to.as_str(), it.at));
            let Some(found) = flap(changes, query.now) else { continue };
            if !entities.iter().any(|entity| *entity.fact.id() == restless.id) {
                let entity = store.get(&restless.id, query.as_of).await?;
                let fits = |entity: &Entity| {
                    let seen = qd_model::filter::Seen { now: query.now, changed: entity.changed };
                    query.filter.matches(&entity.fact, &entity.links, seen)
                };
                entities.extend(entity.filter(fits));
            }
            flaps.insert(restless.id, FlapView { per_hour: found.per_hour, last: found.last });
        }
        Ok(flaps)
    }

    /// When the newest alerts fired.
    pub(crate) async fn alert_spans(
        &self,
        now: DateTime<Utc>,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<AlertSpan>, ApiError> {
        let query = ListQuery {
            scope: Scope::All,
            order: Order::Newest,
            limit: SPANS,
            filter: self.of_configured(Filter::default(), &self.sources(as_of).await?).await?,
            as_of,
            ..ListQuery::current(Kind::Alert, now)
        };
        let alerts = self.inner.parts.store.list(&query).await?.items;
        let spans = alerts.iter().filter_map(|entity| match &entity.fact {
            Fact::Alert(alert) => span(alert, &entity.links, entity.changed),
            _ => None,
        });
        Ok(spans.collect())
    }
}

impl Board {
    fn seen(&self) -> Vec<Seen<'_>> {
        let all = self.entities.iter().zip(&self.draws).zip(&self.current);
        all.map(|((entity, draws), current)| Seen {
            fact: &entity.fact,
            links: &entity.links,
            current: *current,
            draws: *draws,
        })
        .collect()
    }

    fn fires(&self, bundle: &Bundle) -> bool {
        let fact = &self.entities[bundle.first].fact;
        matches!(fact, Fact::Alert(alert) if alert.state.state == AlertState::Firing)
    }

    fn groups(&self, keys: &[Key]) -> Arc<Vec<Group>> {
        let mut grouped = self.grouped.lock().unwrap_or_else(PoisonError::into_inner);
        match &*grouped {
            Some((known, groups)) if known == keys => groups.clone(),
            _ => {
                let groups = Arc::new(group(&self.seen(), &self.bundles, keys));
                *grouped = Some((keys.to_vec(), groups.clone()));
                groups
            }
        }
    }
}

pub(crate) fn is_current(entity: &Entity, sources: &Sources) -> bool {
    sources.current(&entity.fact.id().source) && entity.gone_at.is_none()
}

fn drawn(entity: &Entity, flaps: &HashMap<EntityId, FlapView>) -> Option<Status> {
    match &entity.fact {
        Fact::Alert(alert) if flaps.contains_key(&alert.origin.id) => Some(flap::status(alert)),
        _ => None,
    }
}

/// What these entities can be grouped by.
fn keys(kind: Kind, entities: &[Entity]) -> Vec<KeyView> {
    let own: &[Key] = match kind {
        Kind::Alert => {
            &[Key::Service, Key::Name, Key::Severity, Key::Receiver, Key::Environment, Key::Source]
        }
        Kind::Ticket => &[Key::Service, Key::Type, Key::Priority, Key::Assignee, Key::Source],
        Kind::Run | Kind::Deployment => &[Key::Service, Key::Source],
    };
    let has = |key: &Key| {
        let found = entities.iter().filter(|entity| key.value(&entity.fact, &entity.links).is_some());
        KeyView { key: key.word(), count: count(found.count() as u64) }
    };
    let mut labels: BTreeMap<&str, u32> = BTreeMap::new();
    for entity in entities {
        if let Fact::Alert(alert) = &entity.fact {
            for name in alert.labels.keys() {
                *labels.entry(name).or_default() += 1;
            }
        }
    }
    let mut labels: Vec<KeyView> = labels
        .into_iter()
        .map(|(name, count)| KeyView { key: format!("label:{}", line(name)), count })
        .collect();
    labels.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    labels.truncate(LABELS);
    own.iter().map(has).chain(labels).collect()
}

fn unchanged(request: &BoardReq, seq: u64, sources: &Sources) -> BoardView {
    BoardView {
        unchanged: true,
        lines: Vec::new(),
        total: 0,
        count: 0,
        unfiltered: 0,
        firing: 0,
        cut: false,
        group: Vec::new(),
        storm: request.storm,
        keys: Vec::new(),
        seq,
        sources: sources.views(Some(request.kind)),
        last_closed: None,
    }
}
