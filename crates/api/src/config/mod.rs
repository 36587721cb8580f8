//! The configuration file: read with line numbers, edited with comments kept.

mod edit;
mod own;
mod parse;
mod settings;
mod tables;

pub use edit::{
    EditError, add_service, put_connection, put_setting, put_view, remove_connection, remove_view,
    service_text,
};
pub use own::{ASKED_VIEWS, Desktop, SAVED_VIEWS, SETTINGS, SavedView, SettingKind, SettingSpec, Written};
pub use parse::{Config, ConnectionEntry, General, Place, Problem, Weight, parse};
pub use settings::{from_draft, to_draft, unfinished};

use std::path::Path;

use qd_connector::Backend;

use crate::Paths;

/// What was read from disk.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The configuration in force: the file's, or the last good one when the file is broken.
    pub config: Config,
    /// Mistakes and warnings of the file.
    pub problems: Vec<Problem>,
    /// The file is broken and the last good configuration is in force.
    pub fallen_back: bool,
}

/// Reads the file. A missing file is an empty configuration; a broken one leaves the last good one in force. `sound` tells
/// whether a text is a credential's reference: a file with anything else in that place is never copied.
pub fn load(paths: &Paths, backends: &[&'static dyn Backend], sound: &dyn Fn(&str) -> bool) -> Loaded {
    let text = match std::fs::read_to_string(&paths.config) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Loaded::default(),
        Err(error) => {
            return fall_back(
                paths,
                backends,
                Problem::broken(None, format!("{} cannot be read: {error}", paths.config.display())),
            );
        }
    };
    match parse(&text, backends) {
        Ok((config, problems)) => {
            // A mistake may be a secret in the wrong place; only a file without any is kept a second time.
            let good = problems.is_empty() && config.connections.iter().all(|entry| sound(&entry.credential));
            if good && let Err(error) = keep_last_good(&paths.last_good(), &text) {
                tracing::debug!(%error, "no copy of the configuration was kept");
            }
            Loaded { config, problems, fallen_back: false }
        }
        Err(problem) => fall_back(paths, backends, problem),
    }
}

fn fall_back(paths: &Paths, backends: &[&'static dyn Backend], problem: Problem) -> Loaded {
    let before = std::fs::read_to_string(paths.last_good()).ok();
    let config =
        before.and_then(|text| parse(&text, backends).ok()).map(|(config, _)| config).unwrap_or_default();
    Loaded { config, problems: vec![problem], fallen_back: true }
}

fn keep_last_good(path: &Path, text: &str) -> std::io::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        create_private(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path)?, text.as_bytes())
}

/// Makes a folder that only its owner may enter.
pub(crate) fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
