//! An answer that may be used.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{CONTENT_TYPE, LINK};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use super::redirect::{redirected, same_origin};
use super::verdict::{LOGIN_PAGE, is_page};
use super::{message, ratelimit};
use crate::PollError;

/// JSON nested deeper than this is not an answer of any backend.
const DEPTH: usize = 64;

/// A successful answer. `Debug` shows neither headers nor body.
#[derive(Clone)]
pub struct Response {
    /// 2xx. 200 for an answer from the cache.
    pub status: StatusCode,
    /// Response headers; for an answer from the cache those of the 304, with the `Link` of the kept answer.
    pub headers: HeaderMap,
    /// Decompressed.
    pub body: Bytes,
    /// The backend said that nothing has changed; the body is the kept one.
    pub not_modified: bool,
    /// Path without query, for errors.
    pub path: String,
    url: Url,
}

impl Response {
    pub(super) fn new(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        not_modified: bool,
        url: &Url,
    ) -> Self {
        Self { status, headers, body, not_modified, path: url.path().to_owned(), url: url.clone() }
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// [`PollError::Unexpected`] with the field that does not fit; never with a part of the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PollError> {
        if is_page(self.header(CONTENT_TYPE.as_str()), &self.body) {
            return Err(self.unexpected(LOGIN_PAGE));
        }
        if too_deep(&self.body, DEPTH) {
            return Err(self.unexpected(&format!("JSON nested deeper than {DEPTH} levels")));
        }
        // Some servers begin with a byte order mark.
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        match serde_json::from_slice(body) {
            Ok(value) => Ok(value),
            // Broken encoding is repaired and shown as such, not refused: one bad title must not hide a whole list.
            Err(_) => self.parse(repaired(body).as_bytes()),
        }
    }

    /// The body as text; what is not UTF-8 becomes U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The address of the next page (`Link: <…>; rel="next"`). `None`: this is the last one.
    ///
    /// # Errors
    /// [`PollError::Redirected`]: it lies at another origin, which never gets the credential.
    pub fn next_page(&self) -> Result<Option<Url>, PollError> {
        let links = self.headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let Some(target) = links.flat_map(split_links).find_map(next_target) else { return Ok(None) };
        let next =
            self.url.join(target).map_err(|_| self.unexpected("a next page whose address cannot be read"))?;
        if same_origin(&self.url, &next) { Ok(Some(next)) } else { Err(redirected(&self.url, &next)) }
    }

    /// A header as text. `None`: absent, or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's time when it answered. `None`: it did not tell.
    pub fn date(&self) -> Option<DateTime<Utc>> {
        ratelimit::date(&self.headers, "date")
    }

    /// The instant the content stems from: `Date` minus the `Age` it spent in a proxy's cache. `None`: no `Date`.
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        let age = self.header("age").and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or(0);
        self.date().map(|date| date - chrono::TimeDelta::seconds(i64::from(age)))
    }

    /// A [`PollError::Unexpected`] for this answer. `what` must not contain a part of the body.
    pub fn unexpected(&self, what: &str) -> PollError {
        PollError::Unexpected { path: self.path.clone(), what: what.to_owned() }
    }

    /// Parses once more with a track of the path, which costs time and is therefore kept for the failing case.
    fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, PollError> {
        let mut json = serde_json::Deserializer::from_slice(body);
        let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            self.unexpected(&describe(&path, error.inner()))
        })?;
        json.end().map_err(|error| self.unexpected(&describe(".", &error)))?;
        Ok(value)
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status.as_u16())
            .field("path", &self.path)
            .field("bytes", &self.body.len())
            .field("not_modified", &self.not_modified)
            .finish_non_exhaustive()
    }
}

/// The body with U+FFFD for bytes that are no UTF-8 and for halves of surrogate pairs (`\ud800`), both of which serde
/// refuses.
fn repaired(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let kept = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(_), _) => {
                out.push('\u{fffd}');
                rest = &escape[6..];
                continue;
            }
            // The character after a backslash never begins an escape of its own.
            (None, _) => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&escape[..kept]);
        rest = &escape[kept..];
    }
    out.push_str(rest);
    out
}

/// The surrogate that an escape at the start of the text stands for.
fn surrogate(text: &str) -> Option<u32> {
    let unit = u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()?;
    (0xd800..=0xdfff).contains(&unit).then_some(unit)
}

/// What is wrong with JSON, without the values serde quotes.
fn describe(path: &str, error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let place = if path == "." { "the whole".to_owned() } else { message::clean(path) };
    let text = error.to_string();
    match error.classify() {
        Category::Eof => "JSON that ends too early".to_owned(),
        Category::Syntax | Category::Io => {
            format!("broken JSON at line {}, column {}", error.line(), error.column())
        }
        Category::Data if text.starts_with("missing field") => {
            format!("{place}: {}", text.split(" at line").next().unwrap_or("missing field"))
        }
        Category::Data => match text.rsplit_once(", expected ") {
            Some((_, expected)) => {
                format!(
                    "{place}: expected {}",
                    message::clean(expected.split(" at line").next().unwrap_or_default())
                )
            }
            None => format!("{place}: a value that does not fit"),
        },
    }
}

/// Whether brackets are nested deeper than `limit`. Strings are skipped; broken JSON is left to the parser.
fn too_deep(body: &[u8], limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in body {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// The links of one header: commas within `<…>` or quotes do not separate.
fn split_links(value: &str) -> Vec<&str> {
    let (mut links, mut start, mut in_target, mut in_quotes) = (Vec::new(), 0, false, false);
    for (at, c) in value.char_indices() {
        match c {
            '<' if !in_quotes => in_target = true,
            '>' if !in_quotes => in_target = false,
            '"' if !in_target => in_quotes = !in_quotes,
            ',' if !in_target && !in_quotes => {
                links.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    links.push(&value[start..]);
    links
}

/// The target of a link whose relation is `next` (RFC 8288).
fn next_target(link: &str) -> Option<&str> {
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_next =
        parameters.split(';').filter_map(|parameter| parameter.trim().split_once('=')).any(|(key, value)| {
            key.trim().eq_ignore_ascii_case("rel")
                && value
                    .trim()
                    .trim_matches('"')
                    .split_ascii_whitespace()
                    .any(|rel| rel.eq_ignore_ascii_case("next"))
        });
    is_next.then_some(target)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde::Deserialize;

    use super::*;

    fn response(body: impl Into<Bytes>) -> Response {
        let url = Url::parse("https://a.example/api/items?key=value").unwrap();
        Response::new(StatusCode::OK, HeaderMap::new(), body.into(), false, &url)
    }

    #[derive(Debug, Deserialize)]
    struct Item {
        id: u64,
        name: String,
    }

    fn check(body: &str, expected: &str) {
        let found = match response(body.to_owned()).json::<Vec<Item>>() {
            Ok(items) => {
                items.iter().map(|item| format!("{} {}", item.id, item.name)).collect::<Vec<_>>().join(", ")
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{body}");
    }

    #[test]
    fn a_misfit_is_named_by_its_place_and_never_quoted() {
        const AT: &str = "unexpected response at /api/items";
        check(r#"[{"id": 1, "name": "a"}]"#, "1 a");
        check("\u{feff}[{\"id\": 1, \"name\": \"a\"}]", "1 a");
        check(r#"[{"id": "canary", "name": "a"}]"#, &format!("{AT}: [0].id: expected u64"));
        check(r#"[{"id": 1}]"#, &format!("{AT}: [0]: missing field `name`"));
        check(r#"{"id": 1}"#, &format!("{AT}: the whole: expected a sequence"));
        check(r#"[{"id": 1, "name": "a"}"#, &format!("{AT}: JSON that ends too early"));
        check(r#"[{"id": 1, name: "a"}]"#, &format!("{AT}: broken JSON at line 1, column 12"));
        check("[] canary", &format!("{AT}: broken JSON at line 1, column 4"));
        check("", &format!("{AT}: JSON that ends too early"));
        check(" <!DOCTYPE HTML><html>", &format!("{AT}: {LOGIN_PAGE}"));
    }

    #[test]
    fn broken_text_is_shown_as_broken_and_hides_nothing() {
        check(r#"[{"id": 1, "name": "a\ud800b"}]"#, "1 a\u{fffd}b");
        check(r#"[{"id": 1, "name": "\udc00"}]"#, "1 \u{fffd}");
        check(r#"[{"id": 1, "name": "\ud83d\ude00"}]"#, "1 \u{1f600}");
        // With a broken half beside it, a whole pair stays, and an escaped backslash is no escape.
        check(r#"[{"id": 1, "name": "\ud83d\ude00 \ud800"}]"#, "1 \u{1f600} \u{fffd}");
        check(r#"[{"id": 1, "name": "\\ud800 \ud800"}]"#, "1 \\ud800 \u{fffd}");
        let invalid = [b"[{\"id\": 1, \"name\": \"a".as_slice(), b"\xff\xfe", b"b\"}]"].concat();
        let items = response(invalid).json::<Vec<Item>>().unwrap();
        assert_eq!(items[0].name, "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn deep_nesting_is_refused_before_it_is_parsed() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(response(nested(DEPTH)).json::<serde_json::Value>().is_ok());
        let error = response(nested(DEPTH + 1)).json::<serde_json::Value>().unwrap_err();
        assert!(error.to_string().contains("nested deeper than 64"), "{error}");
        assert!(response(nested(1_000_000)).json::<serde_json::Value>().is_err());
        let text = format!("\"{}\\\"{}\"", "[".repeat(1000), "{".repeat(1000));
        assert!(response(text).json::<String>().is_ok(), "brackets in a text are text");
    }

    #[test]
    fn the_next_page_is_at_home_or_an_error() {
        let next = |link: &'static str| {
            let mut response = response("[]");
            response.headers.insert(LINK, HeaderValue::from_static(link));
            response.next_page().map(|url| url.map(String::from)).map_err(|error| error.to_string())
        };
        let page2 = Ok(Some("https://a.example/api/items?page=2".to_owned()));
        assert_eq!(
            next(
                "<https://a.example/api/items?page=2>; rel=\"next\", <https://a.example/last>; rel=\"last\""
            ),
            page2
        );
        assert_eq!(next("</last>; rel=last, </api/items?page=2>; rel=next"), page2);
        assert_eq!(next("<?page=2>; title=\"a, b\"; rel=\"prefetch next\""), page2);
        assert_eq!(next("</last>; rel=\"last\""), Ok(None));
        assert_eq!(next("garbage"), Ok(None));
        assert_eq!(
            next("<https://b.example/x>; rel=next"),
            Err("https://a.example redirects to https://b.example".to_owned())
        );
        assert_eq!(response("[]").next_page().unwrap(), None);
    }

    #[test]
    fn content_from_a_proxy_is_as_old_as_the_proxy_says() {
        let mut response = response("[]");
        assert_eq!(response.as_of(), None);
        response.headers.insert("date", HeaderValue::from_static("Thu, 15 Jan 2026 12:00:00 GMT"));
        response.headers.insert("age", HeaderValue::from_static("90"));
        assert_eq!(response.as_of().unwrap().to_rfc3339(), "2026-01-15T11:58:30+00:00");
    }

    #[test]
    fn debug_shows_no_body_no_header_and_no_query() {
        let mut response = response("canary");
        response.headers.insert("set-cookie", HeaderValue::from_static("canary"));
        let text = format!("{response:?}");
        assert!(!text.contains("canary") && !text.contains("value"), "{text}");
    }
}
