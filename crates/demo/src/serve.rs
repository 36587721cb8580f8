//! HTTP on loopback. The one place of this crate where tasks begin, and where they end.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http::{Reply, Request};

/// Answers requests. Does no I/O.
pub type Handler = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

/// Longer bodies are not read.
const LARGEST: usize = 1 << 20;
/// How long connections get to end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Owns the tasks of all servers; they end with it.
#[derive(Default)]
pub struct Servers {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Servers {
    /// Takes a free port of 127.0.0.1. Nothing is answered before [`Servers::serve`].
    ///
    /// # Errors
    /// There is none.
    pub async fn listen() -> std::io::Result<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    }

    /// Begins to answer.
    pub fn serve(&self, listener: TcpListener, handler: Handler) {
        let (tracker, stop) = (self.tracker.clone(), self.stop.clone());
        self.tracker.spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                match accepted {
                    Ok((stream, _)) => {
                        tracker.spawn(talk(stream, handler.clone(), stop.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection to Harbour could not be taken");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
        });
    }

    /// Ends all of them and waits, but not for long.
    pub async fn end(&self) {
        self.stop.cancel();
        self.tracker.close();
        let _ = tokio::time::timeout(PATIENCE, self.tracker.wait()).await;
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn talk(stream: TcpStream, handler: Handler, stop: CancellationToken) {
    let service = service_fn(move |request| {
        let handler = handler.clone();
        async move { Ok::<_, Infallible>(answer(request, &handler).await) }
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to Harbour broke off");
    }
}

async fn answer(request: http::Request<Incoming>, handler: &Handler) -> http::Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let reply = match Limited::new(body, LARGEST).collect().await {
        Ok(body) => {
            let query = parts.uri.query().unwrap_or_default();
            handler(&Request {
                method: parts.method,
                path: parts.uri.path().to_owned(),
                query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
                headers: parts.headers,
                body: body.to_bytes(),
            })
        }
        Err(_) => Reply::empty(413),
    };
    let mut response = http::Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
