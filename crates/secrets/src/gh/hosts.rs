//! Reads a token out of the GitHub CLI's `hosts.yml`.
//!
//! Not a YAML parser: the file is written by `gh` alone, as a map of hosts at the left margin with plain scalars below.
//! What looks otherwise is taken for "no token". Two shapes exist:
//!
//! ```yaml
//! github.com:
//!     users:                      # since 2.40: several accounts
//!         monalisa:
//!             oauth_token: gho_…
//!     git_protocol: https
//!     user: monalisa              # the active account
//!     oauth_token: gho_…          # its token; both are absent when the keychain has it
//! ```

/// The token of the active account at `host`.
pub(super) fn token<'a>(text: &'a str, host: &str) -> Option<&'a str> {
    let lines: Vec<Line<'a>> = text.lines().filter_map(Line::parse).collect();
    let below_host = section(&lines, 0, host)?;
    let active = value(below_host, "user");
    value(below_host, "oauth_token").or_else(|| {
        let users = section(below_host, below_host.first()?.indent, "users")?;
        let own = section(users, users.first()?.indent, active?)?;
        value(own, "oauth_token")
    })
}

/// One `key: value` line; `value` is empty where a section begins.
#[derive(Clone, Copy)]
struct Line<'a> {
    indent: usize,
    key: &'a str,
    value: &'a str,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Line<'a>> {
        let content = line.trim_start_matches(' ');
        if content.starts_with('#') {
            return None;
        }
        // A host may have a port, so the colon that counts ends the line or has a space behind it.
        let (key, value) =
            content.split_once(": ").or_else(|| Some((content.trim_end().strip_suffix(':')?, "")))?;
        Some(Line { indent: line.len() - content.len(), key: unquoted(key), value: unquoted(value) })
    }
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    ['"', '\''].iter().find_map(|q| text.strip_prefix(*q)?.strip_suffix(*q)).unwrap_or(text)
}

/// The lines below `key`, where `key` stands at `indent`.
fn section<'l, 'a>(lines: &'l [Line<'a>], indent: usize, key: &str) -> Option<&'l [Line<'a>]> {
    let start = lines.iter().position(|line| {
        line.indent == indent && line.key.eq_ignore_ascii_case(key) && line.value.is_empty()
    })?;
    let below = &lines[start + 1..];
    let end = below.iter().position(|line| line.indent <= indent).unwrap_or(below.len());
    (end > 0).then_some(&below[..end])
}

/// The value of `key` directly in this section, not deeper.
fn value<'a>(section: &[Line<'a>], key: &str) -> Option<&'a str> {
    let indent = section.first()?.indent;
    section
        .iter()
        .find(|line| line.indent == indent && line.key == key)
        .map(|line| line.value)
        .filter(|value| !value.is_empty() && !value.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::token;

    /// As `gh` 2.20 wrote it.
    const ONE_ACCOUNT: &str = "\
ghe.acme.example:8443:
    user: work
    oauth_token: gho_work
    git_protocol: ssh
github.com:
    user: monalisa
    oauth_token: gho_home
    git_protocol: https
";

    /// As `gh` 2.40 and later write it with `--insecure-storage`.
    const SEVERAL_ACCOUNTS: &str = "\
github.com:
    git_protocol: https
    users:
        hubot:
            oauth_token: gho_hubot
        monalisa:
            oauth_token: gho_monalisa
    user: monalisa
    oauth_token: gho_active
";

    #[test]
    fn the_token_of_the_asked_host_is_found() {
        assert_eq!(token(ONE_ACCOUNT, "github.com"), Some("gho_home"));
        assert_eq!(token(ONE_ACCOUNT, "ghe.acme.example:8443"), Some("gho_work"));
        assert_eq!(token(ONE_ACCOUNT, "ghe.acme.example"), None, "another host's token is never taken");
    }

    #[test]
    fn the_active_account_wins() {
        assert_eq!(token(SEVERAL_ACCOUNTS, "github.com"), Some("gho_active"));
        let without = SEVERAL_ACCOUNTS.replace("    oauth_token: gho_active\n", "");
        assert_eq!(token(&without, "github.com"), Some("gho_monalisa"));
        let nobody = without.replace("    user: monalisa\n", "");
        assert_eq!(token(&nobody, "github.com"), None, "no account is active, and none is guessed");
    }

    #[test]
    fn a_login_whose_token_is_in_the_keychain_has_none_in_the_file() {
        let text =
            "github.com:\n    users:\n        monalisa:\n    git_protocol: https\n    user: monalisa\n";
        assert_eq!(token(text, "github.com"), None);
    }

    #[test]
    fn quotes_and_comments_do_not_disturb() {
        let text = "# comment\n\"github.com\":\n  # oauth_token: no\n  oauth_token: 'gho_quoted'\n";
        assert_eq!(token(text, "github.com"), Some("gho_quoted"));
    }

    #[test]
    fn anything_else_is_no_token() {
        for text in [
            "",
            "github.com",
            "github.com:",
            "github.com: x",
            "\u{0}\u{fffd}: :",
            "github.com:\noauth_token: x",
        ] {
            assert_eq!(token(text, "github.com"), None, "{text:?}");
        }
    }
}
