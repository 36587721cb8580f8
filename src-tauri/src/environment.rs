//! What must be right before the first thread and the first window: see docs/adr/0005-environment-before-the-window.md.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::Command;

/// Draw in shared memory instead of handing buffers of the graphics card from process to process.
const NO_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// Draw without the graphics card at all.
const NO_COMPOSITING: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";
/// Lets the process be driven by a WebDriver.
const AUTOMATION: &str = "TAURI_WEBVIEW_AUTOMATION";
/// Open a remote debugger into the window, by which everything in it can be read and called.
const DEBUGGERS: [&str; 2] = ["WEBKIT_INSPECTOR_SERVER", "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS"];

/// A build for tests or measurements, which a WebDriver may drive. The product as it is given to people cannot be driven.
const DRIVABLE: bool = cfg!(any(debug_assertions, feature = "drivable"));

/// What the decision depends on.
#[derive(Clone, Copy)]
struct Machine {
    /// There is a graphics card that can be drawn with.
    render_node: bool,
    /// Its driver is NVIDIA's own.
    nvidia: bool,
    /// `--safe-graphics`.
    safe_graphics: bool,
    /// [`DRIVABLE`].
    drivable: bool,
}

/// A variable and the value it must have; `None`: it must be absent.
type Correction = (&'static str, Option<&'static str>);

/// Starts this program anew with the right environment, if it is not right already. Returns only when it is.
///
/// # Errors
/// When the program cannot be started again.
pub fn correct(safe_graphics: bool) -> io::Result<()> {
    let machine = Machine {
        render_node: render_node(Path::new("/dev/dri")),
        nvidia: Path::new("/proc/driver/nvidia").exists(),
        safe_graphics,
        drivable: DRIVABLE,
    };
    let corrections = corrections(|name| env::var_os(name), machine);
    if corrections.is_empty() {
        return Ok(());
    }
    let mut again = Command::new(env::current_exe()?);
    again.args(env::args_os().skip(1));
    for (name, value) in corrections {
        match value {
            Some(value) => again.env(name, value),
            None => again.env_remove(name),
        };
    }
    replace_by(again)
}

/// Starts this program anew without the graphics card, because its window stayed blank. Returns only when that failed.
///
/// # Errors
/// When the program cannot be started again.
pub fn start_again_safely() -> io::Result<()> {
    let mut again = Command::new(env::current_exe()?);
    again.args(["--safe-graphics", "--was-blank"]).args(env::args_os().skip(1));
    replace_by(again)
}

/// Whether a WebDriver drives this process.
pub fn is_driven() -> bool {
    DRIVABLE && env::var_os(AUTOMATION).is_some_and(|value| value == "true")
}

/// Runs another program in the place of this one.
///
/// # Errors
/// It cannot be started.
#[cfg(unix)]
pub fn replace_by(mut again: Command) -> io::Result<()> {
    Err(std::os::unix::process::CommandExt::exec(&mut again))
}

/// Runs another program in the place of this one.
///
/// # Errors
/// It cannot be started.
#[cfg(not(unix))]
pub fn replace_by(mut again: Command) -> io::Result<()> {
    let status = again.status()?;
    std::process::exit(status.code().unwrap_or(1));
}

fn corrections(get: impl Fn(&str) -> Option<OsString>, machine: Machine) -> Vec<Correction> {
    let mut wanted: Vec<Correction> = Vec::new();
    let dmabuf_draws = machine.render_node && !machine.nvidia;
    if machine.safe_graphics {
        wanted.extend([(NO_DMABUF, Some("1")), (NO_COMPOSITING, Some("1"))]);
    } else if cfg!(target_os = "linux") && !dmabuf_draws && get(NO_DMABUF).is_none() {
        wanted.push((NO_DMABUF, Some("1")));
    }
    let driven = machine.drivable && get(AUTOMATION).as_deref() == Some(OsStr::new("true"));
    if !driven {
        wanted.extend(DEBUGGERS.map(|name| (name, None)));
        wanted.push((AUTOMATION, None));
    }
    wanted.retain(|(name, value)| get(name).as_deref() != value.map(OsStr::new));
    wanted
}

fn render_node(folder: &Path) -> bool {
    let nodes = std::fs::read_dir(folder).into_iter().flatten().flatten();
    nodes.into_iter().any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
}

/// A crash must not write what is in memory, credentials among it, to a disk.
pub fn leave_no_core_dump() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
            tracing::warn!(%error, "a crash may leave a core dump");
        }
    }
}

/// GTK would end the process without a word that helps.
///
/// # Errors
/// When there is no display to open a window on.
pub fn require_display() -> Result<(), &'static str> {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        return Err("there is no display to open a window on; `qd` works in a terminal");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Machine =
        Machine { render_node: true, nvidia: false, safe_graphics: false, drivable: false };

    fn check(set: &[(&str, &str)], machine: Machine, wanted: &[Correction]) {
        let get = |name: &str| set.iter().find(|(it, _)| *it == name).map(|(_, value)| OsString::from(value));
        assert_eq!(corrections(get, machine), wanted, "{set:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn dmabuf_is_turned_off_where_it_does_not_draw_and_only_if_nobody_decided() {
        let off: &[Correction] = &[(NO_DMABUF, Some("1"))];
        check(&[], PLAIN, &[]);
        check(&[], Machine { render_node: false, ..PLAIN }, off);
        check(&[], Machine { nvidia: true, ..PLAIN }, off);
        check(&[(NO_DMABUF, "0")], Machine { nvidia: true, ..PLAIN }, &[]);
        check(&[(NO_DMABUF, "")], Machine { render_node: false, ..PLAIN }, &[]);
    }

    #[test]
    fn safe_graphics_wins_over_what_is_set_and_settles_after_one_start() {
        let safe = Machine { safe_graphics: true, ..PLAIN };
        check(&[(NO_DMABUF, "0")], safe, &[(NO_DMABUF, Some("1")), (NO_COMPOSITING, Some("1"))]);
        check(&[(NO_DMABUF, "1"), (NO_COMPOSITING, "1")], safe, &[]);
    }

    #[test]
    fn no_debugger_gets_in_and_a_driver_only_into_a_build_for_tests() {
        let all = [
            (DEBUGGERS[0], "127.0.0.1:1"),
            (DEBUGGERS[1], "--remote-debugging-port=1"),
            (AUTOMATION, "true"),
        ];
        let gone = [(DEBUGGERS[0], None), (DEBUGGERS[1], None), (AUTOMATION, None)];
        check(&all, PLAIN, &gone);
        check(&all, Machine { drivable: true, ..PLAIN }, &[]);
        check(&all[..2], Machine { drivable: true, ..PLAIN }, &gone[..2]);
    }

    #[test]
    fn a_card_is_seen_by_its_render_node() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!render_node(folder.path()), "a display controller alone cannot draw");
        std::fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(render_node(folder.path()));
        assert!(!render_node(&folder.path().join("absent")));
    }
}
