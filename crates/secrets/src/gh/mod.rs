//! The GitHub CLI's own login, read by reference: asked for each time, never copied to disk.
//!
//! `gh auth token --hostname HOST` prints the token wherever `gh` keeps it (the keychain, or its file).
//! Source: <https://cli.github.com/manual/gh_auth_token>. Where `gh` itself isn't installed, a login in its `hosts.yml`
//! is read (older versions, and newer ones without a keychain, keep the token there in plain text).

mod hosts;

use std::{
    ffi::OsString,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
};
use zeroize::Zeroize;

use crate::{Environment, GhError, Options, Secret};

/// More than any token has; what is longer is something else.
const LONGEST_ANSWER: u64 = 8 * 1024;
/// More than any `hosts.yml` has.
const LONGEST_FILE: u64 = 256 * 1024;
const DEFAULT_HOST: &str = "github.com";

/// Variables that `gh auth token` would answer with before its own login. Tokens from the environment are `env:NAME`.
const TOKEN_VARIABLES: [&str; 4] =
    ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];

/// The token of the GitHub CLI's login to `host` (`github.com` without one).
pub(crate) async fn token(options: &Options, host: Option<&str>) -> Result<Secret, GhError> {
    let host = login_host(host.unwrap_or(DEFAULT_HOST)).ok_or(GhError::Failed)?;
    match command(&options.gh, &host).spawn() {
        Ok(child) => tokio::time::timeout(options.gh_timeout, answer(child, &host))
            .await
            .unwrap_or(Err(GhError::Failed)),
        Err(error) if error.kind() == ErrorKind::NotFound => from_file(&options.environment, &host),
        Err(error) => {
            tracing::warn!(kind = %error.kind(), "gh could not be started");
            Err(GhError::Failed)
        }
    }
}

/// The name `gh` keeps the login under. The API of github.com has a host of its own, its logins don't.
/// `None` for what is no host: it would be an argument of a command.
fn login_host(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let sound = host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
    let host = if host == "api.github.com" { DEFAULT_HOST.to_owned() } else { host };
    sound.then_some(host)
}

fn command(gh: &Path, host: &str) -> Command {
    let mut command = Command::new(gh);
    command
        .args(["auth", "token", "--hostname", host])
        .env("GH_PROMPT_DISABLED", "1")
        .env("GH_NO_UPDATE_NOTIFIER", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    for variable in TOKEN_VARIABLES {
        command.env_remove(variable);
    }
    command
}

async fn answer(mut child: Child, host: &str) -> Result<Secret, GhError> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (mut out, complaint) = tokio::join!(read_some(stdout), read_some(stderr));
    let status = child.wait().await.map_err(|_| GhError::Failed)?;
    let told = judge(status, &out, &complaint, host);
    out.zeroize();
    told
}

/// Reads up to one byte more than allowed, so that an overlong answer shows.
async fn read_some(stream: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    // Reserved at once: a buffer that grows would leave copies of the token behind.
    let mut bytes = Vec::with_capacity(LONGEST_ANSWER as usize + 1);
    if let Some(stream) = stream {
        // What was read before an error is judged like any other answer.
        let _ = stream.take(LONGEST_ANSWER + 1).read_to_end(&mut bytes).await;
    }
    bytes
}

/// `gh auth token` exits with 1 and "no oauth token found for HOST" when there is no login.
fn judge(status: ExitStatus, out: &[u8], complaint: &[u8], host: &str) -> Result<Secret, GhError> {
    let not_logged_in = || GhError::NotLoggedIn { host: host.to_owned() };
    if !status.success() {
        let complaint = String::from_utf8_lossy(complaint).to_ascii_lowercase();
        let known =
            ["no oauth token", "not logged in", "gh auth login"].iter().any(|it| complaint.contains(it));
        return Err(if known { not_logged_in() } else { GhError::Failed });
    }
    if out.len() as u64 > LONGEST_ANSWER {
        return Err(GhError::Failed);
    }
    let text = std::str::from_utf8(out).map_err(|_| GhError::Failed)?;
    let secret = Secret::trimmed(text.to_owned()).ok_or_else(not_logged_in)?;
    if secret.expose().contains(char::is_whitespace) { Err(GhError::Failed) } else { Ok(secret) }
}

fn from_file(environment: &Environment, host: &str) -> Result<Secret, GhError> {
    let path = hosts_file(environment).ok_or(GhError::NotInstalled)?;
    let mut text = match read_file(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(GhError::NotInstalled),
        Err(_) => return Err(GhError::Failed),
    };
    let secret = hosts::token(&text, host).map(Secret::new);
    text.zeroize();
    secret.ok_or_else(|| GhError::NotLoggedIn { host: host.to_owned() })
}

/// Source: <https://cli.github.com/manual/gh_help_environment> (`GH_CONFIG_DIR`).
fn hosts_file(environment: &Environment) -> Option<PathBuf> {
    let below =
        |name: &str, folder: &str| environment.get(name).map(|base: OsString| Path::new(&base).join(folder));
    let folder = below("GH_CONFIG_DIR", "")
        .or_else(|| below("XDG_CONFIG_HOME", "gh"))
        .or_else(|| if cfg!(windows) { below("AppData", "GitHub CLI") } else { None })
        .or_else(|| below("HOME", ".config/gh"))?;
    Some(folder.join("hosts.yml"))
}

fn read_file(path: &Path) -> io::Result<String> {
    let file = std::fs::File::open(path)?;
    let known = file.metadata()?;
    if !known.is_file() || known.len() > LONGEST_FILE {
        return Err(ErrorKind::InvalidData.into());
    }
    // Reserved at once: a buffer that grows would leave copies of the token behind.
    let mut text = String::with_capacity(known.len() as usize + 1);
    file.take(LONGEST_FILE).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_to_the_api_host_are_github_coms() {
        for (host, login) in [
            ("github.com", Some("github.com")),
            ("api.github.com", Some("github.com")),
            ("GitHub.Acme.example:8443", Some("github.acme.example:8443")),
            ("--help", None),
            ("a b", None),
            ("evil/../x", None),
            ("", None),
        ] {
            assert_eq!(login_host(host).as_deref(), login, "{host:?}");
        }
    }

    #[test]
    fn a_token_in_the_environment_does_not_go_before_gh_s_own_login() {
        let command = command(Path::new("gh"), "github.com");
        let removed: Vec<_> =
            command.as_std().get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        for name in ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"] {
            assert!(removed.contains(&std::ffi::OsStr::new(name)), "{name} is not passed on");
        }
    }

    #[test]
    fn the_folder_of_the_login_is_gh_s_own() {
        let both = [("GH_CONFIG_DIR", "/g"), ("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")];
        for (skip, expected) in [(0, "/g/hosts.yml"), (1, "/x/gh/hosts.yml"), (2, "/h/.config/gh/hosts.yml")]
        {
            let environment = Environment::of(both.into_iter().skip(skip));
            assert_eq!(hosts_file(&environment).unwrap(), Path::new(expected));
        }
        assert!(hosts_file(&Environment::of([("TERM", "xterm")])).is_none());
    }
}
