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
/// Whoever asks for the other one sees the window.
const HIDDEN: &str = "--hidden";
/// A link of the first start has been followed.
const LINK: &str = "quarterdeck://";

/// Remembers as what the window is to begin anew. Clones share it.
#[derive(Clone, Default)]
pub struct Relauncher(Arc<Inner>);

#[derive(Default)]
struct Inner {
    app: OnceLock<AppHandle>,
    wish: Mutex<Option<Wish>>,
}

/// As what the window begins anew, and where it opens.
#[derive(Clone, Copy)]
struct Wish {
    demo: bool,
    link: Option<&'static str>,
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
        let Some(wish) = wish else { return Ok(()) };
        let mut again = Command::new(env::current_exe()?);
        again.args(arguments(env::args_os().skip(1), wish));
        replace_by(again)
    }
}

impl Relaunch for Relauncher {
    fn relaunch(&self, demo: bool, link: Option<&'static str>) -> Result<(), String> {
        let app = self.0.app.get().ok_or("the window is not open yet")?;
        *self.0.wish.lock().unwrap_or_else(PoisonError::into_inner) = Some(Wish { demo, link });
        app.exit(0);
        Ok(())
    }
}

/// The same arguments, but for those that matter.
fn arguments(given: impl Iterator<Item = OsString>, wish: Wish) -> Vec<OsString> {
    let stays = |argument: &OsString| {
        ![DEMO, HIDDEN].iter().any(|other| argument == OsStr::new(other))
            && !argument.to_string_lossy().starts_with(LINK)
    };
    let wished = wish.demo.then_some(DEMO).into_iter().chain(wish.link).map(OsString::from);
    given.filter(stays).chain(wished).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_arguments_are_kept_and_the_demo_is_said_once_or_not_at_all() {
        let given = || {
            ["--demo", "--safe-graphics", "--hidden", "quarterdeck://view/alerts"]
                .map(OsString::from)
                .into_iter()
        };
        let link = "quarterdeck://view/connections";
        assert_eq!(arguments(given(), Wish { demo: true, link: None }), ["--safe-graphics", "--demo"]);
        assert_eq!(arguments(given(), Wish { demo: false, link: Some(link) }), ["--safe-graphics", link]);
    }
}
