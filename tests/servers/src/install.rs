//! Which packages the servers need, and the parts that are prepared once and kept between starts.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{StartError, process, redmine};

/// Debian packages of the servers. Install them with service start denied: their daemons listen on all interfaces.
pub const DEBIAN_PACKAGES: &[&str] =
    &["prometheus", "prometheus-alertmanager", "redmine", "redmine-sqlite", "puma", "python3-venv"];

/// PyPI packages of the Buildbot environment.
pub const BUILDBOT_PACKAGES: &[&str] = &["buildbot==4.3.0", "buildbot-worker==4.3.0", "buildbot-www==4.3.0"];

/// The folder of prepared parts: `QD_SERVERS_DIR`, else `target/servers` of this workspace.
#[must_use]
pub fn folder() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let usual = || workspace.unwrap_or(Path::new(".")).join("target/servers");
    std::env::var_os("QD_SERVERS_DIR").map_or_else(usual, PathBuf::from)
}

/// Where the Buildbot environment is, or will be.
#[must_use]
pub fn buildbot_environment() -> PathBuf {
    folder().join("venv-buildbot")
}

/// Whether [`prepare`] has nothing left to do.
#[must_use]
pub fn is_prepared() -> bool {
    buildbot_is_complete(&buildbot_environment()) && redmine::template_path().is_file()
}

/// Installs Buildbot into an environment of its own and builds Redmine's template database, unless both are there.
///
/// Takes about a minute the first time, and network access for Buildbot.
///
/// # Errors
/// What pip, Python or Redmine printed when one of them failed.
pub fn prepare() -> Result<(), StartError> {
    install_buildbot()?;
    redmine::prepare_template()?;
    Ok(())
}

/// Holds off other processes that prepare the same part, until the returned file is dropped.
pub(crate) fn lock(part: &str) -> Result<File, StartError> {
    fs::create_dir_all(folder())?;
    let file = File::create(folder().join(format!("{part}.lock")))?;
    file.lock()?;
    Ok(file)
}

fn install_buildbot() -> Result<(), StartError> {
    let _lock = lock("buildbot")?;
    let environment = buildbot_environment();
    if buildbot_is_complete(&environment) {
        return Ok(());
    }
    // These commands keep the caller's environment: a proxy or a package mirror may be set there.
    process::run("python3 -m venv", Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    let pip = environment.join("bin/pip");
    process::run(
        "pip install",
        Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check"]).args(BUILDBOT_PACKAGES),
    )?;
    Ok(fs::write(environment.join("complete"), BUILDBOT_PACKAGES.join("\n"))?)
}

/// The marker is written last and names the versions, so that neither half an environment nor an old one is taken.
fn buildbot_is_complete(environment: &Path) -> bool {
    fs::read_to_string(environment.join("complete"))
        .is_ok_and(|packages| packages == BUILDBOT_PACKAGES.join("\n"))
}
