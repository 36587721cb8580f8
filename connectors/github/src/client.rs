//! octocrab on our HTTP facade.
//!
//! octocrab builds requests and knows GitHub's routes and API version; the facade sends them, with its deadline, size
//! limit, budget, ETag cache, redirect rules and the credential, which octocrab never sees
//! (`docs/adr/0004-octocrab-on-our-facade.md`).

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, HeaderValue};
use http::{Method, Uri};
use http_body_util::{BodyExt, Full};
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use qd_connector::http::{Http, Response};
use qd_connector::{ActError, PollError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Requests of one poll, detail or action.
pub struct GitHub {
    octocrab: Octocrab,
    http: Http,
    requests: AtomicU32,
}

impl GitHub {
    /// A client for one call of the connection. Must be made within a runtime: octocrab's queue has a task, which does
    /// no I/O of its own and ends when this client is dropped.
    pub fn new(http: &Http) -> Self {
        let facade = Facade(http.clone());
        let built: Result<Octocrab, Infallible> =
            OctocrabBuilder::new_empty().with_service(facade).with_auth(AuthState::None).build();
        let octocrab = match built {
            Ok(octocrab) => octocrab,
            Err(never) => match never {},
        };
        Self { octocrab, http: http.clone(), requests: AtomicU32::new(0) }
    }

    /// octocrab itself, for the calls whose models read every real answer.
    pub fn octocrab(&self) -> &Octocrab {
        &self.octocrab
    }

    /// The facade underneath.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// Requests asked for so far.
    pub fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// A conditional read: an unchanged answer comes from the ETag cache and costs nothing of the quota.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Response, PollError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let answer =
            self.octocrab._get(address(path, query)).await.map_err(|error| read_error(path, error))?;
        taken(&answer).ok_or_else(|| unexpected(path, "the answer was lost on its way"))
    }

    /// [`GitHub::get`], parsed.
    pub async fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, PollError> {
        self.get(path, query).await?.json()
    }

    /// [`GitHub::get`] of a list, item by item: what can be read, and a sentence for each item that cannot.
    pub async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        what: &str,
    ) -> Result<(Vec<T>, Vec<String>), PollError> {
        let values: Vec<crate::wire::Entity> = self.read(path, query).await?;
        Ok(crate::wire::items(values, what))
    }

    /// A write: exactly one attempt.
    pub async fn post(&self, path: &str, body: Option<&Value>) -> Result<Response, ActError> {
        let answer = self.octocrab._post(address(path, &[]), body).await;
        written(answer)
    }

    /// A write: exactly one attempt.
    pub async fn patch<B: Serialize>(&self, path: &str, body: &B) -> Result<Response, ActError> {
        let answer = self.octocrab._patch(address(path, &[]), Some(body)).await;
        written(answer)
    }
}

/// Path and query as octocrab wants them.
fn address(path: &str, query: &[(&str, &str)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish())
}

type Answer = octocrab::Result<http::Response<http_body_util::combinators::BoxBody<Bytes, octocrab::Error>>>;

/// The facade's own answer, which rides through octocrab beside the body: it knows whether it came from the cache, and
/// reads JSON with our limits.
fn taken<B>(answer: &http::Response<B>) -> Option<Response> {
    answer.extensions().get::<Response>().cloned()
}

fn unexpected(path: &str, what: &str) -> PollError {
    let path = path.split('?').next().unwrap_or_default();
    PollError::Unexpected { path: path.to_owned(), what: what.to_owned() }
}

/// The facade's error comes back through octocrab as the service's error. Anything else is octocrab's own.
pub fn read_error(path: &str, error: octocrab::Error) -> PollError {
    match error {
        octocrab::Error::Service { source, .. } => match source.downcast::<PollError>() {
            Ok(error) => *error,
            Err(_) => unexpected(path, "the request could not be sent"),
        },
        octocrab::Error::Json { source, .. } => {
            unexpected(path, &format!("{}: a value that does not fit", source.path()))
        }
        _ => unexpected(path, "the request could not be made"),
    }
}

fn written(answer: Answer) -> Result<Response, ActError> {
    match answer {
        Ok(answer) => {
            taken(&answer).ok_or_else(|| ActError::Unknown { cause: "the answer was lost".to_owned() })
        }
        Err(octocrab::Error::Service { source, .. }) => match source.downcast::<ActError>() {
            Ok(error) => Err(*error),
            Err(_) => Err(ActError::Unknown { cause: "the answer was lost".to_owned() }),
        },
        // Everything else happens while the request is built.
        Err(_) => Err(ActError::NotSent { cause: "the request could not be made".to_owned() }),
    }
}

/// The facade as octocrab's service: reads as conditional reads, everything else as a single write.
struct Facade(Http);

impl Facade {
    /// octocrab asks for `/repos/…`; on GitHub Enterprise that lies below the base address' path.
    fn absolute(&self, uri: &Uri) -> String {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        format!("{}{path}", self.0.base().as_str().trim_end_matches('/'))
    }
}

impl tower_service::Service<http::Request<OctoBody>> for Facade {
    type Response = http::Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<OctoBody>) -> Self::Future {
        let http = self.0.clone();
        let absolute = match request.uri().scheme() {
            // Absolute addresses are checked by the facade, which refuses other origins.
            Some(_) => request.uri().to_string(),
            None => self.absolute(request.uri()),
        };
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            parts.uri = absolute.parse()?;
            // The length is the facade's to set; octocrab writes 0 whenever there is no body.
            parts.headers.remove(CONTENT_LENGTH);
            parts.headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/vnd.github+json"));
            let read = parts.method == Method::GET;
            let request = http::Request::from_parts(parts, body);
            let response = match read {
                true => http.execute(request).await?,
                false => http.execute_write(request).await?,
            };
            let mut answer = http::Response::new(Full::new(response.body.clone()));
            *answer.status_mut() = response.status;
            *answer.headers_mut() = response.headers.clone();
            answer.extensions_mut().insert(response);
            Ok(answer)
        })
    }
}
