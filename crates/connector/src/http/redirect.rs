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
