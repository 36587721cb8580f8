//! Edits of `config.toml` by the window: everything the person wrote stays, comments and order too.

use std::path::{Path, PathBuf};

use qd_model::Service;
use serde_json::Value as Json;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::{ConnectionEntry, SavedView, SettingSpec};

/// Why the file could not be edited. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It is broken: mend it by hand first.
    #[error("config.toml is broken ({0}); mend it by hand first, nothing was changed")]
    Broken(String),
    /// It could not be read or written.
    #[error("config.toml could not be written: {0}; nothing was changed")]
    Io(#[from] std::io::Error),
    /// It has no such entry any more.
    #[error("config.toml has no {0} any more; nothing was changed")]
    Missing(String),
    /// Another entry has that name.
    #[error("config.toml has {0} already; nothing was changed")]
    Taken(String),
}

/// Adds a connection, or replaces the one of the same id.
///
/// # Errors
/// See [`EditError`].
pub fn put_connection(path: &Path, entry: &ConnectionEntry, replaces: bool) -> Result<(), EditError> {
    edit(path, |document| {
        let array = list(document, "connection")?;
        let found =
            array.iter_mut().find(|table| table.get("id").and_then(Item::as_str) == Some(entry.id.as_str()));
        match found {
            Some(table) => fill(table, entry),
            None if replaces => return Err(EditError::Missing(format!("connection '{}'", entry.id))),
            None => {
                let mut table = Table::new();
                fill(&mut table, entry);
                array.push(table);
            }
        }
        Ok(())
    })
}

/// Adds a service to the end of the services.
///
/// # Errors
/// See [`EditError`].
pub fn add_service(path: &Path, service: &Service) -> Result<(), EditError> {
    edit(path, |document| {
        list(document, "service")?.push(service_table(service));
        Ok(())
    })
}

/// What [`add_service`] writes, to be shown before.
pub fn service_text(service: &Service) -> String {
    let mut document = DocumentMut::new();
    let mut array = ArrayOfTables::new();
    array.push(service_table(service));
    document.insert("service", Item::ArrayOfTables(array));
    document.to_string()
}

fn service_table(service: &Service) -> Table {
    let mut table = Table::new();
    set(&mut table, "name", Some(service.name.as_str().into()));
    set(&mut table, "owner", service.owner.as_deref().map(Value::from));
    for (key, list) in [("repositories", &service.repositories), ("projects", &service.projects)] {
        let values = list.iter().map(String::as_str).collect::<Array>();
        set(&mut table, key, (!list.is_empty()).then_some(Value::Array(values)));
    }
    let labels: InlineTable =
        service.labels.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str()))).collect();
    set(&mut table, "labels", (!labels.is_empty()).then_some(Value::InlineTable(labels)));
    table
}

/// Removes a connection.
///
/// # Errors
/// See [`EditError`].
pub fn remove_connection(path: &Path, id: &str) -> Result<(), EditError> {
    edit(path, |document| {
        let array = list(document, "connection")?;
        let before = array.len();
        array.retain(|table| table.get("id").and_then(Item::as_str) != Some(id));
        if array.len() == before { Err(EditError::Missing(format!("connection '{id}'"))) } else { Ok(()) }
    })
}

/// Writes a setting, or takes it out of the file so that its default holds again.
///
/// # Errors
/// See [`EditError`].
pub fn put_setting(path: &Path, spec: &SettingSpec, value: Option<Value>) -> Result<(), EditError> {
    edit(path, |document| {
        if value.is_none() && !document.contains_key(spec.table) {
            return Ok(());
        }
        let item = document.entry(spec.table).or_insert_with(|| Item::Table(Table::new()));
        let table = item
            .as_table_like_mut()
            .ok_or_else(|| EditError::Broken(format!("'{}' is not a table", spec.table)))?;
        set(table, spec.key, value);
        Ok(())
    })
}

/// Adds a saved view, or replaces the one called `replaces`, which may rename it.
///
/// # Errors
/// See [`EditError`].
pub fn put_view(path: &Path, view: &SavedView, replaces: Option<&str>) -> Result<(), EditError> {
    edit(path, |document| {
        let array = list(document, "view")?;
        let called = |table: &Table, name: &str| table.get("name").and_then(Item::as_str) == Some(name);
        if replaces != Some(view.name.as_str()) && array.iter().any(|table| called(table, &view.name)) {
            return Err(EditError::Taken(format!("a view '{}'", view.name)));
        }
        if let Some(name) = replaces {
            let found = array.iter_mut().find(|table| called(table, name));
            fill_view(found.ok_or_else(|| EditError::Missing(format!("view '{name}'")))?, view);
        } else {
            let mut table = Table::new();
            fill_view(&mut table, view);
            array.push(table);
        }
        Ok(())
    })
}

/// Removes a saved view.
///
/// # Errors
/// See [`EditError`].
pub fn remove_view(path: &Path, name: &str) -> Result<(), EditError> {
    edit(path, |document| {
        let array = list(document, "view")?;
        let before = array.len();
        array.retain(|table| table.get("name").and_then(Item::as_str) != Some(name));
        if array.len() == before { Err(EditError::Missing(format!("view '{name}'"))) } else { Ok(()) }
    })
}

fn fill_view(table: &mut Table, view: &SavedView) {
    set(table, "name", Some(view.name.as_str().into()));
    set(table, "view", Some(view.view.as_str().into()));
    set(table, "query", Some(view.query.as_str().into()));
    set(table, "all", view.all.then(|| true.into()));
    set(table, "form", (!view.form.is_empty()).then(|| view.form.as_str().into()));
}

fn edit(
    path: &Path,
    change: impl FnOnce(&mut DocumentMut) -> Result<(), EditError>,
) -> Result<(), EditError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| EditError::Broken(error.message().to_owned()))?;
    change(&mut document)?;
    let path = behind_links(path);
    if let Some(folder) = path.parent() {
        super::create_private(folder)?;
    }
    // Written beside and renamed, so that a crash leaves the old file or the new one.
    let beside = path.with_extension("toml.new");
    std::fs::write(&beside, document.to_string())?;
    std::fs::rename(&beside, path)?;
    Ok(())
}

/// No file lies behind more links than this.
const LINKS: usize = 40;

/// The file that is meant: people keep it elsewhere and leave a link, which must stay one.
fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(next) = std::fs::read_link(&path) else { break };
        // A relative link counts from its own folder.
        path = path.parent().map_or_else(|| next.clone(), |folder| folder.join(&next));
    }
    path
}

fn list<'a>(document: &'a mut DocumentMut, name: &str) -> Result<&'a mut ArrayOfTables, EditError> {
    let item = document.entry(name).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    item.as_array_of_tables_mut()
        .ok_or_else(|| EditError::Broken(format!("'{name}' is not a list of [[{name}]]")))
}

fn fill(table: &mut Table, entry: &ConnectionEntry) {
    set(table, "id", Some(entry.id.as_str().into()));
    set(table, "backend", Some(entry.backend.as_str().into()));
    set(table, "url", Some(entry.url.as_str().trim_end_matches('/').into()));
    set(table, "credential", Some(entry.credential.as_str().into()));
    let secs = entry.interval.map(|interval| i64::try_from(interval.as_secs()).unwrap_or(i64::MAX));
    set(table, "interval_secs", secs.map(Value::from));
    set(table, "ca_file", entry.ca_file.as_deref().map(Value::from));
    if entry.settings.is_empty() {
        table.remove("settings");
        return;
    }
    let settings = table.entry("settings").or_insert_with(|| Item::Table(Table::new()));
    if let Some(settings) = settings.as_table_like_mut() {
        let gone: Vec<String> = settings
            .iter()
            .map(|(key, _)| key.to_owned())
            .filter(|key| !entry.settings.contains_key(key))
            .collect();
        for key in gone {
            settings.remove(&key);
        }
        for (key, json) in &entry.settings {
            let Some(new) = value(json) else { continue };
            match settings.get_mut(key).and_then(Item::as_value_mut) {
                Some(old) => replace(old, new),
                None => {
                    settings.insert(key, Item::Value(new));
                }
            }
        }
    }
}

/// Sets or removes a key; what stands behind the old value on its line (a comment) stays.
fn set(table: &mut dyn TableLike, key: &str, new: Option<Value>) {
    match (table.get_mut(key).and_then(Item::as_value_mut), new) {
        (Some(old), Some(new)) => replace(old, new),
        (_, Some(new)) => {
            table.insert(key, Item::Value(new));
        }
        (_, None) => {
            table.remove(key);
        }
    }
}

fn replace(old: &mut Value, new: Value) {
    let same = old.to_string().trim() == new.to_string().trim();
    if !same {
        let decor = old.decor().clone();
        *old = new;
        *old.decor_mut() = decor;
    }
}

/// A JSON value in TOML. `None`: nothing (null), which TOML has not.
pub(super) fn value(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(flag) => Value::from(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => Value::from(number.as_f64()?),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::Array(items.iter().filter_map(value).collect::<Array>()),
        Json::Object(map) => {
            let pairs = map.iter().filter_map(|(key, json)| value(json).map(|value| (key.as_str(), value)));
            Value::InlineTable(pairs.collect::<InlineTable>())
        }
    })
}
