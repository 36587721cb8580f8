//! Reads `config.toml`: every mistake with its line, and a suggestion where one is near.

use std::collections::BTreeMap;
use std::time::Duration;

use qd_connector::Backend;
use qd_model::{Service, SourceId, meant_or};
use qd_rules::notify::NotifySettings;
use serde_json::{Map, Value as Json};
use toml_edit::{Document, Item, TableLike};
use url::Url;

use super::address::address;
use super::own::{self, Desktop, SETTINGS, SavedView};

/// The configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// Connections, in the order of the file.
    pub connections: Vec<ConnectionEntry>,
    /// How many more the file names that cannot be used: nothing is known of what they would tell.
    pub left_out: u32,
    /// Where the connections stand in the file.
    pub places: BTreeMap<SourceId, Place>,
    /// Services.
    pub services: Vec<Service>,
    /// `[deployments] environments`: the order in which a version travels, where tiers do not tell it.
    pub environments: Vec<String>,
    /// Saved views, in the order of the file.
    pub views: Vec<SavedView>,
    /// What the file says of the product itself.
    pub settings: own::Settings,
    /// The part of it that is not the window's, with its defaults.
    pub general: General,
    /// `[notifications]`.
    pub notifications: NotifySettings,
    /// `[desktop]`.
    pub desktop: Desktop,
}

/// Where a connection stands in the file: lines, from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub head: Option<u32>,
    /// Its keys and its settings; a setting under its own name, whichever word is written.
    pub keys: BTreeMap<String, u32>,
}

impl Place {
    /// The line of a key, else of the connection.
    pub fn line(&self, key: &str) -> Option<u32> {
        self.keys.get(key).copied().or(self.head)
    }
}

/// One `[[connection]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionEntry {
    /// Its name.
    pub id: SourceId,
    /// Backend word; known.
    pub backend: String,
    /// Address.
    pub url: Url,
    /// `keychain`, `env:NAME`, `gh`, `none`; checked when it is used.
    pub credential: String,
    /// Poll interval.
    pub interval: Option<Duration>,
    /// PEM file.
    pub ca_file: Option<String>,
    /// `[connection.settings]`.
    pub settings: Map<String, Json>,
}

/// Settings of the product itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct General {
    /// `[polling] budget_percent`: share of a backend's quota that may be used. 1 to 100.
    pub budget_percent: u32,
    /// `[polling] backfill_days`.
    pub backfill_days: u32,
    /// `[polling] backfill_entities`.
    pub backfill_entities: u32,
    /// `[history] retention_days`.
    pub retention_days: u32,
}

impl Default for General {
    fn default() -> Self {
        own::general(&own::Settings::new())
    }
}

/// How bad a mistake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The file cannot be read; [`super::InForce`] tells what is in force.
    Broken,
    /// An entry cannot be used and is left out.
    Error,
    /// Something is ignored.
    Warning,
}

/// A mistake in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad.
    pub weight: Weight,
    /// Line, from 1.
    pub line: Option<u32>,
    /// What and what to write instead. Never repeats a value, which may be a secret in the wrong place.
    pub message: String,
}

impl Problem {
    pub(crate) fn broken(line: Option<u32>, message: String) -> Self {
        Self { weight: Weight::Broken, line, message }
    }
}

/// Reads a configuration.
///
/// # Errors
/// The file is no TOML at all. Everything less is a [`Problem`] beside what could be read.
pub fn parse(text: &str, backends: &[&'static dyn Backend]) -> Result<(Config, Vec<Problem>), Problem> {
    let document = Document::parse(text).map_err(|error| {
        let line = error.span().map(|span| line_of(text, span.start));
        Problem::broken(line, error.message().to_owned())
    })?;
    let mut reader = Reader { text, backends, problems: Vec::new() };
    let root = document.as_table();
    let tables_of_settings = SETTINGS.iter().map(|spec| spec.table);
    let others = ["connection", "service", "view", "deployments"];
    let known: Vec<&str> = others.into_iter().chain(tables_of_settings).collect();
    reader.known(root, &known, "the file");
    let settings = reader.own_settings(root);
    let mut config = Config {
        general: own::general(&settings),
        notifications: own::notifications(&settings),
        desktop: own::desktop(&settings),
        settings,
        ..Config::default()
    };
    if let Some(table) = root.get("deployments").and_then(Item::as_table_like) {
        reader.known(table, &["environments"], "[deployments]");
        config.environments = reader.texts(table, "environments");
    }
    for table in tables(root.get("connection"), &mut reader, "connection") {
        let entry = reader.connection(table);
        config.left_out += u32::from(entry.is_none());
        if let Some(entry) = entry {
            if config.connections.iter().any(|other| other.id == entry.id) {
                let line = reader.line(table.get("id"));
                reader.error(
                    line,
                    format!("the id '{}' is used twice; the second connection is left out", entry.id),
                );
                config.left_out += 1;
            } else {
                config.places.insert(entry.id.clone(), reader.place(table, &entry));
                config.connections.push(entry);
            }
        }
    }
    for table in tables(root.get("service"), &mut reader, "service") {
        config.services.extend(reader.service(table));
    }
    for table in tables(root.get("view"), &mut reader, "view") {
        let view = reader.saved_view(table, &config.views);
        config.views.extend(view);
    }
    // In the order of the file; what has no line concerns the whole of it.
    reader.problems.sort_by_key(|problem| problem.line);
    Ok((config, reader.problems))
}

fn tables<'a>(item: Option<&'a Item>, reader: &mut Reader<'_>, name: &str) -> Vec<&'a dyn TableLike> {
    match item {
        None => Vec::new(),
        Some(Item::ArrayOfTables(array)) => array.iter().map(|table| table as &dyn TableLike).collect(),
        Some(other) => {
            let line = reader.line(Some(other));
            reader.error(line, format!("write [[{name}]] with two brackets: there may be several"));
            Vec::new()
        }
    }
}

/// Reads tables and remembers what is wrong with them.
pub(super) struct Reader<'a> {
    text: &'a str,
    backends: &'a [&'static dyn Backend],
    problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn line(&self, item: Option<&Item>) -> Option<u32> {
        item.and_then(Item::span).map(|span| line_of(self.text, span.start))
    }

    pub(super) fn problem(&mut self, weight: Weight, line: Option<u32>, message: String) {
        self.problems.push(Problem { weight, line, message });
    }

    fn error(&mut self, line: Option<u32>, message: String) {
        self.problem(Weight::Error, line, message);
    }

    fn warn(&mut self, line: Option<u32>, message: String) {
        self.problem(Weight::Warning, line, message);
    }

    /// Warns of keys nobody knows.
    pub(super) fn known(&mut self, table: &dyn TableLike, known: &[&str], place: &str) {
        for (key, item) in table.iter() {
            if known.contains(&key) {
                continue;
            }
            let at = table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
            let line = at.map(|span| line_of(self.text, span.start));
            let hint = meant_or(key, known, "known are");
            self.warn(line, format!("unknown key '{}' in {place} is ignored; {hint}", crate::plain(key)));
        }
    }

    pub(super) fn text(&mut self, table: &dyn TableLike, key: &str) -> Option<String> {
        let item = table.get(key)?;
        match item.as_str() {
            Some(text) => Some(text.to_owned()),
            None => {
                let line = self.line(Some(item));
                self.error(line, format!("'{key}' must be text in quotes"));
                None
            }
        }
    }

    fn texts(&mut self, table: &dyn TableLike, key: &str) -> Vec<String> {
        let Some(item) = table.get(key) else { return Vec::new() };
        let list = item.as_array().map(|array| array.iter().map(|v| v.as_str().map(str::to_owned)).collect());
        match list {
            Some(Some(list)) => list,
            _ => {
                let line = self.line(Some(item));
                self.error(line, format!("'{key}' must be a list of texts: {key} = [\"…\"]"));
                Vec::new()
            }
        }
    }

    fn number(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        let item = table.get(key)?;
        let number = item.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| range.contains(n));
        if number.is_none() {
            let line = self.line(Some(item));
            self.error(
                line,
                format!("'{key}' must be a whole number from {} to {}", range.start(), range.end()),
            );
        }
        number
    }

    fn connection(&mut self, table: &dyn TableLike) -> Option<ConnectionEntry> {
        let place = "[[connection]]";
        self.known(
            table,
            &["id", "backend", "url", "credential", "interval_secs", "ca_file", "settings"],
            place,
        );
        let at = table.iter().next().and_then(|(_, item)| self.line(Some(item)));
        let (Some(id), Some(backend)) = (self.text(table, "id"), self.text(table, "backend")) else {
            self.error(at, format!("a {place} needs id and backend; it is left out"));
            return None;
        };
        let id: SourceId = match id.parse() {
            Ok(id) => id,
            Err(error) => {
                let line = self.line(table.get("id"));
                self.error(line, format!("{error}; the connection is left out"));
                return None;
            }
        };
        let Some(found) = self.backends.iter().find(|known| known.descriptor().backend == backend).copied()
        else {
            let known: Vec<&str> = self.backends.iter().map(|known| known.descriptor().backend).collect();
            let line = self.line(table.get("backend"));
            self.error(
                line,
                format!(
                    "there is no backend '{}'; {}",
                    crate::plain(&backend),
                    meant_or(&backend, &known, "there are")
                ),
            );
            return None;
        };
        let url = self.url(table, found)?;
        let credential = self.text(table, "credential").unwrap_or_else(|| "keychain".to_owned());
        let interval =
            self.number(table, "interval_secs", 5..=86_400).map(|secs| Duration::from_secs(secs.into()));
        let settings = self.settings(table, found);
        let ca_file = self.text(table, "ca_file");
        Some(ConnectionEntry { id, backend, url, credential, interval, ca_file, settings })
    }

    fn place(&self, table: &dyn TableLike, entry: &ConnectionEntry) -> Place {
        let found = self.backends.iter().find(|known| known.descriptor().backend == entry.backend);
        let aliases = found.map_or(&[][..], |backend| backend.setting_aliases());
        let lines = |table: &dyn TableLike| -> BTreeMap<String, u32> {
            let line = |(key, item): (&str, &Item)| {
                let at = table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span())?;
                let key = super::tables::key_of(aliases, key);
                Some((key.to_owned(), line_of(self.text, at.start)))
            };
            table.iter().filter_map(line).collect()
        };
        let mut keys = table.get("settings").and_then(Item::as_table_like).map(lines).unwrap_or_default();
        keys.extend(lines(table));
        Place { head: keys.get("id").copied(), keys }
    }

    fn url(&mut self, table: &dyn TableLike, backend: &dyn Backend) -> Option<Url> {
        let line = self.line(table.get("url").or_else(|| table.get("id")));
        let text = self.text(table, "url").or_else(|| backend.descriptor().default_url.map(str::to_owned));
        match text.as_deref().map(address) {
            Some(Ok(url)) => Some(url),
            Some(Err(problem)) => {
                self.error(line, format!("'url' {problem}; the connection is left out"));
                None
            }
            None => {
                self.error(
                    line,
                    format!("'url' is missing, for example url = \"{}\"", backend.descriptor().url_example),
                );
                None
            }
        }
    }

    fn settings(&mut self, table: &dyn TableLike, backend: &dyn Backend) -> Map<String, Json> {
        let Some(item) = table.get("settings") else { return Map::new() };
        let Some(settings) = item.as_table_like() else {
            let line = self.line(Some(item));
            self.error(line, "'settings' must be a table: [connection.settings]".to_owned());
            return Map::new();
        };
        let (fields, aliases) = (backend.descriptor().settings, backend.setting_aliases());
        let words = aliases.iter().map(|(word, _)| *word);
        let known: Vec<&str> = fields.iter().map(|field| field.key).chain(words).collect();
        self.known(settings, &known, "[connection.settings]");
        let mut own = Map::new();
        for (word, item) in settings.iter() {
            let key = super::tables::key_of(aliases, word);
            let Some(field) = fields.iter().find(|field| field.key == key) else { continue };
            if own.contains_key(key) {
                let line = self.line(Some(item));
                self.error(line, format!("'{word}' is given twice, also by its other name; write it once"));
                continue;
            }
            own.insert(key.to_owned(), super::tables::of_field(field, item));
        }
        own
    }

    fn service(&mut self, table: &dyn TableLike) -> Option<Service> {
        self.known(table, &["name", "owner", "repositories", "projects", "labels"], "[[service]]");
        let Some(name) = self.text(table, "name").filter(|name| !name.trim().is_empty()) else {
            let at = table.iter().next().and_then(|(_, item)| self.line(Some(item)));
            self.error(at, "a [[service]] needs a name; it is left out".to_owned());
            return None;
        };
        let labels = table.get("labels").and_then(Item::as_table_like).map(|labels| {
            let pairs = labels.iter().filter_map(|(k, v)| v.as_str().map(|v| (k.to_owned(), v.to_owned())));
            pairs.collect::<BTreeMap<_, _>>()
        });
        Some(Service {
            name,
            owner: self.text(table, "owner"),
            repositories: self.texts(table, "repositories"),
            projects: self.texts(table, "projects"),
            labels: labels.unwrap_or_default(),
        })
    }
}

fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}
