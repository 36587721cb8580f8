//! `quarterdeck://` links: turned into an address inside the window, or refused.
//!
//! ```text
//! quarterdeck://view/alerts?q=service:checkout      a view with its question
//! quarterdeck://alert/alerts/alert/4f5e6d           an entity: KIND/ID, the id as `qd show` takes it
//! quarterdeck://service/checkout                    a service
//! quarterdeck://connection/alerts                   a connection
//! ```
//!
//! *Invariant:* a link shows something. It changes nothing, starts nothing and fills in nothing that could be sent.

use chrono::DateTime;
use qd_model::{EntityId, Kind, SourceId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use url::form_urlencoded;

use crate::{ApiError, App};

/// The views a link may lead to, by the words of the window's addresses.
pub const VIEWS: [&str; 8] =
    ["overview", "pipelines", "deployments", "alerts", "tickets", "charts", "connections", "settings"];

/// What a view's link may carry besides the view.
const PARAMS: [&str; 11] =
    ["q", "as-of", "all", "scope", "env", "during", "list", "group", "tab", "tables", "open"];
/// Those that say how a view is shown, and nothing of what it shows.
const FORM: [&str; 4] = ["list", "group", "tab", "tables"];

/// Longest link.
const LONGEST: usize = 2048;

impl App {
    /// Turns a link into an address of the window. Nothing else happens.
    ///
    /// # Errors
    /// `bad_request`: why the link is refused.
    pub async fn follow_link(&self, request: FollowLinkReq) -> Result<LinkTarget, ApiError> {
        match parse(&request.link) {
            Ok(route) => Ok(LinkTarget { route }),
            Err(refusal) => Err(ApiError::new("bad_request", refusal.to_string())),
        }
    }
}

/// A link to follow.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct FollowLinkReq {
    /// As it came: `quarterdeck://…`.
    pub link: String,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LinkTarget {
    /// The window's address: `#/alerts?open=…`.
    pub route: String,
}

/// Why a link is not followed. The messages never repeat the link, which a stranger wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeepLinkRefusal {
    /// Longer than 2,048 characters.
    #[error("the link is longer than 2,048 characters")]
    TooLong,
    /// Control, direction or blank characters, bad percent signs, no text.
    #[error("the link has characters that no link has")]
    Malformed,
    /// Another scheme.
    #[error("the link does not begin with quarterdeck://")]
    Scheme,
    /// No view, entity, service or connection.
    #[error("the link leads to nothing this window can show")]
    Unknown,
    /// The id after `run/`, `deployment/`, `alert/`, `ticket/` or `connection/` is none, or of another kind.
    #[error("the link does not name an entity: its form is quarterdeck://alert/SOURCE/alert/ID")]
    Id,
    /// A view's link carries something unknown, something twice, or something that cannot be read.
    #[error("the link carries something that cannot be read")]
    Param,
}

/// Reads a link and gives the address in the window it leads to (`#/alerts?q=…`).
///
/// # Errors
/// Why it is refused. Nothing is done then.
pub fn parse(link: &str) -> Result<String, DeepLinkRefusal> {
    if link.len() > LONGEST {
        return Err(DeepLinkRefusal::TooLong);
    }
    // What is no plain ASCII has to be percent-encoded, so that what is read here is what the person saw.
    if !link.chars().all(|c| c.is_ascii_graphic()) || link.contains(['\\', '#', '"', '<', '>', '`']) {
        return Err(DeepLinkRefusal::Malformed);
    }
    let rest = link.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case("quarterdeck"));
    let (_, rest) = rest.ok_or(DeepLinkRefusal::Scheme)?;
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let (what, which) = path.split_once('/').ok_or(DeepLinkRefusal::Unknown)?;
    let what = what.to_ascii_lowercase();
    if what == "view" {
        return view(which.strip_suffix('/').unwrap_or(which), query.unwrap_or_default());
    }
    if query.is_some_and(|query| !query.is_empty()) {
        return Err(DeepLinkRefusal::Param);
    }
    let which = decode(which)?;
    match what.as_str() {
        "service" if !which.is_empty() => Ok(hash("overview", &[("open", &format!("service:{which}"))])),
        "connection" => {
            let id = connection(&which).ok_or(DeepLinkRefusal::Id)?;
            Ok(hash("connections", &[("open", id.as_str())]))
        }
        word => {
            let kind: Kind = word.parse().map_err(|_| DeepLinkRefusal::Unknown)?;
            let id: EntityId = which.parse().map_err(|_| DeepLinkRefusal::Id)?;
            if id.kind != kind {
                return Err(DeepLinkRefusal::Id);
            }
            Ok(hash(home_of(kind), &[("open", &which)]))
        }
    }
}

/// The view that lists a kind.
pub fn home_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Run => "pipelines",
        Kind::Deployment => "deployments",
        Kind::Alert => "alerts",
        Kind::Ticket => "tickets",
    }
}

fn view(name: &str, query: &str) -> Result<String, DeepLinkRefusal> {
    let view = VIEWS.into_iter().find(|known| *known == name).ok_or(DeepLinkRefusal::Unknown)?;
    let found = params(query)?;
    let given: Vec<(&str, &str)> =
        PARAMS.into_iter().zip(&found).filter_map(|(key, value)| Some((key, value.as_deref()?))).collect();
    Ok(hash(view, &given))
}

/// Whether a text is the part of an address that says how a view is shown: `group=service&list=1`. Empty: as it usually is.
pub(crate) fn is_form(text: &str) -> bool {
    let of_form = |(key, value): (&str, &Option<String>)| value.is_none() || FORM.contains(&key);
    text.len() <= LONGEST && params(text).is_ok_and(|found| PARAMS.into_iter().zip(&found).all(of_form))
}

/// What an address carries, in the order of [`PARAMS`].
fn params(query: &str) -> Result<[Option<String>; PARAMS.len()], DeepLinkRefusal> {
    let mut found: [Option<String>; PARAMS.len()] = Default::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or(DeepLinkRefusal::Param)?;
        let at = PARAMS.iter().position(|known| *known == key).ok_or(DeepLinkRefusal::Param)?;
        let value = decode(&value.replace('+', " "))?;
        if found[at].is_some() || !readable(PARAMS[at], &value) {
            return Err(DeepLinkRefusal::Param);
        }
        found[at] = Some(value);
    }
    Ok(found)
}

fn readable(key: &str, value: &str) -> bool {
    match key {
        "q" => true,
        "as-of" => DateTime::parse_from_rfc3339(value).is_ok(),
        "all" | "list" => value == "1",
        // A list can be grouped by any label, whose name is a stranger's.
        "group" => !value.is_empty() && !value.chars().any(char::is_control),
        "tab" | "tables" => {
            !value.is_empty() && value.chars().all(|c| c.is_ascii_lowercase() || matches!(c, ',' | '_'))
        }
        "scope" => {
            ["service:", "owner:"].iter().any(|word| value.len() > word.len() && value.starts_with(word))
        }
        "env" => !value.is_empty(),
        "during" => value.split_once("..").is_some_and(|(from, to)| {
            let at = |text| DateTime::parse_from_rfc3339(text).ok();
            at(from).zip(at(to)).is_some_and(|(from, to)| from < to)
        }),
        _ => {
            value.parse::<EntityId>().is_ok()
                || value.strip_prefix("service:").is_some_and(|name| !name.is_empty())
                || connection(value).is_some()
        }
    }
}

/// The window's word `new` for an empty form is no connection: a link opens no form.
fn connection(word: &str) -> Option<SourceId> {
    word.parse().ok().filter(|_| word != "new")
}

/// Takes percent-encoding away. What hides, breaks lines or reorders is refused, encoded or not.
fn decode(text: &str) -> Result<String, DeepLinkRefusal> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let [high, low, after @ ..] = after else { return Err(DeepLinkRefusal::Malformed) };
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (Some(high), Some(low)) = (digit(high), digit(low)) else {
            return Err(DeepLinkRefusal::Malformed);
        };
        bytes.push(high * 16 + low);
        rest = after;
    }
    let text = String::from_utf8(bytes).map_err(|_| DeepLinkRefusal::Malformed)?;
    if text.contains(['\n', '\t']) || crate::plain(&text) != text {
        return Err(DeepLinkRefusal::Malformed);
    }
    Ok(text)
}

/// The address as the window writes it.
fn hash(view: &str, params: &[(&str, &str)]) -> String {
    let mut search = form_urlencoded::Serializer::new(String::new());
    search.extend_pairs(params);
    match search.finish() {
        search if search.is_empty() => format!("#/{view}"),
        search => format!("#/{view}?{search}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(link: &str, expected: Result<&str, DeepLinkRefusal>) {
        assert_eq!(parse(link).as_deref().map_err(|refusal| *refusal), expected, "{link}");
    }

    /// The window writes links; both ends are held to the same table.
    #[test]
    fn every_link_the_window_writes_leads_back() {
        let table: Vec<(String, String)> =
            serde_json::from_str(include_str!("../tests/data/deep_links.json")).unwrap();
        for (link, route) in &table {
            check(link, Ok(route));
        }
    }

    #[test]
    fn a_link_is_read_as_people_and_systems_write_it() {
        check("QuarterDeck://Alert/alerts/alert/4f5e", Ok("#/alerts?open=alerts%2Falert%2F4f5e"));
        check("quarterdeck://view/alerts/?", Ok("#/alerts"));
        check("quarterdeck://view/tickets?all=1&&q=", Ok("#/tickets?q=&all=1"));
        check("quarterdeck://service/b%C3%BCcher", Ok("#/overview?open=service%3Ab%C3%BCcher"));
        check(
            "quarterdeck://ticket/gh/ticket/acme%2Fshop%2F7",
            Ok("#/tickets?open=gh%2Fticket%2Facme%2Fshop%2F7"),
        );
    }

    #[test]
    fn whatever_else_is_refused() {
        use DeepLinkRefusal::{Id, Malformed, Param, Scheme, TooLong, Unknown};
        for (link, refusal) in [
            ("", Scheme),
            ("quarterdeck:", Scheme),
            ("quarterdeck://", Unknown),
            ("quarterdeck://view", Unknown),
            ("quarterdeck://view/", Unknown),
            ("quarterdeck://view/nowhere", Unknown),
            ("quarterdeck://view/../alerts", Unknown),
            ("quarterdeck://view/alerts/../../x", Unknown),
            ("quarterdeck://import?url=https://evil.example", Unknown),
            ("quarterdeck://act/alerts/alert/4f5e?verb=silence", Param),
            ("quarterdeck://act/alerts/alert/4f5e", Unknown),
            ("quarterdeck://alert/4f5e", Id),
            ("quarterdeck://alert/gh/run/17", Id),
            ("quarterdeck://alert/GH/alert/17", Id),
            ("quarterdeck://alert/alerts/alert/", Id),
            ("quarterdeck://connection/new/x", Id),
            ("quarterdeck://connection/new", Id),
            ("quarterdeck://connection/..%2F..", Id),
            ("quarterdeck://service/", Unknown),
            ("quarterdeck://alert/alerts/alert/4f5e?act=silence", Param),
            ("quarterdeck://view/alerts?act=silence", Param),
            ("quarterdeck://view/alerts?q=a&q=b", Param),
            ("quarterdeck://view/alerts?q", Param),
            ("quarterdeck://view/alerts?all=yes", Param),
            ("quarterdeck://view/alerts?as-of=tomorrow", Param),
            ("quarterdeck://view/alerts?tab=../x", Param),
            ("quarterdeck://view/alerts?during=2026-11-21T14:00:00Z", Param),
            ("quarterdeck://view/alerts?during=2026-11-21T14:00:00Z..2026-11-20T14:00:00Z", Param),
            ("quarterdeck://view/alerts?scope=env:x", Param),
            ("quarterdeck://view/connections?open=new", Param),
            ("quarterdeck://view/alerts?open=javascript:alert(1)", Param),
            ("javascript:alert(1)", Scheme),
            ("javascript://quarterdeck://view/alerts", Scheme),
            ("https://view/alerts", Scheme),
            ("file:///etc/passwd", Scheme),
            (" quarterdeck://view/alerts", Malformed),
            ("quarterdeck://view/alerts\n", Malformed),
            ("quarterdeck://view/alerts#/connections", Malformed),
            ("quarterdeck:\\\\view\\alerts", Malformed),
            ("quarterdeck://service/a\u{202e}b", Malformed),
            ("quarterdeck://service/a%E2%80%AEb", Malformed),
            ("quarterdeck://service/%00", Malformed),
            ("quarterdeck://service/a%0Ab", Malformed),
            ("quarterdeck://service/%ff", Malformed),
            ("quarterdeck://service/%f", Malformed),
            ("quarterdeck://service/%+1", Malformed),
            ("quarterdeck://service/<script>", Malformed),
        ] {
            check(link, Err(refusal));
        }
        check(&format!("quarterdeck://view/alerts?q={}", "a".repeat(LONGEST)), Err(TooLong));
    }

    #[test]
    fn what_comes_out_is_an_address_of_the_window_and_nothing_else() {
        for text in ["</script>", "?open=x", "#/connections", "&all=1", "a b", "%2e%2e", "日本語"] {
            let mut link = form_urlencoded::Serializer::new("quarterdeck://view/alerts?".to_owned());
            let route = parse(&link.append_pair("q", text).finish());
            let Ok(route) = route else { panic!("{text}: {route:?}") };
            let search = route.strip_prefix("#/alerts?").unwrap();
            assert!(route.bytes().all(|byte| byte.is_ascii_graphic()) && !search.contains(['#', '<']));
            let pairs: Vec<_> = form_urlencoded::parse(search.as_bytes()).collect();
            assert_eq!(pairs, [("q".into(), text.into())], "it stays one question");
        }
    }
}
