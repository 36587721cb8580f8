//! Lists.

use chrono::{DateTime, Utc};
use qd_api::commands::{OverviewReq, RowsReq};
use qd_api::unheard::UnheardReq;
use qd_api::view::{Row, RowMore, ServiceRow};
use qd_api::{App, Listed, Listing, Sources};
use qd_model::{Kind, SourceId};

use crate::args::List;
use crate::out::{self, Exit, Failure, say, verdict};
use crate::status::glyph;

/// `qd runs`, `deployments`, `alerts`, `tickets`.
pub async fn list(app: &App, kind: Kind, list: List, json: bool) -> Result<Exit, Failure> {
    let list = crate::views::apply(app, list, qd_api::deep_link::home_of(kind)).await?;
    let request = RowsReq {
        kind,
        query: list.query(),
        all: list.all,
        as_of: list.as_of,
        newest: list.all,
        offset: 0,
        limit: list.limit,
        seen_seq: None,
    };
    let sources = app.sources_asked(&request.query, list.as_of).await?;
    let views = sources.views(Some(kind));
    let Listing { listed, total, cut } = app.list(&request, &sources).await?;
    tell_unheard(app, &request.query).await?;
    if json {
        let items = listed.iter().map(|listed| qd_api::item(listed, &sources)).collect();
        out::json(&qd_api::document(&sources, items))?;
        // The health of the sources is part of the document.
        tell_rest(listed.len(), (total, cut), &[]);
        return Ok(verdict(&views, false));
    }
    let then = list.as_of.unwrap_or(sources.now);
    let cells: Vec<Vec<String>> = listed.iter().map(|listed| cells(listed, &sources, then)).collect();
    out::table(&["STATUS", "AGE", "SERVICE", "ENV", "TITLE", "ID"], &cells)?;
    tell_rest(listed.len(), (total, cut), &sources.doubts(Some(kind)));
    if views.is_empty() {
        say(&format!("No connection tells of {}s. Add one: qd conn add --help", kind.as_str()));
    }
    Ok(verdict(&views, false))
}

/// Tells what a list leaves out, and which of its sources not to rely on.
fn tell_rest(shown: usize, (total, cut): (u64, bool), doubts: &[String]) {
    if (shown as u64) < total {
        let least = if cut { "at least " } else { "" };
        say(&format!("{shown} of {least}{total}; more with --limit"));
    }
    doubts.iter().for_each(|doubt| say(doubt));
}

/// Tells which names of a query nobody knows. What is empty because of one must not read "there is nothing".
pub async fn tell_unheard(app: &App, query: &str) -> Result<(), Failure> {
    app.unheard(UnheardReq { query: query.to_owned() })
        .await?
        .iter()
        .for_each(|told| say(&format!("qd: {told}")));
    Ok(())
}

fn cells(listed: &Listed, sources: &Sources, now: DateTime<Utc>) -> Vec<String> {
    let row = &listed.row(sources);
    let others: Vec<&str> = listed.sources.iter().skip(1).map(SourceId::as_str).collect();
    let others = if others.is_empty() { String::new() } else { format!(" (also in {})", others.join(", ")) };
    let stale = if row.stale { " (old)" } else { "" };
    vec![
        format!("{} {}{stale}", glyph(row.status), row.state),
        row.since.and_then(|at| since(at, now)).unwrap_or_else(|| "—".to_owned()),
        row.service.clone().unwrap_or_else(|| "—".to_owned()),
        row.environment.clone().unwrap_or_else(|| "—".to_owned()),
        format!("{}{others}{}", title(row), noted(listed.notes.len())),
        row.id.clone(),
    ]
}

/// That people wrote on it. `qd show` and `qd history` have the words.
fn noted(notes: usize) -> String {
    match notes {
        0 => String::new(),
        1 => " (1 note)".to_owned(),
        notes => format!(" ({notes} notes)"),
    }
}

fn title(row: &Row) -> String {
    match &row.more {
        // Builds without a commit are called by their builder and number.
        RowMore::Run { number, .. } if row.title.split_whitespace().any(|word| word == number) => {
            row.title.clone()
        }
        RowMore::Run { pipeline, number, .. } if row.title.contains(pipeline.as_str()) => {
            format!("{number} {}", row.title)
        }
        RowMore::Run { pipeline, number, .. } => format!("{pipeline} {number} {}", row.title),
        RowMore::Alert { summary: Some(summary), .. } => format!("{}: {summary}", row.title),
        RowMore::Ticket { key, .. } => format!("{key} {}", row.title),
        RowMore::Deployment { .. } | RowMore::Alert { .. } => row.title.clone(),
    }
}

/// `qd services`.
pub async fn services(app: &App, list: List, json: bool) -> Result<Exit, Failure> {
    let list = crate::views::apply(app, list, "overview").await?;
    let request = OverviewReq { query: list.query(), as_of: list.as_of, seen_seq: None };
    let mut overview = app.overview(request).await?;
    tell_unheard(app, &list.query()).await?;
    // What is cut off can fail, too.
    let failing = overview.services.iter().any(|service| service.status.is_failing());
    let total = overview.services.len() as u64;
    overview.services.truncate(list.limit as usize);
    let sources = app.sources_asked(&list.query(), list.as_of).await?;
    if json {
        let items = overview.services.iter().map(qd_api::service_item).collect();
        out::json(&qd_api::document(&sources, items))?;
        tell_rest(overview.services.len(), (total, false), &[]);
    } else {
        let now = list.as_of.unwrap_or_else(|| app.now());
        print_services(&overview.services, now)?;
        tell_rest(overview.services.len(), (total, false), &sources.doubts(None));
    }
    Ok(verdict(&overview.sources, failing))
}

/// Services as a table.
pub fn print_services(services: &[ServiceRow], now: DateTime<Utc>) -> Result<(), Failure> {
    let rows: Vec<Vec<String>> = services.iter().map(|service| service_cells(service, now)).collect();
    out::table(&["STATUS", "SERVICE", "OWNER", "ALERTS", "TICKETS", "LIVE", "WHY"], &rows)
}

fn service_cells(service: &ServiceRow, now: DateTime<Utc>) -> Vec<String> {
    let stale = if service.stale { " (old)" } else { "" };
    let live = service.deployments.iter().filter_map(|cell| {
        cell.live_version.as_ref().map(|version| format!("{}={version}", cell.environment))
    });
    let why = service.reasons.first().map_or_else(String::new, |reason| {
        let since =
            reason.since.and_then(|at| since(at, now)).map(|age| format!(", {age}")).unwrap_or_default();
        format!("{}: {}{since}", reason.code.replace('_', " "), reason.subject)
    });
    let inferred = if service.inferred { " (guessed)" } else { "" };
    vec![
        format!("{} {}{stale}", glyph(service.status), service.status.as_str()),
        format!("{}{inferred}", service.name),
        service.owner.clone().unwrap_or_else(|| "—".to_owned()),
        service.alerts.iter().map(|count| count.count).sum::<u32>().to_string(),
        service.tickets.to_string(),
        live.collect::<Vec<_>>().join(" "),
        why,
    ]
}

/// When something was, or will be: `4m ago`, `in 4m`.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match since(at, now) {
        Some(age) => format!("{age} ago"),
        None => age(at, now),
    }
}

/// How long something that goes on has done so. `None`: its time lies ahead, so nobody knows.
pub fn since(at: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    (at <= now + chrono::TimeDelta::seconds(5)).then(|| age(at, now))
}

/// How long ago, in the largest unit; `in 4m` for a time that lies ahead. Clocks are never quite equal: a few seconds
/// ahead are now.
fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let secs = (now - at).num_seconds();
    if secs < -5 {
        // What ends in two hours less a minute does not end in one.
        return match -secs {
            left @ 3600..86_400 if left % 3600 >= 60 => {
                format!("in {} {}m", age(now, at), left % 3600 / 60)
            }
            _ => format!("in {}", age(now, at)),
        };
    }
    match secs.max(0) {
        secs @ 0..60 => format!("{secs}s"),
        60..3600 => format!("{}m", secs / 60),
        3600..86_400 => format!("{}h", secs / 3600),
        _ => format!("{}d", secs / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_in_the_future_has_no_age() {
        let at = |secs| DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(secs);
        assert_eq!(since(at(0), at(7_200)).as_deref(), Some("2h"));
        assert_eq!(since(at(4), at(0)).as_deref(), Some("0s"), "clocks are never quite equal");
        assert_eq!(since(at(2_000_000_000), at(0)), None);
        assert_eq!(ago(at(0), at(240)), "4m ago");
        assert_eq!(ago(at(240), at(0)), "in 4m", "and not “in 4m ago”");
        assert_eq!(ago(at(4), at(0)), "0s ago");
        assert_eq!(ago(at(7_190), at(0)), "in 1h 59m");
        assert_eq!(ago(at(7_210), at(0)), "in 2h");
    }
}
