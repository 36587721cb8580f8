//! Feedback and work tickets (CDEvents `ticket`).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Observed, Signal, Status};

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Nobody works on it.
    Todo,
    /// Somebody does.
    InProgress,
    /// Closed, whatever the reason.
    Done,
    /// A status of the backend's own that is neither.
    Other,
}

impl TicketStatus {
    /// The word of `state:` queries and of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Other => "other",
        }
    }

    /// Everything but done.
    pub fn is_open(self) -> bool {
        self != Self::Done
    }
}

/// What a ticket is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketType {
    /// Something is broken.
    Bug,
    /// Something is wished for.
    Enhancement,
    /// Something broke for users.
    Incident,
    /// Work.
    Task,
    /// Somebody asks.
    Question,
    /// The backend's type is none of these, or it has none.
    Other,
}

impl TicketType {
    /// The word of `type:` queries and of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bug => "bug",
            Self::Enhancement => "enhancement",
            Self::Incident => "incident",
            Self::Task => "task",
            Self::Question => "question",
            Self::Other => "other",
        }
    }
}

/// Words of labels, categories and types that tell of a customer. Each stands for the whole word.
pub const CUSTOMER_WORDS: &[&str] = &[
    "customer",
    "customers",
    "client",
    "clients",
    "support",
    "helpdesk",
    "zendesk",
    "intercom",
    "freshdesk",
    "feedback",
    "kunde",
    "kunden",
];

/// Words of labels, categories and types that tell that something worked before.
pub const REGRESSION_WORDS: &[&str] = &["regression", "regressions", "regressed"];

with_origin! {
    /// One ticket or issue.
    pub struct Ticket {
        /// The name people use: `#331`, `HARB-912`.
        pub key: String,
        /// One line. Untrusted.
        pub summary: String,
        /// What it is about.
        pub ticket_type: Observed<TicketType>,
        /// Where it stands.
        pub status: Observed<TicketStatus>,
        /// Why it was closed, when the backend tells.
        #[serde(default)]
        pub resolution: Option<String>,
        /// Priority in the backend's word.
        #[serde(default)]
        pub priority: Option<String>,
        /// Who works on it.
        #[serde(default)]
        pub assignees: Vec<String>,
        /// Labels or categories.
        #[serde(default)]
        pub labels: Vec<String>,
        /// Milestone or target version.
        #[serde(default)]
        pub milestone: Option<String>,
        /// Versions that carry the fix.
        #[serde(default)]
        pub fix_versions: Vec<String>,
        /// Who opened it.
        #[serde(default)]
        pub reporter: Option<String>,
        /// When it was opened.
        #[serde(default)]
        pub created_at: Option<DateTime<Utc>>,
        /// When it was closed.
        #[serde(default)]
        pub closed_at: Option<DateTime<Utc>>,
        /// Number of comments, when the list tells.
        #[serde(default)]
        pub comments: Option<u32>,
    }
}

impl Ticket {
    /// Whether a customer stands behind it: a label, category or the backend's own type says so.
    ///
    /// Judged by whole words ([`CUSTOMER_WORDS`]), so that a label `support-matrix` counts and `unsupported` does not.
    /// Nothing is read from the prose.
    pub fn is_customer_reported(&self) -> bool {
        self.says(CUSTOMER_WORDS)
    }

    /// Whether something worked before: a label, category or the backend's own type says so ([`REGRESSION_WORDS`]).
    pub fn is_regression(&self) -> bool {
        self.says(REGRESSION_WORDS)
    }

    fn says(&self, words: &[&str]) -> bool {
        let named = |text: &String| {
            let lower = text.to_lowercase();
            lower.split(|c: char| !c.is_alphanumeric()).any(|part| words.contains(&part))
        };
        self.labels.iter().chain([&self.ticket_type.raw]).any(named)
    }

    /// What it says of its service: an open incident or bug warns, everything else is quiet.
    pub fn signal(&self) -> Signal {
        let status = match (self.status.state, self.ticket_type.state) {
            (TicketStatus::Done, _) => Status::Ok,
            (_, TicketType::Incident) => Status::Warn,
            _ => Status::Inactive,
        };
        Signal { status, acknowledged: !self.assignees.is_empty() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntityId, Kind, Origin};

    fn check(labels: &[&str], raw_type: &str, expected: (bool, bool)) {
        let source = "t".parse().expect("a source");
        let ticket = Ticket {
            origin: Origin::new(EntityId::new(&source, Kind::Ticket, "1")),
            key: "#1".to_owned(),
            // Prose is not judged.
            summary: "customer says: regression".to_owned(),
            ticket_type: Observed::new(TicketType::Other, raw_type),
            status: Observed::new(TicketStatus::Todo, "New"),
            resolution: None,
            priority: None,
            assignees: Vec::new(),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            milestone: None,
            fix_versions: Vec::new(),
            reporter: None,
            created_at: None,
            closed_at: None,
            comments: None,
        };
        assert_eq!(
            (ticket.is_customer_reported(), ticket.is_regression()),
            expected,
            "{labels:?} {raw_type}"
        );
    }

    #[test]
    fn labels_and_types_tell_of_customers_and_regressions_in_whole_words() {
        check(&[], "Bug", (false, false));
        check(&["customer"], "Bug", (true, false));
        check(&["reported-by/Customer"], "", (true, false));
        check(&["type: regression"], "", (false, true));
        check(&[], "Support", (true, false));
        check(&["unsupported", "customers-only-not"], "", (true, false));
        check(&["unsupported", "progression"], "customerless", (false, false));
        check(&["customer", "regressed in 4.2"], "", (true, true));
    }
}
