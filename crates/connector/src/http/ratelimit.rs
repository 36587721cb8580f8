//! Reads the rate limit headers of all vendors. Pure.
//!
//! | dialect | headers |
//! |---|---|
//! | GitHub | `x-ratelimit-{limit,remaining,reset}`, reset in epoch seconds; `x-ratelimit-resource` |
//! | GitLab | `RateLimit-{Limit,Remaining,Reset}`, reset in epoch seconds; sometimes none at all |
//! | PagerDuty, IETF draft | `ratelimit-{limit,remaining,reset}`, reset in seconds to go |
//! | Jira | `X-RateLimit-{Limit,Remaining,Reset}`, reset in ISO 8601; `RateLimit-Reason` |
//! | IETF draft, one field | `RateLimit: limit=100, remaining=50, reset=30` or `RateLimit: "default";r=50;t=30` |
//! | all | `Retry-After`, seconds or an HTTP date |
//!
//! Instants are taken relative to the server's own `Date`, so that a wrong clock on either side does no harm, and waits
//! are kept between a second and an hour, so that a broken header neither hammers a server nor silences a source for ever.

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use qd_model::Quota;

/// What the headers of one response say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// The quota.
    pub quota: Option<Quota>,
    /// Which resource the response speaks of, where the backend counts some apart (GitHub: searches, GraphQL). `None`: the
    /// one of ordinary requests.
    pub resource: Option<String>,
    /// `Retry-After`.
    pub retry_after: Option<TimeDelta>,
    /// How long until the window begins anew.
    pub reset_in: Option<TimeDelta>,
    /// Nothing is left.
    pub exhausted: bool,
    /// The backend gives a reason for a limit (Jira).
    pub reason: bool,
}

/// Reads a response that came at `now` (our clock).
pub(super) fn read(headers: &HeaderMap, now: DateTime<Utc>) -> Reading {
    let server_now = date(headers, "date").unwrap_or(now);
    let structured = text(headers, "ratelimit").map(structured).unwrap_or_default();
    let number = |suffix: &str| {
        ["x-ratelimit-", "ratelimit-", "x-rate-limit-"]
            .iter()
            .find_map(|prefix| integer(text(headers, &format!("{prefix}{suffix}"))?))
    };
    let limit = number("limit").or(structured.limit);
    let remaining = number("remaining").or(structured.remaining);
    let reset_in = ["x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset"]
        .iter()
        .find_map(|name| reset(text(headers, name)?, server_now))
        .or(structured.reset.map(|seconds| clamp(seconds, 0)));
    let resource = text(headers, "x-ratelimit-resource").filter(|resource| *resource != "core");
    let quota = match (limit, remaining) {
        (Some(limit), Some(remaining)) if limit > 0 => Some(Quota {
            limit: unsigned(limit),
            remaining: unsigned(remaining).min(unsigned(limit)),
            resets_at: reset_in.map(|wait| now + wait),
        }),
        _ => None,
    };
    Reading {
        quota,
        resource: resource.map(|name| name.chars().take(40).collect()),
        retry_after: text(headers, "retry-after").and_then(|value| retry_after(value, server_now)),
        reset_in,
        exhausted: remaining.is_some_and(|remaining| remaining <= 0),
        reason: headers.contains_key("ratelimit-reason"),
    }
}

/// The instant in a header with an HTTP date.
pub(super) fn date(headers: &HeaderMap, name: &str) -> Option<DateTime<Utc>> {
    http_date(text(headers, name)?)
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7; the two obsolete forms are no longer sent by anybody).
fn http_date(value: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(value).ok().map(|at| at.with_timezone(&Utc))
}

fn retry_after(value: &str, server_now: DateTime<Utc>) -> Option<TimeDelta> {
    match value.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => Some(clamp(saturating(seconds.ceil()), 0)),
        Ok(_) => None,
        Err(_) => http_date(value).map(|at| clamp(at.timestamp(), server_now.timestamp())),
    }
}

/// A reset as seconds to go, epoch seconds, epoch milliseconds, ISO 8601 or an HTTP date.
fn reset(value: &str, server_now: DateTime<Utc>) -> Option<TimeDelta> {
    /// Above it a number of seconds is an instant (September 2001), below it a wait.
    const EPOCH: i64 = 1_000_000_000;
    const DAY_MILLIS: i64 = 86_400_000;
    if let Ok(number) = value.parse::<f64>() {
        let number = saturating(number.ceil());
        let in_millis = number.saturating_sub(server_now.timestamp_millis()).saturating_abs() < DAY_MILLIS;
        return Some(match number {
            millis if in_millis => clamp(millis / 1000, server_now.timestamp()),
            instant if instant >= EPOCH => clamp(instant, server_now.timestamp()),
            wait => clamp(wait, 0),
        });
    }
    // Jira: `2025-10-08T15:00:00Z`, in places without the seconds.
    let iso = DateTime::parse_from_rfc3339(value)
        .or_else(|_| DateTime::parse_from_rfc3339(&value.replacen('Z', ":00Z", 1)));
    let at = iso.map(|at| at.with_timezone(&Utc)).ok().or_else(|| http_date(value))?;
    Some(clamp(at.timestamp(), server_now.timestamp()))
}

#[derive(Default)]
struct Structured {
    limit: Option<i64>,
    remaining: Option<i64>,
    reset: Option<i64>,
}

/// The one-field forms of the IETF draft.
fn structured(value: &str) -> Structured {
    let mut found = Structured::default();
    for pair in value.split([',', ';']) {
        let Some((key, number)) = pair.split_once('=') else { continue };
        let number = integer(number.trim());
        match key.trim() {
            "limit" => found.limit = number,
            "remaining" | "r" => found.remaining = number,
            "reset" | "t" => found.reset = number,
            _ => {}
        }
    }
    found
}

/// The whole number at the start of `100`, `100, 100;w=60`, `-1`, `12.0`.
fn integer(value: &str) -> Option<i64> {
    let end = value.char_indices().find(|(at, c)| !(c.is_ascii_digit() || (*at == 0 && *c == '-')));
    let digits = &value[..end.map_or(value.len(), |(at, _)| at)];
    match digits.parse() {
        Ok(number) => Some(number),
        Err(_) if digits.len() > 18 => Some(if digits.starts_with('-') { i64::MIN } else { i64::MAX }),
        Err(_) => None,
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float-to-integer cast saturates, which is what is wanted"
)]
fn saturating(number: f64) -> i64 {
    number as i64
}

/// The wait from `from` to `to`, both seconds: at least one second, at most an hour.
fn clamp(to: i64, from: i64) -> TimeDelta {
    TimeDelta::seconds(to.saturating_sub(from).clamp(1, 3600))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    const NOW: i64 = 1_768_478_400; // 2026-01-15T12:00:00Z

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let parse = |(name, value): &(&str, &str)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(parse).collect()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(NOW, 0).unwrap()
    }

    /// `limit/remaining, reset in s, retry after s`
    fn check(pairs: &[(&str, &str)], expected: &str) {
        let reading = read(&headers(pairs), now());
        let quota =
            reading.quota.map_or("-".to_owned(), |quota| format!("{}/{}", quota.remaining, quota.limit));
        let secs =
            |wait: Option<TimeDelta>| wait.map_or("-".to_owned(), |wait| wait.num_seconds().to_string());
        let found = format!("{quota} reset {} retry {}", secs(reading.reset_in), secs(reading.retry_after));
        assert_eq!(found, expected, "{pairs:?}");
    }

    #[test]
    fn every_dialect_is_read() {
        let reset = (NOW + 600).to_string();
        let github = |name| match name {
            "remaining" => ("x-ratelimit-remaining", "4990"),
            _ => ("x-ratelimit-limit", "5000"),
        };
        check(
            &[github("limit"), github("remaining"), ("x-ratelimit-reset", &reset)],
            "4990/5000 reset 600 retry -",
        );
        // GitLab spells it without x-, with an instant all the same.
        check(
            &[("RateLimit-Limit", "2000"), ("RateLimit-Remaining", "1999"), ("RateLimit-Reset", &reset)],
            "1999/2000 reset 600 retry -",
        );
        // PagerDuty and the IETF draft: seconds to go.
        check(
            &[("ratelimit-limit", "960"), ("ratelimit-remaining", "12"), ("ratelimit-reset", "57")],
            "12/960 reset 57 retry -",
        );
        check(
            &[("ratelimit-limit", "100, 100;w=60"), ("ratelimit-remaining", "5"), ("ratelimit-reset", "3")],
            "5/100 reset 3 retry -",
        );
        check(&[("ratelimit", "limit=100, remaining=50, reset=30")], "50/100 reset 30 retry -");
        check(&[("ratelimit", "\"default\";r=50;t=30")], "- reset 30 retry -");
        // Jira: ISO 8601, in places without seconds.
        check(
            &[
                ("x-ratelimit-limit", "350"),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "2026-01-15T12:05Z"),
            ],
            "0/350 reset 300 retry -",
        );
        check(&[("x-ratelimit-reset", "2026-01-15T12:05:30Z")], "- reset 330 retry -");
        // Milliseconds since the epoch.
        check(&[("x-ratelimit-reset", &format!("{}", (NOW + 90) * 1000))], "- reset 90 retry -");
        check(&[("x-ratelimit-reset", "Thu, 15 Jan 2026 12:10:00 GMT")], "- reset 600 retry -");
        check(&[], "- reset - retry -");
    }

    #[test]
    fn a_wait_is_kept_between_a_second_and_an_hour() {
        check(&[("retry-after", "120")], "- reset - retry 120");
        check(&[("retry-after", "0")], "- reset - retry 1");
        check(&[("retry-after", "-17")], "- reset - retry 1");
        check(&[("retry-after", "1.2")], "- reset - retry 2");
        check(&[("retry-after", "1000000000000")], "- reset - retry 3600");
        check(&[("retry-after", "1e400")], "- reset - retry -");
        check(&[("retry-after", "NaN")], "- reset - retry -");
        check(&[("retry-after", "soon")], "- reset - retry -");
        check(&[("x-ratelimit-reset", "-5")], "- reset 1 retry -");
        check(&[("x-ratelimit-reset", "1")], "- reset 1 retry -");
        check(&[("x-ratelimit-reset", "1000000000000")], "- reset 3600 retry -");
        check(&[("x-ratelimit-reset", "9223372036854775807")], "- reset 3600 retry -");
        check(&[("x-ratelimit-reset", &(NOW - 50).to_string())], "- reset 1 retry -");
    }

    #[test]
    fn instants_are_taken_by_the_servers_own_clock() {
        let ahead = ("date", "Thu, 15 Jan 2026 13:00:00 GMT");
        check(&[ahead, ("retry-after", "Thu, 15 Jan 2026 13:02:00 GMT")], "- reset - retry 120");
        check(&[ahead, ("x-ratelimit-reset", &(NOW + 3600 + 30).to_string())], "- reset 30 retry -");
    }

    #[test]
    fn nonsense_is_no_quota() {
        check(&[("x-ratelimit-limit", "many"), ("x-ratelimit-remaining", "few")], "- reset - retry -");
        check(&[("x-ratelimit-limit", "0"), ("x-ratelimit-remaining", "0")], "- reset - retry -");
        check(&[("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "-1")], "0/10 reset - retry -");
        check(
            &[("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "99999999999999999999")],
            "10/10 reset - retry -",
        );
    }

    #[test]
    fn a_resource_that_is_counted_apart_is_named() {
        let resource = |pairs| read(&headers(pairs), now()).resource;
        assert_eq!(resource(&[("x-ratelimit-resource", "search")]).as_deref(), Some("search"));
        assert_eq!(resource(&[("x-ratelimit-resource", "core")]), None);
        assert_eq!(resource(&[]), None);
    }
}
