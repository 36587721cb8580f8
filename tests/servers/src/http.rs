//! A minimal HTTP/1.1 client for loopback servers: one request per connection, no TLS, no redirects.
//!
//! Test servers must not be seeded through the client that the tests are about, and a real one would be the largest
//! dependency of this crate.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

const TIME_LIMIT: Duration = Duration::from_secs(30);

/// A whole answer.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The body, decoded from its transfer encoding, invalid UTF-8 replaced.
    pub body: String,
}

impl Response {
    /// The body as JSON, or an error that names the status and the beginning of the body.
    ///
    /// # Errors
    /// When the status is not 2xx or the body is not JSON.
    pub fn json(&self) -> io::Result<Value> {
        self.expect_success()?;
        serde_json::from_str(&self.body).map_err(|error| self.unexpected(&error.to_string()))
    }

    /// # Errors
    /// When the status is not 2xx.
    pub fn expect_success(&self) -> io::Result<()> {
        if (200..300).contains(&self.status) { Ok(()) } else { Err(self.unexpected("request refused")) }
    }

    fn unexpected(&self, what: &str) -> io::Error {
        let beginning: String = self.body.chars().take(300).collect();
        io::Error::other(format!("{what}: status {}: {beginning}", self.status))
    }
}

/// `GET url` with these extra headers.
///
/// # Errors
/// When the server cannot be reached, takes longer than 30 s, or does not speak HTTP.
pub fn get(url: &str, headers: &[(&str, &str)]) -> io::Result<Response> {
    request("GET", url, headers, None)
}

/// `POST url` with a JSON body and these extra headers.
///
/// # Errors
/// As for [`get`].
pub fn post(url: &str, headers: &[(&str, &str)], body: &Value) -> io::Result<Response> {
    request("POST", url, headers, Some(body))
}

/// Any method, with or without a JSON body.
///
/// # Errors
/// As for [`get`].
pub fn request(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> io::Result<Response> {
    let (authority, path) = split(url)?;
    let answer = exchange(authority, &head_and_body(method, authority, path, headers, body), TIME_LIMIT)
        .map_err(|error| told(&error, &format!("{method} {url}"), TIME_LIMIT))?;
    parse(&answer).ok_or_else(|| io::Error::other(format!("{authority} did not answer in HTTP")))
}

fn exchange(authority: &str, request: &str, limit: Duration) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(limit))?;
    stream.set_write_timeout(Some(limit))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// The error of a request, which names it. The system calls a time limit that ran out a resource that is unavailable.
fn told(error: &io::Error, request: &str, limit: Duration) -> io::Error {
    let what = match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            format!("nothing came for {} s", limit.as_secs_f32())
        }
        _ => error.to_string(),
    };
    io::Error::new(error.kind(), format!("{request}: {what}"))
}

fn split(url: &str) -> io::Result<(&str, &str)> {
    let rest =
        url.strip_prefix("http://").ok_or_else(|| io::Error::other(format!("not an http address: {url}")))?;
    Ok(rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash)))
}

fn head_and_body(
    method: &str,
    host: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> String {
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n"
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    if !body.is_empty() {
        text.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(&body);
    text
}

fn parse(answer: &[u8]) -> Option<Response> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(answer.get(..end)?).to_ascii_lowercase();
    let body = answer.get(end + 4..)?;
    let status = head.strip_prefix("http/1.")?.split_whitespace().nth(1)?.parse().ok()?;
    let chunked = head.lines().any(|line| line.starts_with("transfer-encoding:") && line.contains("chunked"));
    let body = if chunked { unchunk(body)? } else { body.to_vec() };
    Some(Response { status, body: String::from_utf8_lossy(&body).into_owned() })
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..line)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        rest = rest.get(line + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_body_is_put_together() {
        let answer =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n6;x=y\r\npedia!\r\n0\r\n\r\n";
        let response = parse(answer).unwrap();
        assert_eq!((response.status, response.body.as_str()), (200, "wikipedia!"));
    }

    #[test]
    fn a_server_that_says_nothing_is_named_with_the_time_it_was_given() {
        let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let authority = silent.local_addr().unwrap().to_string();
        let limit = Duration::from_millis(100);
        let error = exchange(&authority, "GET / HTTP/1.1\r\n\r\n", limit).unwrap_err();
        let told = told(&error, "GET http://a/", limit).to_string();
        assert_eq!(told, "GET http://a/: nothing came for 0.1 s");
    }

    #[test]
    fn an_answer_cut_within_a_chunk_is_no_answer() {
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nwiki").is_none());
    }

    #[test]
    fn a_refusal_is_an_error_that_quotes_the_server() {
        let response = parse(b"HTTP/1.0 422 No\r\n\r\n{\"errors\":[\"x\"]}").unwrap();
        assert!(response.json().unwrap_err().to_string().contains("status 422: {\"errors\""));
    }

    #[test]
    fn an_address_without_a_path_asks_for_the_root() {
        assert_eq!(split("http://127.0.0.1:9/").unwrap(), ("127.0.0.1:9", "/"));
        assert_eq!(split("http://127.0.0.1:9").unwrap(), ("127.0.0.1:9", "/"));
        assert!(split("https://127.0.0.1/").is_err());
    }
}
