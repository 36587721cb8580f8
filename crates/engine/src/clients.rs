//! The HTTP client of a connection: with its credential, its certificate authority, its cache and the budget it shares.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use qd_connector::http::{Budget, EtagCache, Http, HttpConfig, Limits};
use qd_connector::{PollCx, Secret};
use qd_model::HealthState;

use crate::config::ConnectionSpec;
use crate::engine::Shared;
use crate::etags::StoredEtags;
use crate::failure;
use crate::source::Source;

impl Shared {
    /// What a poll or an action of this source may use. Reads the credential when it is not at hand.
    pub async fn context(&self, source: &Source) -> Result<PollCx, HealthState> {
        let http = match source.with(|state| state.http.clone()) {
            Some(http) => http,
            None => {
                let etags = StoredEtags::new(self.parts.store.clone(), source.spec.id().clone());
                let http = self.client(&source.spec, None, Arc::new(etags)).await?;
                source.with(|state| {
                    state.counted = (0, 0);
                    state.http = Some(http.clone());
                });
                http
            }
        };
        let backfill = self.config.read().unwrap_or_else(PoisonError::into_inner).backfill;
        let cancel = source.cancel.child_token();
        Ok(PollCx {
            http: http.with_cancel(cancel.clone()),
            cancel,
            clock: self.parts.clock.clone(),
            backfill,
        })
    }

    /// A client for a connection. `secret`: use this one instead of the reference's (for "Test connection").
    pub async fn client(
        &self,
        spec: &ConnectionSpec,
        secret: Option<Secret>,
        cache: Arc<dyn EtagCache>,
    ) -> Result<Http, HealthState> {
        let secret = match secret {
            Some(secret) => Some(secret),
            None => self.secret(spec).await?,
        };
        let auth = spec
            .backend
            .auth(secret)
            .map_err(|_| HealthState::NeedsSignIn { reason: "bad_credential".into() })?;
        let ca_pem = match &spec.settings.ca_file {
            Some(path) => Some(read_ca(path).await?),
            None => None,
        };
        let config = HttpConfig {
            base: spec.settings.url.clone(),
            auth,
            ca_pem,
            limits: Limits::default(),
            cache,
            budget: self.budget(spec),
            clock: self.parts.clock.clone(),
            user_agent: concat!("quarterdeck/", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        Http::new(config).map_err(|error| error.health())
    }

    async fn secret(&self, spec: &ConnectionSpec) -> Result<Option<Secret>, HealthState> {
        let optional = spec.backend.descriptor().credential.optional;
        let host = spec.settings.url.host_str();
        match self.parts.credentials.resolve(spec.id(), &spec.credential, host).await {
            Ok(None) if !optional => Err(failure::missing(spec)),
            Ok(secret) => Ok(secret),
            Err(error) => Err(failure::unresolved(error.code, spec)),
        }
    }

    /// The budget that all connections to one host with one credential share.
    fn budget(&self, spec: &ConnectionSpec) -> Arc<Budget> {
        let share = self.config.read().unwrap_or_else(PoisonError::into_inner).budget_share;
        let credential = if spec.credential == "keychain" { spec.id().as_str() } else { &spec.credential };
        let key = format!("{} {credential}", spec.settings.url.origin().ascii_serialization());
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.entry(key).or_insert_with(|| Arc::new(Budget::new(share, self.parts.clock.clone()))).clone()
    }
}

async fn read_ca(path: &Path) -> Result<Vec<u8>, HealthState> {
    tokio::fs::read(path).await.map_err(|error| HealthState::Misconfigured {
        what: format!("ca_file {} cannot be read: {error}", path.display()),
    })
}
