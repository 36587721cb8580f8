//! What runs where, how far the environments are apart, and how each came where it is.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::filter::Field;
use qd_model::{Deployment, EntityId, Fact, Filter, Kind, Seen, Status, Tier};
use qd_rules::deploys::{comes_from, is_same, same, spell, steps};
use qd_rules::{Drift, EnvironmentState, Judged, ServiceState, drift, order_environments, roll_up};
use qd_store::{Entity, ListQuery, Recent};
use serde::Deserialize;
use ts_rs::TS;

use crate::overview::{asking, cell, judged, named};
use crate::plain::line;
use crate::rows::{count, row};
use crate::services::{belongs, exactly};
use crate::view::{DeploymentStep, DeploymentsView, DriftView, EnvHead, MatrixRow, MatrixView};
use crate::{ApiError, App};

/// A window of the matrix.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct MatrixReq {
    /// Query; empty: everything.
    #[serde(default)]
    pub query: String,
    /// As of then. `None`: now.
    pub as_of: Option<DateTime<Utc>>,
    /// First row.
    #[serde(default)]
    pub offset: u32,
    /// Rows, at most 200.
    pub limit: u32,
    /// Answer `unchanged` when nothing changed since.
    pub seen_seq: Option<u64>,
}

/// The deployments of one service to one environment.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct DeploymentsReq {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// As of then. `None`: now.
    pub as_of: Option<DateTime<Utc>>,
}

/// Rows of one answer.
const MOST: u32 = 200;
/// Deployments of one line that are looked at.
const HISTORY: u32 = 50;
/// Deployments of each line in which what is live is looked for, when the latest did not succeed.
const RECENT: u32 = 10;

impl App {
    /// What runs where: a window of services, each with its environments.
    ///
    /// # Errors
    /// The query cannot be read, or the store failed.
    pub async fn matrix(&self, request: MatrixReq) -> Result<MatrixView, ApiError> {
        let filter = self.filter(&request.query)?;
        self.inner.engine.watch(Some(Kind::Deployment));
        let sources = self.sources_within(&filter, request.as_of).await?;
        let store = &self.inner.parts.store;
        let seq = self.view_seq(store.seq().await?, &sources);
        let views = sources.views(Some(Kind::Deployment));
        if request.as_of.is_none() && request.seen_seq == Some(seq) {
            return Ok(MatrixView { unchanged: true, sources: views, seq, ..empty() });
        }
        let of = Arc::new(|fact: &Fact| fact.kind() == Kind::Deployment);
        let entities = store.current(Recent { runs: RECENT, of }, request.as_of).await?;
        let told = |entity: &&Entity| {
            entity.fact.kind() == Kind::Deployment && sources.knows(&entity.fact.id().source)
        };
        let deployments: Vec<&Entity> = entities.iter().filter(told).collect();
        let now = request.as_of.unwrap_or(sources.now);
        // A span of time leaves the services to which something happened then; what runs is told as of now.
        let happened = self.within_span(&filter, request.as_of).await?;
        let filter = filter.without_spans();
        let everything: Vec<Judged<'_>> = deployments.iter().map(|entity| judged(entity)).collect();
        let firing = entities
            .iter()
            .filter(|entity| entity.fact.kind() == Kind::Alert && sources.knows(&entity.fact.id().source));
        // A version that went out well is not all there is to say of a service whose alerts fire.
        let judged: Vec<Judged<'_>> = everything.iter().copied().chain(firing.map(judged)).collect();
        // A filter chooses the services, and by their environments the columns. What runs in a cell is told of all that
        // was deployed there: a deployment that failed is not left out for one that succeeded before it.
        let mut services = roll_up(&judged, &self.catalogue(), &sources.trust());
        spell(&mut services, &self.environments());
        services.retain(|service| !service.environments.is_empty());
        let unfiltered = services.len();
        let wanted = passing(&filter, &everything, now);
        let chosen = named(&wanted);
        services.retain(|service| chosen.contains(service.name.as_str()));
        if let Some(happened) = &happened {
            let touched = |name: &str| happened.iter().any(|entity| belongs(entity, name));
            services.retain(|service| touched(&service.name));
        }
        // Before columns are left out: a version may come from one of those.
        let drifts = self.drifts(&services, request.as_of).await?;
        let columns = passing(&filter.of_environments(), &everything, now);
        for service in &mut services {
            service.environments.retain(|environment| in_column(&columns, &service.name, &environment.name));
        }
        let names = self.columns(&services);
        let all: Vec<MatrixRow> =
            services.iter().map(|service| matrix_row(service, &names, &drifts)).collect();
        let window = all.iter().skip(request.offset as usize).take(request.limit.min(MOST) as usize);
        Ok(MatrixView {
            unchanged: false,
            environments: names
                .iter()
                .map(|name| EnvHead { name: line(name), tier: Tier::infer(name) })
                .collect(),
            rows: window.cloned().collect(),
            total: count(all.len() as u64),
            unfiltered: count(unfiltered as u64),
            drifting: count(
                all.iter().filter(|row| row.cells.iter().any(|cell| cell.drift.is_some())).count() as u64,
            ),
            sources: views,
            seq,
        })
    }

    /// The deployments of one service to one environment, newest first, rollbacks marked.
    ///
    /// # Errors
    /// The store failed.
    pub async fn deployments(&self, request: DeploymentsReq) -> Result<DeploymentsView, ApiError> {
        let sources = self.sources(request.as_of).await?;
        let (entities, total) =
            self.history(&request.service, &request.environment, request.as_of, sources.now).await?;
        let facts: Vec<&Deployment> = entities.iter().filter_map(deployment).collect();
        let live = facts
            .iter()
            .find(|deployment| deployment.status.state == qd_model::DeploymentStatus::Succeeded)
            .map(|deployment| &deployment.origin.id);
        let beside = self.beside(request.as_of).await?;
        let secs = |span: Option<TimeDelta>| span.and_then(|span| u32::try_from(span.num_seconds()).ok());
        let told = entities.iter().zip(&facts).zip(steps(&facts)).map(|((entity, deployment), step)| {
            let took = deployment.finished_at.zip(deployment.started_at).map(|(end, begin)| end - begin);
            DeploymentStep {
                row: row(entity, &sources, &beside),
                live: live == Some(&deployment.origin.id),
                rollback: step.rollback,
                taken_back_after_secs: secs(step.taken_back_after),
                secs: secs(took),
            }
        });
        Ok(DeploymentsView { steps: told.collect(), total: count(total) })
    }

    /// Deployments of one service to one environment, newest first, and how many there are in all.
    async fn history(
        &self,
        service: &str,
        environment: &str,
        as_of: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Entity>, u64), ApiError> {
        let fields = [(Field::Service, service), (Field::Env, environment)];
        let query = ListQuery { as_of, ..exactly(Kind::Deployment, &fields, HISTORY, now) };
        let page = self.inner.parts.store.list(&query).await?;
        let there = |entity: &Entity| {
            entity.links.environment.as_deref().is_some_and(|name| is_same(name, environment))
        };
        let found: Vec<Entity> = page
            .items
            .into_iter()
            .filter(|entity| belongs(entity, service) && there(entity) && deployment(entity).is_some())
            .collect();
        let total = page.total.max(found.len() as u64);
        Ok((found, total))
    }

    /// All environments of the services, in the order a version travels.
    fn columns(&self, services: &[ServiceState<'_>]) -> Vec<String> {
        let mut names: Vec<String> =
            services.iter().flat_map(|service| &service.environments).map(|e| e.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        order_environments(&mut names, &self.environments());
        names
    }

    /// How far each environment stands behind the one its versions come from.
    pub(crate) async fn drifts(
        &self,
        services: &[ServiceState<'_>],
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Drifts, ApiError> {
        let order = self.environments();
        let mut drifts = Drifts::new();
        let mut budget = COUNTED;
        for service in services {
            for (here, there) in pairs(service, &order) {
                let (Some(live), Some(newest)) = (here.live, there.live) else { continue };
                if same(live, newest) {
                    continue;
                }
                let counted = self.counted(service, live, (there, newest), as_of, &mut budget).await?;
                let view = DriftView {
                    environment: line(&there.name),
                    version: line(&newest.version),
                    deployment: newest.origin.id.to_string(),
                    versions: counted.versions,
                    since: counted.since,
                };
                drifts.insert((service.name.clone(), here.name.clone()), view);
            }
        }
        Ok(drifts)
    }

    /// Counts the versions between two live deployments. Beyond the budget of one answer they stay uncounted, which the
    /// window says as such; the next answer counts them.
    async fn counted(
        &self,
        service: &ServiceState<'_>,
        live: &Deployment,
        (there, newest): (&EnvironmentState<'_>, &Deployment),
        as_of: Option<DateTime<Utc>>,
        budget: &mut u32,
    ) -> Result<Drift, ApiError> {
        let uncounted = Drift { versions: None, since: newest.since() };
        let key = (live.origin.id.clone(), newest.origin.id.clone());
        let now = self.now();
        if as_of.is_none()
            && let Some(known) = self.inner.drifts.known(&key, now)
        {
            return Ok(known);
        }
        if *budget == 0 {
            return Ok(uncounted);
        }
        *budget -= 1;
        let (before, _) = self.history(&service.name, &there.name, as_of, now).await?;
        let facts: Vec<&Deployment> = before.iter().filter_map(deployment).collect();
        let counted = drift(live, &facts).unwrap_or(uncounted);
        if as_of.is_none() {
            self.inner.drifts.keep(key, counted, now);
        }
        Ok(counted)
    }
}

/// Drifts that one answer counts anew.
const COUNTED: u32 = 60;

/// By service and environment.
pub(crate) type Drifts = BTreeMap<(String, String), DriftView>;

/// The live deployment, and the one it is compared with.
type Pair = (EntityId, EntityId);

/// What was counted between two live deployments. It is counted anew after a while, because earlier deployments may still
/// come in.
#[derive(Default)]
pub(crate) struct DriftMemory(Mutex<HashMap<Pair, (Drift, DateTime<Utc>)>>);

impl DriftMemory {
    const KEPT: usize = 10_000;

    fn known(&self, key: &Pair, now: DateTime<Utc>) -> Option<Drift> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (drift, at) = known.get(key)?;
        (now - *at < TimeDelta::minutes(5)).then_some(*drift)
    }

    /// Forgets all of it.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn keep(&self, key: Pair, drift: Drift, now: DateTime<Utc>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= Self::KEPT {
            known.clear();
        }
        known.insert(key, (drift, now));
    }
}

/// Each environment with the one its versions come from.
fn pairs<'s, 'a>(
    service: &'s ServiceState<'a>,
    order: &[String],
) -> Vec<(&'s EnvironmentState<'a>, &'s EnvironmentState<'a>)> {
    let mut names: Vec<String> = service.environments.iter().map(|e| e.name.clone()).collect();
    order_environments(&mut names, order);
    let of = |name: &String| service.environments.iter().find(|e| e.name == *name);
    let pair = |at: usize| {
        let from = comes_from(&names, at)?;
        Some((of(names.get(at)?)?, of(names.get(from)?)?))
    };
    (0..names.len()).filter_map(pair).collect()
}

/// Those that pass a filter.
fn passing<'a>(filter: &Filter, of: &[Judged<'a>], now: DateTime<Utc>) -> Vec<Judged<'a>> {
    let passes = |it: &&Judged<'_>| filter.matches(it.fact, it.links, Seen { now, changed: it.changed });
    of.iter().filter(passes).copied().collect()
}

/// Whether one of these was deployed there.
fn in_column(columns: &[Judged<'_>], service: &str, environment: &str) -> bool {
    let named = |it: &Judged<'_>| it.links.service.as_ref().is_some_and(|found| found.name == service);
    let there =
        |it: &Judged<'_>| matches!(it.fact, Fact::Deployment(d) if is_same(&d.environment, environment));
    columns.iter().any(|it| there(it) && named(it))
}

fn deployment(entity: &Entity) -> Option<&Deployment> {
    match &entity.fact {
        Fact::Deployment(deployment) => Some(deployment),
        _ => None,
    }
}

fn matrix_row(service: &ServiceState<'_>, names: &[String], drifts: &Drifts) -> MatrixRow {
    let in_order = names.iter().filter_map(|name| service.environments.iter().find(|e| e.name == *name));
    let drift = |name: &String| drifts.get(&(service.name.clone(), name.clone())).cloned();
    MatrixRow {
        service: line(&service.name),
        inferred: service.inferred,
        status: service.environments.iter().map(|e| e.status).min().unwrap_or(Status::Unknown),
        stale: service.environments.iter().any(|e| e.stale),
        alerts: service.alerts_elsewhere.map(asking),
        cells: in_order.map(|e| cell(e, drift(&e.name))).collect(),
    }
}

fn empty() -> MatrixView {
    MatrixView {
        unchanged: false,
        environments: Vec::new(),
        rows: Vec::new(),
        total: 0,
        unfiltered: 0,
        drifting: 0,
        sources: Vec::new(),
        seq: 0,
    }
}
