//! Recognises a list of alerts that says the same as another one, without reading it into alerts.

use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use qd_connector::Mark;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// What moves with every repetition of an alert, about once a minute, and of which [`crate::map`] takes nothing.
const MOVES: [&str; 2] = ["endsAt", "updatedAt"];

/// What a list of alerts says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Hash of all that facts are made from, in the order of the list.
    hash: u64,
    /// Some alert names a silence.
    pub silenced: bool,
}

impl Content {
    /// What it says together with the list of silences, when that was read.
    pub fn mark(self, silences: Option<&[u8]>) -> Mark {
        let mut hasher = DefaultHasher::new();
        (self.hash, silences).hash(&mut hasher);
        Mark(hasher.finish())
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of alerts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Content, A::Error> {
        let mut hasher = DefaultHasher::new();
        let (mut alerts, mut silenced) = (0_u64, false);
        while let Some(alert) = list.next_element::<One>()? {
            alert.hash.hash(&mut hasher);
            silenced |= alert.silenced;
            alerts += 1;
        }
        alerts.hash(&mut hasher);
        Ok(Content { hash: hasher.finish(), silenced })
    }
}

/// What one alert says.
struct One {
    hash: u64,
    silenced: bool,
}

impl<'de> Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// The state of an alert.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct State<'a> {
    #[serde(borrow, default)]
    state: Option<&'a RawValue>,
    #[serde(borrow, default)]
    silenced_by: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    inhibited_by: Option<Vec<IgnoredAny>>,
}

impl State<'_> {
    /// Who inhibits an alert is another one with every answer where several do: see [`crate::inhibitors`].
    fn put(&self, hasher: &mut DefaultHasher) {
        let silences = self.silenced_by.iter().flatten().map(|id| id.get());
        silences.for_each(|id| id.hash(hasher));
        (self.state.map(RawValue::get), self.inhibited_by.as_ref().is_some_and(|by| !by.is_empty()))
            .hash(hasher);
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = One;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an alert")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut alert: A) -> Result<One, A::Error> {
        let mut hasher = DefaultHasher::new();
        let mut silenced = false;
        while let Some(name) = alert.next_key::<Cow<'de, str>>()? {
            if MOVES.contains(&name.as_ref()) {
                alert.next_value::<IgnoredAny>()?;
                continue;
            }
            name.hash(&mut hasher);
            if name == "status" {
                let state = alert.next_value::<State<'de>>()?;
                silenced |= state.silenced_by.as_ref().is_some_and(|by| !by.is_empty());
                state.put(&mut hasher);
            } else {
                alert.next_value::<&RawValue>()?.get().hash(&mut hasher);
            }
        }
        Ok(One { hash: hasher.finish(), silenced })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn alert() -> Value {
        json!({
            "fingerprint": "00ff", "labels": { "alertname": "Slow", "endsAt": "1" }, "annotations": {},
            "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2026-01-01T00:05:00Z", "updatedAt": "2026-01-01T00:01:00Z",
            "status": { "state": "active", "silencedBy": [], "inhibitedBy": ["01"] }, "receivers": [{ "name": "ops" }],
        })
    }

    fn content(list: &Value) -> Content {
        serde_json::from_slice(list.to_string().as_bytes()).unwrap()
    }

    #[track_caller]
    fn check(pointer: &str, to: Value, same: bool) {
        let (before, mut after) = (json!([alert()]), json!([alert()]));
        *after.pointer_mut(pointer).unwrap() = to;
        assert_eq!(content(&before) == content(&after), same, "{pointer}");
    }

    #[test]
    fn a_repetition_says_the_same_and_everything_else_says_something_new() {
        check("/0/endsAt", json!("2026-01-01T00:06:00Z"), true);
        check("/0/updatedAt", json!("2026-01-01T00:02:00Z"), true);
        check("/0/labels/endsAt", json!("2"), false);
        check("/0/fingerprint", json!("00fe"), false);
        check("/0/startsAt", json!("2026-01-01T00:00:01Z"), false);
        check("/0/status/state", json!("suppressed"), false);
        check("/0/status/inhibitedBy", json!(["01", "02"]), true);
        check("/0/status/inhibitedBy", json!([]), false);
        check("/0/status/silencedBy", json!(["s1"]), false);
        check("/0/annotations", json!({ "updatedAt": "now" }), false);
        check("/0/receivers", json!([]), false);
        assert_ne!(content(&json!([])), content(&json!([alert()])));
        assert_ne!(content(&json!([alert()])), content(&json!([alert(), alert()])));
    }

    #[test]
    fn a_silence_is_noticed_and_its_own_text_belongs_to_the_mark() {
        let mut silenced = json!([alert(), alert()]);
        assert!(!content(&silenced).silenced);
        silenced[1]["status"]["silencedBy"] = json!(["s1"]);
        let content = content(&silenced);
        assert!(content.silenced);
        let marks = [None, Some(&b""[..]), Some(b"[]")].map(|silences| content.mark(silences));
        assert!(marks[0] != marks[1] && marks[1] != marks[2], "{marks:?}");
    }

    #[test]
    fn what_is_no_list_of_alerts_has_no_content() {
        for text in ["{}", "[1]", "[[]]", "null", "[{\"a\":}]"] {
            assert!(serde_json::from_str::<Content>(text).is_err(), "{text}");
        }
    }
}
