//! One window for one `QUARTERDECK_HOME`. A second start shows the first one's window and ends.

use std::fs::{self, File, TryLockError};
use std::io;
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

const LOCK: &str = "window.lock";
#[cfg(unix)]
const CALL: &str = "window.sock";

/// What a start finds.
pub enum Claim {
    /// Nobody else: this is the window.
    First(First),
    /// A window is open; `shown` tells whether it could be called to the front.
    Taken {
        /// It was called.
        shown: bool,
    },
}

/// The right to be the window, until it is dropped or the process ends, however it ends.
pub struct First {
    lock: File,
    #[cfg(unix)]
    calls: Option<UnixListener>,
}

/// Claims the window of this state folder.
///
/// # Errors
/// When the folder cannot be written.
pub fn claim(state: &Path) -> io::Result<Claim> {
    let lock = File::create(state.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => Ok(Claim::First(First {
            lock,
            #[cfg(unix)]
            calls: listen(state),
        })),
        Err(TryLockError::WouldBlock) => Ok(Claim::Taken { shown: call(state) }),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

impl First {
    /// Runs `show` whenever a later start calls, for the life of the process.
    pub fn on_call(self, show: impl Fn() + Send + 'static) {
        std::thread::spawn(move || {
            let First { lock, .. } = &self;
            #[cfg(unix)]
            if let Some(calls) = &self.calls {
                calls.incoming().filter(Result::is_ok).for_each(|_| show());
            }
            loop {
                std::thread::park();
                let _held = lock;
            }
        });
    }
}

/// `None` where there can be no socket (a path of more than a hundred characters): a later start then just ends.
#[cfg(unix)]
fn listen(state: &Path) -> Option<UnixListener> {
    let path = state.join(CALL);
    // We hold the lock: whoever listened there is gone.
    let _ = fs::remove_file(&path);
    UnixListener::bind(path)
        .inspect_err(|error| tracing::warn!(%error, "a second start will not be able to show this window"))
        .ok()
}

#[cfg(unix)]
fn call(state: &Path) -> bool {
    UnixStream::connect(state.join(CALL)).is_ok()
}

#[cfg(not(unix))]
fn call(_state: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_second_start_calls_the_first_and_another_home_is_another_window() {
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let Ok(Claim::First(first)) = claim(home.path()) else { panic!("nobody else is there") };
        let (called, calls) = std::sync::mpsc::channel();
        first.on_call(move || called.send(()).unwrap());
        assert!(matches!(claim(home.path()), Ok(Claim::Taken { shown: true })));
        calls.recv_timeout(std::time::Duration::from_secs(5)).unwrap();
        assert!(matches!(claim(other.path()), Ok(Claim::First(_))));
    }

    #[test]
    fn what_a_crashed_window_left_behind_hinders_nobody() {
        let home = tempfile::tempdir().unwrap();
        drop(claim(home.path()).unwrap());
        assert!(home.path().join(LOCK).exists());
        assert!(matches!(claim(home.path()), Ok(Claim::First(_))));
    }
}
