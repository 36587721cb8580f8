//! Tickets.

use chrono::{DateTime, Utc};

use super::{Act, Moment};
use crate::world::names::{PEOPLE, Person, YOU};
use crate::world::{CLOSED, NEW, Note, Ticket};

/// A ticket as it is seen.
#[derive(Debug, Clone)]
pub struct TicketNow {
    /// What it is; status, assignee and notes stand below.
    pub plan: Ticket,
    /// Status.
    pub status: u32,
    /// Number of the person; `None`: nobody.
    pub assignee: Option<u32>,
    /// What was said, oldest first.
    pub notes: Vec<Note>,
    /// Last change.
    pub updated: DateTime<Utc>,
    /// When it was closed last.
    pub closed: Option<DateTime<Utc>>,
}

impl Moment<'_> {
    /// Tickets, those opened by people among them, by id.
    pub fn tickets(&self) -> Vec<TicketNow> {
        let seen = self.world.tickets.iter().filter(|ticket| ticket.created <= self.now);
        let planned = seen.map(|ticket| self.ticket(ticket.clone()));
        let next = self.world.tickets.last().map_or(700, |ticket| ticket.id) + 1;
        let opened = self.deeds().filter_map(|deed| match &deed.act {
            Act::OpenTicket { service, tracker, priority, subject, description } => Some(Ticket {
                id: 0,
                service: *service,
                tracker: *tracker,
                priority: *priority,
                subject: subject.clone(),
                description: description.clone(),
                author: &YOU,
                assigned: None,
                created: deed.at,
                statuses: Vec::new(),
                notes: Vec::new(),
            }),
            _ => None,
        });
        let opened = opened.zip(next..).map(|(plan, id)| self.ticket(Ticket { id, ..plan }));
        planned.chain(opened).collect()
    }

    fn ticket(&self, plan: Ticket) -> TicketNow {
        let mut notes: Vec<Note> = plan.notes.iter().filter(|note| note.at <= self.now).cloned().collect();
        let mut steps: Vec<(DateTime<Utc>, u32)> =
            plan.statuses.iter().filter(|(at, _)| *at <= self.now).copied().collect();
        let mut assigned: Vec<(DateTime<Utc>, u32)> = plan
            .assigned
            .iter()
            .filter(|(at, _)| *at <= self.now)
            .map(|(at, person)| (*at, person.id))
            .collect();
        for deed in self.deeds() {
            let Act::ChangeTicket { ticket, status, assignee, notes: text } = &deed.act else { continue };
            if *ticket == plan.id {
                steps.extend(status.map(|status| (deed.at, status)));
                assigned.extend(assignee.map(|assignee| (deed.at, assignee)));
                notes.extend(text.iter().map(|text| Note { at: deed.at, author: &YOU, text: text.clone() }));
            }
        }
        steps.sort_by_key(|(at, _)| *at);
        assigned.sort_by_key(|(at, _)| *at);
        notes.sort_by_key(|note| note.at);
        let status = steps.last().map_or(NEW, |(_, status)| *status);
        let times = steps.iter().chain(&assigned).map(|(at, _)| *at).chain(notes.iter().map(|note| note.at));
        TicketNow {
            updated: times.max().unwrap_or(plan.created),
            closed: steps.last().filter(|(_, status)| *status >= CLOSED).map(|(at, _)| *at),
            assignee: assigned.last().map(|(_, person)| *person).filter(|person| *person != 0),
            status,
            notes,
            plan,
        }
    }
}

/// The person of that number.
pub fn person(id: u32) -> Option<&'static Person> {
    PEOPLE.iter().chain([&YOU]).find(|person| person.id == id)
}
