//! The overview: services with their signals, and what waits for the person.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use qd_engine::SourceReport;
use qd_model::{
    AlertState, EntityId, Fact, Filter, HealthState, Kind, Links, Origin, Seen, Status, Subject, Target,
};
use qd_rules::deploys::spell;
use qd_rules::{Asking, Attention, Judged, ReasonCode, attention, is_main_line, roll_up, shown, standing};
use qd_store::{Entity, Recent};

use crate::apart::tell_apart;
use crate::commands::OverviewReq;
use crate::deploys::Drifts;
use crate::plain::line;
use crate::rows::{Beside, count, row};
use crate::sources::Sources;
use crate::view::{
    ActionOffer, AskingView, DriftView, EnvCell, NeedsYou, OverviewView, Reason, RunDot, ServiceRow,
    SeverityCount,
};
use crate::{ApiError, App};

/// Runs drawn per service.
const RUNS: usize = 10;
/// Reasons told per service.
const REASONS: usize = 6;
/// Things that wait for the person.
const NEEDS: usize = 12;
/// Even when nothing changed everything is told anew after this time: a day ago is another instant then.
const FRESH: TimeDelta = TimeDelta::seconds(60);
/// Sources that are there answer a first poll within this time; what the others told before is told as old.
const READ_WITHIN: Duration = Duration::from_millis(500);
/// How often it is looked whether they have.
const LOOK: Duration = Duration::from_millis(20);

/// What was told of everything, at which number of the views and reading of the configuration, and when.
pub(crate) struct Everything {
    of: (u64, u64),
    made: DateTime<Utc>,
    view: OverviewView,
}

impl App {
    /// Services and what waits for the person. A query chooses the services that have a signal it matches, each told
    /// whole, and narrows what waits to what matches itself.
    ///
    /// # Errors
    /// The query cannot be read, or the store failed.
    pub async fn overview(&self, request: OverviewReq) -> Result<OverviewView, ApiError> {
        let filter = self.filter(&request.query)?;
        self.inner.engine.watch(None);
        let sources = self.sources_within(&filter, request.as_of).await?;
        let seq = self.view_seq(self.inner.parts.store.seq().await?, &sources);
        if request.as_of.is_none() && request.seen_seq == Some(seq) {
            return Ok(OverviewView {
                unchanged: true,
                services: Vec::new(),
                needs_you: Vec::new(),
                needs_total: 0,
                last: Vec::new(),
                unmatched: 0,
                sources: sources.views(None),
                seq,
            });
        }
        if filter.is_empty() && request.as_of.is_none() {
            return self.everything(&sources, seq).await;
        }
        self.overview_of(filter, request.as_of, &sources, seq).await
    }

    /// Makes the overview of everything ready while the window is being opened, as soon as the sources were read or have
    /// shown that they take their time. It is not looked at by anybody yet, so nothing is polled for it.
    pub fn make_ready(&self) {
        let app = self.clone();
        self.inner.engine.beside(async move {
            let begun = tokio::time::Instant::now();
            let waits = |report: &SourceReport| report.health.state == HealthState::New;
            while app.inner.engine.reports().iter().any(waits) && begun.elapsed() < READ_WITHIN {
                tokio::time::sleep(LOOK).await;
            }
            let _whole = app.when_whole().await;
            let made = async {
                let sources = app.sources(None).await?;
                let seq = app.view_seq(app.inner.parts.store.seq().await?, &sources);
                app.everything(&sources, seq).await
            };
            if let Err(error) = made.await {
                tracing::debug!(%error, "the overview was not made ready; whoever asks for it is told why");
            }
        });
    }

    /// The overview of everything, made once for all who ask at the same number. Who asks while it is made waits for it.
    async fn everything(&self, sources: &Sources, seq: u64) -> Result<OverviewView, ApiError> {
        let of = (seq, self.config_reads());
        let mut told = self.inner.everything.lock().await;
        if let Some(told) = &*told
            && told.of == of
            && (sources.now - told.made).abs() < FRESH
        {
            return Ok(OverviewView { sources: sources.views(None), ..told.view.clone() });
        }
        let view = self.overview_of(Filter::default(), None, sources, seq).await?;
        *told = Some(Everything { of, made: sources.now, view: view.clone() });
        Ok(view)
    }

    async fn overview_of(
        &self,
        filter: Filter,
        as_of: Option<DateTime<Utc>>,
        sources: &Sources,
        seq: u64,
    ) -> Result<OverviewView, ApiError> {
        let store = &self.inner.parts.store;
        // Of a branch its latest run is enough; there may be thousands of branches.
        let of = Arc::new(|fact: &Fact| matches!(fact, Fact::Run(run) if is_main_line(run)));
        let mut entities = store.current(Recent { runs: RUNS as u32, of }, as_of).await?;
        entities.retain(|entity| sources.knows(&entity.fact.id().source));
        let now = as_of.unwrap_or_else(|| self.now());
        // A span of time leaves the services to which something happened then; how they stand is told as of now.
        let happened = self.within_span(&filter, as_of).await?;
        let filter = filter.without_spans();
        let everything: Vec<Judged<'_>> = entities.iter().map(judged).collect();
        let matching = |entity: &Judged<'_>| {
            filter.matches(entity.fact, entity.links, Seen { now, changed: entity.changed })
        };
        // What a later run has overtaken is no signal: nobody who asks for what fails means it.
        let mut wanted = if filter.is_empty() { everything.clone() } else { standing(&everything) };
        wanted.retain(matching);
        let trust = sources.trust();
        let catalogue = self.catalogue();
        // A filter chooses the services. How one stands is told of the whole of it: a service that pages is not fine
        // because one looked at its passed runs only.
        let mut services = roll_up(&everything, &catalogue, &trust);
        spell(&mut services, &self.environments());
        if !filter.is_empty() {
            let chosen = named(&wanted);
            services.retain(|service| chosen.contains(service.name.as_str()));
        }
        if let Some(happened) = &happened {
            let touched: BTreeSet<&str> = happened
                .iter()
                .filter_map(|entity| Some(entity.links.service.as_ref()?.name.as_str()))
                .collect();
            services.retain(|service| touched.contains(service.name.as_str()));
        }
        let day_ago = now - chrono::TimeDelta::hours(24);
        let beside = self.beside(as_of).await?;
        let drifts = self.drifts(&services, as_of).await?;
        let row_of = Rows { sources, drifts: &drifts, beside: &beside, day_ago };
        let by_id: HashMap<&EntityId, &Entity> = entities.iter().map(|e| (e.fact.id(), e)).collect();
        let then: Option<BTreeSet<&EntityId>> =
            happened.as_ref().map(|happened| happened.iter().map(|entity| entity.fact.id()).collect());
        let then = |entity: &&Judged<'_>| then.as_ref().is_none_or(|then| then.contains(entity.fact.id()));
        let needing: Vec<Judged<'_>> = wanted.iter().filter(then).copied().collect();
        let needs = attention(&needing, &trust, NEEDS);
        let last = if needs.is_empty() && filter.is_empty() {
            self.last_closings(sources).await?
        } else {
            Vec::new()
        };
        Ok(OverviewView {
            unchanged: false,
            services: services.iter().map(|service| row_of.service(service)).collect(),
            last,
            needs_total: count(needs.len() as u64),
            needs_you: self.needs_you(&needs, &by_id, sources, &beside),
            unmatched: count(wanted.iter().filter(|entity| entity.links.service.is_none()).count() as u64),
            sources: sources.views(None),
            seq,
        })
    }

    /// The first of what needs a person, each with the one thing that can be done.
    fn needs_you(
        &self,
        needs: &[Attention<'_>],
        by_id: &HashMap<&EntityId, &Entity>,
        sources: &Sources,
        beside: &Beside,
    ) -> Vec<NeedsYou> {
        // Of alerts there may be thousands: they are counted.
        let is_alert = |it: &&Judged<'_>| matches!(it.fact, Fact::Alert(_));
        let also = |with: &[Judged<'_>]| {
            let found = with.iter().filter(|it| !is_alert(it)).filter_map(|it| by_id.get(it.fact.id()));
            found.map(|entity| row(entity, sources, beside)).collect()
        };
        let need = |item: &Attention<'_>| {
            let entity = by_id.get(item.entity.fact.id())?;
            let target = Target::Entity(item.entity.fact.id().clone());
            let offers = self.offers(&target, Some(entity), sources);
            Some(NeedsYou {
                row: row(entity, sources, beside),
                reason: item.reason.as_str().to_owned(),
                since: item.since,
                with: also(&item.with),
                alike: count(item.with.iter().filter(is_alert).count() as u64),
                best: item.best.as_str().to_owned(),
                action: best_offer(item.reason, offers),
            })
        };
        let mut told: Vec<NeedsYou> = needs.iter().take(NEEDS).filter_map(need).collect();
        tell_apart(told.iter_mut().map(|need| &mut need.row));
        told
    }
}

/// The services of these entities.
pub(crate) fn named<'a>(entities: &[Judged<'a>]) -> BTreeSet<&'a str> {
    entities.iter().filter_map(|entity| Some(entity.links.service.as_ref()?.name.as_str())).collect()
}

/// The one action that stands beside what needs a person. What waits for an approval is never answered by what ends it:
/// that is one slip away from the wrong button.
fn best_offer(reason: ReasonCode, offers: Vec<ActionOffer>) -> Option<ActionOffer> {
    let ends = |verb: &str| matches!(verb, "cancel" | "stop");
    offers
        .into_iter()
        .find(|offer| offer.disabled.is_none() && !(reason == ReasonCode::Waiting && ends(&offer.verb)))
}

pub(crate) fn judged(entity: &Entity) -> Judged<'_> {
    let links: &Links = &entity.links;
    let fact: &Fact = &entity.fact;
    Judged { fact, links, changed: entity.changed }
}

/// What a row is made with.
struct Rows<'a> {
    sources: &'a Sources,
    drifts: &'a Drifts,
    beside: &'a Beside,
    day_ago: chrono::DateTime<chrono::Utc>,
}

impl Rows<'_> {
    fn service(&self, service: &qd_rules::ServiceState<'_>) -> ServiceRow {
        let new = |ticket: &&&qd_model::Ticket| ticket.created_at.is_some_and(|at| at >= self.day_ago);
        let suppressed = |alert: &&&qd_model::Alert| alert.state.state == AlertState::Suppressed;
        let old = |origin: &Origin| !self.sources.current(&origin.id.source);
        let mut runs: Vec<RunDot> =
            service.runs.iter().take(RUNS).map(|run| dot(run, self.sources)).collect();
        runs.reverse();
        let drift = |environment: &str| self.drifts.get(&(service.name.clone(), environment.to_owned()));
        ServiceRow {
            name: line(&service.name),
            owner: service.owner.as_deref().map(line),
            inferred: service.inferred,
            status: service.status,
            stale: service.stale,
            sources: service.sources.iter().map(ToString::to_string).collect(),
            as_of: service.as_of,
            reasons: service.reasons.iter().take(REASONS).map(reason).collect(),
            runs,
            runs_stale: service.runs.iter().take(RUNS).any(|run| old(&run.origin)),
            deployments: service
                .environments
                .iter()
                .map(|state| cell(state, drift(&state.name).cloned()))
                .collect(),
            alerts: service
                .firing()
                .into_iter()
                .map(|(severity, n)| SeverityCount { severity, count: count(n as u64) })
                .collect(),
            suppressed: count(service.alerts.iter().filter(suppressed).count() as u64),
            alerts_stale: self.alerts_stale(service),
            tickets: count(service.tickets.len() as u64),
            tickets_stale: service.tickets.iter().any(|ticket| old(&ticket.origin)),
            new_tickets: count(service.tickets.iter().filter(new).count() as u64),
            changed_at: service.changed,
            notes: self.beside.notes(&Subject::Service(service.name.clone())),
        }
    }

    /// Whether what is counted of alerts may be old. Without any alert every source that could tell of one is asked.
    fn alerts_stale(&self, service: &qd_rules::ServiceState<'_>) -> bool {
        if service.alerts.is_empty() {
            let tells = |source: &&crate::sources::Source| source.descriptor().kinds.contains(&Kind::Alert);
            return self.sources.list.iter().filter(tells).any(|source| !self.sources.current(source.id()));
        }
        // What a current source tells of fires now, whatever another one cannot say.
        service.alerts.iter().any(|alert| !self.sources.current(&alert.origin.id.source))
    }
}

fn dot(run: &qd_model::PipelineRun, sources: &Sources) -> RunDot {
    let status = run.signal().status;
    // A run that ended stays what it was; one that was under way is unknown while nobody can look.
    let status = if status == Status::Running {
        shown(status, sources.current(&run.origin.id.source))
    } else {
        status
    };
    let secs = run
        .finished_at
        .zip(run.started_at)
        .and_then(|(end, start)| u32::try_from((end - start).num_seconds()).ok());
    RunDot {
        id: run.origin.id.to_string(),
        status,
        title: line(&format!("{} {}", run.pipeline_name, run.number())),
        secs,
    }
}

/// What alerts ask for, ready to be shown.
pub(crate) fn asking(worst: Asking) -> AskingView {
    AskingView { status: worst.status, stale: worst.stale }
}

/// What runs in an environment, ready to be shown.
pub(crate) fn cell(environment: &qd_rules::EnvironmentState<'_>, drift: Option<DriftView>) -> EnvCell {
    let (live, latest) = (environment.live, environment.latest);
    let other = live.is_none_or(|live| live.origin.id != latest.origin.id);
    EnvCell {
        environment: line(&environment.name),
        tier: environment.tier,
        live: live.map(|deployment| deployment.origin.id.to_string()),
        live_version: live.map(|deployment| line(&deployment.version)),
        live_since: live.and_then(qd_model::Deployment::since),
        latest: other.then(|| latest.origin.id.to_string()),
        latest_version: other.then(|| line(&latest.version)),
        status: environment.status,
        stale: environment.stale,
        alerts: environment.alerts.map(asking),
        drift,
    }
}

fn reason(reason: &qd_rules::Reason) -> Reason {
    Reason {
        code: reason.code.as_str().to_owned(),
        status: reason.status,
        entity: reason.entity.as_ref().map(ToString::to_string),
        subject: line(&reason.subject),
        since: reason.since,
    }
}
