//! A fact as text: JSON without what is absent.

use qd_model::Fact;

/// The text of a fact. Members that are `null` are left out: a missing one reads the same, and a history has millions.
pub fn write(fact: &Fact) -> rusqlite::Result<String> {
    let whole = serde_json::to_string(fact)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    Ok(lean(&whole))
}

/// Reads a text. An unreadable one is an error of the row, not of the file.
pub fn read(text: &str) -> rusqlite::Result<Fact> {
    fact(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// Looks at the kind, which stands first in what [`write`] wrote, and reads the rest at once: asked for a [`Fact`], serde
/// first makes a tree of the whole text.
fn fact(text: &str) -> serde_json::Result<Fact> {
    let kind = text.strip_prefix("{\"kind\":\"").and_then(|rest| rest.split_once('"'));
    match kind.map(|(kind, _)| kind) {
        Some("run") => serde_json::from_str(text).map(Fact::Run),
        Some("deployment") => serde_json::from_str(text).map(Fact::Deployment),
        Some("alert") => serde_json::from_str(text).map(Fact::Alert),
        Some("ticket") => serde_json::from_str(text).map(Fact::Ticket),
        _ => serde_json::from_str(text),
    }
}

/// Compact JSON without members that are `null`.
///
/// `"name":null` with a plain name is a member and never a part of a text: inside of one its quotes would be escaped, and
/// between the quote that ends a text and the one that begins the next stand no letters.
pub fn lean(json: &str) -> String {
    const NULL: &str = "\":null";
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find(NULL) {
        let (before, behind) = (&rest[..at], &rest[at + NULL.len()..]);
        let name = before.rfind('"').map_or("", |quote| &before[quote + 1..]);
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            out.push_str(&rest[..at + NULL.len()]);
            rest = behind;
            continue;
        }
        let kept = &before[..before.len() - name.len() - 1];
        match kept.strip_suffix(',') {
            Some(kept) => {
                out.push_str(kept);
                rest = behind;
            }
            // It was the first member.
            None => {
                out.push_str(kept);
                rest = behind.strip_prefix(',').unwrap_or(behind);
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use qd_store::testkit::town::Town;

    use super::*;

    #[track_caller]
    fn check(whole: &str, expected: &str) {
        assert_eq!(lean(whole), expected);
        let values = [whole, expected].map(serde_json::from_str::<serde_json::Value>);
        assert!(values.iter().all(Result::is_ok), "both are JSON: {values:?}");
    }

    #[test]
    fn members_that_are_null_are_left_out_wherever_they_stand() {
        check(r#"{"a":null}"#, "{}");
        check(r#"{"a":null,"b":null,"c":1}"#, r#"{"c":1}"#);
        check(r#"{"a":1,"b":null,"c":null}"#, r#"{"a":1}"#);
        check(r#"{"a":{"b":null},"c":[{"d":null,"e":2}],"f":null}"#, r#"{"a":{},"c":[{"e":2}]}"#);
        check(r#"{"a":1}"#, r#"{"a":1}"#);
    }

    #[test]
    fn a_text_that_looks_like_one_is_kept() {
        for text in [r#"","b":null"#, r#"":null"#, "\\\":null,", "null", ":null,", "b\":null,"] {
            let whole = serde_json::json!({ "a": text, "z": 1 }).to_string();
            check(&whole, &whole);
        }
    }

    #[test]
    fn every_fact_reads_as_it_was_written() {
        for number in 0..500 {
            for stage in 0..3 {
                let (fact, _) = Town::new(7).fact(number, stage);
                let text = write(&fact).expect("a fact is JSON");
                assert!(!text.contains(":null"), "{text}");
                assert_eq!(read(&text).expect("it reads"), fact);
                // Of a value the members are in the order of the alphabet: the kind stands somewhere else.
                let other = serde_json::to_value(&fact).expect("a fact is JSON").to_string();
                assert!(!other.starts_with("{\"kind\""), "{other}");
                assert_eq!(read(&other).expect("it reads"), fact);
            }
        }
    }
}
