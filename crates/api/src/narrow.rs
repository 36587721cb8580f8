//! What every view can be narrowed to: a service or an owner, an environment, a span of time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use qd_model::{Filter, Tier};
use qd_rules::deploys::{is_same, spelled};
use qd_store::{Entity, ListQuery, Order, Scope};

use crate::commands::Nothing;
use crate::plain::line;
use crate::view::{EnvironmentChoice, NarrowView, ServiceChoice};
use crate::{ApiError, App};

/// Entities that are looked at to tell to which services something happened.
const LOOKED_AT: u32 = 5_000;

impl App {
    /// Services, owners and environments that views can be narrowed to.
    ///
    /// # Errors
    /// The store failed.
    pub async fn narrow(&self, _: Nothing) -> Result<NarrowView, ApiError> {
        let names = self.names(&self.sources(None).await?).await?;
        let catalogue = self.catalogue();
        let mut services: BTreeMap<String, Option<String>> =
            names.services.into_iter().map(|name| (name, None)).collect();
        services
            .extend(catalogue.services().iter().map(|service| (service.name.clone(), service.owner.clone())));
        let owners: BTreeSet<String> =
            catalogue.services().iter().filter_map(|service| service.owner.as_deref().map(line)).collect();
        let configured = self.environments();
        let known = || names.environments.iter().map(String::as_str);
        // A query asks for all spellings of one at once.
        let one = |name: &str| spelled(known().filter(|other| is_same(other, name)), &configured);
        let spellings: BTreeSet<&str> = known().filter_map(one).collect();
        let mut environments: Vec<EnvironmentChoice> = spellings
            .into_iter()
            .map(|name| EnvironmentChoice { name: line(name), tier: Tier::infer(name) })
            .collect();
        environments.sort_by(|a, b| (a.tier, &a.name).cmp(&(b.tier, &b.name)));
        let choice = |(name, owner): (String, Option<String>)| ServiceChoice {
            name: line(&name),
            owner: owner.as_deref().map(line),
        };
        Ok(NarrowView {
            services: services.into_iter().map(choice).collect(),
            owners: owners.into_iter().collect(),
            environments,
        })
    }

    /// Reads a query, with the services of each owner in the owner's place.
    pub(crate) fn filter(&self, query: &str) -> Result<Filter, ApiError> {
        let catalogue = self.catalogue();
        let owned_by = |owner: &str| {
            let owns =
                |name: &Option<String>| name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(owner));
            let owned = catalogue.services().iter().filter(|service| owns(&service.owner));
            owned.map(|service| service.name.clone()).collect()
        };
        Ok(Filter::parse(query)?.with_owners(owned_by))
    }

    /// Entities that a filter with a span of time leaves. `None`: it asks for no span.
    pub(crate) async fn within_span(
        &self,
        filter: &Filter,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Option<Vec<Entity>>, ApiError> {
        if !filter.has_span() {
            return Ok(None);
        }
        let query = ListQuery {
            kinds: Vec::new(),
            scope: Scope::All,
            filter: filter.clone(),
            as_of,
            now: as_of.unwrap_or_else(|| self.now()),
            order: Order::Newest,
            offset: 0,
            limit: LOOKED_AT,
        };
        Ok(Some(self.inner.parts.store.list(&query).await?.items))
    }
}
