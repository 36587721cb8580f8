//! The credential, and how it is presented.

use std::fmt;

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use crate::{PollError, Secret};

/// How a connection presents its credential. `Debug` shows the form only.
#[derive(Clone)]
pub enum Auth {
    /// Without.
    None,
    /// `Authorization: Bearer …`.
    Bearer(Secret),
    /// `Authorization: Basic …`.
    Basic {
        /// User.
        user: String,
        /// Password.
        password: Secret,
    },
    /// A header of the backend's own (`X-Redmine-API-Key`).
    Header {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: Secret,
    },
    /// Signs in once with Basic at `login_path` and presents the session cookie from then on. The cookie lives in memory
    /// only; one new sign-in is tried when it is rejected.
    SessionCookie {
        /// Where the sign-in is (GET), relative to the base address.
        login_path: &'static str,
        /// User.
        user: String,
        /// Password.
        password: Secret,
    },
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Bearer(_) => "Bearer(…)",
            Self::Basic { .. } => "Basic(…)",
            Self::Header { .. } => "Header(…)",
            Self::SessionCookie { .. } => "SessionCookie(…)",
        })
    }
}

/// The credential in the form in which it is sent.
pub(super) struct Credential {
    /// Sent with every request, or, with a session, with the sign-in only.
    header: Option<(HeaderName, HeaderValue)>,
    session: Option<Session>,
    /// The secret itself, to recognise it in what a backend says.
    secret: Option<Secret>,
}

/// A session that is signed in to on demand.
pub(super) struct Session {
    pub login_path: &'static str,
    /// Held while signing in, so that requests at the same time wait for one sign-in instead of making their own.
    pub state: Mutex<SessionState>,
}

#[derive(Default)]
pub(super) struct SessionState {
    /// Counts sign-ins: a rejected request knows by it whether somebody has signed in again meanwhile.
    pub generation: u64,
    pub cookie: Option<HeaderValue>,
}

impl Credential {
    pub fn new(auth: Auth) -> Result<Self, PollError> {
        let mut session = None;
        let secret = match &auth {
            Auth::None => None,
            Auth::Bearer(secret) | Auth::Header { value: secret, .. } => Some(secret.clone()),
            Auth::Basic { password, .. } | Auth::SessionCookie { password, .. } => Some(password.clone()),
        };
        let header = match auth {
            Auth::None => None,
            Auth::Bearer(token) => {
                Some((AUTHORIZATION, sensitive(&format!("Bearer {}", token.expose_secret().trim()))?))
            }
            Auth::Basic { user, password } => Some((AUTHORIZATION, basic(&user, &password)?)),
            Auth::Header { name, value } => {
                Some((header_name(name)?, sensitive(value.expose_secret().trim())?))
            }
            Auth::SessionCookie { login_path, user, password } => {
                session = Some(Session { login_path, state: Mutex::default() });
                Some((AUTHORIZATION, basic(&user, &password)?))
            }
        };
        Ok(Self { header, session, secret })
    }

    /// Whether there is one.
    pub fn is_given(&self) -> bool {
        self.header.is_some()
    }

    /// The session, when the credential is one.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// Presents the credential itself: with every request, or at the sign-in of a session.
    pub fn present(&self, headers: &mut HeaderMap) {
        if let Some((name, value)) = &self.header {
            headers.insert(name.clone(), value.clone());
        }
    }

    /// A text of the backend without the credential, which some repeat in their refusal.
    pub fn redact(&self, text: &str) -> String {
        // A shorter one would blank out ordinary words.
        const SHORTEST: usize = 6;
        let sent = self.header.as_ref().and_then(|(_, value)| value.to_str().ok()).unwrap_or_default();
        let sent = sent.split_once(' ').map_or(sent, |(_, value)| value);
        let secret = self.secret.as_ref().map(|secret| secret.expose_secret().trim()).unwrap_or_default();
        [secret, sent]
            .iter()
            .filter(|form| form.len() >= SHORTEST)
            .fold(text.to_owned(), |text, form| text.replace(form, "…"))
    }

    /// Headers of this kind never come from a caller: the credential is ours alone.
    pub fn is_reserved(&self, name: &HeaderName) -> bool {
        matches!(name.as_str(), "authorization" | "proxy-authorization" | "cookie" | "host")
            || self.header.as_ref().is_some_and(|(own, _)| own == name)
    }
}

/// The `Cookie` header for the cookies of a sign-in. `None`: it set none.
pub(super) fn session_cookie(headers: &HeaderMap) -> Option<HeaderValue> {
    let pairs: Vec<&str> = headers
        .get_all(http::header::SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok()?.split(';').next())
        .map(str::trim)
        .filter(|pair| pair.contains('=') && !pair.ends_with('='))
        .collect();
    let mut value = HeaderValue::from_str(&pairs.join("; ")).ok().filter(|_| !pairs.is_empty())?;
    value.set_sensitive(true);
    Some(value)
}

/// Presents a session.
pub(super) fn present_cookie(headers: &mut HeaderMap, cookie: &HeaderValue) {
    headers.insert(COOKIE, cookie.clone());
}

fn sensitive(text: &str) -> Result<HeaderValue, PollError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| PollError::Misconfigured {
        what: "the credential has characters that cannot be sent: enter it again".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn basic(user: &str, password: &Secret) -> Result<HeaderValue, PollError> {
    sensitive(&format!("Basic {}", base64(format!("{user}:{}", password.expose_secret()).as_bytes())))
}

fn header_name(name: &str) -> Result<HeaderName, PollError> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| PollError::Misconfigured { what: format!("'{name}' is not the name of a header") })
}

/// Standard alphabet with padding (RFC 4648 §4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word =
            group.iter().fold(0u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = (word >> (18 - 6 * place)) & 63;
            out.push(if place <= group.len() { char::from(ALPHABET[digit as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presented(auth: Auth) -> Result<HeaderMap, PollError> {
        let mut headers = HeaderMap::new();
        Credential::new(auth)?.present(&mut headers);
        Ok(headers)
    }

    #[test]
    fn each_form_presents_its_header() {
        assert!(presented(Auth::None).unwrap().is_empty());
        assert_eq!(presented(Auth::Bearer("t0ken\n".into())).unwrap()["authorization"], "Bearer t0ken");
        let basic = Auth::Basic { user: "Aladdin".into(), password: "open sesame".into() };
        assert_eq!(presented(basic).unwrap()["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let own = Auth::Header { name: "X-Redmine-API-Key", value: "k3y".into() };
        assert_eq!(presented(own).unwrap()["x-redmine-api-key"], "k3y");
    }

    #[test]
    fn a_credential_that_cannot_be_sent_is_refused_without_showing_it() {
        let error = presented(Auth::Bearer("canary\u{7f}\nx".into())).unwrap_err();
        assert!(matches!(error, PollError::Misconfigured { .. }) && !format!("{error:?}").contains("canary"));
    }

    #[test]
    fn debug_shows_the_form_only() {
        let canary = || Secret::from("canary-7f3a");
        let session =
            Auth::SessionCookie { login_path: "/login", user: "canary-user".into(), password: canary() };
        let own = Auth::Header { name: "x", value: canary() };
        for auth in [Auth::Bearer(canary()), own, session] {
            assert!(!format!("{auth:?} {:?}", presented(auth.clone()).unwrap()).contains("canary"));
        }
    }

    #[test]
    fn a_repeated_credential_is_blanked_out() {
        let basic = Auth::Basic { user: "u".into(), password: "s3cret-pw".into() };
        let credential = Credential::new(basic).unwrap();
        assert_eq!(credential.redact("bad password s3cret-pw"), "bad password …");
        assert_eq!(credential.redact("bad header Basic dTpzM2NyZXQtcHc="), "bad header Basic …");
        let short = Credential::new(Auth::Bearer("a".into())).unwrap();
        assert_eq!(short.redact("a bad thing"), "a bad thing");
    }

    #[test]
    fn all_cookies_of_a_sign_in_are_kept_without_their_attributes() {
        let cookies = |values: &[&'static str]| {
            let set = values.iter().map(|value| (http::header::SET_COOKIE, HeaderValue::from_static(value)));
            session_cookie(&set.collect()).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(cookies(&["a=1; Path=/; HttpOnly", "b=2"]).as_deref(), Some("a=1; b=2"));
        assert_eq!(cookies(&["a=; Max-Age=0"]), None, "a deleted cookie is none");
        assert_eq!(cookies(&[]), None);
    }
}
