//! What the file says of the product itself: its settings, all from one table, and the saved views.

use std::collections::BTreeMap;

use toml_edit::{Item, TableLike};

use super::parse::Reader;
use super::{General, Weight};

/// One setting of the product. Adding a row here reads, checks, edits and shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingSpec {
    /// The table it stands in: `window`.
    pub table: &'static str,
    /// Its key there: `theme`.
    pub key: &'static str,
    /// What can be written.
    pub kind: SettingKind,
    /// What holds when nothing is written.
    pub default: &'static str,
}

/// What can be written for a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number from the first to the second.
    Number(u32, u32),
    /// `true` or `false`.
    Flag,
}

/// The views that take a question: what can be saved, and what can be the first to open.
pub const ASKED_VIEWS: &[&str] = &["overview", "pipelines", "deployments", "alerts", "tickets"];

/// Every setting there is, in the order in which they are shown.
pub const SETTINGS: &[SettingSpec] = &[
    setting("window", "theme", SettingKind::Choice(&["system", "light", "dark"]), "system"),
    setting("window", "density", SettingKind::Choice(&["compact", "normal", "roomy"]), "normal"),
    setting("window", "zone", SettingKind::Choice(&["local", "utc"]), "local"),
    setting("window", "home", SettingKind::Choice(ASKED_VIEWS), "overview"),
    setting("window", "single_keys", SettingKind::Flag, "true"),
    setting("polling", "budget_percent", SettingKind::Number(1, 100), "40"),
    setting("polling", "backfill_days", SettingKind::Number(1, 3650), "90"),
    setting("polling", "backfill_entities", SettingKind::Number(1, 100_000), "1000"),
    setting("history", "retention_days", SettingKind::Number(1, 36_500), "400"),
];

const fn setting(
    table: &'static str,
    key: &'static str,
    kind: SettingKind,
    default: &'static str,
) -> SettingSpec {
    SettingSpec { table, key, kind, default }
}

impl SettingSpec {
    /// `window.theme`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.table, self.key)
    }

    /// Reads a value as text.
    ///
    /// # Errors
    /// What it may be instead. Never repeats the value.
    pub fn check(&self, text: &str) -> Result<toml_edit::Value, String> {
        let value = match self.kind {
            SettingKind::Choice(words) => words.contains(&text).then(|| text.into()),
            SettingKind::Number(least, most) => {
                text.parse::<u32>().ok().filter(|n| (least..=most).contains(n)).map(|n| i64::from(n).into())
            }
            SettingKind::Flag => text.parse::<bool>().ok().map(Into::into),
        };
        value.ok_or_else(|| match self.kind {
            SettingKind::Choice(words) => format!("'{}' is one of: {}", self.key, words.join(", ")),
            SettingKind::Number(least, most) => {
                format!("'{}' must be a whole number from {least} to {most}", self.key)
            }
            SettingKind::Flag => format!("'{}' must be true or false", self.key),
        })
    }
}

/// A setting as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its value, as text.
    pub value: String,
    /// Line, from 1.
    pub line: Option<u32>,
}

/// Settings that the file has, by [`SettingSpec::name`].
pub type Settings = BTreeMap<String, Written>;

/// A `[[view]]`: a question under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its name; there is no second one of that name.
    pub name: String,
    /// One of [`ASKED_VIEWS`].
    pub view: String,
    /// The filter query.
    pub query: String,
    /// Everything instead of only what is current.
    pub all: bool,
}

impl SavedView {
    /// Whether it can be saved.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        let fits = !self.name.trim().is_empty()
            && self.name.chars().count() <= 60
            && !self.name.contains('\n')
            && crate::plain(&self.name) == self.name;
        if !fits {
            return Err("a view's name is one line of 1 to 60 visible characters".to_owned());
        }
        if !ASKED_VIEWS.contains(&self.view.as_str()) {
            return Err(format!("'view' is one of: {}", ASKED_VIEWS.join(", ")));
        }
        qd_model::Filter::parse(&self.query).map_err(|error| format!("'query' cannot be read: {error}"))?;
        Ok(())
    }
}

/// What holds: the file's values, else the defaults.
pub(super) fn general(settings: &Settings) -> General {
    let number = |name: &str| {
        let spec = SETTINGS.iter().find(|spec| spec.name() == name);
        let text = settings.get(name).map(|set| set.value.as_str()).or(spec.map(|spec| spec.default));
        text.and_then(|text| text.parse().ok()).unwrap_or_default()
    };
    General {
        budget_percent: number("polling.budget_percent"),
        backfill_days: number("polling.backfill_days"),
        backfill_entities: number("polling.backfill_entities"),
        retention_days: number("history.retention_days"),
    }
}

impl Reader<'_> {
    /// The tables of [`SETTINGS`].
    pub(super) fn own_settings(&mut self, root: &dyn TableLike) -> Settings {
        let mut settings = Settings::new();
        let mut tables: Vec<&str> = SETTINGS.iter().map(|spec| spec.table).collect();
        tables.dedup();
        for name in tables {
            let Some(table) = root.get(name).and_then(Item::as_table_like) else { continue };
            let specs: Vec<_> = SETTINGS.iter().filter(|spec| spec.table == name).collect();
            let known: Vec<&str> = specs.iter().map(|spec| spec.key).collect();
            self.known(table, &known, &format!("[{name}]"));
            for spec in specs {
                let Some(item) = table.get(spec.key) else { continue };
                let line = self.line(Some(item));
                let value = plain_value(item).unwrap_or_default();
                match spec.check(&value) {
                    Ok(_) => {
                        settings.insert(spec.name(), Written { value, line });
                    }
                    Err(problem) => self.problem(Weight::Error, line, problem),
                }
            }
        }
        settings
    }

    /// One `[[view]]`.
    pub(super) fn saved_view(&mut self, table: &dyn TableLike, before: &[SavedView]) -> Option<SavedView> {
        self.known(table, &["name", "view", "query", "all"], "[[view]]");
        let at = table.iter().next().and_then(|(_, item)| self.line(Some(item)));
        let (Some(name), Some(view)) = (self.text(table, "name"), self.text(table, "view")) else {
            self.problem(Weight::Error, at, "a [[view]] needs name and view; it is left out".to_owned());
            return None;
        };
        let query = self.text(table, "query").unwrap_or_default();
        let all = table.get("all").and_then(Item::as_bool).unwrap_or_default();
        let saved = SavedView { name, view, query, all };
        let twice = before.iter().any(|other| other.name == saved.name);
        let problem = match saved.check() {
            Err(problem) => problem,
            Ok(()) if twice => "the name is used by an earlier [[view]]".to_owned(),
            Ok(()) => return Some(saved),
        };
        self.problem(Weight::Error, at, format!("{problem}; the view is left out"));
        None
    }
}

/// A text, a whole number or a flag, as text.
fn plain_value(item: &Item) -> Option<String> {
    let word = item.as_str().map(str::to_owned);
    word.or_else(|| item.as_integer().map(|n| n.to_string()))
        .or_else(|| item.as_bool().map(|flag| flag.to_string()))
}
