//! Between a form's texts and a connection's entry.

use std::collections::BTreeMap;
use std::time::Duration;

use qd_connector::{Backend, FieldKind, FieldSpec};
use serde_json::{Map, Value as Json};

use super::address::address;
use super::{ConnectionEntry, tables};
use crate::view::ConnectionDraft;

/// Reads a form.
///
/// # Errors
/// Names the field and says what to enter.
pub fn from_draft(draft: &ConnectionDraft, backend: &dyn Backend) -> Result<ConnectionEntry, String> {
    let entry = unfinished(draft, backend)?;
    let mut settings = Map::new();
    for field in backend.descriptor().settings {
        let text = given(draft, backend, field.key).map_or("", |text| text.trim());
        if text.is_empty() {
            if field.required {
                return Err(format!("“{}” is missing.", field.label));
            }
            continue;
        }
        settings.insert(field.key.to_owned(), json(field, text)?);
    }
    Ok(ConnectionEntry { settings, ..entry })
}

/// Reads what of a form does not depend on the backend's own settings, which are left out.
///
/// # Errors
/// Names the field and says what to enter.
pub fn unfinished(draft: &ConnectionDraft, backend: &dyn Backend) -> Result<ConnectionEntry, String> {
    let descriptor = backend.descriptor();
    let url = if draft.url.trim().is_empty() {
        descriptor.default_url.unwrap_or_default()
    } else {
        draft.url.trim()
    };
    if url.is_empty() {
        return Err(format!("The address is missing, for example {}.", descriptor.url_example));
    }
    Ok(ConnectionEntry {
        id: draft.id.trim().parse().map_err(|error| format!("The name does not fit: {error}."))?,
        backend: descriptor.backend.to_owned(),
        url: address(url).map_err(|problem| sentence(format!("The address {problem}")))?,
        credential: if draft.credential.trim().is_empty() {
            "keychain".to_owned()
        } else {
            draft.credential.trim().to_owned()
        },
        interval: interval(draft.interval_secs)?,
        ca_file: draft.ca_file.clone().filter(|path| !path.trim().is_empty()),
        settings: Map::new(),
    })
}

/// Ends what is no question with a full stop.
fn sentence(text: String) -> String {
    if text.ends_with('?') { text } else { text + "." }
}

/// What a form says of a setting, under its key or another word for it.
fn given<'a>(draft: &'a ConnectionDraft, backend: &dyn Backend, key: &str) -> Option<&'a String> {
    let words = backend.setting_aliases().iter().filter(|(_, stands_for)| *stands_for == key);
    draft.settings.get(key).or_else(|| words.filter_map(|(word, _)| draft.settings.get(*word)).next())
}

fn interval(secs: Option<u32>) -> Result<Option<Duration>, String> {
    match secs {
        Some(secs) if !(5..=86_400).contains(&secs) => Err("The interval is 5 to 86,400 seconds.".to_owned()),
        secs => Ok(secs.map(|secs| Duration::from_secs(secs.into()))),
    }
}

fn json(field: &FieldSpec, text: &str) -> Result<Json, String> {
    match field.kind {
        FieldKind::List => Ok(text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(Json::from)
            .collect::<Vec<_>>()
            .into()),
        FieldKind::Number => text
            .parse::<i64>()
            .map(Json::from)
            .map_err(|_| format!("“{}” must be a whole number.", field.label)),
        FieldKind::Flag => text
            .parse::<bool>()
            .map(Json::from)
            .map_err(|_| format!("“{}” must be true or false.", field.label)),
        FieldKind::Tables => tables::read(field, text),
        FieldKind::Text
        | FieldKind::LongText
        | FieldKind::Choice
        | FieldKind::Duration
        | FieldKind::Matchers => Ok(Json::from(text)),
    }
}

/// Writes an entry into a form.
pub fn to_draft(entry: &ConnectionEntry) -> ConnectionDraft {
    ConnectionDraft {
        id: entry.id.to_string(),
        backend: entry.backend.clone(),
        url: entry.url.as_str().trim_end_matches('/').to_owned(),
        credential: entry.credential.clone(),
        interval_secs: entry.interval.and_then(|interval| u32::try_from(interval.as_secs()).ok()),
        ca_file: entry.ca_file.clone(),
        settings: entry
            .settings
            .iter()
            .map(|(key, value)| (key.clone(), text(value)))
            .collect::<BTreeMap<_, _>>(),
    }
}

fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) if items.iter().all(Json::is_string) => {
            items.iter().filter_map(Json::as_str).collect::<Vec<_>>().join("\n")
        }
        other => tables::write(other).unwrap_or_else(|| other.to_string()),
    }
}
