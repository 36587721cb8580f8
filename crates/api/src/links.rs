//! Links of a backend: checked before anything may open them.

use url::Url;

/// Why a link is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// Not an address, or one with control or direction characters.
    #[error("the link is not a proper address")]
    Malformed,
    /// Longer than 2,048 characters.
    #[error("the link is longer than 2,048 characters")]
    TooLong,
    /// Neither https nor http.
    #[error("only web addresses are opened")]
    Scheme,
    /// http to a host that is not a configured connection's.
    #[error("the link is not encrypted (http) and does not lead to one of your connections")]
    PlainHttp,
    /// `user:password@` in it.
    #[error("the link carries a user name, which is a common disguise")]
    UserInfo,
}

/// Checks a link. `own` are the addresses of the configured connections: their hosts may be visited by plain http.
///
/// # Errors
/// Why it is refused.
pub fn checked_link(text: &str, own: &[Url]) -> Result<Url, LinkRefusal> {
    if text.len() > 2048 {
        return Err(LinkRefusal::TooLong);
    }
    if crate::plain(text) != text || text.contains(char::is_whitespace) || text.contains('\\') {
        return Err(LinkRefusal::Malformed);
    }
    let url = Url::parse(text).map_err(|_| LinkRefusal::Malformed)?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(LinkRefusal::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LinkRefusal::UserInfo);
    }
    let Some(host) = url.host_str() else { return Err(LinkRefusal::Malformed) };
    let known = |url: &Url| url.scheme() == "http" && url.host_str() == Some(host);
    if url.scheme() == "http" && !own.iter().any(known) {
        return Err(LinkRefusal::PlainHttp);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, LinkRefusal>) {
        let own = [Url::parse("http://127.0.0.1:9093").unwrap()];
        let found = checked_link(text, &own);
        let host = found.as_ref().map(|url| url.host_str().unwrap_or_default()).map_err(|refusal| *refusal);
        assert_eq!(host, expected, "{text}");
    }

    #[test]
    fn only_plain_web_addresses_pass() {
        check("https://github.com/acme/shop", Ok("github.com"));
        check("https://bücher.example/x", Ok("xn--bcher-kva.example"));
        check("http://127.0.0.1:9090/graph", Ok("127.0.0.1"));
        check("http://evil.example/", Err(LinkRefusal::PlainHttp));
        check("https://github.com@evil.example/", Err(LinkRefusal::UserInfo));
        check("javascript:alert(1)", Err(LinkRefusal::Scheme));
        check("file:///etc/passwd", Err(LinkRefusal::Scheme));
        check("smb://host/share", Err(LinkRefusal::Scheme));
        check("\\\\host\\share", Err(LinkRefusal::Malformed));
        check("https:\\\\evil.example", Err(LinkRefusal::Malformed));
        check("java\u{0}script:alert(1)", Err(LinkRefusal::Malformed));
        check(" https://github.com", Err(LinkRefusal::Malformed));
        check("https://git\u{202e}hub.com/", Err(LinkRefusal::Malformed));
        check("", Err(LinkRefusal::Malformed));
        check(&format!("https://github.com/{}", "a".repeat(2048)), Err(LinkRefusal::TooLong));
    }
}
