//! The query language of lists: words match text, `field:value` narrows.
//!
//! ```text
//! checkout service:shop state:failing env:production source:gh age:<2h -severity:info "pay page"
//! ```
//!
//! `during:2026-11-20T14:00:00Z..2026-11-20T15:00:00Z` narrows to what happened in that time, `owner:payments` to the services
//! somebody owns. Terms are joined by *and*; `state:failing,warn` is *or* within one field; a leading `-` negates.

mod parse;

pub use parse::FilterError;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Fact, Links};

/// What occurs so far ahead is not young: it has not occurred. Less is a matter of clocks.
pub const AHEAD_SECS: i64 = 300;

/// A parsed query. The empty filter matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// All must hold.
    pub terms: Vec<Term>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// `-` before it.
    pub negated: bool,
    /// What must hold.
    pub test: Test,
}

/// What a term asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Title, service, author, pipeline, key, label values or annotations contain it, in any case.
    Text(String),
    /// The field has one of the values, in any case. `name*` matches a prefix; `none` matches absence.
    Is(Field, Vec<String>),
    /// The entity is as it is since less (or more) than so many seconds: the age its row shows, see [`Fact::since`].
    Age {
        /// `<` rather than `>`.
        younger: bool,
        /// The limit in seconds.
        secs: i64,
    },
    /// Something of it happened in a span of time: it began or ended there, a ticket was changed there, an alert fired there.
    During {
        /// From, inclusive.
        from: DateTime<Utc>,
        /// To, exclusive.
        to: DateTime<Utc>,
    },
    /// Its service belongs to one of these. Facts do not know their owners: [`Filter::with_owners`] puts services in its
    /// place, and until then nothing passes.
    Owner(Vec<String>),
}

/// What a filter needs to know beside the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Ages are counted from here.
    pub now: DateTime<Utc>,
    /// When we last saw the entity change: an alert that merely disappeared has no other end.
    pub changed: DateTime<Utc>,
}

/// Fields a query can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The service.
    Service,
    /// The canonical state, the status word, or the backend's own word.
    State,
    /// The environment, or its tier.
    Env,
    /// The connection.
    Source,
    /// The kind of entity.
    Kind,
    /// Severity of alerts.
    Severity,
    /// The person behind it.
    Author,
    /// Assignee of tickets.
    Assignee,
    /// Type of tickets; also `customer` and `regression`, which labels tell.
    Type,
    /// Pipeline, builder, alert rule.
    Name,
    /// Branch or tag.
    Ref,
    /// Repository.
    Repo,
}

impl Filter {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether an entity passes. The reference for every store that translates filters to its own language.
    pub fn matches(&self, fact: &Fact, links: &Links, seen: Seen) -> bool {
        self.terms.iter().all(|term| term.test.holds(fact, links, seen) != term.negated)
    }

    /// The same filter with the services of each owner in the owner's place.
    #[must_use]
    pub fn with_owners(mut self, services: impl Fn(&str) -> Vec<String>) -> Self {
        for term in &mut self.terms {
            if let Test::Owner(owners) = &term.test {
                let of_all = owners.iter().flat_map(|owner| services(owner)).collect();
                term.test = Test::Is(Field::Service, of_all);
            }
        }
        self
    }

    /// Whether it asks for a span of time. What is over belongs to that span as much as what is current.
    pub fn has_span(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.test, Test::During { .. }))
    }

    /// The span of time it asks for: what all its spans share, as far as they are not excluded.
    pub fn span(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let spans = self.terms.iter().filter_map(|term| match term.test {
            Test::During { from, to } if !term.negated => Some((from, to)),
            _ => None,
        });
        spans.reduce(|a, b| (a.0.max(b.0), a.1.min(b.1))).filter(|(from, to)| from < to)
    }

    /// What of it asks for environments, and nothing else.
    #[must_use]
    pub fn of_environments(mut self) -> Self {
        self.terms.retain(|term| matches!(term.test, Test::Is(Field::Env, _)));
        self
    }

    /// The same filter without its spans of time.
    #[must_use]
    pub fn without_spans(mut self) -> Self {
        self.terms.retain(|term| !matches!(term.test, Test::During { .. }));
        self
    }
}

impl Test {
    fn holds(&self, fact: &Fact, links: &Links, seen: Seen) -> bool {
        match self {
            Self::Text(text) => search_text(fact, links).to_lowercase().contains(&text.to_lowercase()),
            Self::Is(field, wanted) => {
                let values = field.values(fact, links);
                wanted.iter().any(|want| is_value(&values, want))
            }
            // What tells no begin has no place in time, whatever its end.
            Self::Age { younger, secs } => fact.occurred_at().and(fact.since()).is_some_and(|at| {
                let age = (seen.now - at).num_seconds();
                if *younger { age < *secs && age > -AHEAD_SECS } else { age > *secs }
            }),
            Self::During { from, to } => happened(fact, seen.changed, *from, *to),
            Self::Owner(_) => false,
        }
    }
}

/// Whether something of a fact happened in a span. An alert also counts while it merely goes on firing.
fn happened(fact: &Fact, changed: DateTime<Utc>, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
    let within = |at: Option<DateTime<Utc>>| at.is_some_and(|at| from <= at && at < to);
    let is_alert = matches!(fact, Fact::Alert(_));
    let fired = || {
        is_alert
            && fact.occurred_at().is_some_and(|at| at < to)
            && (fact.is_open() || fact.last_at().unwrap_or(changed) > from)
    };
    // One that ended as the span began did not fire in it.
    let last = fact.last_at().filter(|last| !is_alert || *last != from);
    within(fact.occurred_at()) || within(last) || fired()
}

fn is_value(values: &[String], want: &str) -> bool {
    let want = want.to_lowercase();
    if want == "none" && values.is_empty() {
        return true;
    }
    values.iter().any(|value| {
        let value = value.to_lowercase();
        match want.strip_suffix('*') {
            Some(prefix) => value.starts_with(prefix),
            None => value == want,
        }
    })
}

impl Field {
    /// The values an entity has for the field; empty when it has none. Several where several words name the same thing
    /// (`state` has the canonical word, the status word and the backend's).
    pub fn values(self, fact: &Fact, links: &Links) -> Vec<String> {
        let one = |value: Option<&str>| value.map(str::to_owned).into_iter().collect();
        match self {
            Self::Service => one(links.service.as_ref().map(|service| service.name.as_str())),
            Self::State => vec![
                fact.state_word().to_owned(),
                fact.signal().status.as_str().to_owned(),
                fact.raw_status().to_owned(),
            ],
            Self::Env => match &links.environment {
                Some(name) => vec![name.clone(), tier_word(crate::Tier::infer(name)).to_owned()],
                None => Vec::new(),
            },
            Self::Source => vec![fact.id().source.to_string()],
            Self::Kind => vec![fact.kind().to_string()],
            Self::Severity => match fact {
                Fact::Alert(alert) => {
                    vec![alert.severity.state.as_str().to_owned(), alert.severity.raw.clone()]
                }
                _ => Vec::new(),
            },
            Self::Author => one(fact.author()),
            Self::Assignee => match fact {
                Fact::Ticket(ticket) => ticket.assignees.clone(),
                _ => Vec::new(),
            },
            Self::Type => match fact {
                Fact::Ticket(ticket) => {
                    let mut values =
                        vec![ticket.ticket_type.state.as_str().to_owned(), ticket.ticket_type.raw.clone()];
                    let marks =
                        [("customer", ticket.is_customer_reported()), ("regression", ticket.is_regression())];
                    values.extend(marks.into_iter().filter(|(_, is)| *is).map(|(word, _)| word.to_owned()));
                    values
                }
                _ => Vec::new(),
            },
            Self::Name => match fact {
                Fact::Run(run) => vec![run.pipeline_name.clone()],
                Fact::Alert(alert) => vec![alert.name.clone()],
                _ => Vec::new(),
            },
            Self::Ref => match fact {
                Fact::Run(run) => one(run.reference.as_deref()),
                _ => Vec::new(),
            },
            Self::Repo => one(fact.origin().repository.as_deref()),
        }
    }
}

/// The word of a tier in queries (`env:production` also finds `prod-eu`).
pub fn tier_word(tier: crate::Tier) -> &'static str {
    match tier {
        crate::Tier::Production => "production",
        crate::Tier::Staging => "staging",
        crate::Tier::Test => "test",
        crate::Tier::Development => "development",
        crate::Tier::Other => "other",
    }
}

/// The text that word terms search: what a person sees in the row. Stores index exactly this.
pub fn search_text(fact: &Fact, links: &Links) -> String {
    let mut parts: Vec<&str> = vec![fact.title()];
    parts.extend(links.service.as_ref().map(|service| service.name.as_str()));
    parts.extend(fact.author());
    parts.extend(fact.origin().repository.as_deref());
    parts.extend(fact.origin().project.as_deref());
    match fact {
        Fact::Run(run) => {
            parts.extend([run.pipeline_name.as_str(), run.run_id.as_str()]);
            parts.extend(run.reference.as_deref());
            parts.extend(run.failed_step.as_deref());
        }
        Fact::Deployment(deployment) => {
            parts.push(&deployment.environment);
            parts.extend(deployment.service.as_deref());
            parts.extend(deployment.description.as_deref());
        }
        Fact::Alert(alert) => {
            parts.extend(alert.summary());
            parts.extend(alert.labels.values().map(String::as_str));
        }
        Fact::Ticket(ticket) => {
            parts.push(&ticket.key);
            parts.extend(ticket.labels.iter().chain(&ticket.assignees).map(String::as_str));
        }
    }
    parts.join(" ")
}
