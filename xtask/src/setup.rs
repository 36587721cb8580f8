//! `cargo xtask setup`: what must be there before anything can be built, run or tested.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::node::Node;
use crate::{packages, shell};

/// Which parts to set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    pub build: bool,
    pub tests: bool,
    pub servers: bool,
}

impl Parts {
    pub const BUILD: Self = Self { build: true, tests: false, servers: false };
    pub const ALL: Self = Self { build: true, tests: true, servers: true };

    /// Nothing chosen means everything; whatever is chosen needs the build.
    pub fn chosen(build: bool, servers: bool, tests: bool) -> Self {
        if build || servers || tests { Self { build: true, tests, servers } } else { Self::ALL }
    }
}

/// Sets these parts up; takes a moment when all is there.
pub fn run(parts: Parts) -> Result<()> {
    packages::ensure(&wanted_packages(parts))?;
    if parts.tests {
        ensure_nextest()?;
    }
    ensure_ui_packages(&Node::ensure()?)?;
    if parts.servers && !qd_servers::install::is_prepared() {
        eprintln!(
            "setup: preparing Buildbot and Redmine in {} (a minute)",
            qd_servers::install::folder().display()
        );
        qd_servers::install::prepare()?;
    }
    eprintln!("setup: everything is here");
    Ok(())
}

fn wanted_packages(parts: Parts) -> Vec<&'static str> {
    let mut wanted = packages::BUILD.to_vec();
    if parts.tests || !crate::display::present() {
        wanted.extend(packages::HEADLESS);
    }
    if parts.tests {
        wanted.extend(packages::TESTS);
    }
    if parts.servers {
        wanted.extend(qd_servers::install::DEBIAN_PACKAGES);
    }
    wanted
}

fn ensure_nextest() -> Result<()> {
    if shell::try_output(shell::cargo().args(["nextest", "--version"])).is_some() {
        return Ok(());
    }
    eprintln!("setup: cargo-nextest is missing; building it from crates.io (some minutes, once)");
    shell::run(shell::cargo().args(["install", "--locked", "cargo-nextest"]))
        .context("cargo-nextest could not be installed; see https://nexte.st/docs/installation")
}

/// `npm ci`, unless it ran for this very lock file. Install scripts of packages never run.
fn ensure_ui_packages(node: &Node) -> Result<()> {
    let ui = shell::root().join("ui");
    let lock = fs::read(ui.join("package-lock.json")).context("ui/package-lock.json cannot be read")?;
    let done_for = ui.join("node_modules/.installed-lock.json");
    if fs::read(&done_for).is_ok_and(|done| done == lock) {
        return Ok(());
    }
    shell::run(npm_ci(node.npm().current_dir(&ui)))?;
    Ok(fs::write(done_for, lock)?)
}

fn npm_ci(npm: &mut Command) -> &mut Command {
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_chosen_means_everything_and_every_choice_includes_the_build() {
        assert_eq!(Parts::chosen(false, false, false), Parts::ALL);
        assert_eq!(Parts::chosen(false, true, false), Parts { build: true, tests: false, servers: true });
        assert_eq!(Parts::chosen(true, false, false), Parts::BUILD);
    }
}
