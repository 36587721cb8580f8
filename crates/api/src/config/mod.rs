//! The configuration file: read with line numbers, edited with comments kept.

mod address;
mod edit;
mod kept;
mod own;
mod parse;
mod settings;
mod tables;

pub use edit::{
    EditError, add_service, put_connection, put_setting, put_view, remove_connection, remove_view,
    service_text,
};
pub use kept::InForce;
pub use own::{ASKED_VIEWS, Desktop, SAVED_VIEWS, SETTINGS, SavedView, SettingKind, SettingSpec, Written};
pub use parse::{Config, ConnectionEntry, General, Place, Problem, Weight, parse};
pub use settings::{from_draft, to_draft, unfinished};

use std::path::Path;

use qd_connector::Backend;

use crate::Paths;

/// What was read from disk.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The configuration in force: the file's, or an earlier one when the file is broken.
    pub config: Config,
    /// Mistakes and warnings of the file.
    pub problems: Vec<Problem>,
    /// Which it is.
    pub in_force: InForce,
}

impl Loaded {
    /// The file is broken, and something else is in force.
    pub fn fallen_back(&self) -> bool {
        self.in_force != InForce::File
    }
}

/// Reads the file. A missing file is an empty configuration; a broken one leaves the last good one in force. `sound` tells
/// whether a text is a credential's reference: a file with anything else in that place is never copied.
pub fn load(paths: &Paths, backends: &[&'static dyn Backend], sound: &dyn Fn(&str) -> bool) -> Loaded {
    let text = match std::fs::read_to_string(&paths.config) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Loaded::default(),
        Err(error) => {
            return kept::fall_back(
                paths,
                backends,
                Problem::broken(None, format!("{} cannot be read: {error}", paths.config.display())),
            );
        }
    };
    match parse(&text, backends) {
        Ok((config, problems)) => {
            if kept::worth_keeping(&text, &config, &problems, sound)
                && let Err(error) = kept::keep(&paths.last_good(), &text)
            {
                tracing::debug!(%error, "no copy of the configuration was kept");
            }
            Loaded { config, problems, in_force: InForce::File }
        }
        Err(problem) => kept::fall_back(paths, backends, problem),
    }
}

/// Makes a folder that only its owner may enter.
pub(crate) fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
