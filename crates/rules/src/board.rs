//! Many entities as few lines: the same alert of several sources is one, and what has the same keys is one group.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};

use chrono::{DateTime, Utc};
use qd_model::{AlertState, Fact, Links, Severity, Status};

use crate::{Judged, Trust, shown};

/// More firing alerts than this are a storm: groups with counts say more than rows.
pub const STORM: usize = 200;
/// A storm is over below this, so that the list does not change its shape with every alert around the limit.
const STORM_OVER: usize = 150;
/// What a storm is grouped by.
pub const STORM_KEYS: [Key; 2] = [Key::Service, Key::Name];

/// Whether it storms. `before`: whether it did when this was last asked.
pub fn storms(firing: usize, before: bool) -> bool {
    firing > if before { STORM_OVER } else { STORM }
}

/// What entities can be grouped by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The service.
    Service,
    /// The alert rule.
    Name,
    /// Severity of alerts.
    Severity,
    /// Who is told of an alert: all its receivers together.
    Receiver,
    /// The environment.
    Environment,
    /// The connection.
    Source,
    /// Type of tickets.
    Type,
    /// Priority of tickets, in the backend's word.
    Priority,
    /// Who works on a ticket.
    Assignee,
    /// A label of alerts.
    Label(String),
}

impl Key {
    /// Reads a key: one of the words above, or `label:NAME`. `None` for anything else.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "service" => Self::Service,
            "name" => Self::Name,
            "severity" => Self::Severity,
            "receiver" => Self::Receiver,
            "environment" => Self::Environment,
            "source" => Self::Source,
            "type" => Self::Type,
            "priority" => Self::Priority,
            "assignee" => Self::Assignee,
            other => Self::Label(other.strip_prefix("label:").filter(|name| !name.is_empty())?.to_owned()),
        })
    }

    /// The word that [`Key::parse`] reads.
    pub fn word(&self) -> String {
        match self {
            Self::Service => "service",
            Self::Name => "name",
            Self::Severity => "severity",
            Self::Receiver => "receiver",
            Self::Environment => "environment",
            Self::Source => "source",
            Self::Type => "type",
            Self::Priority => "priority",
            Self::Assignee => "assignee",
            Self::Label(name) => return format!("label:{name}"),
        }
        .to_owned()
    }

    /// What an entity has for the key. `None`: nothing.
    pub fn value(&self, fact: &Fact, links: &Links) -> Option<String> {
        let joined = |words: &[String]| {
            let mut words = words.to_vec();
            words.sort_unstable();
            words.join(", ")
        };
        let value = match (self, fact) {
            (Self::Service, _) => links.service.as_ref()?.name.clone(),
            (Self::Environment, _) => links.environment.clone()?,
            (Self::Source, _) => fact.id().source.to_string(),
            (Self::Name, Fact::Alert(alert)) => alert.name.clone(),
            (Self::Severity, Fact::Alert(alert)) => alert.severity.state.as_str().to_owned(),
            (Self::Receiver, Fact::Alert(alert)) => joined(&alert.receivers),
            (Self::Label(name), Fact::Alert(alert)) => alert.labels.get(name)?.clone(),
            (Self::Type, Fact::Ticket(ticket)) => ticket.ticket_type.state.as_str().to_owned(),
            (Self::Priority, Fact::Ticket(ticket)) => ticket.priority.clone()?,
            (Self::Assignee, Fact::Ticket(ticket)) => joined(&ticket.assignees),
            _ => return None,
        };
        Some(value).filter(|value| !value.is_empty())
    }
}

/// One entity, as a board reads it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// What was observed.
    pub fact: &'a Fact,
    /// Its service and environment.
    pub links: &'a Links,
    /// Whether its source is current and still lists it.
    pub current: bool,
    /// What it draws instead of its own status (a flapping alert between two fires).
    pub draws: Option<Status>,
}

impl Seen<'_> {
    fn status(&self) -> Status {
        shown(self.draws.unwrap_or_else(|| self.fact.signal().status), self.current)
    }

    fn fires(&self) -> bool {
        matches!(self.fact, Fact::Alert(alert) if alert.state.state == AlertState::Firing)
    }

    fn is_suppressed(&self) -> bool {
        matches!(self.fact, Fact::Alert(alert) if alert.state.state == AlertState::Suppressed)
    }

    fn severity(&self) -> Option<Severity> {
        match self.fact {
            Fact::Alert(alert) if self.fires() => Some(alert.severity.state),
            _ => None,
        }
    }

    fn place(&self) -> (Status, bool, Reverse<Option<DateTime<Utc>>>, &qd_model::EntityId) {
        (self.status(), !self.current, Reverse(self.fact.occurred_at()), self.fact.id())
    }
}

/// One alert of one or several sources, or one entity of another kind. Numbers are places in the given list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The one that is drawn: the worst, of equals one whose source is current, and of these the one that began first.
    pub first: usize,
    /// The others.
    pub others: Vec<usize>,
}

/// Folds alerts with the same fingerprint from different sources; worst first, of equals what is seen now, then newest.
pub fn bundle(seen: &[Seen<'_>]) -> Vec<Bundle> {
    let mut by_print: HashMap<&str, usize> = HashMap::new();
    let mut bundles: Vec<Vec<usize>> = Vec::new();
    for (at, one) in seen.iter().enumerate() {
        let print = match one.fact {
            Fact::Alert(alert) if !alert.fingerprint.is_empty() => alert.fingerprint.as_str(),
            _ => {
                bundles.push(vec![at]);
                continue;
            }
        };
        match by_print.entry(print) {
            Entry::Vacant(empty) => {
                empty.insert(bundles.len());
                bundles.push(vec![at]);
            }
            Entry::Occupied(known) => {
                let members = &mut bundles[*known.get()];
                // A source that lists one fingerprint twice means two alerts by it.
                let source = &one.fact.id().source;
                if members.iter().any(|member| seen[*member].fact.id().source == *source) {
                    bundles.push(vec![at]);
                } else {
                    members.push(at);
                }
            }
        }
    }
    let mut bundles: Vec<Bundle> = bundles
        .into_iter()
        .map(|mut members| {
            // Of equals the one that began first: it has fired since then, whoever heard of it later.
            members.sort_by_key(|at| {
                let (one, began) = (&seen[*at], seen[*at].fact.occurred_at());
                (one.status(), !one.current, began.is_none(), began, one.fact.id())
            });
            Bundle { first: members.remove(0), others: members }
        })
        .collect();
    bundles.sort_by(|a, b| seen[a.first].place().cmp(&seen[b.first].place()));
    bundles
}

/// Entities with each alert once, whoever else tells of it: of every [`bundle`] its first, in the given order.
pub fn folded<'a>(entities: &[Judged<'a>], trust: &Trust) -> Vec<Judged<'a>> {
    let seen = |one: &Judged<'a>| Seen {
        fact: one.fact,
        links: one.links,
        current: trust.current(&one.fact.id().source),
        draws: None,
    };
    let seen: Vec<Seen<'_>> = entities.iter().map(seen).collect();
    let mut firsts: Vec<usize> = bundle(&seen).iter().map(|bundle| bundle.first).collect();
    firsts.sort_unstable();
    firsts.into_iter().map(|at| entities[at]).collect()
}

/// Bundles with the same values for all keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// One value a key; `None`: its members have none.
    pub values: Vec<Option<String>>,
    /// Its bundles, worst first.
    pub members: Vec<usize>,
    /// The worst of their statuses.
    pub status: Status,
    /// How many fire.
    pub firing: usize,
    /// How many are silenced or inhibited.
    pub suppressed: usize,
    /// Firing ones by severity, worst first.
    pub severities: Vec<(Severity, usize)>,
    /// When the newest happened.
    pub newest: Option<DateTime<Utc>>,
    /// One of its members has a source that is not current.
    pub stale: bool,
    /// A current source tells of its status.
    pub seen_now: bool,
}

/// Groups bundles by keys: the worst group first, of equals one that is seen now, then the one in which most fires, then the
/// largest.
pub fn group(seen: &[Seen<'_>], bundles: &[Bundle], keys: &[Key]) -> Vec<Group> {
    let mut groups: BTreeMap<Vec<Option<String>>, Vec<usize>> = BTreeMap::new();
    for (at, bundle) in bundles.iter().enumerate() {
        let one = &seen[bundle.first];
        let values = keys.iter().map(|key| key.value(one.fact, one.links)).collect();
        groups.entry(values).or_default().push(at);
    }
    let mut groups: Vec<Group> =
        groups.into_iter().map(|(values, members)| summary(seen, bundles, values, members)).collect();
    // Stable: equals stay in the order of their values.
    groups.sort_by_key(|group| {
        (group.status, !group.seen_now, Reverse(group.firing), Reverse(group.members.len()))
    });
    groups
}

fn summary(seen: &[Seen<'_>], bundles: &[Bundle], values: Vec<Option<String>>, members: Vec<usize>) -> Group {
    let first = |at: &usize| &seen[bundles[*at].first];
    let mut severities: BTreeMap<Severity, usize> = BTreeMap::new();
    for severity in members.iter().filter_map(|at| first(at).severity()) {
        *severities.entry(severity).or_default() += 1;
    }
    let status = members.iter().map(|at| first(at).status()).min().unwrap_or(Status::Unknown);
    Group {
        status,
        seen_now: members.iter().any(|at| first(at).current && first(at).status() == status),
        firing: members.iter().filter(|at| first(at).fires()).count(),
        suppressed: members.iter().filter(|at| first(at).is_suppressed()).count(),
        severities: severities.into_iter().collect(),
        newest: members.iter().filter_map(|at| first(at).fact.since()).max(),
        stale: members.iter().any(|at| !first(at).current),
        values,
        members,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{alert, ticket};
    use qd_model::{Observed, ServiceRef};

    struct World(Vec<(Fact, Links, bool)>);

    impl World {
        fn seen(&self) -> Vec<Seen<'_>> {
            self.0
                .iter()
                .map(|(fact, links, current)| Seen { fact, links, current: *current, draws: None })
                .collect()
        }
    }

    fn one(source: &str, print: &str, labels: &[(&str, &str)], current: bool) -> (Fact, Links, bool) {
        let service =
            labels.iter().find(|(name, _)| *name == "service").map(|(_, value)| (*value).to_owned());
        let service = service.map(|name| ServiceRef { name, inferred: true });
        (alert(source, print, labels), Links { service, environment: None }, current)
    }

    fn suppressed(mut entry: (Fact, Links, bool)) -> (Fact, Links, bool) {
        if let Fact::Alert(alert) = &mut entry.0 {
            alert.state = Observed::new(AlertState::Suppressed, "");
        }
        entry
    }

    #[test]
    fn the_same_alert_of_two_sources_is_one_and_the_worse_is_drawn() {
        let labels = [("severity", "critical")];
        let world = World(vec![
            suppressed(one("a", "1", &labels, true)),
            one("b", "1", &labels, true),
            one("b", "2", &labels, true),
        ]);
        let bundles = bundle(&world.seen());
        assert_eq!(bundles, [Bundle { first: 1, others: vec![0] }, Bundle { first: 2, others: vec![] }]);
    }

    #[test]
    fn of_equals_the_one_whose_source_is_current_is_drawn() {
        let world = World(vec![one("a", "1", &[], false), one("b", "1", &[], true)]);
        assert_eq!(bundle(&world.seen()), [Bundle { first: 1, others: vec![0] }]);
    }

    #[test]
    fn of_equals_the_one_that_began_first_is_drawn() {
        let began = |source: &str, secs: Option<i64>| {
            let (fact, links, current) = one(source, "1", &[], true);
            let Fact::Alert(mut alert) = fact else { unreachable!("an alert") };
            alert.starts_at = secs.and_then(|secs| DateTime::from_timestamp(secs, 0));
            (Fact::Alert(alert), links, current)
        };
        let world = World(vec![began("a", None), began("b", Some(90)), began("c", Some(30))]);
        assert_eq!(bundle(&world.seen()), [Bundle { first: 2, others: vec![1, 0] }]);
    }

    #[test]
    fn tickets_are_never_folded() {
        let world = World(
            ["a", "b"]
                .map(|source| (ticket(source, "1", None), Links::default(), true))
                .into_iter()
                .collect(),
        );
        assert_eq!(bundle(&world.seen()).len(), 2);
    }

    #[test]
    fn what_is_seen_now_comes_before_what_was_seen_before_one_by_one_and_in_groups() {
        let labels = |service| [("severity", "critical"), ("service", service)];
        let world = World(vec![
            one("dead", "1", &labels("web"), false),
            one("dead", "2", &labels("web"), false),
            one("live", "3", &labels("till"), true),
        ]);
        let seen = world.seen();
        let bundles = bundle(&seen);
        assert_eq!(bundles[0].first, 2);
        let groups = group(&seen, &bundles, &[Key::Service]);
        assert_eq!((groups[0].firing, groups[1].firing), (1, 2), "though more fire in the other");
    }

    #[test]
    fn groups_come_worst_first_with_their_counts() {
        let world = World(vec![
            one("a", "1", &[("severity", "warning"), ("service", "web")], true),
            one("a", "2", &[("severity", "warning"), ("service", "web")], true),
            suppressed(one("a", "3", &[("severity", "warning"), ("service", "web")], true)),
            one("a", "4", &[("severity", "critical"), ("service", "shop")], true),
            one("a", "5", &[("severity", "warning")], false),
        ]);
        let seen = world.seen();
        let bundles = bundle(&seen);
        let told: Vec<_> = group(&seen, &bundles, &[Key::Service])
            .into_iter()
            .map(|group| {
                let value = group.values[0].clone().unwrap_or_else(|| "none".to_owned());
                (value, group.status, group.members.len(), group.firing, group.suppressed, group.stale)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("shop".to_owned(), Status::Paging, 1, 1, 0, false),
                ("web".to_owned(), Status::Warn, 3, 2, 1, false),
                ("none".to_owned(), Status::Warn, 1, 1, 0, true),
            ]
        );
        let by_both = group(&seen, &bundles, &[Key::Service, Key::Severity]);
        assert_eq!(by_both[0].values, [Some("shop".to_owned()), Some("critical".to_owned())]);
    }

    #[test]
    fn any_label_is_a_key() {
        let (fact, links, _) = one("a", "1", &[("team", "sre"), ("empty", "")], true);
        let value = |word: &str| Key::parse(word).and_then(|key| key.value(&fact, &links));
        assert_eq!(value("label:team").as_deref(), Some("sre"));
        assert_eq!(value("label:empty"), None, "an empty label is no label");
        assert_eq!(value("label:none"), None);
        assert_eq!(Key::parse("label:"), None);
        assert_eq!(Key::parse("nonsense"), None);
        for word in ["service", "name", "severity", "receiver", "environment", "source", "label:team"] {
            assert_eq!(Key::parse(word).map(|key| key.word()).as_deref(), Some(word));
        }
    }

    #[test]
    fn a_storm_does_not_end_with_the_first_alert_that_stops() {
        assert!(!storms(200, false));
        assert!(storms(201, false));
        assert!(storms(160, true));
        assert!(!storms(150, true));
    }
}
