//! Where things are kept.

use std::path::{Path, PathBuf};

/// Folders and files of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`.
    pub config: PathBuf,
    /// The history database.
    pub history: PathBuf,
    /// Folder of logs, the window's place, and the last good configuration.
    pub state: PathBuf,
}

impl Paths {
    /// Everything in one folder (`QUARTERDECK_HOME`).
    pub fn portable(home: &Path) -> Self {
        Self { config: home.join("config.toml"), history: home.join("history.db"), state: home.join("state") }
    }

    /// The platform's own folders; `home` is the value of `QUARTERDECK_HOME`, which wins when it is set and not empty.
    /// `None`: the platform names no home folder.
    pub fn find(home: Option<PathBuf>) -> Option<Self> {
        if let Some(home) = home.filter(|home| !home.as_os_str().is_empty()) {
            return Some(Self::portable(&home));
        }
        let base = directories::BaseDirs::new()?;
        let name = if cfg!(target_os = "linux") { "quarterdeck" } else { "Quarterdeck" };
        let dotted = base.home_dir().join(".config/quarterdeck");
        let config = if dotted.is_dir() { dotted } else { base.config_dir().join(name) };
        let data = base.data_local_dir().join(name);
        let state = base.state_dir().map_or_else(|| data.join("state"), |dir| dir.join(name));
        Some(Self { config: config.join("config.toml"), history: data.join("history.db"), state })
    }

    /// Where a copy of the last configuration without mistakes lies.
    pub fn last_good(&self) -> PathBuf {
        self.state.join("config.last-good.toml")
    }
}
