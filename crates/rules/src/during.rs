//! Tickets that were opened while an alert of their service fired.

use chrono::{DateTime, Utc};
use qd_model::{Alert, AlertState, EntityId, Links, Severity, Ticket};

/// When an alert fired.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertSpan {
    /// Which alert.
    pub id: EntityId,
    /// Its name.
    pub name: String,
    /// Its service.
    pub service: String,
    /// How bad.
    pub severity: Severity,
    /// Begin.
    pub from: DateTime<Utc>,
    /// End. `None`: it has not ended.
    pub to: Option<DateTime<Utc>>,
}

/// When an alert fired, as far as that is known. `None`: it tells no begin or no service, or says nothing of health
/// (information). `changed`: when its state was last seen to change, which stands for its end where the backend tells none.
pub fn span(alert: &Alert, links: &Links, changed: DateTime<Utc>) -> Option<AlertSpan> {
    if matches!(alert.severity.state, Severity::Info | Severity::Low) {
        return None;
    }
    let ended = alert.state.state == AlertState::Resolved;
    Some(AlertSpan {
        id: alert.origin.id.clone(),
        name: alert.name.clone(),
        service: links.service.as_ref()?.name.clone(),
        severity: alert.severity.state,
        from: alert.starts_at?,
        to: ended.then(|| alert.ends_at.unwrap_or(changed)),
    })
}

/// The alert during which a ticket was opened: one of the same service, the worst, and of these the one that had begun
/// last. `None` where the ticket has no service or no begin.
pub fn during<'a>(ticket: &Ticket, links: &Links, spans: &'a [AlertSpan]) -> Option<&'a AlertSpan> {
    let service = &links.service.as_ref()?.name;
    let opened = ticket.created_at?;
    let inside = |span: &&AlertSpan| {
        span.service == *service && span.from <= opened && span.to.is_none_or(|to| opened <= to)
    };
    spans.iter().filter(inside).min_by_key(|span| (span.severity, std::cmp::Reverse(span.from)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{alert, now, ticket};
    use chrono::TimeDelta;
    use qd_model::{Fact, Observed, ServiceRef};

    fn links(service: &str) -> Links {
        let service = ServiceRef { name: service.to_owned(), inferred: false };
        Links { service: Some(service), environment: None }
    }

    /// An alert that began and ended so many minutes before now.
    fn fired(native: &str, severity: &str, from: i64, to: Option<i64>) -> Option<AlertSpan> {
        let Fact::Alert(mut alert) = alert("am", native, &[("severity", severity)]) else { return None };
        alert.starts_at = Some(now() - TimeDelta::minutes(from));
        if to.is_some() {
            alert.state = Observed::new(AlertState::Resolved, "");
        }
        span(&alert, &links("shop"), now() - TimeDelta::minutes(to.unwrap_or(0)))
    }

    fn check(spans: &[Option<AlertSpan>], opened: i64, service: &str, expected: Option<&str>) {
        let spans: Vec<AlertSpan> = spans.iter().flatten().cloned().collect();
        let Fact::Ticket(mut ticket) = ticket("t", "1", None) else { panic!("a ticket") };
        ticket.created_at = Some(now() - TimeDelta::minutes(opened));
        let found = during(&ticket, &links(service), &spans).map(|span| span.id.native.as_str());
        assert_eq!(found, expected);
    }

    #[test]
    fn a_ticket_opened_while_an_alert_of_its_service_fired_is_linked_to_it() {
        let ended = fired("a", "high", 60, Some(30));
        let fires = fired("b", "critical", 20, None);
        let spans = [ended, fires];
        check(&spans, 45, "shop", Some("a"));
        check(&spans, 30, "shop", Some("a"));
        check(&spans, 25, "shop", None);
        check(&spans, 5, "shop", Some("b"));
        check(&spans, 61, "shop", None);
        check(&spans, 5, "ledger", None);
    }

    #[test]
    fn of_several_the_worst_and_then_the_latest_is_told() {
        check(&[fired("a", "critical", 60, None), fired("b", "warning", 20, None)], 5, "shop", Some("a"));
        check(&[fired("a", "warning", 60, None), fired("b", "warning", 20, None)], 5, "shop", Some("b"));
        check(&[fired("a", "info", 60, None)], 5, "shop", None);
    }
}
