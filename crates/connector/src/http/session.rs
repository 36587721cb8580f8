//! Signs in to backends that want a session cookie.

use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;

use super::Http;
use super::auth::{Session, session_cookie};
use super::exchange::{Call, Fault, Raw};
use super::verdict::{self, LOGIN_PAGE, is_page};
use crate::PollError;

impl Http {
    /// The cookie of the session, its generation, and whether this very call signed in. `stale`: a generation that was
    /// rejected. Calls at the same time wait for one sign-in.
    pub(super) async fn cookie(
        &self,
        session: &Session,
        stale: Option<u64>,
        deadline: Instant,
    ) -> Result<(HeaderValue, u64, bool), Fault> {
        let mut state = tokio::select! {
            () = self.cancel.cancelled() => return Err(Fault::not_sent(PollError::Cancelled)),
            state = session.state.lock() => state,
        };
        if let Some(cookie) = state.cookie.clone().filter(|_| stale != Some(state.generation)) {
            return Ok((cookie, state.generation, false));
        }
        state.cookie = None;
        // Whatever becomes of the sign-in: the request it was for has not left.
        let raw = self.sign_in(session, deadline).await.map_err(|fault| Fault { sent: false, ..fault })?;
        let cookie = self.session_of(&raw).map_err(|fault| Fault { sent: false, ..fault })?;
        state.cookie = Some(cookie.clone());
        state.generation += 1;
        Ok((cookie, state.generation, true))
    }

    async fn sign_in(&self, session: &Session, deadline: Instant) -> Result<Raw, Fault> {
        let mut headers = HeaderMap::new();
        self.inner.credential.present(&mut headers);
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let call = Call {
            method: Method::GET,
            url: self.address(session.login_path).map_err(Fault::not_sent)?,
            headers,
            body: None,
            conditional: false,
            limit: self.inner.limits.body_bytes,
            elsewhere: None,
        };
        self.hop(&call, &call.url, &call.headers, true, false, deadline).await
    }

    /// The cookie a sign-in gave. Without one it has not worked, whatever the page says; why tells the reaction: a
    /// captive portal or a redirect is no rejected credential.
    fn session_of(&self, raw: &Raw) -> Result<HeaderValue, Fault> {
        let redirected = raw.status.is_redirection();
        if let Some(cookie) = session_cookie(&raw.headers).filter(|_| redirected || raw.status.is_success()) {
            return Ok(cookie);
        }
        let content_type = raw.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let what =
            if is_page(content_type, &raw.body) { LOGIN_PAGE } else { "the sign-in gave no session cookie" };
        if raw.status == StatusCode::NOT_IMPLEMENTED {
            let what = "this server has no sign-in with a name and a password; connect without a credential";
            let error = PollError::Misconfigured { what: what.to_owned() };
            return Err(Fault { error, sent: false, transient: false });
        }
        let error = match verdict::read_error(raw, self.base(), &self.inner.credential) {
            _ if raw.status.is_success() => {
                PollError::Unexpected { path: raw.url.path().to_owned(), what: what.to_owned() }
            }
            // Sent back to the start page without a session.
            PollError::Unexpected { .. } if redirected => PollError::Unauthenticated,
            error => error,
        };
        let transient = raw.status.is_server_error() && raw.limited.is_none();
        Err(Fault { error, sent: false, transient })
    }
}
