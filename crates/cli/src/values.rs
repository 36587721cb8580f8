//! Values on the command line.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// Reads a time, as filters do: RFC 3339, or a day, which begins at midnight UTC.
pub fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    let day = || text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    text.parse().or_else(|_| day()).map_err(|_| {
        "write 2026-11-20T09:00:00Z, 2026-11-20T10:00:00+01:00, or a day alone (2026-11-20), which begins at midnight UTC"
            .to_owned()
    })
}

/// An empty key comes from a variable that is not set: it would make all such calls one.
pub fn idempotency_key(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("a key needs a character; leave the option out to send without one".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// Reads an argument of an action or a setting.
pub fn key_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "write KEY=VALUE".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_zone_or_is_a_day() {
        let check = |text: &str, expected: Option<&str>| {
            let read = time(text).ok().map(|at| at.to_rfc3339());
            assert_eq!(read.as_deref(), expected, "{text}");
        };
        check("2026-11-20T09:00:00Z", Some("2026-11-20T09:00:00+00:00"));
        check("2026-11-20 09:00:00Z", Some("2026-11-20T09:00:00+00:00"));
        check("2026-11-20T10:00:00+01:00", Some("2026-11-20T09:00:00+00:00"));
        check("2026-11-20T09:00:00.123456789Z", Some("2026-11-20T09:00:00.123456789+00:00"));
        check("2026-11-20", Some("2026-11-20T00:00:00+00:00"));
        for text in ["", "yesterday", "09:00", "2026-11-20T09:00:00", "20.11.2026", "1763629200"] {
            check(text, None);
        }
        assert!(time("yesterday").unwrap_err().contains("2026-11-20T09:00:00Z"), "an example is told");
    }
}
