//! How the sources stand, as of now or of a time, and through which times they were read.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use qd_engine::{SourceReport, Usage};
use qd_model::{Filter, Health};
use qd_store::Reading;

use crate::sources::{Source, Sources};
use crate::{ApiError, App};

type Instant = DateTime<Utc>;

/// A shorter pause than this is none.
pub(crate) const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// What a poll found is stored this little before the poll counts as complete, at the most.
const STORED_BEFORE: TimeDelta = TimeDelta::seconds(5);
/// A span may begin this little ahead: the last part of the watch strip, which now is in, ends up to this much later.
const AHEAD: TimeDelta = TimeDelta::minutes(15);

impl App {
    /// All sources with their health, as of now or of a time.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sources(&self, as_of: Option<DateTime<Utc>>) -> Result<Sources, ApiError> {
        let held = self.held();
        let reports = match &held {
            Some(held) => held.reports.clone(),
            None if self.polls() => self.inner.engine.reports(),
            None => self.stored_reports().await?,
        };
        let mut sources = self.sources_from(reports, as_of);
        sources.held = held.as_ref().map(|held| held.seq);
        sources.now = held.map_or(sources.now, |held| held.now);
        if let Some(at) = as_of {
            if at > sources.now {
                return Err(ApiError::new(
                    "bad_request",
                    "That time lies in the future; nothing is known of it yet",
                ));
            }
            let readings = self.inner.parts.store.readings(DateTime::UNIX_EPOCH, at + PAUSE).await?;
            for source in &mut sources.list {
                let read = read(source, &readings, sources.now);
                source.read_then = was_read(&read, at);
                if !source.read_then {
                    source.report.health.as_of =
                        read.iter().rfind(|(from, _)| *from <= at).map(|(_, to)| *to);
                }
                let key = qd_engine::first_read_key(source.id());
                let first = self.inner.parts.store.memo(&key).await?;
                let first = first.and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
                source.first_read = first.map(|first| first.to_utc());
                source.known_then = source.first_read.is_some_and(|first| first <= at);
            }
        }
        Ok(sources)
    }

    /// The same with the times in which each was not read, where a question asks for a span of time.
    ///
    /// # Errors
    /// The query cannot be read, or the store failed.
    pub async fn sources_asked(&self, query: &str, as_of: Option<Instant>) -> Result<Sources, ApiError> {
        self.sources_within(&self.filter(query)?, as_of).await
    }

    pub(crate) async fn sources_within(
        &self,
        filter: &Filter,
        as_of: Option<Instant>,
    ) -> Result<Sources, ApiError> {
        let mut sources = self.sources(as_of).await?;
        let Some((from, to)) = filter.span() else { return Ok(sources) };
        if from > sources.now + AHEAD {
            return Err(ApiError::new(
                "bad_request",
                "That span lies in the future; nothing has happened in it yet",
            ));
        }
        // What lies ahead was not missed.
        let to = to.min(as_of.unwrap_or(sources.now));
        let readings = self.readings(&sources, from, to).await?;
        let times: Vec<_> = sources.list.iter().map(|source| seen(source, &readings, &sources)).collect();
        for (source, read) in sources.list.iter_mut().zip(times) {
            source.unread = Unread::of(&read, (from, to), sources.now);
        }
        Ok(sources)
    }

    /// The readings that tell whether a span was read, with those so near to it that there is no pause between. As of an earlier
    /// time the last one up to then is among them: by it the sources had told what they had, also of a span before it.
    pub(crate) async fn readings(
        &self,
        sources: &Sources,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Reading>, ApiError> {
        let to = sources.as_of.map_or(to, |at| at.max(to));
        Ok(self.inner.parts.store.readings(from - PAUSE, to + PAUSE).await?)
    }

    /// The number a view carries: the store's, and how often a source's trust changed.
    pub(crate) fn view_seq(&self, store: u64, sources: &Sources) -> u64 {
        if let Some(seq) = sources.held {
            return seq;
        }
        let now: Vec<(String, bool)> = sources
            .list
            .iter()
            .map(|source| (source.id().to_string(), sources.current(source.id())))
            .collect();
        if sources.as_of.is_none() {
            let mut before = self.inner.trusted.lock().unwrap_or_else(PoisonError::into_inner);
            if *before != now {
                *before = now;
                self.inner.epoch.fetch_add(1, Ordering::Relaxed);
            }
        }
        (self.inner.epoch.load(Ordering::Relaxed) << 32) + (store & 0xffff_ffff)
    }

    async fn stored_reports(&self) -> Result<Vec<SourceReport>, ApiError> {
        let known = self.inner.parts.store.health().await?;
        let now = self.now();
        let mut reports = Vec::new();
        for entry in &self.entries() {
            let found = known.iter().find(|health| health.source == entry.id).cloned();
            // What is kept of a source that was removed is not of the one that has its name now.
            let problems = match &found {
                Some(_) => qd_engine::unread(self.inner.parts.store.as_ref(), &entry.id).await,
                None => Vec::new(),
            };
            let interval = self.spec(entry).map_or(60, |spec| spec.interval().as_secs());
            let health = found.unwrap_or_else(|| Health::new(entry.id.clone(), now, interval));
            reports.push(SourceReport { health, problems, usage: Usage::default() });
        }
        Ok(reports)
    }

    pub(crate) fn sources_from(&self, reports: Vec<SourceReport>, as_of: Option<DateTime<Utc>>) -> Sources {
        let entries = self.entries();
        let source = |report: SourceReport| {
            let entry = entries.iter().find(|entry| entry.id == report.health.source)?;
            Some(Source {
                backend: self.backend(&entry.backend)?,
                url: entry.url.clone(),
                report,
                known_then: true,
                read_then: true,
                first_read: None,
                unread: None,
            })
        };
        let mut list: Vec<Source> = reports.into_iter().filter_map(source).collect();
        list.sort_by(|a, b| a.id().cmp(b.id()));
        Sources {
            now: self.now(),
            list,
            as_of,
            demo: self.inner.parts.demo.as_ref().map(|demo| demo.state()),
            left_out: self.inner.loaded.read().unwrap_or_else(PoisonError::into_inner).config.left_out,
            held: None,
        }
    }
}

/// The times in which a source was read. What is still trusted counts as read up to now; what no longer is, was read up to
/// its last poll.
pub(crate) fn read(source: &Source, readings: &[Reading], now: Instant) -> Vec<(Instant, Instant)> {
    let until =
        |reading: &Reading| if reading.trusted_until >= now { now.max(reading.until) } else { reading.until };
    let own = readings.iter().filter(|reading| &reading.source == source.id());
    own.map(|reading| (reading.from, until(reading))).collect()
}

/// The times of which nothing is missing: those in which a source was read, and those of which it told afterwards. What is
/// asked as of an earlier time is answered with what it had told by then.
pub(crate) fn seen(source: &Source, readings: &[Reading], sources: &Sources) -> Vec<(Instant, Instant)> {
    let mut times = read(source, readings, sources.now);
    let Some(told) = source.report.health.told else { return times };
    let trusted = TimeDelta::seconds(source.report.health.trusted_secs());
    let until = match sources.as_of {
        None if told.until + trusted >= sources.now => Some(sources.now),
        None => Some(told.until),
        Some(at) => times.iter().filter(|(from, _)| *from <= at).map(|(_, to)| (*to).min(at)).max(),
    };
    if let Some(until) = until.filter(|until| *until > told.since) {
        times.push((told.since, until));
        times.sort_unstable();
    }
    times
}

/// Whether a source was being read at an instant.
fn was_read(read: &[(Instant, Instant)], at: Instant) -> bool {
    let known = read.iter().filter(|(begin, _)| *begin - STORED_BEFORE <= at).map(|(_, end)| *end).max();
    let again = read.iter().map(|(begin, _)| *begin).find(|begin| *begin > at);
    known.is_some_and(|end| at <= end || again.is_some_and(|again| again - end <= PAUSE))
}

/// What lies between the times in which a source was read, as far as it lies in a span. A pause is measured whole: that a span
/// holds little of it makes it no shorter. What lies behind `now` is none: nobody can have read it.
pub(crate) fn unread(
    read: &[(Instant, Instant)],
    (from, to): (Instant, Instant),
    now: Instant,
) -> Vec<(Instant, Instant)> {
    let last = (to + PAUSE).min(now.max(to));
    let mut found = Vec::new();
    let mut known = from - PAUSE;
    for (begin, end) in read {
        found.push((known, (*begin).min(last)));
        known = known.max(*end);
    }
    found.push((known, last));
    found.retain(|(begin, end)| *end - *begin > PAUSE);
    let clipped = found.into_iter().map(|(begin, end)| (begin.max(from), end.min(to)));
    clipped.filter(|(begin, end)| begin < end).collect()
}

/// The times of a span in which a source was not read: what happened then may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// It was not read in the span at all.
    pub whole: bool,
    /// From and to, oldest first.
    pub times: Vec<(Instant, Instant)>,
}

impl Unread {
    /// `None`: it was read through all of it.
    fn of(read: &[(Instant, Instant)], span: (Instant, Instant), now: Instant) -> Option<Self> {
        let times = unread(read, span, now);
        let whole = times == [span];
        (!times.is_empty()).then_some(Self { whole, times })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes in which a source was read, and what is missing between 0 and 100.
    fn check(read: &[(i64, i64)], whole: bool, expected: &[(i64, i64)]) {
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let times =
            |minutes: &[(i64, i64)]| minutes.iter().map(|(a, b)| (at(*a), at(*b))).collect::<Vec<_>>();
        let found = Unread::of(&times(read), (at(0), at(100)), at(200));
        let expected = (!expected.is_empty()).then(|| Unread { whole, times: times(expected) });
        assert_eq!(found, expected, "{read:?}");
    }

    #[test]
    fn an_instant_was_read_when_it_lies_in_a_reading_or_a_short_pause() {
        let at = |secs| DateTime::UNIX_EPOCH + TimeDelta::seconds(secs);
        let read = [(at(100), at(200)), (at(230), at(300)), (at(331), at(400))];
        let cases = [
            (94, false),
            (95, true),
            (100, true),
            (200, true),
            (215, true),
            (300, true),
            (315, false),
            (331, true),
            (401, false),
        ];
        for (secs, expected) in cases {
            assert_eq!(was_read(&read, at(secs)), expected, "{secs}");
        }
    }

    #[test]
    fn a_span_that_holds_a_moment_of_a_long_pause_was_not_read_then() {
        let at = |secs| DateTime::UNIX_EPOCH + TimeDelta::seconds(secs);
        let check = |span: (i64, i64), now: i64, expected: &[(i64, i64)]| {
            let read = [(at(0), at(100)), (at(200), at(300))];
            let found = unread(&read, (at(span.0), at(span.1)), at(now));
            let expected: Vec<_> = expected.iter().map(|(begin, end)| (at(*begin), at(*end))).collect();
            assert_eq!(found, expected, "{span:?} at {now}");
        };
        check((140, 150), 1_000, &[(140, 150)]);
        check((90, 105), 1_000, &[(100, 105)]);
        check((195, 220), 1_000, &[(195, 200)]);
        check((210, 290), 1_000, &[]);
        check((250, 310), 310, &[]);
        check((250, 310), 1_000, &[(300, 310)]);
    }

    #[test]
    fn what_lies_between_two_readings_was_not_read() {
        check(&[(-10, 100)], false, &[]);
        check(&[], true, &[(0, 100)]);
        check(&[(20, 50), (60, 100)], false, &[(0, 20), (50, 60)]);
        check(&[(-10, 20)], false, &[(20, 100)]);
        check(&[(40, 40)], false, &[(0, 40), (40, 100)]);
    }
}
