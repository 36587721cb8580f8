//! The backend's own words for a refusal. Pure.

use serde_json::Value;

/// Longer messages are cut.
const MAX_CHARS: usize = 300;

/// The message in the body of an error response. `None`: it has none that a person could use (empty, an HTML page).
pub(super) fn of(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(64 * 1024)]);
    let trimmed = text.trim_start_matches('\u{feff}').trim();
    if trimmed.is_empty() || trimmed.starts_with('<') {
        return None;
    }
    let message = match serde_json::from_str::<Value>(trimmed) {
        Ok(value) => from_json(&value)?,
        Err(_) if trimmed.starts_with(['{', '[']) => return None,
        Err(_) => trimmed.to_owned(),
    };
    Some(clean(&message)).filter(|message| !message.is_empty())
}

/// A text, `{message}`, `{error}` (a text or an object with a message), `{errors: […]}`, `{errorMessages: […]}`,
/// `{detail}`, `{title}`; GitHub has `message` and `errors` together.
fn from_json(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => join(items),
        Value::Object(map) => {
            let main = ["message", "error", "detail", "title", "error_description"].iter().find_map(|key| {
                let value = map.get(*key)?;
                // Buildbot's JSON-RPC puts the problems of a form there: `{"message": {"priority": "is no number"}}`.
                let fields = value.as_object().map(by_field).filter(|text| !text.is_empty());
                from_json(value).or(fields)
            });
            let list = ["errors", "errorMessages"].iter().find_map(|key| match map.get(*key)? {
                Value::Object(fields) if !fields.is_empty() => Some(by_field(fields)),
                other => from_json(other),
            });
            match (main, list) {
                (Some(main), Some(list)) => Some(format!("{main}: {list}")),
                (main, list) => main.or(list),
            }
        }
        _ => None,
    }
}

/// `{"summary": "is required"}` (Jira), `{"name": ["is too long"]}` (Rails).
fn by_field(fields: &serde_json::Map<String, Value>) -> String {
    let texts = fields.iter().filter_map(|(field, problem)| Some(format!("{field} {}", from_json(problem)?)));
    texts.collect::<Vec<_>>().join("; ")
}

/// GitHub's list items are texts, `{message}` or `{resource, field, code}`.
fn join(items: &[Value]) -> Option<String> {
    let item = |item: &Value| {
        from_json(item).or_else(|| {
            let part = |key: &str| item.get(key).and_then(Value::as_str);
            Some(format!("{} {}", part("field")?, part("code")?))
        })
    };
    let texts: Vec<String> = items.iter().take(10).filter_map(item).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// Without control characters and bidirectional overrides, white space as single spaces, cut to a length.
pub(super) fn clean(text: &str) -> String {
    let harmless = |c: char| {
        if c.is_whitespace() || c.is_control() {
            ' '
        } else if matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            '\u{fffd}'
        } else {
            c
        }
    };
    let words = text.chars().take(8 * MAX_CHARS).map(harmless).collect::<String>();
    let joined = words.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match joined.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &joined[..end]),
        None => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: Option<&str>) {
        assert_eq!(of(body.as_bytes()).as_deref(), expected, "{body}");
    }

    #[test]
    fn the_backends_own_words_are_found() {
        check("\"silence not found\"", Some("silence not found"));
        check("bad matcher format", Some("bad matcher format"));
        check(r#"{"message": "Not Found", "documentation_url": "x"}"#, Some("Not Found"));
        check(r#"{"error": "no such builder"}"#, Some("no such builder"));
        check(r#"{"error": {"code": 5, "message": "nested"}}"#, Some("nested"));
        check(
            r#"{"errors": ["Subject cannot be blank", "Tracker is invalid"]}"#,
            Some("Subject cannot be blank; Tracker is invalid"),
        );
        check(
            r#"{"message": "Validation Failed", "errors": [{"field": "title", "code": "missing"}]}"#,
            Some("Validation Failed: title missing"),
        );
        check(r#"{"errorMessages": [], "errors": {"summary": "is required"}}"#, Some("summary is required"));
        check(r#"{"errors": {"name": ["is too long", "is taken"]}}"#, Some("name is too long; is taken"));
    }

    #[test]
    fn what_no_person_could_use_is_no_message() {
        check("", None);
        check("   \n", None);
        check("<html><body>Bad gateway</body></html>", None);
        check("{}", None);
        check("{\"message\": ", None);
        check("17", None);
    }

    #[test]
    fn a_message_is_one_short_harmless_line() {
        check("a\nb\tc\u{0}\u{1b}[31md", Some("a b c [31md"));
        check("pay\u{202e}lapyap", Some("pay\u{fffd}lapyap"));
        let long = of("x".repeat(5000).as_bytes()).unwrap();
        assert_eq!(long.chars().count(), MAX_CHARS + 1, "cut, with a mark");
        assert_eq!(of(&[b'a', 0xff, b'b']).as_deref(), Some("a\u{fffd}b"));
    }

    #[test]
    fn problems_by_field_are_told_where_a_text_is_expected() {
        check(
            r#"{"error": {"code": -32602, "message": {"priority": "is no number"}}}"#,
            Some("priority is no number"),
        );
        check(r#"{"error": {"code": 5}}"#, None);
    }
}
