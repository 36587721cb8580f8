//! The watch strip: what happened in a span of time, small enough to be drawn, and honest about what nobody saw.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use qd_model::{EntityId, Kind, Status};
use qd_store::{HappenedQuery, Happening, Reading, What};

use crate::commands::RowsReq;
use crate::plain::line;
use crate::readings::{seen, unread};
use crate::rows::count;
use crate::sources::Sources;
use crate::view::{
    Happened, HappenedCount, HappenedReq, HappenedView, StripGap, StripMark, StripReq, StripSpan, StripView,
};
use crate::{ApiError, App};

/// Buckets of one strip.
const BUCKETS: i64 = 400;
/// What is counted of each kind.
const COUNTED: u32 = 20_000;
/// What is listed of each kind.
const LISTED: u32 = 500;

type Instant = DateTime<Utc>;

impl App {
    /// What happened in a span of time, in buckets.
    ///
    /// # Errors
    /// The span or the query cannot be read, or the store failed.
    pub async fn strip(&self, request: StripReq) -> Result<StripView, ApiError> {
        let step = TimeDelta::seconds(request.step_secs.into());
        let buckets = (request.to - request.from).num_seconds() / i64::from(request.step_secs.max(1));
        if request.step_secs == 0 || request.from >= request.to || buckets > BUCKETS {
            return Err(ApiError::new(
                "bad_request",
                format!("strip: 'from' must lie before 'to', with at most {BUCKETS} steps between them"),
            ));
        }
        let filter = self.filter(&request.query)?;
        let sources = self.sources(None).await?;
        let store = &self.inner.parts.store;
        let seq = self.view_seq(store.seq().await?, &sources);
        if request.seen_seq == Some(seq) {
            return Ok(StripView {
                unchanged: true,
                marks: Vec::new(),
                spans: Vec::new(),
                gaps: Vec::new(),
                truncated: false,
                seq,
            });
        }
        let (from, to) = (request.from, request.to);
        let filter = self.of_configured(filter, &sources).await?;
        let query = HappenedQuery { from, to, filter, now: sources.now, limit: COUNTED };
        let found = store.happened(&query).await?;
        let readings = self.readings(&sources, from, to).await?;
        Ok(StripView {
            unchanged: false,
            marks: marks(&found.items, from, step),
            spans: spans(&found.items, step / 2),
            gaps: gaps(&watched(&readings, &sources), (from, to.min(sources.now)), sources.now, step / 4),
            truncated: found.truncated,
            seq,
        })
    }

    /// Which rows made a part of the strip.
    ///
    /// # Errors
    /// The query cannot be read, or the store failed.
    pub async fn happened(&self, request: HappenedReq) -> Result<HappenedView, ApiError> {
        let sources = self.sources(None).await?;
        let readings = self.readings(&sources, request.from, request.to).await?;
        let to = request.to.min(sources.now);
        let watched = watched(&readings, &sources).into_iter();
        let missed =
            watched.filter(|source| !unread(&source.read, (request.from, to), sources.now).is_empty());
        let query = HappenedQuery {
            from: request.from,
            to: request.to,
            filter: self.of_configured(self.filter(&request.query)?, &sources).await?,
            now: self.now(),
            limit: COUNTED,
        };
        let found = self.inner.parts.store.happened(&query).await?;
        let listed = request.limit.min(LISTED) as usize;
        let mut items = found.items;
        let mut counts = counts(&items);
        let mut at_least = found.truncated;
        // The same alert of several sources is one, as in its list.
        if sources.views(Some(Kind::Alert)).len() > 1 {
            let what = What::AlertFired.as_str();
            for counted in counts.iter_mut().filter(|counted| counted.what == what) {
                let listing = self.list(&alerts_within(&request), &sources).await?;
                (counted.count, at_least) = (count(listing.total), at_least || listing.cut);
            }
        }
        let truncated = cut_oldest(&mut items, listed) || found.truncated;
        Ok(HappenedView {
            items: items.iter().map(view).collect(),
            counts,
            at_least,
            truncated,
            unread: missed.map(|source| source.id).collect(),
        })
    }
}

/// The list of the alerts that fired in the span that is asked for, of which only the length is wanted.
fn alerts_within(request: &HappenedReq) -> RowsReq {
    let exactly = |at: Instant| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    RowsReq {
        kind: Kind::Alert,
        query: format!("{} during:{}..{}", request.query, exactly(request.from), exactly(request.to)),
        all: true,
        as_of: None,
        newest: false,
        offset: 0,
        limit: 0,
        seen_seq: None,
    }
}

/// How many entities of each sort.
fn counts(items: &[Happening]) -> Vec<HappenedCount> {
    let mut ids: BTreeMap<What, BTreeSet<&EntityId>> = BTreeMap::new();
    for item in items {
        ids.entry(item.what).or_default().insert(&item.id);
    }
    let sort = |(what, ids): (What, BTreeSet<&EntityId>)| HappenedCount {
        what: what.as_str().to_owned(),
        count: count(ids.len() as u64),
    };
    ids.into_iter().map(sort).collect()
}

/// Leaves so many of each kind, the newest. Returns whether any had to go. `items` are in the order of time.
fn cut_oldest(items: &mut Vec<Happening>, each: usize) -> bool {
    let before = items.len();
    let mut left: BTreeMap<Kind, usize> = BTreeMap::new();
    items.reverse();
    items.retain(|item| {
        let of_kind = left.entry(item.id.kind).or_default();
        *of_kind += 1;
        *of_kind <= each
    });
    items.reverse();
    items.len() < before
}

fn view(item: &Happening) -> Happened {
    Happened {
        id: item.id.to_string(),
        what: item.what.as_str().to_owned(),
        status: item.status,
        title: line(&item.title),
        service: item.service.as_deref().map(line),
        environment: item.environment.as_deref().map(line),
        at: item.at,
        until: item.until,
    }
}

/// Moments, one of each sort in a bucket. `items` are in the order of time.
fn marks(items: &[Happening], from: Instant, step: TimeDelta) -> Vec<StripMark> {
    let mut marks: Vec<StripMark> = Vec::new();
    let mut latest: BTreeMap<What, (i64, usize)> = BTreeMap::new();
    for item in items.iter().filter(|item| item.what != What::AlertFired) {
        let bucket = (item.at - from).num_seconds().div_euclid(step.num_seconds());
        match latest.get(&item.what) {
            Some((known, at)) if *known == bucket => {
                if let Some(mark) = marks.get_mut(*at) {
                    mark.last = item.at;
                    mark.count = mark.count.saturating_add(1);
                }
            }
            _ => {
                latest.insert(item.what, (bucket, marks.len()));
                let what = item.what.as_str().to_owned();
                marks.push(StripMark { what, at: item.at, last: item.at, count: 1, first: view(item) });
            }
        }
    }
    marks
}

/// Times in which alerts fired, by status; those that are closer together than `near` are one.
fn spans(items: &[Happening], near: TimeDelta) -> Vec<StripSpan> {
    let mut spans: Vec<(StripSpan, BTreeSet<String>)> = Vec::new();
    let mut latest: BTreeMap<Status, usize> = BTreeMap::new();
    for item in items.iter().filter(|item| item.what == What::AlertFired) {
        let id = item.id.to_string();
        let open = latest.get(&item.status).and_then(|at| spans.get_mut(*at));
        match open {
            Some((span, alerts)) if span.to.is_none_or(|to| item.at - to <= near) => {
                span.to = span.to.zip(item.until).map(|(to, until)| to.max(until));
                alerts.insert(id);
            }
            _ => {
                latest.insert(item.status, spans.len());
                let span = StripSpan { status: item.status, from: item.at, to: item.until, count: 0 };
                spans.push((span, BTreeSet::from([id])));
            }
        }
    }
    let counted = |(span, alerts): (StripSpan, BTreeSet<String>)| StripSpan {
        count: count(alerts.len() as u64),
        ..span
    };
    spans.into_iter().map(counted).collect()
}

/// A source with the times in which it was read.
struct Watched {
    id: String,
    kinds: Vec<Kind>,
    read: Vec<(Instant, Instant)>,
}

fn watched(readings: &[Reading], sources: &Sources) -> Vec<Watched> {
    let of = |source: &crate::sources::Source| Watched {
        id: source.id().to_string(),
        kinds: source.descriptor().kinds.to_vec(),
        read: seen(source, readings, sources),
    };
    sources.list.iter().map(of).collect()
}

/// Times up to `to` in which not every source of a kind was read; those that are closer together than `near` are one.
fn gaps(sources: &[Watched], (from, to): (Instant, Instant), now: Instant, near: TimeDelta) -> Vec<StripGap> {
    let mut gaps = Vec::new();
    if from >= to {
        return gaps;
    }
    for kind in Kind::ALL {
        let observing: Vec<&Watched> = sources.iter().filter(|source| source.kinds.contains(&kind)).collect();
        let unread: Vec<(Instant, Instant, &str)> = observing
            .iter()
            .flat_map(|source| {
                unread(&source.read, (from, to), now).into_iter().map(|(a, b)| (a, b, source.id.as_str()))
            })
            .collect();
        if observing.is_empty() {
            gaps.push(StripGap { kind, from, to: None, sources: Vec::new(), whole: true });
        }
        let mut edges: Vec<Instant> = unread.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut last: Option<(StripGap, Instant)> = None;
        for pair in edges.windows(2) {
            let [begin, end] = [pair[0], pair[1]];
            let missing: BTreeSet<&str> =
                unread.iter().filter(|(a, b, _)| *a <= begin && end <= *b).map(|(_, _, id)| *id).collect();
            if missing.is_empty() {
                continue;
            }
            let whole = missing.len() == observing.len();
            let missing: Vec<String> = missing.into_iter().map(str::to_owned).collect();
            match &mut last {
                Some((gap, known))
                    if begin - *known <= near && gap.whole == whole && gap.sources == missing =>
                {
                    *known = end;
                }
                _ => {
                    gaps.extend(last.take().map(|(gap, end)| closed(gap, end, to)));
                    last = Some((StripGap { kind, from: begin, to: None, sources: missing, whole }, end));
                }
            }
        }
        gaps.extend(last.map(|(gap, end)| closed(gap, end, to)));
    }
    gaps
}

fn closed(gap: StripGap, end: Instant, to: Instant) -> StripGap {
    StripGap { to: (end < to).then_some(end), ..gap }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use qd_store::testkit::sample;

    use super::*;

    fn at(minutes: i64) -> Instant {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn minutes(at: Instant) -> i64 {
        (at - DateTime::UNIX_EPOCH).num_minutes()
    }

    fn happening(what: What, status: Status, native: &str, from: i64, until: Option<i64>) -> Happening {
        sample::happening(what, status, native, at(from), until.map(at))
    }

    #[test]
    fn a_bucket_has_one_mark_of_each_sort_with_its_first_and_last() {
        let deployed = |native: &str, from: i64| happening(What::Deployed, Status::Ok, native, from, None);
        let back = happening(What::RolledBack, Status::Ok, "b", 4, None);
        let marks = marks(
            &[deployed("a", 1), deployed("c", 3), back, deployed("d", 14), deployed("e", 15)],
            at(0),
            TimeDelta::minutes(15),
        );
        let told: Vec<String> = marks
            .iter()
            .map(|m| {
                format!("{} {} {}-{} ×{}", m.what, m.first.title, minutes(m.at), minutes(m.last), m.count)
            })
            .collect();
        assert_eq!(told, ["deployed a 1-14 ×3", "rolled_back b 4-4 ×1", "deployed e 15-15 ×1"]);
    }

    #[test]
    fn times_of_one_status_are_joined_and_alerts_counted_once() {
        let fired =
            |status, native: &str, from, until| happening(What::AlertFired, status, native, from, until);
        let items = [
            fired(Status::Warn, "a", 0, Some(10)),
            fired(Status::Paging, "b", 5, None),
            fired(Status::Warn, "a", 12, Some(20)),
            fired(Status::Warn, "c", 15, Some(18)),
            fired(Status::Warn, "d", 60, None),
            fired(Status::Warn, "e", 70, Some(71)),
        ];
        let told: Vec<String> = spans(&items, TimeDelta::minutes(5))
            .iter()
            .map(|s| {
                format!("{} {}-{:?} ×{}", s.status.as_str(), minutes(s.from), s.to.map(minutes), s.count)
            })
            .collect();
        assert_eq!(told, ["warn 0-Some(20) ×2", "paging 5-None ×1", "warn 60-None ×2"]);
    }

    /// A source: its id, its kinds, the minutes in which it was read.
    type Seen<'a> = (&'a str, &'a [Kind], &'a [(i64, i64)]);

    fn check_gaps(sources: &[Seen<'_>], expected: Expect) {
        let sources: Vec<Watched> = sources
            .iter()
            .map(|(id, kinds, read)| Watched {
                id: (*id).to_owned(),
                kinds: kinds.to_vec(),
                read: read.iter().map(|(a, b)| (at(*a), at(*b))).collect(),
            })
            .collect();
        let told: Vec<String> = gaps(&sources, (at(0), at(100)), at(100), TimeDelta::minutes(2))
            .iter()
            .map(|gap| {
                let to = gap.to.map_or("now".to_owned(), |to| minutes(to).to_string());
                let whole = if gap.whole { " whole" } else { "" };
                format!("{} {}-{to} {}{whole}", gap.kind, minutes(gap.from), gap.sources.join("+"))
            })
            .collect();
        expected.assert_eq(&told.join("\n"));
    }

    #[test]
    fn what_no_source_was_asked_about_is_a_gap() {
        const ALL: &[Kind] = &Kind::ALL;
        check_gaps(&[("s", ALL, &[(-10, 100)])], expect![""]);
        check_gaps(
            &[("s", &[Kind::Alert], &[(20, 50), (51, 60), (80, 90)])],
            expect![[r#"
                run 0-now  whole
                deployment 0-now  whole
                alert 0-20 s whole
                alert 50-51 s whole
                alert 60-80 s whole
                alert 90-now s whole
                ticket 0-now  whole"#]],
        );
        check_gaps(
            &[("a", ALL, &[(0, 40)]), ("b", ALL, &[(30, 100)]), ("c", &[Kind::Run], &[])],
            expect![[r#"
                run 0-30 b+c
                run 30-40 c
                run 40-now a+c
                deployment 0-30 b
                deployment 40-now a
                alert 0-30 b
                alert 40-now a
                ticket 0-30 b
                ticket 40-now a"#]],
        );
    }
}
