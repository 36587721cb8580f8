//! The log: standard error, and a file in the state folder.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::MakeWriterExt;

const FILE: &str = "quarterdeck.log";
const EARLIER: &str = "quarterdeck.log.1";
/// A file longer than this makes way for a new one at the next start.
const MIB: u64 = 1024 * 1024;
const LONG: u64 = 8 * MIB;

/// Starts to log, as `QUARTERDECK_LOG` says or from `info` on.
///
/// # Errors
/// When the state folder or the file in it cannot be written.
pub fn start(state: &Path) -> io::Result<()> {
    private_folder(state)?;
    let file = file(state)?;
    let filter = EnvFilter::try_from_env("QUARTERDECK_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(io::stderr.and(Mutex::new(file)))
        .try_init()
        .map_err(io::Error::other)
}

/// A folder that only its owner can look into.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(folder);
    made.map_err(|error| {
        io::Error::new(error.kind(), format!("{} cannot be made: {error}", folder.display()))
    })
}

fn file(state: &Path) -> io::Result<File> {
    let path = state.join(FILE);
    if fs::metadata(&path).is_ok_and(|found| found.len() > LONG) {
        fs::rename(&path, state.join(EARLIER))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(&path);
    opened.map_err(|error| {
        io::Error::new(error.kind(), format!("{} cannot be written: {error}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_makes_way_and_the_last_one_is_kept() {
        let state = tempfile::tempdir().unwrap();
        file(state.path()).unwrap().set_len(LONG + 1).unwrap();
        assert_eq!(file(state.path()).unwrap().metadata().unwrap().len(), 0);
        assert_eq!(fs::metadata(state.path().join(EARLIER)).unwrap().len(), LONG + 1);
    }

    #[test]
    #[cfg(unix)]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let base = tempfile::tempdir().unwrap();
        let state = base.path().join("deep/state");
        private_folder(&state).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        file(&state).unwrap();
        assert_eq!((mode(&state), mode(&state.join(FILE))), (0o700, 0o600));
    }
}
