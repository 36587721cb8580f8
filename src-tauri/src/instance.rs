//! One window for one `QUARTERDECK_HOME`. A second start hands over what it was started with and ends.

use std::fs::{self, File, TryLockError};
use std::io;
#[cfg(unix)]
use std::io::{Read, Write};
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
#[cfg(unix)]
use std::time::Duration;

const LOCK: &str = "window.lock";
#[cfg(unix)]
const CALL: &str = "window.sock";
/// A caller says at most so much: a link is no longer than 2,048 characters.
#[cfg(unix)]
const LONGEST: u64 = 4096;
/// How long a caller gets to say it.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(2);

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

/// Claims the window of this state folder; where there is one already, gives it `link` to follow.
///
/// # Errors
/// When the folder cannot be written.
pub fn claim(state: &Path, link: Option<&str>) -> io::Result<Claim> {
    let lock = File::create(state.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => Ok(Claim::First(First {
            lock,
            #[cfg(unix)]
            calls: listen(state),
        })),
        Err(TryLockError::WouldBlock) => Ok(Claim::Taken { shown: call(state, link) }),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

impl First {
    /// Runs `show` with the link of every later start, for the life of the process.
    pub fn on_call(self, show: impl Fn(Option<String>) + Send + 'static) {
        std::thread::spawn(move || {
            let First { lock, .. } = &self;
            #[cfg(unix)]
            if let Some(calls) = &self.calls {
                calls.incoming().flatten().for_each(|caller| show(hear(caller)));
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
fn call(state: &Path, link: Option<&str>) -> bool {
    let Ok(mut window) = UnixStream::connect(state.join(CALL)) else { return false };
    link.is_none_or(|link| window.write_all(link.as_bytes()).is_ok())
}

/// The link a caller brings. Whatever it says, the window is shown; what it leads to is checked where it is followed.
#[cfg(unix)]
fn hear(caller: UnixStream) -> Option<String> {
    caller.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut said = String::new();
    caller.take(LONGEST).read_to_string(&mut said).ok()?;
    Some(said).filter(|said| !said.is_empty())
}

#[cfg(not(unix))]
fn call(_state: &Path, _link: Option<&str>) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_second_start_calls_the_first_and_another_home_is_another_window() {
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let Ok(Claim::First(first)) = claim(home.path(), None) else { panic!("nobody else is there") };
        let (called, calls) = std::sync::mpsc::channel();
        first.on_call(move |link| called.send(link).unwrap());
        let heard = |link: Option<&str>| {
            assert!(matches!(claim(home.path(), link), Ok(Claim::Taken { shown: true })));
            calls.recv_timeout(Duration::from_secs(5)).unwrap()
        };
        assert_eq!(heard(None), None);
        assert_eq!(heard(Some("quarterdeck://view/alerts")).as_deref(), Some("quarterdeck://view/alerts"));
        assert!(heard(Some(&"x".repeat(100_000))).is_none_or(|said| said.len() <= 4096), "it is cut off");
        assert_eq!(heard(None), None, "and the next one is heard");
        assert!(matches!(claim(other.path(), None), Ok(Claim::First(_))));
    }

    #[test]
    fn what_a_crashed_window_left_behind_hinders_nobody() {
        let home = tempfile::tempdir().unwrap();
        drop(claim(home.path(), None).unwrap());
        assert!(home.path().join(LOCK).exists());
        assert!(matches!(claim(home.path(), None), Ok(Claim::First(_))));
    }
}
