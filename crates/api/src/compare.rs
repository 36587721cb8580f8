//! Two versions compared, asked of the backend on demand.

use qd_connector::compare::revision_of;
use qd_connector::{Commit, Comparison, TicketRef};
use qd_engine::Version;
use qd_model::{DeploymentStatus, EntityId, Fact, Status};
use qd_store::LinePart;

use crate::plain::line;
use crate::view::{CommitView, CompareReq, CompareView, TicketRefView};
use crate::{ApiError, App, checked_link};

/// A reference longer than this is none.
const LONGEST: usize = 250;
/// The last good one is looked for among so many.
const DEPTH: u32 = 100;

impl App {
    /// What lies between two versions. `None`: the backend cannot tell.
    ///
    /// # Errors
    /// [`ApiError`]: `refused` when one of the two has no commit, or the backend does not know it.
    pub async fn compare(&self, request: CompareReq) -> Result<Option<CompareView>, ApiError> {
        let to = self.version(&request.to)?;
        let from = match (&request.from, &to) {
            (Some(from), _) => self.find(&from.parse()?, None).await?.fact,
            (None, Version::Entity(id)) => self.predecessor(id).await?,
            (None, Version::Reference(_)) => {
                return Err(ApiError::new("bad_request", "name what it is to be compared with"));
            }
        };
        let Some(comparison) = self.inner.engine.compare(from.id(), &to).await? else { return Ok(None) };
        let mut tickets = Vec::with_capacity(comparison.tickets.len());
        for ticket in &comparison.tickets {
            tickets.push(self.ticket_ref(ticket).await?);
        }
        Ok(Some(self.comparison(&from, &comparison, tickets)))
    }

    /// The last one before it on its line that was good or went live.
    async fn predecessor(&self, id: &EntityId) -> Result<Fact, ApiError> {
        let earlier = self.inner.parts.store.line(id, LinePart::Before, DEPTH).await?;
        let good = earlier.into_iter().map(|entity| entity.fact).find(was_good);
        good.ok_or_else(|| {
            let message = "Nothing before it on the same line passed or went live, as far as is known; name what it is \
                           to be compared with.";
            ApiError::new("not_found", message)
        })
    }

    /// An entity of a connection there is, else a branch, tag or commit: those may have slashes, too.
    fn version(&self, text: &str) -> Result<Version, ApiError> {
        if let Ok(id) = text.parse::<EntityId>()
            && self.entries().iter().any(|entry| entry.id == id.source)
        {
            return Ok(Version::Entity(id));
        }
        let reference = text.trim();
        let unfit = |c: char| c.is_whitespace() || c.is_control();
        if reference.is_empty() || reference.len() > LONGEST || reference.contains(unfit) {
            let message = "compare with a run, a deployment, a branch, a tag or a commit";
            return Err(ApiError::new("bad_request", message));
        }
        Ok(Version::Reference(reference.to_owned()))
    }

    fn comparison(&self, from: &Fact, comparison: &Comparison, tickets: Vec<TicketRefView>) -> CompareView {
        let commits: Vec<CommitView> = comparison.commits.iter().map(|commit| self.commit(commit)).collect();
        let mut authors: Vec<String> = Vec::new();
        for author in commits.iter().filter_map(|commit| commit.author.as_ref()) {
            if !authors.contains(author) {
                authors.push(author.clone());
            }
        }
        CompareView {
            from: from.id().to_string(),
            from_title: line(&name_of(from)),
            base: line(&comparison.base),
            head: line(&comparison.head),
            ahead_by: comparison.ahead_by.map(narrow),
            behind_by: comparison.behind_by.map(narrow),
            commits,
            authors,
            files_changed: comparison.files_changed.map(narrow),
            tickets,
            truncated: comparison.truncated,
            url: self.openable(comparison.url.as_deref()),
            at: self.now(),
        }
    }

    fn commit(&self, commit: &Commit) -> CommitView {
        CommitView {
            sha: line(&commit.sha),
            title: line(&commit.title),
            author: commit.author.as_deref().map(line),
            at: commit.at,
            url: self.openable(commit.url.as_deref()),
        }
    }

    /// A named ticket with what is known of it.
    async fn ticket_ref(&self, ticket: &TicketRef) -> Result<TicketRefView, ApiError> {
        let known = match &ticket.id {
            Some(id) => self.inner.parts.store.get(id, None).await?,
            None => None,
        };
        Ok(TicketRefView {
            key: line(&ticket.key),
            id: known.as_ref().map(|entity| entity.fact.id().to_string()),
            title: known.as_ref().map(|entity| line(entity.fact.title())),
            status: known.as_ref().map(|entity| entity.fact.signal().status),
            url: self.openable(ticket.url.as_deref()),
        })
    }

    /// An address that passes the checks for links.
    fn openable(&self, url: Option<&str>) -> Option<String> {
        checked_link(url?, &self.own_addresses()).ok().map(String::from)
    }
}

/// Whether a run passed with a known commit, or a deployment was live with one.
fn was_good(fact: &Fact) -> bool {
    let good = match fact {
        Fact::Deployment(deployment) => {
            matches!(deployment.status.state, DeploymentStatus::Succeeded | DeploymentStatus::Superseded)
        }
        other => other.signal().status == Status::Ok,
    };
    good && revision_of(fact).is_some()
}

/// What people call this run or version.
fn name_of(fact: &Fact) -> String {
    match fact {
        Fact::Run(run) => run.number(),
        other => other.title().to_owned(),
    }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
