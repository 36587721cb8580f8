//! From the real thing to the demo and back: the window ends in an orderly way and begins anew.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use qd_api::Relaunch;
use tauri::AppHandle;

use crate::environment::replace_by;

const DEMO: &str = "--demo";

/// Remembers as what the window is to begin anew. Clones share it.
#[derive(Clone, Default)]
pub struct Relauncher(Arc<Inner>);

#[derive(Default)]
struct Inner {
    app: OnceLock<AppHandle>,
    wish: Mutex<Option<bool>>,
}

impl Relauncher {
    /// From now on the window can be ended by it.
    pub fn may_end(&self, app: AppHandle) {
        let _ = self.0.app.set(app);
    }

    /// Begins anew when that was asked for: it does not return then. Everything of this run must have ended.
    ///
    /// # Errors
    /// The program cannot be started again.
    pub fn begin(&self) -> io::Result<()> {
        let wish = *self.0.wish.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(demo) = wish else { return Ok(()) };
        let mut again = Command::new(env::current_exe()?);
        again.args(arguments(env::args_os().skip(1), demo));
        replace_by(again)
    }
}

impl Relaunch for Relauncher {
    fn relaunch(&self, demo: bool) -> Result<(), String> {
        let app = self.0.app.get().ok_or("the window is not open yet")?;
        *self.0.wish.lock().unwrap_or_else(PoisonError::into_inner) = Some(demo);
        app.exit(0);
        Ok(())
    }
}

/// The same arguments, but for the one that matters.
fn arguments(given: impl Iterator<Item = OsString>, demo: bool) -> Vec<OsString> {
    given.filter(|argument| argument != OsStr::new(DEMO)).chain(demo.then(|| DEMO.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_arguments_are_kept_and_the_demo_is_said_once_or_not_at_all() {
        let given = || ["--demo", "--safe-graphics"].map(OsString::from).into_iter();
        assert_eq!(arguments(given(), true), ["--safe-graphics", "--demo"]);
        assert_eq!(arguments(given(), false), ["--safe-graphics"]);
    }
}
