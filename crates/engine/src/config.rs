//! What the person configured, as far as it concerns the engine.

use std::time::Duration;

use chrono::TimeDelta;
use qd_connector::{Backend, Backfill, Settings};
use qd_model::SourceId;
use qd_rules::Catalogue;

/// One connection as configured.
#[derive(Clone)]
pub struct ConnectionSpec {
    /// Which backend.
    pub backend: &'static dyn Backend,
    /// Its settings.
    pub settings: Settings,
    /// The credential's reference: `keychain`, `env:NAME`, `gh`, `none`.
    pub credential: String,
}

impl ConnectionSpec {
    /// The connection's id.
    pub fn id(&self) -> &SourceId {
        &self.settings.source
    }

    /// The idle poll interval: as configured, else the backend's own.
    pub fn interval(&self) -> Duration {
        self.settings.interval.unwrap_or(self.backend.descriptor().interval)
    }

    /// Whether both read the same of the same server: what one found may be kept as the other's.
    pub fn reads_the_same(&self, other: &Self) -> bool {
        let of = |spec: &Self| {
            (spec.backend.descriptor().backend, spec.settings.url.clone(), spec.settings.own.clone())
        };
        of(self) == of(other)
    }

    /// Whether both ask the same backend for the same in the same way.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        let of = |spec: &Self| {
            let settings = &spec.settings;
            (
                spec.backend.descriptor().backend,
                settings.url.clone(),
                settings.interval,
                settings.ca_file.clone(),
                settings.own.clone(),
                spec.credential.clone(),
            )
        };
        of(self) == of(other)
    }
}

/// Everything the person configured that concerns the engine.
#[derive(Clone, Default)]
pub struct EngineConfig {
    /// The connections.
    pub connections: Vec<ConnectionSpec>,
    /// The services.
    pub catalogue: Catalogue,
    /// Share of a backend's quota that may be used, 0 to 1.
    pub budget_share: f32,
    /// How far back a first poll goes.
    pub backfill: Backfill,
    /// How long history is kept.
    pub retention: Option<TimeDelta>,
}
