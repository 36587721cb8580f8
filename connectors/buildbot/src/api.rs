//! Reads of the REST API: the one place that knows where it is and how its lists look.

use qd_connector::PollError;
use qd_connector::http::Http;
use serde::de::DeserializeOwned;

use crate::wire::{Answer, Builder, Config};

/// Ids asked for in one request; keeps its line well below what servers and proxies take.
const IDS: usize = 100;

/// A path within the REST API.
pub fn path(resource: &str) -> String {
    format!("api/v2/{resource}")
}

/// The items of a list, and how many it had. Those that cannot be read become a sentence in `problems`.
///
/// # Errors
/// See [`PollError`].
pub async fn page<T: DeserializeOwned>(
    http: &Http,
    resource: &str,
    plural: &str,
    query: &[(&str, &str)],
    problems: &mut Vec<String>,
) -> Result<(Vec<T>, usize), PollError> {
    let response = http.get(&path(resource)).query(query).send().await?;
    let answer: Answer = response.json()?;
    let (items, unreadable) = answer
        .list(plural)
        .ok_or_else(|| response.unexpected(&format!("a list named '{plural}' is missing")))?;
    if unreadable > 0 {
        problems.push(format!("{unreadable} of the {plural} could not be read and are not shown"));
    }
    let listed = items.len() + unreadable;
    Ok((items, listed))
}

/// The items of a list. See [`page`].
///
/// # Errors
/// See [`PollError`].
pub async fn list<T: DeserializeOwned>(
    http: &Http,
    resource: &str,
    plural: &str,
    query: &[(&str, &str)],
    problems: &mut Vec<String>,
) -> Result<Vec<T>, PollError> {
    Ok(page(http, resource, plural, query, problems).await?.0)
}

/// The items with these ids, in as few requests as their number allows.
///
/// # Errors
/// See [`PollError`].
pub async fn by_ids<T: DeserializeOwned>(
    http: &Http,
    resource: &str,
    id: (&str, &[String]),
    query: &[(&str, &str)],
    problems: &mut Vec<String>,
) -> Result<Vec<T>, PollError> {
    let mut found = Vec::new();
    for ids in id.1.chunks(IDS) {
        let ids = ids.iter().map(|value| (id.0, value.as_str()));
        let query: Vec<(&str, &str)> = query.iter().copied().chain(ids).collect();
        found.extend(list(http, resource, resource, &query, problems).await?);
    }
    Ok(found)
}

/// The one item of an answer about a single resource.
///
/// # Errors
/// See [`PollError`]; [`PollError::NotFound`] when it is not there.
pub async fn single<T: DeserializeOwned>(
    http: &Http,
    resource: &str,
    plural: &str,
    query: &[(&str, &str)],
) -> Result<T, PollError> {
    let response = http.get(&path(resource)).query(query).send().await?;
    let answer: Answer = response.json()?;
    let (items, _) = answer
        .list(plural)
        .ok_or_else(|| response.unexpected(&format!("a list named '{plural}' is missing")))?;
    items.into_iter().next().ok_or_else(|| response.unexpected("an item that cannot be read"))
}

/// All builders, also those that the configuration no longer names.
///
/// # Errors
/// See [`PollError`].
pub async fn builders(http: &Http, problems: &mut Vec<String>) -> Result<Vec<Builder>, PollError> {
    let fields = [("field", "builderid"), ("field", "name"), ("field", "projectid"), ("field", "masterids")];
    match list(http, "builders", "builders", &fields, problems).await {
        // Versions before 3.9 know no projects, and refuse to name a field that they do not know.
        Err(PollError::Unexpected { .. }) => list(http, "builders", "builders", &[], problems).await,
        read => read,
    }
}

/// What the web pages are told of version, sign-in and user.
///
/// # Errors
/// See [`PollError`].
pub async fn config(http: &Http) -> Result<Config, PollError> {
    http.get("config").send().await?.json()
}

/// Takes a read that only enriches: what this user may not see, or this version does not have, is left out with a
/// sentence; everything else ends the poll.
///
/// # Errors
/// Those that concern the whole source.
pub fn optional<T: Default>(
    read: Result<T, PollError>,
    what: &str,
    problems: &mut Vec<String>,
) -> Result<T, PollError> {
    match read {
        Err(PollError::Forbidden { .. } | PollError::NotFound { .. } | PollError::Unexpected { .. }) => {
            problems.push(format!("{what} could not be read"));
            Ok(T::default())
        }
        read => read,
    }
}
