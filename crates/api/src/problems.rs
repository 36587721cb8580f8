//! Everything that failed or belongs to no service, in one list.

use qd_model::{Filter, HealthState, Kind};
use qd_store::ListQuery;

use crate::commands::Nothing;
use crate::plain::plain;
use crate::rows::count;
use crate::sources::{Source, Sources, health};
use crate::view::{Notice, ProblemView};
use crate::{ApiError, App};

/// The query that lists what belongs to no service.
const UNMATCHED: &str = "service:none";

impl App {
    /// Everything that failed or belongs to no service, worst first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn problems(&self, _: Nothing) -> Result<Vec<ProblemView>, ApiError> {
        let sources = self.sources(None).await?;
        let notices = self.config_problems();
        let mut problems: Vec<ProblemView> = notices.iter().map(config).collect();
        let told = |source: &&Source| {
            let about = format!("connection '{}':", source.id());
            notices.iter().any(|notice| notice.message.starts_with(&about))
        };
        let failing = sources.list.iter().filter(|source| fails(source, &sources) && !told(source));
        problems.extend(failing.map(|source| ProblemView::Source {
            source: source.id().to_string(),
            backend_name: source.descriptor().name.to_owned(),
            health: health(&source.report.health, sources.current(source.id())),
        }));
        problems.extend(sources.list.iter().flat_map(unread));
        problems.extend(self.unmatched(&sources).await?);
        problems.extend(self.remembered(&sources).await?);
        problems.sort_by_key(weight);
        Ok(problems)
    }

    /// What is current and belongs to no service, by kind.
    async fn unmatched(&self, sources: &Sources) -> Result<Vec<ProblemView>, ApiError> {
        let filter = self.of_configured(Filter::parse(UNMATCHED)?, sources).await?;
        let mut found = Vec::new();
        for kind in Kind::ALL {
            let query =
                ListQuery { filter: filter.clone(), limit: 1, ..ListQuery::current(kind, self.now()) };
            let total = self.inner.parts.store.list(&query).await?.total;
            if total > 0 {
                found.push(ProblemView::Unmatched { kind, count: count(total), query: UNMATCHED.to_owned() });
            }
        }
        Ok(found)
    }
}

/// Whether a source does not give what it should. One that was not asked yet, or that the person paused, does.
fn fails(source: &Source, sources: &Sources) -> bool {
    match source.report.health.state {
        HealthState::New | HealthState::Paused => false,
        HealthState::Fresh => !sources.current(source.id()),
        _ => true,
    }
}

fn unread(source: &Source) -> impl Iterator<Item = ProblemView> {
    let problem =
        |text: &String| ProblemView::Unread { source: source.id().to_string(), message: plain(text) };
    source.report.problems.iter().map(problem)
}

fn config(notice: &Notice) -> ProblemView {
    ProblemView::Config {
        broken: notice.code == "config_broken",
        message: notice.message.clone(),
        file: notice.file.clone(),
        line: notice.line,
    }
}

/// What keeps the most from being seen first.
fn weight(problem: &ProblemView) -> u8 {
    match problem {
        ProblemView::Config { broken: true, .. } => 0,
        ProblemView::Source { .. } => 1,
        ProblemView::Unread { .. } => 2,
        ProblemView::Config { broken: false, .. } => 3,
        ProblemView::Unmatched { .. } => 4,
    }
}
