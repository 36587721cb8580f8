//! A raw TCP server that can send any bytes and remembers what it was sent.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::Reply;
use super::reply::Act;

type Script = Arc<dyn Fn(&RecordedRequest) -> Reply + Send + Sync>;

/// A request as the server received it.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// Scheme, host and port of the server that received it: `http://127.0.0.1:4711`.
    pub origin: String,
    /// 1 for the first request since the server was started or cleared.
    pub number: usize,
    /// `GET`.
    pub method: String,
    /// Path without query, as sent (still encoded).
    pub path: String,
    /// The query's pairs, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// Headers, names in lower case. A repeated header keeps its last value.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
    /// Every byte of the request's head, for the search for leaked credentials.
    pub head: String,
}

impl RecordedRequest {
    /// The first value of a query parameter.
    pub fn param(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// How a connection begins.
#[derive(Clone)]
pub enum Opening {
    /// Plain TCP.
    Plain,
    /// TLS with a certificate.
    Tls(Arc<tokio_rustls::rustls::ServerConfig>),
    /// Reads the first bytes and closes: a TLS handshake that breaks off.
    CloseAfterHello,
    /// Answers the first bytes with these: an alert of an old TLS.
    Answer(&'static [u8]),
}

/// A server on a free loopback port. Dropped, it takes no more connections and ends those it has.
pub struct FaultServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Owns the one task that accepts, which owns those of the connections.
    _accepting: JoinSet<()>,
}

struct Shared {
    script: Mutex<Script>,
    requests: Mutex<Vec<RecordedRequest>>,
    connections: AtomicUsize,
    origin: String,
}

impl FaultServer {
    /// Starts a server that does with each request what the script says.
    ///
    /// # Panics
    /// No loopback port can be opened.
    pub async fn start(script: impl Fn(&RecordedRequest) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(Opening::Plain, script).await
    }

    /// Starts a server whose connections begin in another way.
    ///
    /// # Panics
    /// No loopback port can be opened.
    pub async fn start_with(
        opening: Opening,
        script: impl Fn(&RecordedRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).await.unwrap_or_else(|error| panic!("no port: {error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("no address: {error}"));
        let (scheme, host) = match opening {
            Opening::Plain => ("http", "127.0.0.1"),
            // Certificates are made for names.
            _ => ("https", "localhost"),
        };
        let shared = Arc::new(Shared {
            script: Mutex::new(Arc::new(script)),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            origin: format!("{scheme}://{host}:{}", address.port()),
        });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, opening, shared.clone()));
        Self { address, shared, _accepting: accepting }
    }

    /// The server's address.
    ///
    /// # Panics
    /// Never: the origin is an address.
    pub fn url(&self) -> Url {
        Url::parse(&self.shared.origin).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Its socket address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what it does from now on.
    pub fn set(&self, script: impl Fn(&RecordedRequest) -> Reply + Send + Sync + 'static) {
        *lock(&self.shared.script) = Arc::new(script);
    }

    /// The requests received so far.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.shared.requests).clone()
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Forgets the requests received so far.
    pub fn clear(&self) {
        lock(&self.shared.requests).clear();
    }

    /// An address where nobody listens: connections are refused.
    ///
    /// # Panics
    /// No loopback port can be opened.
    pub async fn refusing() -> Url {
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).await.unwrap_or_else(|error| panic!("no port: {error}"));
        let port = listener.local_addr().map(|address| address.port()).unwrap_or_default();
        drop(listener);
        Url::parse(&format!("http://127.0.0.1:{port}")).unwrap_or_else(|error| panic!("{error}"))
    }

    /// An address where connections are neither accepted nor refused, as behind a firewall that drops packets: a listener
    /// with a full queue. Keep the guard. `None`: this system does not behave so.
    pub async fn black_hole() -> Option<(Url, Vec<TcpStream>, TcpListener)> {
        let socket = TcpSocket::new_v4().ok()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).ok()?;
        let listener = socket.listen(1).ok()?;
        let address = listener.local_addr().ok()?;
        let mut held = Vec::new();
        for _ in 0..16 {
            match tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
                Ok(Ok(stream)) => held.push(stream),
                Ok(Err(_)) => return None,
                Err(_) => return Some((Url::parse(&format!("http://{address}")).ok()?, held, listener)),
            }
        }
        None
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, opening: Opening, shared: Arc<Shared>) {
    // The connections live in this task, so that they end with the server.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(open(stream, opening.clone(), shared.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// A broken connection is what this server is for; nobody wants to hear of it.
async fn open(mut stream: TcpStream, opening: Opening, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    match opening {
        Opening::Plain => {
            let _ = serve(&mut stream, &shared)
                .await
                .map(|reset| if reset { stream.set_zero_linger() } else { Ok(()) });
        }
        Opening::Tls(config) => {
            if let Ok(mut tls) = TlsAcceptor::from(config).accept(stream).await {
                let _ = serve(&mut tls, &shared).await;
                let _ = tls.shutdown().await;
            }
        }
        Opening::CloseAfterHello => {
            let _ = stream.read(&mut [0; 512]).await;
        }
        Opening::Answer(bytes) => {
            let _ = stream.read(&mut [0; 512]).await;
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
    }
}

/// Serves one connection. `true`: it shall end with a reset.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, shared: &Shared) -> io::Result<bool> {
    let mut rest = Vec::new();
    while let Some(request) = receive(stream, &mut rest, shared).await? {
        let script = lock(&shared.script).clone();
        let reply = script(&request);
        let head_only = request.method == "HEAD";
        match reply.act {
            Act::Answer => {
                stream.write_all(&reply.head(Some(reply.body.len()))).await?;
                if !head_only && !matches!(reply.status, 204 | 304) {
                    stream.write_all(&reply.body).await?;
                }
                stream.flush().await?;
            }
            Act::Raw => {
                stream.write_all(&reply.body).await?;
                stream.flush().await?;
                return Ok(false);
            }
            Act::Hang => std::future::pending().await,
            Act::Drip(every) => {
                stream.write_all(&reply.head(Some(64 * 1024))).await?;
                loop {
                    stream.write_all(b" ").await?;
                    stream.flush().await?;
                    tokio::time::sleep(every).await;
                }
            }
            Act::Endless => {
                stream.write_all(&reply.head(None)).await?;
                let chunk = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
                loop {
                    stream.write_all(&chunk).await?;
                }
            }
            Act::Truncated | Act::Reset => {
                stream.write_all(&reply.head(Some(reply.body.len() + 64))).await?;
                stream.write_all(&reply.body[..reply.body.len() / 2]).await?;
                stream.flush().await?;
                // The half must arrive before a reset throws away what is still buffered.
                tokio::time::sleep(Duration::from_millis(20)).await;
                return Ok(reply.act == Act::Reset);
            }
            Act::ResetAtOnce => return Ok(true),
        }
    }
    Ok(false)
}

/// Reads one request and remembers it. `None`: the connection has ended.
async fn receive<S: AsyncRead + Unpin>(
    stream: &mut S,
    rest: &mut Vec<u8>,
    shared: &Shared,
) -> io::Result<Option<RecordedRequest>> {
    let end = loop {
        if let Some(at) = rest.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(rest).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&rest[..end]).into_owned();
    rest.drain(..end);
    let mut request = parse(&head, &shared.origin);
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while rest.len() < length {
        if stream.read_buf(rest).await? == 0 {
            return Ok(None);
        }
    }
    request.body = rest.drain(..length).collect();
    let mut requests = lock(&shared.requests);
    request.number = requests.len() + 1;
    requests.push(request.clone());
    Ok(Some(request))
}

fn parse(head: &str, origin: &str) -> RecordedRequest {
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    RecordedRequest {
        origin: origin.to_owned(),
        number: 0,
        method,
        path: path.to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers,
        body: Vec::new(),
        head: head.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dropped_server_ends_its_connections_and_takes_no_more() {
        let server = FaultServer::start(|_| Reply::hang()).await;
        let address = server.address();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        while server.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        drop(server);
        let ended = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut [0; 16])).await;
        assert!(
            matches!(ended, Ok(Ok(0) | Err(_))),
            "a connection that hangs ends with its server: {ended:?}"
        );
        assert!(TcpStream::connect(address).await.is_err());
    }
}
