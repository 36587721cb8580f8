//! System packages: which are needed, which are missing, and how they come in.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use anyhow::{Result, bail};

use crate::shell;

/// Needed to build the window and the app.
pub const BUILD: &[&str] = &[
    "libwebkit2gtk-4.1-dev",
    "libgtk-3-dev",
    "librsvg2-dev",
    "libayatana-appindicator3-dev",
    "libxdo-dev",
    "libssl-dev",
    "build-essential",
    "pkg-config",
    "file",
];

/// Needed to show the window where there is no display.
pub const HEADLESS: &[&str] = &["xvfb", "xauth", "fonts-dejavu-core", "imagemagick", "dbus", "at-spi2-core"];

/// Needed by the tests: a driver for the window, a keychain, a notification daemon.
pub const TESTS: &[&str] =
    &["webkit2gtk-driver", "dbus-x11", "gnome-keyring", "libsecret-tools", "libnotify-bin", "dunst", "git"];

/// Needed when Node comes from PyPI.
pub const PYTHON: &[&str] = &["python3-venv"];

/// Makes sure that these packages are installed.
///
/// As root they are installed at once; otherwise the error holds the one command to run. On a system without dpkg the
/// list is printed, and the build will tell what is missing.
pub fn ensure(wanted: &[&str]) -> Result<()> {
    let Some(installed) = installed(wanted) else {
        eprintln!("setup: no dpkg here; make sure that you have the equivalents of: {}", wanted.join(" "));
        return Ok(());
    };
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| !installed.contains(*name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let script = install_script(&missing);
    if !is_root() {
        bail!(
            "system packages are missing. Run this once, then start again:\n\n  sudo sh -c {}\n",
            shell::quoted(&script)
        );
    }
    eprintln!("setup: installing {}", missing.join(" "));
    shell::run(Command::new("sh").args(["-c", &script]))
}

/// The names of those packages that are completely installed; `None` where there is no dpkg.
fn installed(names: &[&str]) -> Option<BTreeSet<String>> {
    // dpkg-query fails when one of the names is unknown to it, and still lists the others.
    let query = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"])
        .args(names)
        .output()
        .ok()?;
    Some(parse_installed(&String::from_utf8_lossy(&query.stdout)))
}

fn parse_installed(list: &str) -> BTreeSet<String> {
    let words = list.lines().filter_map(|line| line.split_once(' '));
    words.filter(|(_, status)| *status == "installed").map(|(name, _)| name.to_owned()).collect()
}

/// Installs without starting anything: Debian's server packages would start daemons on all interfaces. A policy that
/// the system already has is put back afterwards, also after a run that was cut.
fn install_script(packages: &[&str]) -> String {
    format!(
        r##"set -e
policy=/usr/sbin/policy-rc.d
[ ! -e "$policy" ] || grep -q quarterdeck "$policy" || mv "$policy" "$policy.before"
restore() {{ rm -f "$policy"; [ ! -e "$policy.before" ] || mv "$policy.before" "$policy"; }}
trap restore EXIT
trap "exit 1" INT TERM HUP
printf "#!/bin/sh\n# quarterdeck: packages are installed, services are not started\nexit 101\n" >"$policy"
chmod 755 "$policy"
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends {}"##,
        packages.join(" ")
    )
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_package_whose_configuration_stays_is_missing() {
        let list = "xvfb installed\ndunst config-files\nfile half-installed\n";
        assert_eq!(parse_installed(list), BTreeSet::from(["xvfb".to_owned()]));
    }

    /// Runs the script against stand-ins: a scratch policy file, and an `apt-get` that says what policy it saw.
    fn run_script(dir: &std::path::Path, apt_exit: u8) -> (bool, String) {
        use std::os::unix::fs::PermissionsExt;
        let apt = dir.join("apt-get");
        std::fs::write(&apt, format!("#!/bin/sh\ncat policy >>seen; exit {apt_exit}\n")).unwrap();
        std::fs::set_permissions(&apt, std::fs::Permissions::from_mode(0o755)).unwrap();
        let script = install_script(&["one"]).replace("/usr/sbin/policy-rc.d", "policy");
        let path = format!("{}:/usr/bin:/bin", dir.display());
        let status =
            Command::new("sh").args(["-c", &script]).env("PATH", path).current_dir(dir).status().unwrap();
        (status.success(), std::fs::read_to_string(dir.join("seen")).unwrap())
    }

    #[test]
    fn services_are_denied_during_the_installation_and_the_old_policy_comes_back() {
        for apt_exit in [0, 1] {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("policy"), "mine").unwrap();
            let (success, seen) = run_script(dir.path(), apt_exit);
            assert_eq!(success, apt_exit == 0);
            assert!(seen.contains("\nexit 101\n"), "apt runs under the denying policy: {seen}");
            assert_eq!(std::fs::read_to_string(dir.path().join("policy")).unwrap(), "mine");
        }
    }

    #[test]
    fn what_a_run_that_was_killed_left_behind_is_not_taken_for_the_systems_policy() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("policy"), "#!/bin/sh\n# quarterdeck: x\nexit 101\n").unwrap();
        std::fs::write(dir.path().join("policy.before"), "mine").unwrap();
        assert!(run_script(dir.path(), 0).0);
        assert_eq!(std::fs::read_to_string(dir.path().join("policy")).unwrap(), "mine");
        assert!(!dir.path().join("policy.before").exists());
    }

    #[test]
    fn where_there_was_no_policy_there_is_none_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        assert!(run_script(dir.path(), 0).0);
        assert!(!dir.path().join("policy").exists());
    }
}
