//! What a person is told outside the window, and when: only changes, grouped, never a flood, nothing old as new.
//!
//! *Invariant:* what is below the threshold, of a kind that was not asked for, or of a line that does not speak for its
//! service, is never told: not alone, not in a group, not in a digest, not in a summary.

mod event;
mod quiet;
mod tally;

pub use event::{Event, Item, TOLD};
pub use quiet::QuietHours;
pub use tally::Tally;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use qd_model::{EntityId, Kind, Severity, SourceId};

/// What happened longer ago than this is no news.
const OLD: TimeDelta = TimeDelta::minutes(10);
/// Changes are gathered for so long before they are told, so that what belongs together comes together.
const GATHER: Duration = Duration::from_secs(2);
/// After a start or a sleep, sources get so long to say what happened meanwhile.
const SETTLE: Duration = Duration::from_secs(20);
/// Wall time that ran on by so much more than ours: the machine slept.
const SLEPT: TimeDelta = TimeDelta::seconds(60);
const MINUTE: Duration = Duration::from_secs(60);
/// Trouble that comes back this often within [`FLAP_SPAN`] is told once more, as flapping, and then no more.
const FLAPS: usize = 3;
const FLAP_SPAN: Duration = Duration::from_secs(30 * 60);

/// What the person wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifySettings {
    /// Anything at all.
    pub enabled: bool,
    /// From this severity on. A failure counts as high, and so does what waits for a person.
    pub from: Severity,
    /// Of these kinds.
    pub kinds: BTreeSet<Kind>,
    /// Nothing within these hours; one summary after them.
    pub quiet_hours: Option<QuietHours>,
    /// More notifications than this within a minute become one digest.
    pub per_minute: usize,
    /// Say so when a source has been unreachable for so long. `None`: never.
    pub unreachable_after: Option<TimeDelta>,
}

impl Default for NotifySettings {
    fn default() -> Self {
        Self {
            enabled: true,
            from: Severity::High,
            kinds: BTreeSet::from([Kind::Run, Kind::Deployment, Kind::Alert, Kind::Ticket]),
            quiet_hours: None,
            per_minute: 3,
            unreachable_after: Some(TimeDelta::minutes(10)),
        }
    }
}

/// The time, and what hushes.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The clock the backends' times are held against.
    pub now: DateTime<Utc>,
    /// Time since the start, by a clock that stands still while the machine sleeps.
    pub beat: Duration,
    /// What a clock on the wall shows.
    pub local: NaiveTime,
    /// The person paused notifications until then.
    pub paused_until: Option<DateTime<Utc>>,
    /// `now` is simulated and runs as it likes: it tells nothing about sleep.
    pub simulated: bool,
}

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toast {
    /// One change.
    One {
        /// What.
        item: Item,
        /// It keeps coming back; it will not be told again until it has been calm for a while.
        flapping: bool,
    },
    /// Several changes of one service, or of one name where the service is not known.
    Group {
        /// The service or the name. Untrusted.
        name: String,
        /// What happened.
        tally: Tally,
    },
    /// More changes than anybody wants to be told one by one.
    Digest(Tally),
    /// What happened while nobody was told, and still stands.
    CatchUp {
        /// Since when.
        since: DateTime<Utc>,
        /// What happened.
        tally: Tally,
    },
    /// Sources do not answer: what is shown of them is old.
    Unreachable(Vec<(SourceId, DateTime<Utc>)>),
    /// The person asked for it.
    Test,
}

/// What to do now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// Show these.
    pub toasts: Vec<Toast>,
    /// What was said of these is over.
    pub mended: Vec<EntityId>,
}

/// What was told, and what waits to be told.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    last: Option<(DateTime<Utc>, Duration)>,
    /// Lines in trouble: how bad, and the entity of which it was said.
    standing: BTreeMap<String, (Severity, EntityId)>,
    flaps: BTreeMap<String, VecDeque<Duration>>,
    pending: Vec<Waiting>,
    away: Option<Away>,
    sent: VecDeque<Duration>,
    digested: Option<Duration>,
    unreachable: BTreeSet<SourceId>,
}

#[derive(Debug, Clone)]
struct Waiting {
    line: String,
    item: Item,
    flapping: bool,
    since: Duration,
}

#[derive(Debug, Clone)]
struct Away {
    since: DateTime<Utc>,
    until: Duration,
    /// There was nothing before, so there is nothing to be summed up.
    silent: bool,
    held: BTreeMap<String, Item>,
}

impl Memory {
    /// A memory that continues where another process left off: `seen` is when that one looked last (`None`: there was
    /// none), `standing` what was in trouble then; what has none of the statuses [`TOLD`] need not be among it.
    pub fn resume(seen: Option<DateTime<Utc>>, now: DateTime<Utc>, standing: &[Event]) -> Self {
        let away =
            Away { since: seen.unwrap_or(now), until: SETTLE, silent: seen.is_none(), held: BTreeMap::new() };
        let lines = standing
            .iter()
            .filter_map(|event| Some((event.line.clone(), (event.level()?, event.item.id.clone()))));
        Self { standing: lines.collect(), away: Some(away), ..Self::default() }
    }

    /// Decides what to say now. To be called about once a second, with the changes since the last time and with every
    /// source that cannot be reached.
    pub fn decide(
        &mut self,
        settings: &NotifySettings,
        moment: Moment,
        events: &[Event],
        unreachable: &[(SourceId, DateTime<Utc>)],
    ) -> Decision {
        self.notice_absence(settings, moment);
        let mut decision = Decision::default();
        for event in events {
            self.take(settings, moment, event, &mut decision.mended);
        }
        self.last = Some((moment.now, moment.beat));
        if !settings.enabled {
            (self.pending, self.away) = (Vec::new(), None);
            return decision;
        }
        decision.toasts.extend(self.come_back(moment));
        if self.away.is_none() {
            decision.toasts.extend(self.unreachable(settings, moment, unreachable));
            self.flush(settings, moment, &mut decision.toasts);
        }
        decision
    }

    /// Notices that nobody is there to be told: asleep, quiet hours, a pause.
    fn notice_absence(&mut self, settings: &NotifySettings, moment: Moment) {
        let slept = self.last.filter(|(now, beat)| {
            let ours = TimeDelta::from_std(moment.beat.saturating_sub(*beat)).unwrap_or(TimeDelta::MAX);
            !moment.simulated && (moment.now - *now) - ours > SLEPT
        });
        let hushed = moment.paused_until.is_some_and(|until| moment.now < until)
            || settings.quiet_hours.is_some_and(|hours| hours.contains(moment.local));
        let until = match (slept, hushed) {
            (Some(_), _) => moment.beat + SETTLE,
            // Until the next look, and so on.
            (None, true) => moment.beat + Duration::from_nanos(1),
            (None, false) => return,
        };
        let since = slept.map_or(moment.now, |(before, _)| before);
        let pending = std::mem::take(&mut self.pending);
        let away = self.away.get_or_insert(Away { since, until, silent: false, held: BTreeMap::new() });
        away.until = away.until.max(until);
        away.held.extend(pending.into_iter().map(|it| (it.line, it.item)));
    }

    fn take(&mut self, settings: &NotifySettings, moment: Moment, event: &Event, mended: &mut Vec<EntityId>) {
        let Some(level) = event.level() else {
            if event.mends()
                && let Some((_, id)) = self.standing.remove(&event.line)
            {
                mended.push(id);
                self.pending.retain(|waiting| waiting.line != event.line);
                if let Some(away) = &mut self.away {
                    away.held.remove(&event.line);
                }
            }
            return;
        };
        let news = self.standing.get(&event.line).is_none_or(|(before, _)| level < *before);
        if news {
            self.standing.insert(event.line.clone(), (level, event.item.id.clone()));
        }
        let wanted = level <= settings.from && settings.kinds.contains(&event.item.id.kind);
        if !news || !wanted || !settings.enabled {
            return;
        }
        if let Some(away) = &mut self.away {
            away.held.insert(event.line.clone(), event.item.clone());
            return;
        }
        let flaps = self.flap(&event.line, moment.beat);
        if moment.now - event.occurred <= OLD && flaps <= FLAPS {
            self.pending.retain(|waiting| waiting.line != event.line);
            self.pending.push(Waiting {
                line: event.line.clone(),
                item: event.item.clone(),
                flapping: flaps == FLAPS,
                since: moment.beat,
            });
        }
    }

    /// How often the trouble of a line has come back lately, this time included.
    fn flap(&mut self, line: &str, beat: Duration) -> usize {
        self.flaps.retain(|_, times| {
            times.retain(|at| beat.saturating_sub(*at) < FLAP_SPAN);
            !times.is_empty()
        });
        let times = self.flaps.entry(line.to_owned()).or_default();
        times.push_back(beat);
        if times.len() > FLAPS + 1 {
            times.pop_front();
        }
        times.len()
    }

    fn come_back(&mut self, moment: Moment) -> Option<Toast> {
        let away = self.away.take_if(|away| moment.beat >= away.until)?;
        if away.silent || away.held.is_empty() {
            return None;
        }
        self.sent.push_back(moment.beat);
        Some(Toast::CatchUp { since: away.since, tally: away.held.into_values().collect() })
    }

    fn unreachable(
        &mut self,
        settings: &NotifySettings,
        moment: Moment,
        now: &[(SourceId, DateTime<Utc>)],
    ) -> Option<Toast> {
        self.unreachable.retain(|told| now.iter().any(|(id, _)| id == told));
        let patience = settings.unreachable_after?;
        let long = |(id, since): &&(SourceId, DateTime<Utc>)| {
            moment.now - *since >= patience && !self.unreachable.contains(id)
        };
        let news: Vec<_> = now.iter().filter(long).cloned().collect();
        if news.is_empty() {
            return None;
        }
        self.unreachable.extend(news.iter().map(|(id, _)| id.clone()));
        self.sent.push_back(moment.beat);
        Some(Toast::Unreachable(news))
    }

    fn flush(&mut self, settings: &NotifySettings, moment: Moment, toasts: &mut Vec<Toast>) {
        let ripe = |waiting: &Waiting| moment.beat.saturating_sub(waiting.since) >= GATHER;
        if !self.pending.iter().any(ripe) {
            return;
        }
        self.sent.retain(|at| moment.beat.saturating_sub(*at) < MINUTE);
        let groups = groups(&self.pending);
        if self.sent.len() + groups.len() <= settings.per_minute {
            self.sent.extend(groups.iter().map(|_| moment.beat));
            toasts.extend(groups);
            self.pending.clear();
        } else if self.digested.is_none_or(|at| moment.beat.saturating_sub(at) >= MINUTE) {
            self.digested = Some(moment.beat);
            toasts.push(Toast::Digest(self.pending.drain(..).map(|waiting| waiting.item).collect()));
        }
    }
}

/// One notification for each service; for each name where the service is not known.
fn groups(pending: &[Waiting]) -> Vec<Toast> {
    let mut groups: Vec<(&str, Vec<&Waiting>)> = Vec::new();
    for waiting in pending {
        let name = waiting.item.service.as_deref().unwrap_or(&waiting.item.title);
        match groups.iter_mut().find(|(other, _)| *other == name) {
            Some((_, members)) => members.push(waiting),
            None => groups.push((name, vec![waiting])),
        }
    }
    let toast = |(name, members): (&str, Vec<&Waiting>)| match members.as_slice() {
        [only] => Toast::One { item: only.item.clone(), flapping: only.flapping },
        several => Toast::Group {
            name: name.to_owned(),
            tally: several.iter().map(|waiting| waiting.item.clone()).collect(),
        },
    };
    groups.into_iter().map(toast).collect()
}

#[cfg(test)]
mod tests;
