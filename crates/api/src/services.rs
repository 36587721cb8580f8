//! Services that were guessed, and how to write them down.

use qd_model::{Fact, Filter, Kind, Service, filter};
use qd_rules::link::proposal;
use qd_store::{Entity, ListQuery, Order, Scope};
use serde::Deserialize;
use ts_rs::TS;

use crate::config::{add_service, service_text};
use crate::plain::line;
use crate::view::{Done, ServiceDraftView};
use crate::{ApiError, App};

/// A service by name.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ServiceReq {
    /// Its name.
    pub name: String,
}

/// A guessed service that is to be made certain.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ServiceSaveReq {
    /// Its name.
    pub name: String,
    /// What the person was shown: refused when it would be something else by now.
    pub toml: String,
}

/// Entities of each kind that are looked at to see what a service was guessed from.
const LOOKED_AT: u32 = 200;

impl App {
    /// What would be written into the configuration to make a guessed service certain.
    ///
    /// # Errors
    /// Nothing is guessed to belong to it.
    pub async fn service_draft(&self, request: ServiceReq) -> Result<ServiceDraftView, ApiError> {
        let service = self.proposed(&request.name).await?;
        Ok(ServiceDraftView { file: self.paths().config.display().to_string(), toml: service_text(&service) })
    }

    /// Writes it, comments kept, and links everything anew.
    ///
    /// # Errors
    /// It is no longer what was shown, or the file could not be written. Nothing was changed then.
    pub async fn service_save(&self, request: ServiceSaveReq) -> Result<Done, ApiError> {
        let _guard = self.inner.editing.lock().await;
        let service = self.proposed(&request.name).await?;
        if service_text(&service) != request.toml {
            return Err(ApiError::new(
                "stale_view",
                "More has been seen of this service meanwhile. Look at what would be written now, then save.",
            ));
        }
        add_service(&self.paths().config, &service)?;
        self.reload().await?;
        Ok(Done { message: format!("Wrote {} into {}.", line(&service.name), self.paths().config.display()) })
    }

    async fn proposed(&self, name: &str) -> Result<Service, ApiError> {
        if self.catalogue().service(name).is_some() {
            return Err(ApiError::new("refused", format!("“{}” is written down already.", line(name))));
        }
        let mut facts: Vec<Fact> = Vec::new();
        for kind in Kind::ALL {
            let guessed = self
                .of_service(kind, name)
                .await?
                .into_iter()
                .filter(|entity| entity.links.service.as_ref().is_some_and(|service| service.inferred));
            facts.extend(guessed.map(|entity| entity.fact));
        }
        let service = proposal(name, facts.iter());
        if service.repositories.is_empty() && service.projects.is_empty() && service.labels.is_empty() {
            return Err(ApiError::new(
                "not_found",
                format!("Nothing is guessed to belong to “{}”, so there is nothing to write.", line(name)),
            ));
        }
        Ok(service)
    }

    /// The newest entities of a kind that belong to a service.
    async fn of_service(&self, kind: Kind, name: &str) -> Result<Vec<Entity>, ApiError> {
        let terms = vec![(filter::Field::Service, name)];
        let page = self.inner.parts.store.list(&exactly(kind, &terms, LOOKED_AT, self.now())).await?;
        Ok(page.items.into_iter().filter(|entity| belongs(entity, name)).collect())
    }
}

/// The newest of a kind whose fields have these values. A filter reads `*` and ignores case, so the answer may hold more.
pub(crate) fn exactly(
    kind: Kind,
    values: &[(filter::Field, &str)],
    limit: u32,
    now: chrono::DateTime<chrono::Utc>,
) -> ListQuery {
    let term = |(field, value): &(filter::Field, &str)| filter::Term {
        negated: false,
        test: filter::Test::Is(*field, vec![(*value).to_owned()]),
    };
    ListQuery {
        scope: Scope::All,
        order: Order::Newest,
        filter: Filter { terms: values.iter().map(term).collect() },
        limit,
        ..ListQuery::current(kind, now)
    }
}

/// Whether an entity belongs to the service of this very name.
pub(crate) fn belongs(entity: &Entity, name: &str) -> bool {
    entity.links.service.as_ref().is_some_and(|service| service.name == name)
}
