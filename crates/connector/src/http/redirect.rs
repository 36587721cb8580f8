//! Where a redirect may lead. Pure.

use url::Url;

use crate::PollError;

/// What to do with a redirect of a GET.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Same origin: ask there, with the credential.
    Follow(Url),
    /// Another origin that the caller allows: ask there, without the credential.
    Elsewhere(Url),
}

/// Decides on a redirect from `at` to `location`, as the `seen.len()`-th hop.
pub(super) fn step(
    at: &Url,
    location: Option<&str>,
    seen: &[Url],
    limit: u32,
    elsewhere: Option<fn(&Url) -> bool>,
) -> Result<Step, PollError> {
    let unexpected = |what: &str| PollError::Unexpected { path: at.path().to_owned(), what: what.to_owned() };
    let location = location.ok_or_else(|| unexpected("a redirect without an address"))?;
    let to = at.join(location).map_err(|_| unexpected("a redirect to something that is no address"))?;
    if seen.contains(&to) {
        return Err(unexpected("redirects in a circle"));
    }
    if seen.len() > limit as usize {
        return Err(unexpected(&format!("more than {limit} redirects")));
    }
    if same_origin(at, &to) {
        return Ok(Step::Follow(to));
    }
    match elsewhere {
        Some(allowed) if plain(&to) && allowed(&to) => Ok(Step::Elsewhere(to)),
        _ => Err(redirected(at, &to)),
    }
}

/// Whether the credential may go to `to`: scheme, host and port are the same and no user info tries to look like a host.
pub(super) fn same_origin(base: &Url, to: &Url) -> bool {
    plain(to) && base.origin() == to.origin()
}

/// The error for an address of another origin. Names origins only.
pub(super) fn redirected(from: &Url, to: &Url) -> PollError {
    PollError::Redirected { from: from.origin().ascii_serialization(), to: origin_of(to) }
}

fn plain(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
}

fn origin_of(url: &Url) -> String {
    match url.origin() {
        origin @ url::Origin::Tuple(..) => origin.ascii_serialization(),
        url::Origin::Opaque(_) => format!("a '{}:' address", url.scheme()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn check(location: &str, expected: &str) {
        let at = url("https://git.example.org/api/v3/runs?x=1");
        let seen = [at.clone()];
        let found = match step(&at, Some(location), &seen, 3, None) {
            Ok(Step::Follow(to)) => format!("follow {to}"),
            Ok(Step::Elsewhere(to)) => format!("elsewhere {to}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{location}");
    }

    #[test]
    fn only_the_same_scheme_host_and_port_is_home() {
        check("/login", "follow https://git.example.org/login");
        check("https://git.example.org:443/a", "follow https://git.example.org/a");
        check("https://GIT.example.org/a", "follow https://git.example.org/a");
        check("http://git.example.org/a", "https://git.example.org redirects to http://git.example.org");
        check(
            "https://git.example.org:8443/a",
            "https://git.example.org redirects to https://git.example.org:8443",
        );
        check(
            "https://git.example.org.evil.example/a",
            "https://git.example.org redirects to https://git.example.org.evil.example",
        );
        check("//evil.example/?token=x", "https://git.example.org redirects to https://evil.example");
        check(
            "https://git.example.org@evil.example/",
            "https://git.example.org redirects to https://evil.example",
        );
        check("https://u:p@git.example.org/", "https://git.example.org redirects to https://git.example.org");
        check("javascript:alert(1)", "https://git.example.org redirects to a 'javascript:' address");
        check("file:///etc/passwd", "https://git.example.org redirects to a 'file:' address");
    }

    #[test]
    fn circles_and_long_chains_end() {
        let at = url("https://a.example/1");
        let circle = step(&at, Some("/1"), std::slice::from_ref(&at), 3, None);
        assert!(matches!(circle, Err(PollError::Unexpected { what, .. }) if what.contains("circle")));
        let seen: Vec<Url> = (1..=4).map(|n| url(&format!("https://a.example/{n}"))).collect();
        let long = step(&seen[3], Some("/5"), &seen, 3, None);
        assert!(matches!(long, Err(PollError::Unexpected { what, .. }) if what.contains("more than 3")));
    }

    #[test]
    fn another_origin_needs_to_be_allowed_and_plain() {
        let at = url("https://api.example/logs");
        let allowed: fn(&Url) -> bool = |to| to.host_str() == Some("store.example");
        let go = |location| step(&at, Some(location), std::slice::from_ref(&at), 3, Some(allowed));
        assert_eq!(
            go("https://store.example/x?sig=1").unwrap(),
            Step::Elsewhere(url("https://store.example/x?sig=1"))
        );
        assert!(go("https://other.example/x").is_err());
        assert!(go("https://u@store.example/x").is_err());
        assert!(go("ftp://store.example/x").is_err());
    }
}
