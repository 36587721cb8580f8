//! Durations as people write them: `30m`, `2h`, `1d`, `1h30m`.

use chrono::TimeDelta;

/// Longer silences are a mistake, not a wish.
const LONGEST: TimeDelta = TimeDelta::days(3660);

/// Reads a duration of at least one second.
///
/// # Errors
/// Says what to write.
pub fn parse(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("'{text}' is not a duration; write 30m, 2h, 1d or 1h30m");
    let mut rest = text.trim();
    let mut seconds: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let number: i64 = rest[..digits].parse().map_err(|_| wrong())?;
        let unit = match rest.as_bytes()[digits] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return Err(wrong()),
        };
        seconds = number.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(wrong)?;
        rest = rest[digits + 1..].trim_start();
    }
    let duration = TimeDelta::try_seconds(seconds).filter(|duration| *duration > TimeDelta::zero());
    match duration.ok_or_else(wrong)? {
        long if long > LONGEST => Err(format!("'{text}' is longer than ten years")),
        duration => Ok(duration),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(parse(text).ok().map(|duration| duration.num_seconds()), expected, "{text:?}");
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        check("2h", Some(7200));
        check(" 1h30m ", Some(5400));
        check("1d 12h", Some(129_600));
        check("1w", Some(604_800));
        check("45s", Some(45));
        for wrong in
            ["", "0m", "2", "h", "-2h", "2x", "2hh", "1.5h", "9999999999999w", "99999d", "２h", "2h\u{e9}"]
        {
            check(wrong, None);
        }
    }
}
