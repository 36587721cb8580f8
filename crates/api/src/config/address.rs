//! An address as a person writes it.

use url::{Host, Url};

/// Reads an address as a person writes it.
pub(crate) fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(url) = url.filter(|url| url.host_str().is_some()) else {
        let meant = with_scheme(text.trim()).map(|url| format!("; did you mean {url}?"));
        return Err(format!("must begin with http:// or https://{}", meant.unwrap_or_default()));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password; give them as the credential".to_owned());
    }
    Ok(url)
}

/// The address that was meant where only its scheme is missing. `None` for everything that need not be a host with a port
/// and a path: what stands there may be a secret, and is not repeated.
fn with_scheme(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:/[]_~".contains(c);
    if text.contains("//") || !text.chars().all(plain) {
        return None;
    }
    let url = Url::parse(&format!("http://{text}")).ok()?;
    let near = match url.host()? {
        Host::Domain("localhost") => true,
        Host::Domain(name) => {
            // A name in a domain, or with a port: a token has neither.
            let (_, last) = name.rsplit_once('.').unwrap_or_default();
            let in_a_domain = (2..=12).contains(&last.len()) && last.chars().all(|c| c.is_ascii_alphabetic());
            if !in_a_domain && url.port().is_none() {
                return None;
            }
            false
        }
        Host::Ipv4(ip) => ip.is_loopback() || ip.is_private(),
        Host::Ipv6(ip) => ip.is_loopback(),
    };
    let scheme = if near || url.port().is_some() { "http" } else { "https" };
    Some(format!("{scheme}://{text}"))
}
