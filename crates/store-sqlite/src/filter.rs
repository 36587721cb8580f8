//! A filter in the language of SQLite. `Filter::matches` is the reference; a test compares both on generated data.

use chrono::{DateTime, Utc};
use qd_model::filter::{AHEAD_SECS, Field, Term, Test};
use qd_model::{Filter, Kind};
use rusqlite::Connection;

use crate::entity::{FACETS, RANKS, kind_number, micros, status};
use crate::happened;
use crate::search::folded;
use crate::words::{self, Wanted};

/// A filter, ready to be put behind `WHERE`.
#[derive(Debug, Default)]
pub struct Compiled {
    /// Conditions, joined by *and*. Numbers are written out; texts are parameters.
    pub conditions: Vec<String>,
    /// The one service asked for, when it is exactly one.
    pub service: Option<i64>,
    /// Nothing that ended, or began without an end, before this instant can match: `age:<2h`.
    pub since: Option<i64>,
    /// Nothing can match.
    pub nothing: bool,
    /// Texts, folded, that must be found.
    pub texts: Vec<String>,
    /// Texts, folded, that must not be found.
    pub not_texts: Vec<String>,
}

/// Where the columns stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// All in `entity e`.
    Now,
    /// In `version v`, but for source and kind.
    Then,
}

impl Place {
    fn column(self, field: Field) -> String {
        let table = if self == Self::Now { "e" } else { "v" };
        match FACETS.iter().find(|(known, _)| *known == field) {
            Some((_, name)) => format!("{table}.{name}"),
            None => format!("e.{field}"),
        }
    }

    fn own(self, name: &str) -> String {
        format!("{}.{name}", if self == Self::Now { "e" } else { "v" })
    }
}

/// Lists of numbers up to this length are written into the statement.
const INLINE: usize = 2_000;

/// Translates a filter.
pub fn compile(
    conn: &Connection,
    filter: &Filter,
    now: DateTime<Utc>,
    place: Place,
) -> rusqlite::Result<Compiled> {
    let mut compiled = Compiled::default();
    for term in &filter.terms {
        match &term.test {
            Test::Text(text) if text.is_empty() => compiled.nothing |= term.negated,
            Test::Text(text) if term.negated => compiled.not_texts.push(folded(text)),
            Test::Text(text) => compiled.texts.push(folded(text)),
            Test::Age { younger, secs } => {
                let (condition, since) = age(place, *younger, *secs, now);
                if !term.negated {
                    compiled.since = compiled.since.max(since);
                }
                compiled.conditions.push(signed(&condition, term.negated));
            }
            Test::During { from, to } => {
                let condition = during(place, micros(*from), micros(*to));
                compiled.conditions.push(signed(&condition, term.negated));
            }
            // An owner that nobody put services in place of owns nothing.
            Test::Owner(_) => compiled.nothing |= !term.negated,
            Test::Is(field, wanted) => field_term(conn, &mut compiled, term, *field, wanted, place)?,
        }
    }
    Ok(compiled)
}

fn field_term(
    conn: &Connection,
    compiled: &mut Compiled,
    term: &Term,
    field: Field,
    wanted: &[String],
    place: Place,
) -> rusqlite::Result<()> {
    let none = wanted.iter().any(|want| want.eq_ignore_ascii_case("none"));
    let parsed: Vec<Wanted> = wanted.iter().map(|want| Wanted::parse(want)).collect();
    let column = place.column(field);
    if field == Field::Kind {
        let numbers: Vec<i64> = Kind::ALL
            .into_iter()
            .filter(|kind| parsed.iter().any(|want| want.fits(kind.as_str())))
            .map(kind_number)
            .collect();
        compiled.conditions.push(signed(&one_of(&column, &numbers), term.negated));
        return Ok(());
    }
    let found = words::matching(conn, field, &parsed)?;
    let numbers: Vec<i64> = found.iter().map(|(id, _)| *id).collect();
    let absent = none && !always_there(field);
    if !term.negated && !absent {
        compiled.nothing |= numbers.is_empty();
        if let (Field::Service, [only]) = (field, numbers.as_slice()) {
            compiled.service = Some(*only);
        }
        if field == Field::State {
            compiled.conditions.push(one_of(&place.own("rank"), &ranks(&found)));
        }
    }
    let mut condition = one_of(&column, &numbers);
    if absent {
        condition = format!("({column} IS NULL OR {condition})");
    }
    compiled.conditions.push(signed(&condition, term.negated));
    Ok(())
}

/// Whether every entity has a value for the field.
fn always_there(field: Field) -> bool {
    matches!(field, Field::State | Field::Source | Field::Kind)
}

/// The places of the statuses that state words draw: the second value of each. A state word has one status, so asking
/// for it too changes nothing but the index that can be used.
fn ranks(found: &[(i64, String)]) -> Vec<i64> {
    let has = |rank: &i64| {
        let word = status(*rank).as_str();
        found.iter().any(|(_, text)| words::values(text).nth(1) == Some(word))
    };
    (0..).take(RANKS.len()).filter(has).collect()
}

fn one_of(column: &str, numbers: &[i64]) -> String {
    match numbers {
        [] => "FALSE".to_owned(),
        [only] => format!("{column} IS {only}"),
        many => {
            // A prefix that thousands of words begin with is hardly a filter; SQLite takes long lists all the same.
            let list: Vec<String> = many.iter().map(i64::to_string).collect();
            let list = list.join(",");
            if many.len() > INLINE {
                format!("({column} IS NOT NULL AND {column} IN (SELECT value FROM json_each('[{list}]')))")
            } else {
                format!("({column} IS NOT NULL AND {column} IN ({list}))")
            }
        }
    }
}

/// A condition that is never NULL, or its opposite.
fn signed(condition: &str, negated: bool) -> String {
    if negated { format!("NOT {condition}") } else { condition.to_owned() }
}

/// `age:<2h` in terms of the narrow columns, and the earliest instant that fits. The reference counts whole seconds and cuts
/// towards zero, so an age of −0.4 s is 0.
///
/// What is open counts from its begin, what is over from its end ([`qd_model::Fact::since`]). No end lies before its begin, so
/// what is old by its end is by its begin, too: said once more, because indexes know begins.
fn age(place: Place, younger: bool, secs: i64, now: DateTime<Utc>) -> (String, Option<i64>) {
    const SECOND: i64 = 1_000_000;
    let now = micros(now);
    let ago = |secs: i64| now.saturating_sub(secs.saturating_mul(SECOND));
    let [begun, last, open] = ["occurred", "last", "open"].map(|name| place.own(name));
    let since = format!("CASE {open} WHEN 1 THEN {begun} ELSE max({begun}, coalesce({last}, {begun})) END");
    let (test, earliest) = match (younger, secs) {
        (true, secs) if secs > 0 => (format!("> {}", ago(secs)), Some(ago(secs))),
        (true, secs) => (format!(">= {}", ago(secs.saturating_sub(1))), Some(ago(secs.saturating_sub(1)))),
        (false, secs) if secs >= 0 => (format!("<= {}", ago(secs.saturating_add(1))), None),
        (false, secs) => (format!("< {}", ago(secs)), None),
    };
    let test = if younger {
        let ahead = ago(-AHEAD_SECS);
        format!("{since} {test} AND {since} < {ahead} AND {begun} < {ahead}")
    } else {
        format!("{since} {test} AND {begun} {test}")
    };
    (format!("({begun} IS NOT NULL AND {test})"), earliest)
}

/// `during:` in terms of the narrow columns. An alert counts as long as it fires, up to when it was seen to be over, and also
/// when it did so before it fired anew; a run that was tried again also when it failed before.
fn during(place: Place, from: i64, to: i64) -> String {
    let [occurred, last, open] = ["occurred", "last", "open"].map(|name| place.own(name));
    let seen = if place == Place::Now { "e.since" } else { "v.from_at" };
    let within = |column: &str| format!("({column} IS NOT NULL AND {column} >= {from} AND {column} < {to})");
    let fired = format!(
        "(e.kind = {alert} AND {occurred} IS NOT NULL AND {occurred} < {to}
          AND ({open} = 1 OR coalesce({last}, {seen}) > {from})
          OR e.kind = {alert} AND e.id IN (
            SELECT v.entity FROM version v INDEXED BY version_ended
            WHERE v.until_at > {from} AND coalesce(v.occurred, v.from_at) < {to} AND v.open = 1 AND v.gone = 0))",
        alert = kind_number(Kind::Alert)
    );
    let tried_again = match place {
        Place::Now => format!(" OR e.id IN (SELECT v.entity FROM {})", happened::overtaken(from, to)),
        Place::Then => String::new(),
    };
    // One that ended as the span began did not fire in it.
    let ended = format!("(e.kind <> {} OR {last} <> {from}) AND {}", kind_number(Kind::Alert), within(&last));
    format!("({} OR ({ended}) OR {fired}{tried_again})", within(&occurred))
}
