//! What the file says of the product itself: its settings, all from one table, and the saved views.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use qd_model::Severity;
use qd_rules::notify::{NotifySettings, QuietHours};
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
    /// Any of these words; in the file a list of them, as text with commas between.
    Several(&'static [&'static str]),
    /// Hours of the day, `22:00-07:00`, or nothing.
    Hours,
}

/// The views that take a question: what can be saved, and what can be the first to open.
pub const ASKED_VIEWS: &[&str] = &["overview", "pipelines", "deployments", "alerts", "tickets"];
/// The views that can be saved: those, and the charts of what they list.
pub const SAVED_VIEWS: &[&str] = &["overview", "pipelines", "deployments", "alerts", "tickets", "charts"];

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
    setting("notifications", "enabled", SettingKind::Flag, "true"),
    setting("notifications", "from", SettingKind::Choice(&["critical", "high", "warning"]), "high"),
    setting("notifications", "kinds", SettingKind::Several(KINDS), "run, deployment, alert, ticket"),
    setting("notifications", "quiet_hours", SettingKind::Hours, ""),
    setting("notifications", "digest_above", SettingKind::Number(1, 5), "3"),
    setting("notifications", "unreachable_minutes", SettingKind::Number(0, 1440), "10"),
    setting("desktop", "tray", SettingKind::Flag, "true"),
    setting("desktop", "keep_running", SettingKind::Flag, "false"),
    setting("desktop", "autostart", SettingKind::Flag, "false"),
];

/// Words of [`qd_model::Kind`].
const KINDS: &[&str] = &["run", "deployment", "alert", "ticket"];

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
            SettingKind::Several(known) => {
                let all = words(text);
                all.iter()
                    .all(|word| known.contains(word))
                    .then(|| toml_edit::Value::Array(all.into_iter().collect()))
            }
            SettingKind::Hours => {
                (text.is_empty() || text.parse::<QuietHours>().is_ok()).then(|| text.into())
            }
        };
        value.ok_or_else(|| self.rule())
    }

    /// What may be written.
    fn rule(&self) -> String {
        let key = self.key;
        match self.kind {
            SettingKind::Choice(words) => format!("'{key}' is one of: {}", words.join(", ")),
            SettingKind::Number(least, most) => {
                format!("'{key}' must be a whole number from {least} to {most}")
            }
            SettingKind::Flag => format!("'{key}' must be true or false"),
            SettingKind::Several(words) => format!("'{key}' is a list of any of: {}", words.join(", ")),
            SettingKind::Hours => format!("'{key}' is written as \"22:00-07:00\""),
        }
    }
}

/// The words of a [`SettingKind::Several`].
fn words(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
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

/// `[desktop]`: how Quarterdeck sits on the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Desktop {
    /// An icon in the tray, where the desktop has one.
    pub tray: bool,
    /// Closing the window leaves Quarterdeck in the tray. Where there is no tray, closing ends it.
    pub keep_running: bool,
    /// Starts with the session, hidden.
    pub autostart: bool,
}

impl Default for Desktop {
    fn default() -> Self {
        desktop(&Settings::new())
    }
}

/// A `[[view]]`: a question under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its name; there is no second one of that name.
    pub name: String,
    /// One of [`SAVED_VIEWS`].
    pub view: String,
    /// The filter query.
    pub query: String,
    /// Everything instead of only what is current.
    pub all: bool,
    /// How it is shown, as the window's address has it (`group=service,name`, `list=1`, `tab=week`). Empty: as usual.
    pub form: String,
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
        if !SAVED_VIEWS.contains(&self.view.as_str()) {
            return Err(format!("'view' is one of: {}", SAVED_VIEWS.join(", ")));
        }
        if !crate::deep_link::is_form(&self.form) {
            return Err(
                "'form' holds group=, list=1, tab= and tables= as an address of the window does".to_owned()
            );
        }
        qd_model::Filter::parse(&self.query).map_err(|error| format!("'query' cannot be read: {error}"))?;
        Ok(())
    }
}

/// What holds of a setting: the file's value, else the default.
fn held<'a>(settings: &'a Settings, name: &str) -> &'a str {
    let spec = SETTINGS.iter().find(|spec| spec.name() == name);
    let default = spec.map_or("", |spec| spec.default);
    settings.get(name).map_or(default, |set| &set.value)
}

fn number<T: std::str::FromStr + Default>(settings: &Settings, name: &str) -> T {
    held(settings, name).parse().unwrap_or_default()
}

fn flag(settings: &Settings, name: &str) -> bool {
    held(settings, name) == "true"
}

/// What concerns the engine.
pub(super) fn general(settings: &Settings) -> General {
    General {
        budget_percent: number(settings, "polling.budget_percent"),
        backfill_days: number(settings, "polling.backfill_days"),
        backfill_entities: number(settings, "polling.backfill_entities"),
        retention_days: number(settings, "history.retention_days"),
    }
}

/// `[notifications]`.
pub(super) fn notifications(settings: &Settings) -> NotifySettings {
    let minutes: u32 = number(settings, "notifications.unreachable_minutes");
    NotifySettings {
        enabled: flag(settings, "notifications.enabled"),
        // Severities that can be told apart by how they are drawn.
        from: match held(settings, "notifications.from") {
            "critical" => Severity::Critical,
            "warning" => Severity::Warning,
            _ => Severity::High,
        },
        kinds: words(held(settings, "notifications.kinds"))
            .iter()
            .filter_map(|word| word.parse().ok())
            .collect(),
        quiet_hours: held(settings, "notifications.quiet_hours").parse().ok(),
        per_minute: number(settings, "notifications.digest_above"),
        unreachable_after: (minutes > 0).then(|| TimeDelta::minutes(minutes.into())),
    }
}

/// `[desktop]`.
pub(super) fn desktop(settings: &Settings) -> Desktop {
    Desktop {
        tray: flag(settings, "desktop.tray"),
        keep_running: flag(settings, "desktop.keep_running"),
        autostart: flag(settings, "desktop.autostart"),
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
        self.known(table, &["name", "view", "query", "all", "form"], "[[view]]");
        let at = table.iter().next().and_then(|(_, item)| self.line(Some(item)));
        let (Some(name), Some(view)) = (self.text(table, "name"), self.text(table, "view")) else {
            self.problem(Weight::Error, at, "a [[view]] needs name and view; it is left out".to_owned());
            return None;
        };
        let query = self.text(table, "query").unwrap_or_default();
        let all = table.get("all").and_then(Item::as_bool).unwrap_or_default();
        let form = self.text(table, "form").unwrap_or_default();
        let saved = SavedView { name, view, query, all, form };
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

/// A text, a whole number, a flag or a list of texts, as text.
fn plain_value(item: &Item) -> Option<String> {
    if let Some(list) = item.as_array() {
        let texts: Option<Vec<&str>> = list.iter().map(toml_edit::Value::as_str).collect();
        return texts.map(|texts| texts.join(", "));
    }
    let word = item.as_str().map(str::to_owned);
    word.or_else(|| item.as_integer().map(|n| n.to_string()))
        .or_else(|| item.as_bool().map(|flag| flag.to_string()))
}
