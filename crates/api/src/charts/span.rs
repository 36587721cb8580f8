//! Which span of time a chart covers, and into which parts it is cut.

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::Filter;
use qd_rules::Parts;

/// Hours at the most, when no span is asked for.
const MOST_HOURS: u32 = 168;

/// The width of a part for spans up to a length: a chart has at most about two hundred of them.
const WIDTHS: [(TimeDelta, TimeDelta); 5] = [
    (TimeDelta::hours(3), TimeDelta::minutes(5)),
    (TimeDelta::hours(12), TimeDelta::minutes(15)),
    (TimeDelta::hours(169), TimeDelta::hours(1)),
    (TimeDelta::days(45), TimeDelta::hours(6)),
    (TimeDelta::days(200), TimeDelta::days(1)),
];

/// A span of time and its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Begin, inclusive.
    pub from: DateTime<Utc>,
    /// End, exclusive.
    pub to: DateTime<Utc>,
    /// Round on the reader's clock; the first may begin before the span, the last end after it.
    pub parts: Parts,
}

impl Span {
    /// The span a filter asks for, else so many hours up to `now`. `ahead`: how far the reader's clock is ahead of UTC.
    pub fn of(filter: &Filter, hours: u32, now: DateTime<Utc>, ahead: TimeDelta) -> Self {
        if let Some((from, to)) = filter.span() {
            return Self::cut(from, to, ahead);
        }
        let length = TimeDelta::hours(hours.clamp(1, MOST_HOURS).into());
        let width = width(length);
        let to = floor(now, width, ahead) + width;
        Self::cut(to - length, to, ahead)
    }

    fn cut(from: DateTime<Utc>, to: DateTime<Utc>, ahead: TimeDelta) -> Self {
        let width = width(to - from);
        let begin = floor(from, width, ahead);
        let parts = (to - begin).num_seconds().unsigned_abs().div_ceil(width.num_seconds().unsigned_abs());
        Self {
            from,
            to,
            parts: Parts { from: begin, width, count: u32::try_from(parts).unwrap_or(u32::MAX) },
        }
    }

    /// The parts that have begun by `now`, with their number, begin and end, none of them outside the span.
    pub fn begun(
        &self,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = (u32, DateTime<Utc>, DateTime<Utc>)> + use<> {
        let Self { from, to, parts } = *self;
        (0..parts.count)
            .map(move |at| (at, parts.begin(at).max(from), parts.begin(at + 1).min(to)))
            .take_while(move |(_, begin, _)| *begin < now)
    }
}

fn width(length: TimeDelta) -> TimeDelta {
    let fits = WIDTHS.iter().find(|(most, _)| length <= *most);
    // However long: at most two hundred parts of whole weeks each.
    fits.map_or_else(|| TimeDelta::weeks((length.num_weeks() / 200 + 1).max(1)), |(_, width)| *width)
}

/// The begin of the part an instant is in. Weeks begin on Monday: the epoch was a Thursday.
fn floor(at: DateTime<Utc>, width: TimeDelta, ahead: TimeDelta) -> DateTime<Utc> {
    let monday = if width >= TimeDelta::weeks(1) { TimeDelta::days(4) } else { TimeDelta::zero() };
    let shifted = at - DateTime::UNIX_EPOCH + ahead - monday;
    let over = shifted.num_milliseconds().rem_euclid(width.num_milliseconds());
    at - TimeDelta::milliseconds(over)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn check(query: &str, hours: u32, ahead: i64, expected: &str) {
        let now = at("2026-11-21T14:20:00Z");
        let span = Span::of(&Filter::parse(query).unwrap(), hours, now, TimeDelta::minutes(ahead));
        let begun: Vec<_> = span.begun(now).collect();
        let short = |at: DateTime<Utc>| at.format("%d %H:%M").to_string();
        let last = begun
            .last()
            .map_or("none".to_owned(), |(at, from, to)| format!("{at}: {}-{}", short(*from), short(*to)));
        let told = format!(
            "{}-{} in {} of {} min, last begun {last}",
            short(span.from),
            short(span.to),
            span.parts.count,
            span.parts.width.num_minutes()
        );
        assert_eq!(told, expected, "{query} {hours} {ahead}");
    }

    #[test]
    fn parts_are_round_on_the_readers_clock_and_as_wide_as_the_span_allows() {
        check("", 24, 0, "20 15:00-21 15:00 in 24 of 60 min, last begun 23: 21 14:00-21 15:00");
        check("", 24, 330, "20 14:30-21 14:30 in 24 of 60 min, last begun 23: 21 13:30-21 14:30");
        check("", 10_000, 0, "14 15:00-21 15:00 in 168 of 60 min, last begun 167: 21 14:00-21 15:00");
        let during = |span: &str| format!("service:shop during:{span}");
        check(
            &during("2026-11-21T13:05:00Z..2026-11-21T13:35:00Z"),
            24,
            0,
            "21 13:05-21 13:35 in 6 of 5 min, last begun 5: 21 13:30-21 13:35",
        );
        check(
            &during("2026-11-20T10:40:00Z..2026-11-21T10:50:00Z"),
            24,
            0,
            "20 10:40-21 10:50 in 25 of 60 min, last begun 24: 21 10:00-21 10:50",
        );
        check(
            &during("2026-10-22..2026-11-21"),
            24,
            60,
            "22 00:00-21 00:00 in 121 of 360 min, last begun 120: 20 23:00-21 00:00",
        );
    }

    #[test]
    fn what_lies_ahead_has_no_parts_and_ages_are_cut_into_weeks() {
        let ahead = "during:2026-11-21T14:00:00Z..2026-11-21T15:00:00Z";
        check(ahead, 24, 0, "21 14:00-21 15:00 in 12 of 5 min, last begun 3: 21 14:15-21 14:20");
        check("during:2027-01-01..2027-01-02", 24, 0, "01 00:00-02 00:00 in 24 of 60 min, last begun none");
        let ages = Span::of(
            &Filter::parse("during:1970-01-01..9000-01-01").unwrap(),
            24,
            at("2026-11-21T14:20:00Z"),
            TimeDelta::zero(),
        );
        assert!(ages.parts.count <= 202, "{}", ages.parts.count);
    }
}
