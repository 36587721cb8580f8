//! All sources with their health, as one answer sees them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qd_connector::{Backend, Descriptor, connected};
use qd_engine::SourceReport;
use qd_model::{Health, HealthState, Kind, SourceId};
use qd_rules::Trust;
use qd_rules::rollup::SourceTrust;
use url::Url;

use crate::plain::line;
use crate::readings::Unread;
use crate::rows::count;
use crate::view::{DemoView, HealthView, SourceView, TimesView, UnreadView};

/// All sources at one instant.
#[derive(Clone)]
pub struct Sources {
    /// The instant.
    pub now: DateTime<Utc>,
    /// In the order of their ids.
    pub list: Vec<Source>,
    /// Read as of then; `None`: now.
    pub as_of: Option<DateTime<Utc>>,
    /// The demo they belong to. `None`: they are real.
    pub demo: Option<DemoView>,
    /// Connections of the configuration that cannot be used: nothing is known of what they would tell.
    pub left_out: u32,
    /// The number that views carry while a demo holds them at this instant.
    pub held: Option<u64>,
}

/// One source.
#[derive(Clone)]
pub struct Source {
    /// Its backend.
    pub backend: &'static dyn Backend,
    /// Its address.
    pub url: Url,
    /// Health, problems, costs.
    pub report: SourceReport,
    /// It had been read at all by the time that is asked for.
    pub known_then: bool,
    /// It was being read at the time that is asked for; without one, always.
    pub read_then: bool,
    /// When it was read first. Looked up only where a time is asked for.
    pub first_read: Option<DateTime<Utc>>,
    /// When it was not read, within the span of time that is asked for. `None`: no span is, or it was read through all of it.
    pub unread: Option<Unread>,
}

impl Source {
    /// Its id.
    pub fn id(&self) -> &SourceId {
        &self.report.health.source
    }

    /// What its backend tells of itself.
    pub fn descriptor(&self) -> &'static Descriptor {
        self.backend.descriptor()
    }
}

impl Sources {
    /// The source of that id.
    pub fn get(&self, id: &SourceId) -> Option<&Source> {
        self.list.iter().find(|source| source.id() == id)
    }

    /// Whether a source is configured. What another one said stays in the history and stands for nothing now.
    pub fn knows(&self, id: &SourceId) -> bool {
        self.get(id).is_some()
    }

    /// Whether what a source said may be drawn as current. Read as of a time, it may when the source was being read then: that
    /// it was read again later tells nothing of what nobody saw.
    pub fn current(&self, id: &SourceId) -> bool {
        self.get(id).is_some_and(|source| self.is_current(source))
    }

    fn is_current(&self, source: &Source) -> bool {
        match self.as_of {
            Some(_) => source.known_then && source.read_then,
            None => source.report.health.is_current(self.now),
        }
    }

    /// The same for the roll-up.
    pub fn trust(&self) -> Trust {
        let trust = |source: &Source| {
            let health = &source.report.health;
            (source.id().clone(), SourceTrust { current: self.is_current(source), as_of: health.as_of })
        };
        Trust(self.list.iter().map(trust).collect::<BTreeMap<_, _>>())
    }

    /// Ready to be shown; only those that observe `kind`, when it is given.
    pub fn views(&self, kind: Option<Kind>) -> Vec<SourceView> {
        let observes = |source: &&Source| kind.is_none_or(|kind| source.descriptor().kinds.contains(&kind));
        self.list.iter().filter(observes).map(|source| self.view(source)).collect()
    }

    fn view(&self, source: &Source) -> SourceView {
        let descriptor = source.descriptor();
        SourceView {
            id: source.id().to_string(),
            backend: descriptor.backend.to_owned(),
            backend_name: descriptor.name.to_owned(),
            kinds: descriptor.kinds.to_vec(),
            health: health(&source.report.health, self.is_current(source)),
            unknown_before: source.first_read.filter(|_| !source.known_then),
            unread: source.unread.as_ref().map(unread),
        }
    }

    /// Since when no source at all can be reached. `None`: one can, or there are none. A source that answers with an error, or
    /// too late, was reached: the network is there.
    pub fn offline_since(&self) -> Option<DateTime<Utc>> {
        let down = |source: &Source| matches!(&source.report.health.state, HealthState::Unreachable { cause } if !connected(cause));
        let all = !self.list.is_empty() && self.list.iter().all(down);
        if all { self.list.iter().map(|source| source.report.health.since).max() } else { None }
    }
}

/// Times of one source that are told; of more, how many.
const TIMES: usize = 3;

fn unread(unread: &Unread) -> UnreadView {
    let times = unread.times.iter().take(TIMES).map(|(from, to)| TimesView { from: *from, to: *to });
    UnreadView {
        whole: unread.whole,
        times: times.collect(),
        more: count(unread.times.len().saturating_sub(TIMES) as u64),
    }
}

/// Health, ready to be shown.
pub(crate) fn health(health: &Health, current: bool) -> HealthView {
    let (cause, until) = match &health.state {
        HealthState::Unreachable { cause } => (Some(line(cause)), None),
        HealthState::Throttled { until } => (None, Some(*until)),
        HealthState::NeedsSignIn { reason } => (Some(reason.code.clone()), None),
        HealthState::Forbidden { missing } => (Some(line(missing)), None),
        HealthState::Unexpected { what } | HealthState::Misconfigured { what } => (Some(line(what)), None),
        HealthState::New | HealthState::Fresh | HealthState::Paused => (None, None),
    };
    let about = match &health.state {
        HealthState::NeedsSignIn { reason } => reason.about.as_deref().map(line),
        _ => None,
    };
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    HealthView {
        state: health.state.as_str().to_owned(),
        current,
        since: health.since,
        as_of: health.as_of,
        next_at: health.next_at,
        cause,
        about,
        until,
        interval_secs: small(health.interval_secs),
        quota_limit: health.quota.as_ref().map(|quota| small(quota.limit)),
        quota_remaining: health.quota.as_ref().map(|quota| small(quota.remaining)),
        quota_resets_at: health.quota.as_ref().and_then(|quota| quota.resets_at),
        clock_skew_secs: health.clock_skew_secs.and_then(|secs| i32::try_from(secs).ok()),
        version: health.version.as_deref().map(line),
    }
}
