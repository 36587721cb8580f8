//! The bans of deny.toml against Cargo.lock.
//!
//! cargo-deny reads the same file and does more, but it cannot be installed everywhere; the bans are what must hold on
//! every machine. The advisory database knows no Tauri advisory after 2022, so floors of versions stand in the bans.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use semver::{Version, VersionReq};
use serde::Deserialize;

/// One entry of `[bans] deny`.
#[derive(Debug)]
pub struct Ban {
    name: String,
    versions: VersionReq,
    /// The crates that may use it directly. Empty: nobody may.
    wrappers: BTreeSet<String>,
    reason: String,
}

/// One package of a lock file, with the names of what it uses.
#[derive(Debug)]
pub struct Locked {
    name: String,
    version: Version,
    uses: Vec<(String, Option<Version>)>,
}

/// The bans that the lock file breaks, in words.
pub fn broken(bans: &[Ban], lock: &[Locked]) -> Vec<String> {
    let mut found = Vec::new();
    for ban in bans {
        for package in lock.iter().filter(|package| ban.covers(package)) {
            let Locked { name, version, .. } = package;
            let users: Vec<&str> =
                lock.iter().filter(|user| user.uses(package)).map(|user| user.name.as_str()).collect();
            if ban.wrappers.is_empty() {
                found.push(format!(
                    "{name} {version} is banned: {} (used by {})",
                    ban.reason,
                    users.join(", ")
                ));
                continue;
            }
            let others = users.into_iter().filter(|user| !ban.wrappers.contains(*user));
            found.extend(others.map(|user| format!("{user} must not use {name} {version}: {}", ban.reason)));
        }
    }
    found
}

impl Ban {
    fn covers(&self, package: &Locked) -> bool {
        package.name == self.name && self.versions.matches(&package.version)
    }
}

impl Locked {
    fn uses(&self, other: &Locked) -> bool {
        self.uses.iter().any(|(name, version)| {
            *name == other.name && version.as_ref().is_none_or(|version| *version == other.version)
        })
    }
}

/// Reads `[bans] deny` of a deny.toml.
///
/// # Errors
/// When an entry is not understood: a ban that is silently ignored protects nobody.
pub fn parse(deny: &str) -> Result<Vec<Ban>> {
    let file: DenyFile = toml_edit::de::from_str(deny).context("deny.toml")?;
    file.bans.deny.into_iter().map(Ban::try_from).collect()
}

/// Reads a Cargo.lock.
pub fn lock(text: &str) -> Result<Vec<Locked>> {
    let file: LockFile = toml_edit::de::from_str(text).context("Cargo.lock")?;
    file.package.into_iter().map(Locked::try_from).collect()
}

#[derive(Deserialize)]
struct DenyFile {
    bans: Bans,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// A package spec: `name`, `name@1.2.3` for exactly that version, or `name:<1.2.3` for a range.
    #[serde(rename = "crate")]
    spec: String,
    #[serde(default)]
    wrappers: BTreeSet<String>,
    reason: String,
}

impl TryFrom<Entry> for Ban {
    type Error = anyhow::Error;

    fn try_from(Entry { spec, wrappers, reason }: Entry) -> Result<Self> {
        let (name, versions) = match spec.split_once([':', '@']) {
            None => (spec.as_str(), VersionReq::STAR),
            // cargo-deny takes `name@<1.2.3` for a version that no package has and finds nothing, silently.
            Some((name, version)) if spec.contains('@') => {
                let version = Version::parse(version).with_context(|| {
                    format!("deny.toml: after @ comes one exact version, not a range: {spec}")
                })?;
                (name, VersionReq::parse(&format!("={version}"))?)
            }
            Some((name, range)) => (
                name,
                VersionReq::parse(range)
                    .with_context(|| format!("deny.toml: no range of versions: {spec}"))?,
            ),
        };
        Ok(Self { name: name.to_owned(), versions, wrappers, reason })
    }
}

#[derive(Deserialize)]
struct LockFile {
    package: Vec<LockEntry>,
}

#[derive(Deserialize)]
struct LockEntry {
    name: String,
    version: String,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl TryFrom<LockEntry> for Locked {
    type Error = anyhow::Error;

    fn try_from(entry: LockEntry) -> Result<Self> {
        let used = |text: &String| -> Result<(String, Option<Version>)> {
            // `name`, or `name version` where the lock file has several, or `name version (source)`.
            let mut words = text.split(' ');
            let name = words.next().unwrap_or_default().to_owned();
            Ok((name, words.next().map(Version::parse).transpose()?))
        };
        let uses = entry.dependencies.iter().map(used).collect::<Result<_>>()?;
        Ok(Self { name: entry.name, version: Version::parse(&entry.version)?, uses })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUR_BANS: &str = include_str!("../../../deny.toml");
    /// A workspace locked to Tauri 2.10.3 (CVE-2026-42184) with a plugin from before CVE-2025-31477.
    const OLD_TAURI: &str = include_str!("../../fixtures/old-tauri.lock");

    fn check(deny: &str, lock_text: &str) -> Vec<String> {
        broken(&parse(deny).unwrap(), &lock(lock_text).unwrap())
    }

    #[test]
    fn our_own_bans_catch_an_old_tauri_that_the_advisories_miss() {
        let found = check(OUR_BANS, OLD_TAURI).join("\n");
        assert!(found.contains("tauri 2.10.3 is banned: CVE-2026-42184"), "{found}");
        assert!(found.contains("tauri-plugin-shell 2.2.0 is banned: CVE-2025-31477"), "{found}");
    }

    #[test]
    fn the_versions_that_repair_it_are_no_longer_caught_by_their_floors() {
        let repaired = OLD_TAURI.replace("2.10.3", "2.11.1").replace("2.2.0", "2.2.1");
        let found = check(OUR_BANS, &repaired).join("\n");
        assert_eq!(found, "tauri-plugin-shell must not use tauri 2.11.1: the core runs without a window");
    }

    #[test]
    fn a_range_after_an_at_sign_is_refused_instead_of_silently_finding_nothing() {
        let failure = parse("[bans]\ndeny = [{ crate = \"tauri@<2.11.1\", reason = \"x\" }]").unwrap_err();
        assert!(format!("{failure:#}").contains("one exact version"), "{failure:#}");
    }

    #[test]
    fn only_wrappers_may_use_a_wrapped_crate() {
        let deny = "[bans]\ndeny = [{ crate = \"rusqlite\", wrappers = [\"store\"], reason = \"one place for SQL\" }]";
        let lock = "[[package]]\nname = \"rusqlite\"\nversion = \"0.40.2\"\n\
                    [[package]]\nname = \"store\"\nversion = \"0.1.0\"\ndependencies = [\"rusqlite\"]\n\
                    [[package]]\nname = \"engine\"\nversion = \"0.1.0\"\ndependencies = [\"rusqlite\"]\n";
        assert_eq!(check(deny, lock), ["engine must not use rusqlite 0.40.2: one place for SQL"]);
    }

    #[test]
    fn of_several_versions_only_the_one_in_use_counts() {
        let deny = "[bans]\ndeny = [{ crate = \"h2:<0.4\", wrappers = [\"old\"], reason = \"x\" }]";
        let lock = "[[package]]\nname = \"h2\"\nversion = \"0.3.1\"\n[[package]]\nname = \"h2\"\nversion = \"0.4.16\"\n\
                    [[package]]\nname = \"new\"\nversion = \"0.1.0\"\ndependencies = [\"h2 0.4.16\"]\n";
        assert_eq!(check(deny, lock), Vec::<String>::new());
    }
}
