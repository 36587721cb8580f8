//! Reading a query.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Field, Filter, Term, Test};

/// Name and field, longest list first shown in help.
const FIELDS: [(&str, Field); 15] = [
    ("service", Field::Service),
    ("state", Field::State),
    ("status", Field::State),
    ("env", Field::Env),
    ("environment", Field::Env),
    ("source", Field::Source),
    ("kind", Field::Kind),
    ("severity", Field::Severity),
    ("author", Field::Author),
    ("assignee", Field::Assignee),
    ("type", Field::Type),
    ("name", Field::Name),
    ("ref", Field::Ref),
    ("branch", Field::Ref),
    ("repo", Field::Repo),
];

/// The longest query, in characters. Nobody types as much; a store takes only so long a condition.
const LONGEST: usize = 4096;
/// The most terms of a query.
const MOST_TERMS: usize = 64;

/// Why a query cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// A field nobody knows.
    #[error("there is no field '{name}'{}; quote it (\"{name}:…\") to search for the text; fields: service, state, env, source, kind, severity, author, assignee, type, name, ref, repo, owner, age, during", hint(.suggestion))]
    UnknownField {
        /// As typed.
        name: String,
        /// The nearest field, when one is near.
        suggestion: Option<&'static str>,
    },
    /// `field:` with nothing behind it.
    #[error("'{field}:' needs a value")]
    NoValue {
        /// As typed.
        field: String,
    },
    /// An age that is no age.
    #[error("'age:{value}' is not an age; write age:<2h or age:>3d (s, m, h, d, w)")]
    BadAge {
        /// As typed.
        value: String,
    },
    /// A span that is no span.
    #[error(
        "'during:{value}' is not a span of time; write during:2026-11-20T14:00:00Z..2026-11-20T15:00:00Z, from before to (a day alone begins at midnight UTC)"
    )]
    BadSpan {
        /// As typed.
        value: String,
    },
    /// A quote that is never closed.
    #[error("a quote is opened and never closed")]
    OpenQuote,
    /// More characters than a query may have.
    #[error("the filter has more than {LONGEST} characters; shorten it")]
    TooLong,
    /// More terms than a query may have.
    #[error(
        "the filter has {terms} terms, and at most {MOST_TERMS} can be asked; several values of one field are one term: state:failing,warn"
    )]
    TooMany {
        /// So many there are.
        terms: usize,
    },
}

fn hint(suggestion: &Option<&'static str>) -> String {
    suggestion.map(|name| format!(", did you mean '{name}'?")).unwrap_or_default()
}

impl Filter {
    /// Reads a query.
    ///
    /// # Errors
    /// [`FilterError`], with what to type instead.
    pub fn parse(query: &str) -> Result<Self, FilterError> {
        if query.chars().nth(LONGEST).is_some() {
            return Err(FilterError::TooLong);
        }
        let words = split(query)?;
        if words.len() > MOST_TERMS {
            return Err(FilterError::TooMany { terms: words.len() });
        }
        let terms = words.into_iter().map(term).collect::<Result<_, _>>()?;
        Ok(Self { terms })
    }
}

/// A word of the query, and whether a quote began it (then a colon in it is text).
struct Word {
    text: String,
    quoted: bool,
    negated: bool,
}

fn split(query: &str) -> Result<Vec<Word>, FilterError> {
    let mut words = Vec::new();
    let mut chars = query.chars().peekable();
    while let Some(&first) = chars.peek() {
        if first.is_whitespace() {
            chars.next();
            continue;
        }
        let negated = first == '-';
        if negated {
            chars.next();
        }
        let quoted = chars.peek() == Some(&'"');
        let mut text = String::new();
        let mut inside = false;
        while let Some(&c) = chars.peek() {
            if c.is_whitespace() && !inside {
                break;
            }
            chars.next();
            match c {
                '"' => inside = !inside,
                _ => text.push(c),
            }
        }
        if inside {
            return Err(FilterError::OpenQuote);
        }
        if !text.is_empty() {
            words.push(Word { text, quoted, negated });
        } else if negated && !quoted {
            words.push(Word { text: "-".to_owned(), quoted: true, negated: false });
        }
    }
    Ok(words)
}

fn term(word: Word) -> Result<Term, FilterError> {
    let negated = word.negated;
    let plain = |text: String| Ok(Term { negated, test: Test::Text(text) });
    let Some((name, value)) = word.text.split_once(':').filter(|_| !word.quoted) else {
        return plain(word.text);
    };
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphabetic()) || value.starts_with("//") {
        return plain(word.text);
    }
    if value.is_empty() {
        return Err(FilterError::NoValue { field: name.to_owned() });
    }
    let lower = name.to_ascii_lowercase();
    if lower == "age" {
        return age(value).map(|test| Term { negated, test });
    }
    if lower == "during" {
        return span(value).map(|test| Term { negated, test });
    }
    if lower == "owner" {
        return values(name, value).map(|owners| Term { negated, test: Test::Owner(owners) });
    }
    match FIELDS.iter().find(|(known, _)| *known == lower) {
        Some((_, field)) => {
            let values = values(name, value)?;
            Ok(Term { negated, test: Test::Is(*field, spelled_out(*field, values)) })
        }
        None => Err(FilterError::UnknownField { name: name.to_owned(), suggestion: nearest(&lower) }),
    }
}

fn values(name: &str, value: &str) -> Result<Vec<String>, FilterError> {
    let values: Vec<String> = value.split(',').filter(|v| !v.is_empty()).map(str::to_owned).collect();
    if values.is_empty() {
        return Err(FilterError::NoValue { field: name.to_owned() });
    }
    Ok(values)
}

/// What pages is failing too, and worse: whoever asks for what fails means both.
fn spelled_out(field: Field, mut values: Vec<String>) -> Vec<String> {
    let has = |word: &str| values.iter().any(|value| value.eq_ignore_ascii_case(word));
    if field == Field::State && has("failing") && !has("paging") {
        values.push("paging".to_owned());
    }
    values
}

fn age(value: &str) -> Result<Test, FilterError> {
    let bad = || FilterError::BadAge { value: value.to_owned() };
    let (younger, rest) = match (value.strip_prefix('<'), value.strip_prefix('>')) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err(bad()),
    };
    let unit_at = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
    let (number, unit) = rest.split_at(unit_at);
    let number: i64 = number.parse().map_err(|_| bad())?;
    let factor = match unit {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return Err(bad()),
    };
    let secs = number.checked_mul(factor).ok_or_else(bad)?;
    Ok(Test::Age { younger, secs })
}

fn span(value: &str) -> Result<Test, FilterError> {
    let instant = |text: &str| -> Option<DateTime<Utc>> {
        let day = || text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0).map(|midnight| midnight.and_utc());
        DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()).or_else(day)
    };
    value
        .split_once("..")
        .and_then(|(from, to)| Some((instant(from)?, instant(to)?)))
        .filter(|(from, to)| from < to)
        .map(|(from, to)| Test::During { from, to })
        .ok_or_else(|| FilterError::BadSpan { value: value.to_owned() })
}

/// The known field that was meant, if one is near.
fn nearest(name: &str) -> Option<&'static str> {
    crate::near::nearest(name, FIELDS.iter().map(|(known, _)| *known).chain(["age", "during", "owner"]))
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = FIELDS.iter().find(|(_, field)| field == self).map_or("", |(name, _)| name);
        f.write_str(name)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(query: &str, expected: Expect) {
        let shown = match Filter::parse(query) {
            Ok(filter) => filter.terms.iter().map(show).collect::<Vec<_>>().join(" & "),
            Err(error) => format!("error: {error}"),
        };
        expected.assert_eq(&shown);
    }

    fn show(term: &Term) -> String {
        let not = if term.negated { "not " } else { "" };
        match &term.test {
            Test::Text(text) => format!("{not}text({text})"),
            Test::Is(field, values) => format!("{not}{field}({})", values.join("|")),
            Test::Age { younger, secs } => format!("{not}age{}{secs}s", if *younger { "<" } else { ">" }),
            Test::During { from, to } => format!("{not}during({from} to {to})"),
            Test::Owner(owners) => format!("{not}owner({})", owners.join("|")),
        }
    }

    #[test]
    fn a_query_has_a_length_that_every_store_takes() {
        let terms = |count: usize| "a ".repeat(count);
        for (query, expected) in [
            (terms(64), Ok(64)),
            (terms(65), Err(FilterError::TooMany { terms: 65 })),
            (terms(50_000), Err(FilterError::TooLong)),
            ("ü".repeat(4096), Ok(1)),
            ("ü".repeat(4097), Err(FilterError::TooLong)),
            (format!("state:{}", ["failing"; 300].join(",")), Ok(1)),
        ] {
            let shown: String = query.chars().take(20).collect();
            assert_eq!(Filter::parse(&query).map(|filter| filter.terms.len()), expected, "{shown}…");
        }
    }

    #[test]
    fn words_and_fields_are_told_apart() {
        check("", expect![""]);
        check(
            "pay state:failing,warn -env:dev age:<2h",
            expect!["text(pay) & state(failing|warn|paging) & not env(dev) & age<7200s"],
        );
        check("\"pay page\" \"state:x\" branch:main", expect!["text(pay page) & text(state:x) & ref(main)"]);
        check(
            "https://example.org/x 12:30 -",
            expect!["text(https://example.org/x) & text(12:30) & text(-)"],
        );
        check(
            "-during:2026-11-20T14:00:00+01:00..2026-11-21 owner:payments,platform",
            expect![
                "not during(2026-11-20 13:00:00 UTC to 2026-11-21 00:00:00 UTC) & owner(payments|platform)"
            ],
        );
    }

    #[test]
    fn mistakes_say_what_to_type() {
        check(
            "servce:shop",
            expect![
                "error: there is no field 'servce', did you mean 'service'?; quote it (\"servce:…\") to search for the text; fields: service, state, env, source, kind, severity, author, assignee, type, name, ref, repo, owner, age, during"
            ],
        );
        check("age:2h", expect!["error: 'age:2h' is not an age; write age:<2h or age:>3d (s, m, h, d, w)"]);
        check(
            "age:<99999999999999w",
            expect!["error: 'age:<99999999999999w' is not an age; write age:<2h or age:>3d (s, m, h, d, w)"],
        );
        check("state:", expect!["error: 'state:' needs a value"]);
        for value in ["now..later", "2026-11-20", "2026-11-21..2026-11-20", "2026-11-20..2026-11-20"] {
            let error = Filter::parse(&format!("during:{value}")).unwrap_err();
            assert_eq!(error, FilterError::BadSpan { value: value.to_owned() });
        }
        check("\"open", expect!["error: a quote is opened and never closed"]);
    }
}
