//! `[notifications]` and `[desktop]`.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use qd_model::{Kind, Severity};
use qd_rules::notify::NotifySettings;
use toml_edit::{Item, TableLike};

use super::Reader;

/// How Quarterdeck sits on the desktop.
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
        Self { tray: true, keep_running: false, autostart: false }
    }
}

/// Words of `from`: severities that can be told apart by how they are drawn.
const FROM: [(&str, Severity); 3] =
    [("critical", Severity::Critical), ("high", Severity::High), ("warning", Severity::Warning)];

impl Reader<'_> {
    /// Reads `[notifications]`.
    pub(super) fn notifications(&mut self, root: &dyn TableLike) -> NotifySettings {
        let mut read = NotifySettings::default();
        let Some(table) = root.get("notifications").and_then(Item::as_table_like) else { return read };
        let known = ["enabled", "from", "kinds", "quiet_hours", "digest_above", "unreachable_minutes"];
        self.known(table, &known, "[notifications]");
        read.enabled = self.flag(table, "enabled").unwrap_or(read.enabled);
        if let Some(word) = self.text(table, "from") {
            match FROM.iter().find(|(known, _)| *known == word) {
                Some((_, severity)) => read.from = *severity,
                None => self.wrong(table, "from", "must be \"critical\", \"high\" or \"warning\""),
            }
        }
        if table.contains_key("kinds") {
            let words = self.texts(table, "kinds");
            let kinds: Option<BTreeSet<Kind>> = words.iter().map(|word| word.parse().ok()).collect();
            match kinds {
                Some(kinds) => read.kinds = kinds,
                None => {
                    self.wrong(table, "kinds", "may list \"run\", \"deployment\", \"alert\" and \"ticket\"")
                }
            }
        }
        if let Some(text) = self.text(table, "quiet_hours").filter(|text| !text.trim().is_empty()) {
            match text.parse() {
                Ok(hours) => read.quiet_hours = Some(hours),
                Err(_) => self.wrong(table, "quiet_hours", "is written as \"22:00-07:00\""),
            }
        }
        if let Some(count) = self.number(table, "digest_above", 1..=5) {
            read.per_minute = count as usize;
        }
        if let Some(minutes) = self.number(table, "unreachable_minutes", 0..=1440) {
            read.unreachable_after = (minutes > 0).then(|| TimeDelta::minutes(minutes.into()));
        }
        read
    }

    /// Reads `[desktop]`.
    pub(super) fn desktop(&mut self, root: &dyn TableLike) -> Desktop {
        let mut read = Desktop::default();
        let Some(table) = root.get("desktop").and_then(Item::as_table_like) else { return read };
        self.known(table, &["tray", "keep_running", "autostart"], "[desktop]");
        read.tray = self.flag(table, "tray").unwrap_or(read.tray);
        read.keep_running = self.flag(table, "keep_running").unwrap_or(read.keep_running);
        read.autostart = self.flag(table, "autostart").unwrap_or(read.autostart);
        read
    }

    fn flag(&mut self, table: &dyn TableLike, key: &str) -> Option<bool> {
        let item = table.get(key)?;
        let flag = item.as_bool();
        if flag.is_none() {
            self.wrong(table, key, "must be true or false");
        }
        flag
    }

    fn wrong(&mut self, table: &dyn TableLike, key: &str, rule: &str) {
        let line = self.line(table.get(key));
        self.error(line, format!("'{key}' {rule}"));
    }
}
