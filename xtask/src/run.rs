//! `cargo xtask run` and `cargo xtask servers`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::demo::Demo;
use crate::display::{self, VirtualScreen};
use crate::node::Node;
use crate::setup::{self, Parts};
use crate::shell;

/// The one spelling of the app's features: another one would compile the app and what it shares a second time.
pub const FEATURES: &str = "quarterdeck/custom-protocol";
const PAINTED_WITHIN: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
pub struct Options {
    /// Start and seed real servers first, and open the window connected to them
    #[arg(long)]
    servers: bool,
    /// Build with optimisation
    #[arg(long)]
    release: bool,
    /// Always use Xvfb; end as soon as the picture is taken
    #[arg(long)]
    screenshot_and_quit: bool,
    /// Arguments for the app
    #[arg(last = true)]
    args: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    setup::run(Parts { servers: options.servers, ..Parts::BUILD })?;
    build_ui(&Node::ensure()?)?;
    let app = build_app(options.release)?;
    let demo = if options.servers { Some(Demo::start()?) } else { None };
    let mut command = Command::new(app);
    command.args(&options.args);
    if let Some(demo) = &demo {
        demo.print();
        command.envs(demo.environment());
    }
    if display::present() && !options.screenshot_and_quit {
        let status = command.status().context("the app could not be started")?;
        if status.success() { Ok(()) } else { bail!("the app ended with {status}") }
    } else {
        run_on_virtual_screen(command, options.screenshot_and_quit)
    }
}

/// `cargo xtask servers`: the servers without the window.
pub fn servers_only() -> Result<()> {
    setup::run(Parts { servers: true, ..Parts::BUILD })?;
    let demo = Demo::start()?;
    demo.print();
    println!("Ctrl-C ends them.");
    loop {
        // The servers are on a leash: whatever ends this process ends them.
        thread::park();
    }
}

fn run_on_virtual_screen(mut command: Command, quit: bool) -> Result<()> {
    let screen = VirtualScreen::start()?;
    println!("There is no display here: the window opens on a virtual one ({}).", screen.name);
    command.env("DISPLAY", &screen.name).env_remove("WAYLAND_DISPLAY").env("GDK_BACKEND", "x11");
    let mut app = Ended(command.spawn().context("the app could not be started")?);
    let picture = shell::target().join("screenshots/window.png");
    screen.screenshot(&picture, PAINTED_WITHIN)?;
    println!("Screenshot: {}", picture.display());
    if quit {
        return Ok(());
    }
    println!("Ctrl-C ends it.");
    let status = app.0.wait()?;
    if status.success() { Ok(()) } else { bail!("the app ended with {status}") }
}

/// A child that does not outlive its owner.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Builds ui/dist, unless it is newer than everything it is made from.
pub fn build_ui(node: &Node) -> Result<()> {
    let ui = shell::root().join("ui");
    let built = modified(&ui.join("dist/index.html"));
    if built.is_some_and(|built| newest(&ui).is_none_or(|source| source < built)) {
        return Ok(());
    }
    shell::run(node.npm().args(["run", "build"]))
}

/// Selecting the whole workspace resolves features as `cargo xtask test` does, so that nothing is compiled twice.
fn build_app(release: bool) -> Result<PathBuf> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--workspace", "--bin", "quarterdeck", "--features", FEATURES, "--locked"]);
    if release {
        cargo.arg("--release");
    }
    shell::run(&mut cargo)?;
    Ok(shell::target().join(if release { "release" } else { "debug" }).join("quarterdeck"))
}

/// When the newest source below `folder` was changed; what is built or downloaded does not count.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    entries
        .filter(|entry| !["node_modules", "dist"].iter().any(|skipped| entry.file_name() == *skipped))
        .filter_map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => newest(&entry.path()),
            _ => modified(&entry.path()),
        })
        .max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|found| found.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downloads_and_results_are_no_sources() {
        let dir = tempfile::tempdir().unwrap();
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        for (name, at) in [("src/App.svelte", old), ("dist/index.html", SystemTime::now())] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::File::create(&path).unwrap().set_modified(at).unwrap();
        }
        assert_eq!(newest(dir.path()), Some(old));
    }
}
