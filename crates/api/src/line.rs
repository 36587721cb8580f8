//! How the line of a run is doing, where it failed, and where it deploys to.

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::filter::{Field, Term, Test};
use qd_model::{Deployment, EntityId, Fact, Filter, Kind, PipelineRun, Tier};
use qd_rules::deploys::made_by;
use qd_rules::line::{Broke, LineHealth, LineRun, WINDOW, is_over, judge, took, waited};
use qd_rules::{excerpt, shown};
use qd_store::{Entity, LinePart, ListQuery, Order, Scope};

use crate::commands::EntityReq;
use crate::plain::line;
use crate::rows::count;
use crate::sources::Sources;
use crate::view::{
    BrokeView, DeployingReq, DeployingView, ExcerptView, LineReq, LineRunView, LineView, RunEnvironmentView,
};
use crate::{ApiError, App};

/// So many runs are asked at once where they deploy to.
const MOST: usize = 200;
/// So many of the newest deployments are looked through.
const DEPLOYMENTS: u32 = 300;

impl App {
    /// How the line of a run is doing.
    ///
    /// # Errors
    /// [`ApiError`]: `bad_request` when it is no run.
    pub async fn line(&self, request: LineReq) -> Result<LineView, ApiError> {
        let id: EntityId = request.id.parse()?;
        let entity = self.find(&id, None).await?;
        let Fact::Run(run) = &entity.fact else {
            return Err(ApiError::new("bad_request", "Only runs have a line."));
        };
        let limit = u32::try_from(WINDOW).unwrap_or(u32::MAX);
        let newest = self.inner.parts.store.line(&id, LinePart::Whole, limit).await?;
        let sources = self.sources(None).await?;
        let deployments = self.deployments_of(&[&id]).await?;
        let seen = self.with_attempts(&newest).await?;
        Ok(LineSight { now: self.now(), sources: &sources }.view(run, &seen, &deployments))
    }

    /// Which of some runs deploy, and where to.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn deploying(&self, request: DeployingReq) -> Result<Vec<DeployingView>, ApiError> {
        let ids: Vec<EntityId> =
            request.ids.iter().take(MOST).map(|id| id.parse()).collect::<Result<_, _>>()?;
        let sources = self.sources(None).await?;
        let deployments = self.deployments_of(&ids.iter().collect::<Vec<_>>()).await?;
        let mut views = Vec::new();
        if deployments.is_empty() {
            return Ok(views);
        }
        for id in ids {
            let Some(Fact::Run(run)) = self.inner.parts.store.get(&id, None).await?.map(|found| found.fact)
            else {
                continue;
            };
            let environments = environments(&run, &deployments, &sources);
            if !environments.is_empty() {
                views.push(DeployingView { run: id.to_string(), environments });
            }
        }
        Ok(views)
    }

    /// A part of the log of the first failing step, asked of the backend. `None`: it has none.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn excerpt(&self, request: EntityReq) -> Result<Option<ExcerptView>, ApiError> {
        let Some(log) = self.log(request).await? else { return Ok(None) };
        let part = excerpt::excerpt(&log.lines);
        let end = part.first + part.len;
        Ok(Some(ExcerptView {
            job: log.job,
            step: log.step,
            before: count(part.first as u64),
            after: count((log.lines.len() - end) as u64),
            lines: log.lines.get(part.first..end).unwrap_or_default().to_vec(),
            error: part.error.map(|at| count((at - part.first) as u64)),
            truncated: log.truncated,
        }))
    }

    /// The runs, with whether an earlier attempt was seen to fail. Only those that were tried again are looked up.
    async fn with_attempts<'e>(&self, newest: &'e [Entity]) -> Result<Vec<LineRun<'e>>, ApiError> {
        let mut runs = Vec::with_capacity(newest.len());
        for entity in newest {
            let Fact::Run(run) = &entity.fact else { continue };
            let again = run.attempt.is_some_and(|attempt| attempt > 1);
            let failed_before = again
                && self
                    .inner
                    .parts
                    .store
                    .history(&run.origin.id)
                    .await?
                    .iter()
                    .any(|step| matches!(step.to.as_str(), "failure" | "error" | "timeout"));
            runs.push(LineRun { run, failed_before });
        }
        Ok(runs)
    }

    /// The newest deployments of the sources of some runs.
    async fn deployments_of(&self, ids: &[&EntityId]) -> Result<Vec<Deployment>, ApiError> {
        let mut sources: Vec<String> = ids.iter().map(|id| id.source.to_string()).collect();
        sources.sort();
        sources.dedup();
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let query = ListQuery {
            kinds: vec![Kind::Deployment],
            scope: Scope::All,
            // Not by a query's text, whose length is limited.
            filter: Filter { terms: vec![Term { negated: false, test: Test::Is(Field::Source, sources) }] },
            order: Order::Newest,
            limit: DEPLOYMENTS,
            ..ListQuery::current(Kind::Deployment, self.now())
        };
        let page = self.inner.parts.store.list(&query).await?;
        let deployment = |entity: Entity| match entity.fact {
            Fact::Deployment(deployment) => Some(deployment),
            _ => None,
        };
        Ok(page.items.into_iter().filter_map(deployment).collect())
    }
}

struct LineSight<'s> {
    now: DateTime<Utc>,
    sources: &'s Sources,
}

impl LineSight<'_> {
    fn view(&self, run: &PipelineRun, seen: &[LineRun<'_>], deployments: &[Deployment]) -> LineView {
        let report = judge(seen);
        let current = self.sources.current(&run.origin.id.source);
        // What was fine when the source was last read is not known to be fine now.
        let health = match report.health {
            LineHealth::Healthy if !current => LineHealth::Unknown,
            health => health,
        };
        LineView {
            health: health.as_str().to_owned(),
            stale: !current,
            counted: count(report.counted as u64),
            passed: count(report.passed as u64),
            flaky_commits: count(report.flaky_commits as u64),
            streak: count(report.streak as u64),
            usual_secs: report.usual.map(secs),
            usual_queue_secs: report.queue.map(secs),
            this: self.run(run),
            over: is_over(run, report.usual, self.now),
            runs: seen.iter().map(|seen| self.run(seen.run)).collect(),
            broke: report.broke.map(|broke| self.broke(&broke, seen)),
            environments: environments(run, deployments, self.sources),
        }
    }

    fn broke(&self, broke: &Broke, seen: &[LineRun<'_>]) -> BrokeView {
        let range: Vec<LineRunView> =
            seen.get(broke.range()).unwrap_or_default().iter().map(|seen| self.run(seen.run)).collect();
        let mut authors: Vec<String> = Vec::new();
        for author in range.iter().filter_map(|run| run.author.as_ref()) {
            if !authors.contains(author) {
                authors.push(author.clone());
            }
        }
        BrokeView {
            last_good: broke.last_good.map(|at| self.run(seen[at].run)),
            first_bad: self.run(seen[broke.first_bad].run),
            range,
            authors,
        }
    }

    fn run(&self, run: &PipelineRun) -> LineRunView {
        let id = &run.origin.id;
        LineRunView {
            id: id.to_string(),
            number: line(&run.number()),
            title: line(&run.title),
            status: shown(run.signal().status, self.sources.current(&id.source)),
            revision: run.revision.as_deref().map(line),
            author: run.author.as_deref().map(line),
            at: run.started_at.or(run.queued_at),
            secs: took(run, self.now).map(secs),
            queue_secs: waited(run).map(secs),
            attempt: run.attempt,
        }
    }
}

/// Where a run deploys to, each environment once, the newest deployment first.
fn environments(run: &PipelineRun, deployments: &[Deployment], sources: &Sources) -> Vec<RunEnvironmentView> {
    let mut found: Vec<RunEnvironmentView> = Vec::new();
    for deployment in deployments.iter().filter(|deployment| made_by(deployment, run)) {
        let name = line(&deployment.environment);
        if found.iter().any(|known| known.environment == name) {
            continue;
        }
        let id = &deployment.origin.id;
        found.push(RunEnvironmentView {
            id: id.to_string(),
            tier: Tier::infer(&name),
            environment: name,
            status: shown(deployment.signal().status, sources.current(&id.source)),
        });
    }
    found
}

fn secs(span: TimeDelta) -> u32 {
    u32::try_from(span.num_seconds()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use qd_model::{
        DeploymentKind, DeploymentOrigin, DeploymentStatus, Link, LinkKind, Observed, Origin, RunResult,
        RunState,
    };

    use super::*;

    fn run(url: Option<&str>) -> PipelineRun {
        let id = EntityId::new(&"gh".parse().unwrap(), Kind::Run, "42");
        PipelineRun {
            origin: Origin { url: url.map(str::to_owned), ..Origin::new(id) },
            pipeline_name: "deploy".to_owned(),
            run_id: "#42".to_owned(),
            title: "x".to_owned(),
            state: Observed::new(RunState::Done, ""),
            result: Some(Observed::new(RunResult::Success, "")),
            reference: None,
            revision: Some("aaa".to_owned()),
            trigger: None,
            author: None,
            queued_at: None,
            started_at: None,
            finished_at: None,
            attempt: None,
            failed_step: None,
            service: None,
            environment: None,
        }
    }

    fn deployment(source: &str, url: Option<&str>, log: Option<&str>) -> Deployment {
        let id = EntityId::new(&source.parse().unwrap(), Kind::Deployment, "7");
        let link = |url: &str| Link { kind: LinkKind::Log, url: url.to_owned() };
        let links = log.map(link).into_iter().collect();
        Deployment {
            origin: Origin { url: url.map(str::to_owned), links, ..Origin::new(id) },
            service: None,
            environment: "production".to_owned(),
            version: "v1".to_owned(),
            revision: Some("aaa".to_owned()),
            deployment_kind: DeploymentKind::Deployed,
            status: Observed::new(DeploymentStatus::Succeeded, ""),
            initiator: None,
            driver: DeploymentOrigin::Pipeline,
            created_at: None,
            started_at: None,
            finished_at: None,
            description: None,
        }
    }

    #[test]
    fn a_deployment_belongs_to_the_run_whose_page_holds_its_log() {
        const PAGE: &str = "https://github.com/acme/shop/actions/runs/42";
        let check = |source: &str, url: Option<&str>, log: Option<&str>, expected: bool| {
            assert_eq!(made_by(&deployment(source, url, log), &run(Some(PAGE))), expected, "{url:?} {log:?}");
        };
        check("gh", None, Some("https://github.com/acme/shop/actions/runs/42/job/421"), true);
        check("gh", None, Some(PAGE), true);
        check("gh", Some(PAGE), None, true);
        check("gh", None, Some("https://github.com/acme/shop/actions/runs/421"), false);
        check("gh", None, None, false);
        check("other", None, Some(PAGE), false);
        assert!(
            !made_by(&deployment("gh", None, Some(PAGE)), &run(None)),
            "the same commit alone does not do"
        );
    }
}
