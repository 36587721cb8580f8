//! What can be seen at an instant, after what people did. Pure.

mod alerts;
mod issues;
mod runs;
mod tickets;

use chrono::{DateTime, Utc};

pub use alerts::{AlertNow, hold};
pub use issues::IssueNow;
pub use runs::{Phase, Report, RunNow};
pub use tickets::{TicketNow, person};

use crate::world::{Silence, World};

/// Something a person did, through one of the servers.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub act: Act,
}

/// What a person can do.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of the plans in `world`")]
pub enum Act {
    /// Starts a run again.
    Rerun { run: u64 },
    /// Stops a run.
    Cancel { run: u64 },
    /// Lets a waiting run go on, or not.
    Review { run: u64, approved: bool },
    /// Says something on an issue.
    CommentIssue { service: usize, issue: u64, text: String },
    /// Closes an issue, with a reason, or opens it again.
    CloseIssue { service: usize, issue: u64, closed: bool, reason: String },
    /// Opens an issue.
    OpenIssue { service: usize, title: String, body: String, labels: Vec<String> },
    /// Makes a silence, or changes the one with that id.
    Silence(Silence),
    /// Ends a silence.
    Expire { silence: String },
    /// Opens a ticket.
    OpenTicket { service: usize, tracker: u32, priority: u32, subject: String, description: String },
    /// Changes a ticket; what is `None` stays. An assignee of 0 is nobody.
    ChangeTicket { ticket: u64, status: Option<u32>, assignee: Option<u32>, notes: Option<String> },
}

/// The world at an instant.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// What ever happens.
    pub world: &'a World,
    /// What people did, in their order.
    pub deeds: &'a [Deed],
    /// The instant.
    pub now: DateTime<Utc>,
}

impl<'a> Moment<'a> {
    /// What people did until now.
    fn deeds(&self) -> impl Iterator<Item = &'a Deed> + use<'a> {
        let now = self.now;
        self.deeds.iter().filter(move |deed| deed.at <= now)
    }
}
