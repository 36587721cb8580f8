//! What can be seen at an instant, after what people did. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use regex::Regex;

use crate::world::names::{Person, YOU};
use crate::world::{
    Alert, Deployment, Ending, Failure, Issue, Matcher, Note, Release, Run, Service, Silence, Ticket, World,
};

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

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No worker has it.
    Queued,
    /// Somebody must approve.
    Waiting,
    /// Under way.
    Running,
    /// Ended well.
    Passed,
    /// Ended badly.
    Failed(Failure),
    /// Stopped, or not approved.
    Cancelled,
}

/// A run as it is seen.
#[derive(Debug, Clone, Copy)]
pub struct RunNow<'a> {
    /// What it is.
    pub plan: &'a Run,
    /// 1 for the first try.
    pub attempt: u32,
    /// How far this try has come.
    pub phase: Phase,
    /// When this try was asked for.
    pub asked: DateTime<Utc>,
    /// When a worker took it.
    pub begun: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// Last change.
    pub updated: DateTime<Utc>,
}

/// A report on a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// When.
    pub at: DateTime<Utc>,
    /// GitHub's word.
    pub state: &'static str,
    /// One line.
    pub text: String,
}

/// An issue as it is seen.
#[derive(Debug, Clone)]
pub struct IssueNow {
    /// What it is, its own comments among those below.
    pub plan: Issue,
    /// Labels, those of opened ones among them.
    pub labels: Vec<String>,
    /// Since when it is closed, and why.
    pub closed: Option<(DateTime<Utc>, String)>,
    /// What was said, oldest first.
    pub comments: Vec<Note>,
    /// Last change.
    pub updated: DateTime<Utc>,
}

/// An alert that is listed.
#[derive(Debug, Clone)]
pub struct AlertNow<'a> {
    /// What it is.
    pub plan: &'a Alert,
    /// Since when it fires.
    pub since: DateTime<Utc>,
    /// Silences that hold it.
    pub silenced_by: Vec<String>,
    /// Alerts that make it say nothing new.
    pub inhibited_by: Vec<String>,
}

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

/// One try of a run.
#[derive(Clone, Copy)]
struct Try {
    attempt: u32,
    asked: DateTime<Utc>,
    queue: TimeDelta,
    ending: Ending,
    cancelled: Option<DateTime<Utc>>,
    reviewed: Option<(DateTime<Utc>, bool)>,
}

impl Try {
    fn of(run: &Run) -> Self {
        Self {
            attempt: 1,
            asked: run.created,
            queue: run.queue,
            ending: run.ending,
            cancelled: None,
            reviewed: None,
        }
    }

    /// How far it has come, when it began and when it ended.
    fn at(
        &self,
        took: TimeDelta,
        now: DateTime<Utc>,
    ) -> (Phase, Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let taken = self.asked + self.queue;
        if let Some(at) = self.cancelled.filter(|at| *at <= now) {
            return (Phase::Cancelled, Some(taken).filter(|taken| *taken < at), Some(at));
        }
        if now < taken {
            return (Phase::Queued, None, None);
        }
        let begun = match (self.ending, self.reviewed.filter(|(at, _)| *at <= now)) {
            (Ending::Waits, None) => return (Phase::Waiting, Some(taken), None),
            (Ending::Waits, Some((at, false))) => return (Phase::Cancelled, Some(taken), Some(at)),
            (Ending::Waits, Some((at, true))) => at,
            _ => taken,
        };
        let end = begun + took;
        match self.ending {
            _ if now < end => (Phase::Running, Some(begun), None),
            Ending::Fails(failure) => (Phase::Failed(failure), Some(begun), Some(end)),
            Ending::Passes | Ending::Waits => (Phase::Passed, Some(begun), Some(end)),
        }
    }
}

impl<'a> Moment<'a> {
    fn deeds(&self) -> impl Iterator<Item = &'a Deed> + use<'a> {
        let now = self.now;
        self.deeds.iter().filter(move |deed| deed.at <= now)
    }

    /// Runs of a service, newest first.
    pub fn runs(&self, service: &'a Service) -> Vec<RunNow<'a>> {
        let mut runs: Vec<_> = service.runs.iter().filter_map(|run| self.run(run)).collect();
        runs.reverse();
        runs
    }

    /// A run. `None`: it does not exist yet.
    pub fn run(&self, plan: &'a Run) -> Option<RunNow<'a>> {
        if plan.created > self.now {
            return None;
        }
        let current = self.last_try(plan);
        let (phase, begun, ended) = current.at(plan.took, self.now);
        let updated = ended.or(begun).unwrap_or(current.asked);
        Some(RunNow { plan, attempt: current.attempt, phase, asked: current.asked, begun, ended, updated })
    }

    fn last_try(&self, plan: &Run) -> Try {
        self.deeds().fold(Try::of(plan), |mut current, deed| {
            let ended = current.at(plan.took, deed.at).2.is_some();
            match &deed.act {
                Act::Rerun { run } if *run == plan.id && ended => {
                    let ending = match current.ending {
                        Ending::Fails(Failure::Flaky) => Ending::Passes,
                        Ending::Waits => Ending::Passes,
                        same => same,
                    };
                    Try {
                        attempt: current.attempt + 1,
                        asked: deed.at,
                        queue: TimeDelta::seconds(4),
                        ending,
                        cancelled: None,
                        reviewed: None,
                    }
                }
                Act::Cancel { run } if *run == plan.id && !ended => {
                    current.cancelled = Some(deed.at + TimeDelta::seconds(2));
                    current
                }
                Act::Review { run, approved } if *run == plan.id && current.reviewed.is_none() => {
                    current.reviewed = Some((deed.at, *approved));
                    current
                }
                _ => current,
            }
        })
    }

    /// Deployments of a service, newest first.
    pub fn deployments(&self, service: &'a Service) -> Vec<&'a Deployment> {
        service.deployments.iter().rev().filter(|deployment| deployment.created <= self.now).collect()
    }

    /// What was reported on a deployment, oldest first.
    pub fn reports(&self, service: &Service, deployment: &Deployment) -> Vec<Report> {
        let mut reports = self.own_reports(service, deployment);
        if reports.iter().any(|report| report.state == "success") {
            let later = service.deployments.iter().filter(|other| {
                other.environment == deployment.environment
                    && (other.created, other.id) > (deployment.created, deployment.id)
            });
            let replaced = later
                .filter_map(|other| {
                    self.own_reports(service, other).into_iter().find(|report| report.state == "success")
                })
                .map(|report| report.at)
                .min();
            reports.extend(replaced.map(|at| Report { at, state: "inactive", text: String::new() }));
        }
        reports
    }

    fn own_reports(&self, service: &Service, deployment: &Deployment) -> Vec<Report> {
        let mut reports = Vec::new();
        let mut report = |at: DateTime<Utc>, state, text: &str| {
            if at <= self.now {
                reports.push(Report { at, state, text: text.to_owned() });
            }
        };
        report(deployment.created, "queued", "");
        let run = service.runs.iter().find(|run| Some(run.id) == deployment.run);
        let Some(current) = run.map(|run| self.last_try(run)) else { return reports };
        let (phase, begun, ended) = current.at(deployment.took, self.now);
        if deployment.ending == Ending::Waits {
            report(current.asked + current.queue, "waiting", "needs a review");
        }
        if phase == Phase::Waiting {
            return reports;
        }
        if let Some(begun) = begun {
            report(begun, "in_progress", "");
        }
        match (phase, ended) {
            (Phase::Passed, Some(at)) => report(at, "success", &deployment.description),
            (Phase::Failed(_), Some(at)) => report(at, "failure", "2 of 3 instances did not become healthy"),
            (Phase::Cancelled, Some(at)) => report(at, "error", "the run was stopped"),
            _ => {}
        }
        reports
    }

    /// Releases of a service, newest first.
    pub fn releases(&self, service: &'a Service) -> Vec<&'a Release> {
        service.releases.iter().rev().filter(|release| release.published <= self.now).collect()
    }

    /// Issues of a service, those opened by people among them, by number.
    pub fn issues(&self, index: usize, service: &Service) -> Vec<IssueNow> {
        let seen = service.issues.iter().filter(|issue| issue.created <= self.now);
        let planned = seen.map(|issue| self.issue(index, issue.clone(), Vec::new()));
        let next = service.issues.last().map_or(service.first_run, |issue| issue.number) + 1;
        let opened = self.deeds().filter_map(|deed| match &deed.act {
            Act::OpenIssue { service, title, body, labels } if *service == index => {
                Some((deed.at, title, body, labels))
            }
            _ => None,
        });
        let opened = opened.zip(next..).map(|((created, title, body, labels), number)| {
            let plan = Issue {
                number,
                title: title.clone(),
                body: body.clone(),
                labels: Vec::new(),
                author: &YOU,
                assignee: None,
                created,
                closed: None,
                comments: Vec::new(),
            };
            self.issue(index, plan, labels.clone())
        });
        planned.chain(opened).collect()
    }

    fn issue(&self, index: usize, plan: Issue, more: Vec<String>) -> IssueNow {
        let mut comments: Vec<Note> =
            plan.comments.iter().filter(|note| note.at <= self.now).cloned().collect();
        let mut closed = plan.closed.filter(|at| *at <= self.now).map(|at| (at, "completed".to_owned()));
        let mut updated = closed.as_ref().map(|(at, _)| *at).unwrap_or(plan.created);
        for deed in self.deeds() {
            match &deed.act {
                Act::CommentIssue { service, issue, text } if (*service, *issue) == (index, plan.number) => {
                    comments.push(Note { at: deed.at, author: &YOU, text: text.clone() });
                }
                Act::CloseIssue { service, issue, closed: close, reason }
                    if (*service, *issue) == (index, plan.number) =>
                {
                    closed = close.then(|| (deed.at, reason.clone()));
                    updated = updated.max(deed.at);
                }
                _ => {}
            }
        }
        comments.sort_by_key(|note| note.at);
        updated = comments.iter().map(|note| note.at).max().map_or(updated, |at| at.max(updated));
        let labels = plan.labels.iter().map(|label| (*label).to_owned()).chain(more).collect();
        IssueNow { plan, labels, closed, comments, updated }
    }

    /// Alerts that fire, with what holds them.
    pub fn alerts(&self) -> Vec<AlertNow<'a>> {
        let silences: Vec<(String, Vec<Condition>)> = self
            .silences()
            .into_iter()
            .filter(|silence| silence.starts <= self.now && self.now < silence.ends)
            .map(|silence| (silence.id, silence.matchers.iter().map(Condition::of).collect()))
            .collect();
        let since = |alert: &Alert| {
            alert
                .spans
                .iter()
                .find(|(from, until)| *from <= self.now && self.now < *until)
                .map(|(from, _)| *from)
        };
        let fires = |fingerprint: &String| {
            self.world.alerts.iter().any(|alert| alert.fingerprint == *fingerprint && since(alert).is_some())
        };
        let seen = |plan: &'a Alert| {
            let holds = |conditions: &[Condition]| conditions.iter().all(|condition| condition.holds(plan));
            Some(AlertNow {
                plan,
                since: since(plan)?,
                silenced_by: silences
                    .iter()
                    .filter(|(_, all)| holds(all))
                    .map(|(id, _)| id.clone())
                    .collect(),
                inhibited_by: plan.inhibited_by.iter().filter(|by| fires(by)).cloned().collect(),
            })
        };
        self.world.alerts.iter().filter_map(seen).collect()
    }

    /// Silences, also those that have ended within the last five days.
    pub fn silences(&self) -> Vec<Silence> {
        let planned = self.world.silences.iter().filter(|silence| silence.updated <= self.now).cloned();
        let mut silences: Vec<Silence> = planned.collect();
        for deed in self.deeds() {
            match &deed.act {
                Act::Silence(silence) => {
                    silences.retain(|other| other.id != silence.id);
                    silences.push(silence.clone());
                }
                Act::Expire { silence: id } => {
                    for silence in
                        silences.iter_mut().filter(|silence| silence.id == *id && silence.ends > deed.at)
                    {
                        (silence.ends, silence.updated) = (deed.at, deed.at);
                    }
                }
                _ => {}
            }
        }
        silences.retain(|silence| silence.ends > self.now - TimeDelta::days(5));
        silences
    }

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
        let status = steps.last().map_or(crate::world::NEW, |(_, status)| *status);
        let times = steps.iter().chain(&assigned).map(|(at, _)| *at).chain(notes.iter().map(|note| note.at));
        TicketNow {
            updated: times.max().unwrap_or(plan.created),
            closed: steps.last().filter(|(_, status)| *status >= crate::world::CLOSED).map(|(at, _)| *at),
            assignee: assigned.last().map(|(_, person)| *person).filter(|person| *person != 0),
            status,
            notes,
            plan,
        }
    }
}

/// A matcher, ready to be asked. One whose expression cannot be read matches nothing.
struct Condition {
    name: String,
    is_equal: bool,
    test: Result<String, Option<Regex>>,
}

impl Condition {
    fn of(matcher: &Matcher) -> Self {
        let test = match matcher.is_regex {
            false => Ok(matcher.value.clone()),
            true => Err(Regex::new(&format!("^(?:{})$", matcher.value)).ok()),
        };
        Self { name: matcher.name.clone(), is_equal: matcher.is_equal, test }
    }

    fn holds(&self, alert: &Alert) -> bool {
        let value = alert.labels.get(&self.name).map_or("", String::as_str);
        match &self.test {
            Ok(wanted) => (wanted == value) == self.is_equal,
            Err(Some(expression)) => expression.is_match(value) == self.is_equal,
            Err(None) => false,
        }
    }
}

/// The person of that number.
pub fn person(id: u32) -> Option<&'static Person> {
    crate::world::names::PEOPLE.iter().chain([&YOU]).find(|person| person.id == id)
}

/// Whether every matcher accepts an alert.
pub fn hold(matchers: &[Matcher], alert: &Alert) -> bool {
    matchers.iter().all(|matcher| Condition::of(matcher).holds(alert))
}
