//! Real backends for tests and demonstrations: Alertmanager, Prometheus, Buildbot and Redmine.
//!
//! Each type starts one server on a free loopback port with its data in a folder the caller gives, waits until it
//! answers, and ends the whole process group when it is dropped. A server can be killed and started again on the
//! same port, which is how tests see a backend die and recover.
//!
//! Where a server is not installed, `start` answers [`StartError::Missing`]; [`or_skip`] turns that into the line
//! `skipped: TEST: WHY` which `cargo xtask test` collects. `cargo xtask setup --servers` installs them all.
//!
//! *Invariants:* nothing listens beyond 127.0.0.1; nothing is read from or written to a system-wide instance of these
//! servers; servers do not inherit the environment of the caller; none of them outlives the process that started it,
//! however that process ends.

pub mod http;
pub mod install;

mod alertmanager;
mod buildbot;
mod ports;
mod process;
mod prometheus;
mod redmine;

pub use alertmanager::Alertmanager;
pub use buildbot::{Build, Buildbot};
pub use ports::listening_addresses;
pub use prometheus::Prometheus;
pub use redmine::Redmine;

/// Why a server could not be started, or a request to a started one failed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It is not installed here. A test says so and is skipped; a person is told `how` to get it.
    #[error("{what} is not installed ({how})")]
    Missing {
        /// The program or part that is absent.
        what: String,
        /// The command that installs it.
        how: String,
    },
    /// It is installed but did not come up, or did not do what it was asked.
    #[error("{what}\n{log}")]
    Failed {
        /// What went wrong.
        what: String,
        /// The last lines it printed; empty when it printed nothing.
        log: String,
    },
    /// The operating system refused something on the way.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl StartError {
    fn failed(what: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), log: String::new() }
    }

    fn missing(what: &str) -> Self {
        Self::Missing { what: what.to_owned(), how: "cargo xtask setup --servers".to_owned() }
    }
}

/// The server, or `None` after printing `skipped: TEST: WHY` when it is not installed.
///
/// # Panics
/// When the server is installed and fails to start: that is a failed test, not a skipped one.
#[expect(
    clippy::print_stdout,
    reason = "the line is how a test tells `cargo xtask test` that it was skipped"
)]
pub fn or_skip<T>(test: &str, started: Result<T, StartError>) -> Option<T> {
    match started {
        Ok(server) => Some(server),
        Err(missing @ StartError::Missing { .. }) => {
            println!("skipped: {test}: {missing}");
            None
        }
        Err(failure) => panic!("{test}: {failure}"),
    }
}
