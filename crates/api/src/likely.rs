//! The deployment that came shortly before an alert.

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::filter::{Field, Term, Test};
use qd_model::{Alert, Fact, Kind};
use qd_rules::likely::{Known, Likely, WINDOW, likely};
use qd_store::Entity;

use crate::plain::line;
use crate::rows::count;
use crate::services::exactly;
use crate::sources::Sources;
use crate::view::LikelyView;
use crate::{ApiError, App};

/// Deployments of one service that are looked at.
const LOOKED_AT: u32 = 100;

impl App {
    /// The deployment that came shortly before an alert, where that is known for sure.
    pub(crate) async fn likely(
        &self,
        alert: &Alert,
        entity: &Entity,
        sources: &Sources,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Option<LikelyView>, ApiError> {
        let (Some(service), Some(start)) = (&entity.links.service, alert.starts_at) else { return Ok(None) };
        let newest = exactly(Kind::Deployment, &[(Field::Service, &service.name)], LOOKED_AT, sources.now);
        let mut before = newest.clone();
        let span = Test::During { from: start - WINDOW, to: start + TimeDelta::seconds(1) };
        before.filter.terms.push(Term { negated: false, test: span });
        let store = &self.inner.parts.store;
        // The newest tell which sources deploy the service, however long ago the alert began.
        let mut found = Vec::new();
        for mut query in [newest, before] {
            query.as_of = as_of;
            let items = store.list(&query).await?.items;
            let new: Vec<Entity> = items
                .into_iter()
                .filter(|entity| !found.iter().any(|known: &Entity| known.fact.id() == entity.fact.id()))
                .collect();
            found.extend(new);
        }
        let known: Vec<Known<'_>> = found.iter().filter_map(|entity| known(entity, sources)).collect();
        Ok(likely(alert, &entity.links, &known).map(|it| view(&it, &known)))
    }
}

fn known<'a>(entity: &'a Entity, sources: &Sources) -> Option<Known<'a>> {
    let Fact::Deployment(deployment) = &entity.fact else { return None };
    // What its backend does not list any more is nothing to look at.
    let current = sources.current(&deployment.origin.id.source);
    entity.gone_at.is_none().then_some(Known { deployment, links: &entity.links, current })
}

fn view(likely: &Likely<'_>, known: &[Known<'_>]) -> LikelyView {
    let deployment = likely.deployment;
    let environment = known
        .iter()
        .find(|it| it.deployment.origin.id == deployment.origin.id)
        .and_then(|it| it.links.environment.as_deref());
    LikelyView {
        id: deployment.origin.id.to_string(),
        version: Some(line(&deployment.version)).filter(|version| !version.is_empty()),
        environment: environment.map(line),
        author: deployment.initiator.as_deref().map(line),
        // Its source is current, or nothing would be claimed.
        status: deployment.signal().status,
        began: likely.began,
        before_secs: u32::try_from(likely.before.num_seconds()).unwrap_or(0),
        others: count(likely.others as u64),
    }
}
