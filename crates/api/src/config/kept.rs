//! The copy of the last good configuration, and what is in force when the file cannot be read.

use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use qd_connector::Backend;

use super::{Config, Loaded, Problem, Weight, create_private, parse};
use crate::Paths;

/// What is in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InForce {
    /// The file as it is now.
    #[default]
    File,
    /// The file as it was written at this time: this process had read it before it was broken.
    Before(SystemTime),
    /// The last good copy, as it was kept at this time.
    Copy(SystemTime),
    /// Nothing: the file is broken, and there is no copy.
    Nothing,
}

impl InForce {
    /// For the person. `None`: nothing needs to be said.
    pub(crate) fn sentence(self) -> Option<String> {
        let told = |at: SystemTime| DateTime::<Utc>::from(at).to_rfc3339_opts(SecondsFormat::Secs, true);
        Some(match self {
            Self::File => return None,
            Self::Before(at) => format!("The file as it was written at {} stays in force.", told(at)),
            Self::Copy(at) => format!("In force is the last good copy, kept at {}.", told(at)),
            Self::Nothing => "There is no good copy of it, so nothing is configured.".to_owned(),
        })
    }
}

/// Whether a file that could be read is kept a second time: only one of which nothing was left out. One entry with a mistake
/// keeps the whole file from it, for two reasons. The mistake may be a secret in the wrong place, and the copy must hold none
/// (so neither is one with a mere warning kept that holds what looks like a secret). And the copy replaces a file that cannot
/// be read: the older one, which still has that connection, is better than one that has lost it without a word. It only counts
/// for a start with a broken file; a process that runs keeps what it had read last.
pub(super) fn worth_keeping(
    text: &str,
    config: &Config,
    problems: &[Problem],
    sound: &dyn Fn(&str) -> bool,
) -> bool {
    let mere_warnings = problems.iter().all(|problem| problem.weight == Weight::Warning);
    mere_warnings
        && (problems.is_empty() || !holds_a_secret(text))
        && config.connections.iter().all(|entry| sound(&entry.credential))
}

/// Names under which people keep secrets.
const NAMES: [&str; 12] = [
    "token", "tokens", "secret", "secrets", "password", "passwd", "pass", "pwd", "key", "apikey", "bearer",
    "pat",
];
/// How the secrets of well-known services begin.
const BEGINNINGS: [&str; 7] = ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xox", "eyJ"];
/// A run of letters and digits of this length is no word.
const LONG: usize = 20;

/// Whether a text looks as though a secret stood in it. Rather too often than too seldom.
fn holds_a_secret(text: &str) -> bool {
    let inside_address =
        |address: &str| address.split(['/', '"', '\'', ' ', '\n']).next().is_some_and(|it| it.contains('@'));
    let named = |name: &str| {
        let name = name.to_lowercase();
        name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| NAMES.contains(&word))
    };
    let random = |word: &str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
            || word.split(['-', '_']).any(|run| run.len() >= LONG && digits >= 3)
    };
    text.split("://").skip(1).any(inside_address)
        || text.lines().filter_map(|line| line.split_once('=')).any(|(name, _)| named(name))
        || text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).any(random)
}

/// What is in force instead of a file that cannot be read.
pub(super) fn fall_back(paths: &Paths, backends: &[&'static dyn Backend], problem: Problem) -> Loaded {
    let kept = paths.last_good();
    let at = std::fs::metadata(&kept).and_then(|meta| meta.modified());
    let text = std::fs::read_to_string(&kept);
    let config = text.ok().and_then(|text| parse(&text, backends).ok()).map(|(config, _)| config);
    let in_force = match (&config, at) {
        (Some(_), Ok(at)) => InForce::Copy(at),
        _ => InForce::Nothing,
    };
    Loaded { config: config.unwrap_or_default(), problems: vec![problem], in_force }
}

/// Keeps a good file a second time.
pub(super) fn keep(path: &Path, text: &str) -> std::io::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        create_private(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path)?, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_as_though_a_secret_stood_in_it_is_told() {
        for (text, expected) in [
            ("[window]\nthem = \"dark\"\n", false),
            ("[[connection]]\nurl = \"https://ci.example.org:8010/path@home\"\nintervall_secs = 30\n", false),
            ("repositories = [\"acme/a-rather-long-name-of-a-repository-2026\"]\n", false),
            ("token = \"hunter2\"\n", true),
            ("api-key = 'x'\n", true),
            ("# ghp_0123\n", true),
            ("note = \"0123456789abcdef0123456789abcdef\"\n", true),
            ("url = \"https://user:hunter2@x\"\n", true),
        ] {
            assert_eq!(holds_a_secret(text), expected, "{text}");
        }
    }
}
