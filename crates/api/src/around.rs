//! What else is known that concerns one entity.

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::{Alert, EntityId, Fact, Kind, Ticket};
use qd_rules::during::during;
use qd_rules::flap::flap;
use qd_store::Entity;

use crate::board::{during_view, inhibitor};
use crate::rows::row;
use crate::sources::Sources;
use crate::view::{Around, FlapView};
use crate::{ApiError, App};

/// Clocks are never quite equal: a begin this little ahead of ours is now.
const TOLERANCE: TimeDelta = TimeDelta::seconds(5);

impl App {
    /// What else is known that concerns an entity.
    pub(crate) async fn around(
        &self,
        entity: &Entity,
        sources: &Sources,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Around, ApiError> {
        match &entity.fact {
            Fact::Alert(alert) => self.around_alert(alert, entity, sources, as_of).await,
            Fact::Ticket(ticket) => self.around_ticket(ticket, entity, sources, as_of).await,
            Fact::Run(_) | Fact::Deployment(_) => Ok(Around::default()),
        }
    }

    async fn around_alert(
        &self,
        alert: &Alert,
        entity: &Entity,
        sources: &Sources,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Around, ApiError> {
        let store = &self.inner.parts.store;
        let own = &alert.origin.id;
        let now = as_of.unwrap_or(sources.now);
        let beside = self.beside(as_of).await?;
        let mut siblings = Vec::new();
        let others = sources
            .list
            .iter()
            .filter(|source| *source.id() != own.source && source.descriptor().kinds.contains(&Kind::Alert));
        for source in others {
            let id = EntityId::new(source.id(), Kind::Alert, &own.native);
            let found = store.get(&id, as_of).await?;
            let same = |entity: &Entity| matches!(&entity.fact, Fact::Alert(other) if other.fingerprint == alert.fingerprint);
            siblings.extend(found.filter(same).map(|entity| row(&entity, sources, &beside)));
        }
        let mut inhibitors = Vec::new();
        for print in alert.inhibited_by.iter().take(20) {
            let found = store.get(&EntityId::new(&own.source, Kind::Alert, print), as_of).await?;
            inhibitors.push(inhibitor(print, found.as_ref()));
        }
        let history = store.history(own).await?;
        let changes = history.iter().map(|it| (it.from.as_deref(), it.to.as_str(), it.at));
        let ahead = alert.starts_at.map(|at| at - now).filter(|ahead| *ahead > TOLERANCE);
        let health = sources.get(&own.source).map(|source| &source.report.health);
        Ok(Around {
            siblings,
            flap: flap(changes, now).map(|it| FlapView { per_hour: it.per_hour, last: it.last }),
            inhibitors,
            during: None,
            likely: self.likely(alert, entity, sources, as_of).await?,
            ahead_secs: ahead.and_then(|ahead| u32::try_from(ahead.num_seconds()).ok()),
            clock_skew_secs: health
                .and_then(|health| health.clock_skew_secs)
                .and_then(|secs| i32::try_from(secs).ok()),
        })
    }

    async fn around_ticket(
        &self,
        ticket: &Ticket,
        entity: &Entity,
        sources: &Sources,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Around, ApiError> {
        let spans = self.alert_spans(sources.now, as_of).await?;
        Ok(Around { during: during(ticket, &entity.links, &spans).map(during_view), ..Around::default() })
    }
}
