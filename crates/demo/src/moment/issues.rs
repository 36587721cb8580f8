//! Issues.

use chrono::{DateTime, Utc};

use super::{Act, Moment};
use crate::world::names::YOU;
use crate::world::{Issue, Note, Service};

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

impl Moment<'_> {
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
}
