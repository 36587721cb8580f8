//! Notifications in words.

use chrono::{DateTime, Local, Utc};
use qd_model::{Kind, SourceId, Status};
use qd_rules::notify::{Item, Tally, Toast};

use super::{Arrival, Notification, Urgency};
use crate::App;
use crate::plain::line;
use crate::view::ActionOffer;

/// Longer titles and bodies are cut: what stands in them may come from a backend.
const TITLE: usize = 120;
const BODY: usize = 240;

/// Stands before whatever a demo says outside its window, so that nobody takes it for real.
pub(super) const DEMO: &str = "DEMO · ";

/// Puts a toast into words. `offers` are the actions of the one entity it is about.
pub(super) fn notification(app: &App, toast: &Toast, offers: &[ActionOffer]) -> Notification {
    let mut told = words(toast, app.now());
    if app.inner.parts.demo.is_some() {
        told.title = format!("{DEMO}{}", told.title);
    }
    if let Some(id) = &told.about {
        let offered = offers.iter().find(|offer| offer.disabled.is_none());
        told.buttons.push(("Open".to_owned(), told.open.clone()));
        told.buttons.extend(
            offered.map(|offer| (format!("{}…", offer.label), Arrival::entity(id, Some(&offer.verb)))),
        );
    }
    told
}

fn words(toast: &Toast, now: DateTime<Utc>) -> Notification {
    match toast {
        Toast::One { item, flapping } => one(item, *flapping),
        Toast::Group { name, tally } => many(&format!("{}: {}", line(name), things(tally)), tally),
        Toast::Digest(tally) => many(&things(tally), tally),
        Toast::CatchUp { since, tally } => {
            many(&format!("Since {}: {}", moment(*since, now), things(tally)), tally)
        }
        Toast::Unreachable(sources) => unreachable(sources, now),
        Toast::Test => told(
            "Notifications work".to_owned(),
            "This is what a notification of Quarterdeck looks like.".to_owned(),
            Urgency::Low,
            Arrival::home(),
        ),
    }
}

fn one(item: &Item, flapping: bool) -> Notification {
    let what = match (item.id.kind, item.status) {
        (_, Status::Waiting) => "Waits for somebody",
        (Kind::Alert, Status::Paging) => "Critical alert",
        (Kind::Alert, _) => "Alert",
        (Kind::Run, _) => "Pipeline failed",
        (Kind::Deployment, _) => "Deployment failed",
        (Kind::Ticket, _) => "Incident",
    };
    let place: Vec<String> =
        [&item.service, &item.environment].into_iter().flatten().map(|name| line(name)).collect();
    let mut body = place.join(" · ");
    if flapping {
        let back = "It keeps coming back; you will be told again once it has been calm for half an hour.";
        body = if body.is_empty() { back.to_owned() } else { format!("{body}. {back}") };
    }
    let title = format!("{what}: {}", line(&item.title));
    Notification {
        about: Some(item.id.clone()),
        ..told(title, body, urgency(item.status), Arrival::entity(&item.id, None))
    }
}

fn many(title: &str, tally: &Tally) -> Notification {
    let counts: Vec<String> =
        tally.counts.iter().map(|(status, count)| format!("{count} {}", word(*status))).collect();
    let worst = tally.worst.as_ref();
    let mut body = counts.join(", ");
    if let Some(item) = worst {
        body += &format!(". Worst: {}", line(&item.title));
    }
    let status = worst.map_or(Status::Unknown, |item| item.status);
    told(title.to_owned(), body, urgency(status), Arrival::home())
}

fn unreachable(sources: &[(SourceId, DateTime<Utc>)], now: DateTime<Utc>) -> Notification {
    let since = sources.iter().map(|(_, since)| *since).min().unwrap_or(now);
    let (title, open) = match sources {
        [(only, _)] => (format!("{only} cannot be read"), Arrival::connection(only.as_str())),
        several => (
            format!("{} sources cannot be read", several.len()),
            Arrival::at("#/connections".to_owned(), None),
        ),
    };
    let names: Vec<&str> = sources.iter().map(|(id, _)| id.as_str()).collect();
    let body = format!(
        "Since {}. What is shown of {} is older than that.",
        moment(since, now),
        if names.len() == 1 { "it".to_owned() } else { names.join(", ") }
    );
    told(title, body, Urgency::Normal, open)
}

fn told(title: String, body: String, urgency: Urgency, open: Arrival) -> Notification {
    Notification {
        about: None,
        title: cut(&title, TITLE),
        body: cut(&body, BODY),
        urgency,
        open,
        buttons: Vec::new(),
    }
}

/// Cuts at a character, and says so.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn things(tally: &Tally) -> String {
    match tally.total() {
        1 => "1 thing needs attention".to_owned(),
        count => format!("{count} things need attention"),
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Warn => "with a warning",
        Status::Waiting => "waiting for somebody",
        status => status.as_str(),
    }
}

fn urgency(status: Status) -> Urgency {
    if status == Status::Paging { Urgency::Critical } else { Urgency::Normal }
}

/// A time as the clock on the wall shows it, with its day when that is not today.
fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (at, now) = (at.with_timezone(&Local), now.with_timezone(&Local));
    let same_day = at.date_naive() == now.date_naive();
    at.format(if same_day { "%H:%M" } else { "%a %H:%M" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn item(kind: Kind, status: Status) -> Item {
        Item {
            id: qd_model::EntityId::new(&"src".parse().unwrap(), kind, "a/b c"),
            title: "Latency\u{202e}\nhigh <b>".to_owned(),
            service: Some("checkout".to_owned()),
            environment: Some("prod-eu".to_owned()),
            status,
        }
    }

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_366_400, 0).unwrap()
    }

    fn check(toast: &Toast, expected: Expect) {
        let told = words(toast, noon());
        expected.assert_eq(&format!(
            "{:?} {}\n{}\n{} {:?}",
            told.urgency, told.title, told.body, told.open.route, told.about
        ));
    }

    #[test]
    fn a_notification_says_what_where_and_leads_there() {
        check(
            &Toast::One { item: item(Kind::Alert, Status::Paging), flapping: false },
            expect![[r#"
                Critical Critical alert: Latency⟨U+202E⟩ high <b>
                checkout · prod-eu
                #/alerts?open=src%2Falert%2Fa%2Fb+c Some(EntityId { source: SourceId("src"), kind: Alert, native: "a/b c" })"#]],
        );
        check(
            &Toast::One { item: item(Kind::Run, Status::Failing), flapping: true },
            expect![[r#"
                Normal Pipeline failed: Latency⟨U+202E⟩ high <b>
                checkout · prod-eu. It keeps coming back; you will be told again once it has been calm for half an hour.
                #/pipelines?open=src%2Frun%2Fa%2Fb+c Some(EntityId { source: SourceId("src"), kind: Run, native: "a/b c" })"#]],
        );
    }

    #[test]
    fn several_are_counted_and_the_worst_is_named() {
        let tally: Tally = [item(Kind::Alert, Status::Failing), item(Kind::Deployment, Status::Waiting)]
            .into_iter()
            .collect();
        check(
            &Toast::Group { name: "checkout".into(), tally: tally.clone() },
            expect![[r#"
                Normal checkout: 2 things need attention
                1 failing, 1 waiting for somebody. Worst: Latency⟨U+202E⟩ high <b>
                #/overview None"#]],
        );
        check(
            &Toast::Digest(tally),
            expect![[r#"
                Normal 2 things need attention
                1 failing, 1 waiting for somebody. Worst: Latency⟨U+202E⟩ high <b>
                #/overview None"#]],
        );
    }

    #[test]
    fn a_long_title_is_cut_at_a_character() {
        let long = Item { title: "ü".repeat(500), ..item(Kind::Ticket, Status::Warn) };
        let told = words(&Toast::One { item: long, flapping: false }, noon());
        assert_eq!(told.title.chars().count(), TITLE + 1);
    }
}
