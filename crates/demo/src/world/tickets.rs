//! What customers and colleagues write.

use chrono::{DateTime, TimeDelta, Utc};

use super::names::{COMPLAINTS, PEOPLE, Person};
use super::{Note, Scale, Service, Ticket, dice, one_of};
use crate::story::{BAD_DEPLOY, START};

/// The status of new tickets. Numbers are as Redmine ships them.
pub const NEW: u32 = 1;
const IN_PROGRESS: u32 = 2;
const RESOLVED: u32 = 3;
/// The first of the statuses that end a ticket.
pub const CLOSED: u32 = 5;
const BUG: u32 = 1;
const FEATURE: u32 = 2;
const SUPPORT: u32 = 3;

/// Who writes down what customers say.
const DESK: &Person = &PEOPLE[10];

/// All tickets, by id.
pub fn tickets(scale: Scale, seed: u64, services: &[Service]) -> Vec<Ticket> {
    let mut tickets: Vec<Ticket> =
        (0..scale.tickets).map(|index| ambient(scale, seed, index, services)).collect();
    if services.first().is_some_and(|service| service.name == "checkout") {
        tickets.extend(story());
    }
    tickets.sort_by(|a, b| (a.created, &a.subject).cmp(&(b.created, &b.subject)));
    for (order, ticket) in tickets.iter_mut().enumerate() {
        ticket.id = 700 + order as u64;
    }
    tickets
}

fn ambient(scale: Scale, seed: u64, index: usize, services: &[Service]) -> Ticket {
    let mut dice = dice(seed, "ticket", index);
    let service = dice.usize(..services.len().max(1));
    let people = services.get(service).map_or(&[0][..], |service| service.team.people);
    let created = START - TimeDelta::minutes(dice.i64(35..i64::from(scale.days.max(1)) * 1440));
    let subject = one_of(&mut dice, &COMPLAINTS);
    let wish = subject.starts_with("Wish");
    let begun = created + TimeDelta::minutes(dice.i64(30..2000));
    let done = begun + TimeDelta::minutes(dice.i64(60..9000));
    let (closes, begins) = (dice.u8(..100) < 70, dice.u8(..100) < 80);
    let mut statuses = Vec::new();
    let mut assigned = None;
    let mut notes = Vec::new();
    if begins {
        let person = &PEOPLE[one_of(&mut dice, people)];
        statuses.push((begun, IN_PROGRESS));
        assigned = Some((begun, person));
        notes.push(Note { at: begun, author: person, text: "I look into it.".to_owned() });
        if closes {
            statuses.extend([(done, RESOLVED), (done + TimeDelta::hours(5), CLOSED)]);
            notes.push(Note { at: done, author: person, text: "Mended with the next release.".to_owned() });
        }
    }
    Ticket {
        id: 0,
        service,
        tracker: if wish { FEATURE } else { one_of(&mut dice, &[BUG, SUPPORT, SUPPORT]) },
        priority: one_of(&mut dice, &[1, 2, 2, 2, 2, 3]),
        subject: subject.to_owned(),
        description: "A customer writes: this happens every time, on the phone and in the browser."
            .to_owned(),
        author: DESK,
        assigned,
        created,
        statuses,
        notes,
    }
}

fn story() -> [Ticket; 4] {
    let after = |minutes: i64, seconds: i64| BAD_DEPLOY + TimeDelta::seconds(minutes * 60 + seconds);
    let ticket = |created: DateTime<Utc>, priority, subject: &str, description: &str| Ticket {
        id: 0,
        service: 0,
        tracker: SUPPORT,
        priority,
        subject: subject.to_owned(),
        description: description.to_owned(),
        author: DESK,
        assigned: Some((after(21, 0), &PEOPLE[1])),
        created,
        statuses: vec![(after(21, 0), IN_PROGRESS), (after(70, 0), RESOLVED), (after(87, 0), CLOSED)],
        notes: vec![
            Note {
                at: after(18, 0),
                author: &PEOPLE[2],
                text: "Rolled back; paying is fast again.".to_owned(),
            },
            Note {
                at: after(87, 0),
                author: &PEOPLE[1],
                text: "v413 is live; the cause is gone.".to_owned(),
            },
        ],
    };
    [
        ticket(
            after(5, 0),
            4,
            "Paying takes forever",
            "The button spins for half a minute, then the page is white.",
        ),
        ticket(
            after(6, 30),
            3,
            "Charged twice?",
            "I pressed “Pay” again because nothing happened. Two mails came.",
        ),
        ticket(
            after(7, 10),
            3,
            "Checkout slow on the phone",
            "Since a quarter of an hour. Wi-Fi and mobile alike.",
        ),
        ticket(after(8, 0), 4, "Shop system times out", "Our buyers cannot finish their orders. *Urgent.*"),
    ]
}
