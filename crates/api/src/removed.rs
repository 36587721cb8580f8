//! What connections told that are configured no longer: it stays in the history, and stands for nothing now.

use qd_model::filter::{Field, Term, Test};
use qd_model::{Filter, Kind, SourceId};
use qd_store::{Entity, ListQuery, Recent, Scope, TimelineQuery, Transition};

use crate::plain::line;
use crate::sources::Sources;
use crate::view::ProblemView;
use crate::{ApiError, App};

/// Transitions that are looked through when some of them are of removed connections.
const LOOKED_AT: u32 = 5_000;

/// What current entities are of.
pub(crate) struct Names {
    /// Their services.
    pub services: Vec<String>,
    /// Their environments.
    pub environments: Vec<String>,
}

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
            let removed = removed.iter().map(ToString::to_string).collect();
            filter.terms.push(Term { negated: true, test: Test::Is(Field::Source, removed) });
        }
        Ok(filter)
    }

    /// Sources that ever told something and are not configured.
    pub(crate) async fn removed(&self, sources: &Sources) -> Result<Vec<SourceId>, ApiError> {
        let told = self.inner.parts.store.values(Field::Source).await?;
        let mut told: Vec<SourceId> = told.iter().filter_map(|id| id.parse().ok()).collect();
        told.retain(|id| !sources.knows(id));
        told.sort_unstable();
        told.dedup();
        Ok(told)
    }

    /// Transitions of what configured connections told, newest first. With removed ones about, so many of the newest are
    /// looked through that theirs do not push out the others.
    pub(crate) async fn transitions(
        &self,
        query: TimelineQuery,
        sources: &Sources,
    ) -> Result<Vec<Transition>, ApiError> {
        let limit = query.limit;
        let read = if self.removed(sources).await?.is_empty() { limit } else { limit.max(LOOKED_AT) };
        let mut found = self.inner.parts.store.timeline(&TimelineQuery { limit: read, ..query }).await?;
        found.retain(|transition| sources.knows(&transition.id.source));
        found.truncate(limit as usize);
        Ok(found)
    }

    /// The names that current entities of configured connections have as a service or an environment, in the order of
    /// the alphabet.
    pub(crate) async fn names(&self, sources: &Sources) -> Result<Names, ApiError> {
        let store = &self.inner.parts.store;
        if self.removed(sources).await?.is_empty() {
            let (services, environments) =
                (store.names(Field::Service).await?, store.names(Field::Env).await?);
            return Ok(Names { services, environments });
        }
        let mut told = store.current(Recent::none(), None).await?;
        told.retain(|entity| sources.knows(&entity.fact.id().source));
        let sorted = |name: fn(&Entity) -> Option<String>| {
            let mut names: Vec<String> = told.iter().filter_map(name).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        Ok(Names {
            services: sorted(|entity| Some(entity.links.service.as_ref()?.name.clone())),
            environments: sorted(|entity| entity.links.environment.clone()),
        })
    }

    /// Removed connections of which something is stored, as one problem. `None`: there are none.
    pub(crate) async fn remembered(&self, sources: &Sources) -> Result<Option<ProblemView>, ApiError> {
        let mut names = Vec::new();
        for id in self.removed(sources).await? {
            let id = id.to_string();
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
