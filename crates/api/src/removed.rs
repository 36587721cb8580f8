//! What connections told that are configured no longer: it stays in the history, and stands for nothing now.

use qd_model::filter::{Field, Term, Test};
use qd_model::{Filter, Kind};
use qd_store::{ListQuery, Scope};

use crate::plain::line;
use crate::sources::Sources;
use crate::view::ProblemView;
use crate::{ApiError, App};

impl App {
    /// A filter that leaves out what removed connections told, so that pages and totals are right without it. It is the
    /// same as before, and as fast, when there are none.
    pub(crate) async fn of_configured(
        &self,
        mut filter: Filter,
        sources: &Sources,
    ) -> Result<Filter, ApiError> {
        let removed = self.removed(sources).await?;
        if !removed.is_empty() {
            filter.terms.push(Term { negated: true, test: Test::Is(Field::Source, removed) });
        }
        Ok(filter)
    }

    /// Sources that ever told something and are not configured.
    async fn removed(&self, sources: &Sources) -> Result<Vec<String>, ApiError> {
        let mut told = self.inner.parts.store.values(Field::Source).await?;
        told.retain(|id| !sources.list.iter().any(|source| source.id().as_str() == id));
        told.sort_unstable();
        told.dedup();
        Ok(told)
    }

    /// Removed connections of which something is stored, as one problem. `None`: there are none.
    pub(crate) async fn remembered(&self, sources: &Sources) -> Result<Option<ProblemView>, ApiError> {
        let mut names = Vec::new();
        for id in self.removed(sources).await? {
            let told_by = Term { negated: false, test: Test::Is(Field::Source, vec![id.clone()]) };
            let query = ListQuery {
                kinds: Vec::new(),
                scope: Scope::All,
                filter: Filter { terms: vec![told_by] },
                limit: 1,
                ..ListQuery::current(Kind::Run, sources.now)
            };
            if !self.inner.parts.store.list(&query).await?.items.is_empty() {
                names.push(line(&id));
            }
        }
        let message = match names.as_slice() {
            [] => return Ok(None),
            [one] => format!(
                "connection {one} is no longer configured: lists leave out what it told, its history is kept"
            ),
            more => format!(
                "{} connections are no longer configured: lists leave out what they told, their history is kept ({})",
                more.len(),
                more.join(", ")
            ),
        };
        let file = Some(self.paths().config.display().to_string());
        Ok(Some(ProblemView::Config { broken: false, message, file, line: None }))
    }
}
