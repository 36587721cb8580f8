//! A made-up company whose pipelines, deployments, alerts and tickets are the same for the same seed: input for tests
//! that need many facts, and for measurements.

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::{
    Alert, AlertState, Coverage, Cursor, Deployment, DeploymentKind, DeploymentOrigin, DeploymentStatus,
    EntityId, Fact, Kind, Links, Observed, Origin, PipelineRun, RunResult, RunState, ServiceRef, Severity,
    SourceId, Ticket, TicketStatus, TicketType,
};

use super::sample::named;
use crate::Ingest;

/// Names of services; a service's index modulo this many is its name.
pub const SERVICES: [&str; 40] = [
    "checkout", "payments", "search", "catalog", "basket", "login", "profile", "mailer", "invoices",
    "ledger", "pricing", "stock", "shipping", "returns", "reviews", "images", "gateway", "sessions", "audit",
    "reports", "exports", "imports", "webhooks", "sms", "push", "geo", "tax", "fraud", "loyalty", "coupons",
    "forecast", "feeds", "crawler", "ranking", "ads", "billing", "support", "chat", "status", "edge",
];
const AUTHORS: [&str; 24] = [
    "ada", "grace", "edsger", "barbara", "donald", "alan", "radia", "ken", "dennis", "margaret", "Łukasz",
    "Zoë", "linus", "frances", "john", "kathleen", "tony", "niklaus", "adele", "karen", "shafi", "leslie",
    "jim", "Ümit",
];
const VERBS: [&str; 16] = [
    "Fix", "Add", "Remove", "Rework", "Speed up", "Document", "Test", "Revert", "Upgrade", "Rename", "Retry",
    "Cache", "Limit", "Log", "Split", "Merge",
];
const THINGS: [&str; 32] = [
    "timeouts",
    "currency rounding",
    "the retry loop",
    "address forms",
    "index rebuilds",
    "image thumbnails",
    "TLS settings",
    "session cookies",
    "pagination",
    "the rate limiter",
    "error pages",
    "CSV export",
    "webhook signatures",
    "time zones",
    "health checks",
    "log fields",
    "dark mode",
    "search synonyms",
    "e-mail templates",
    "the feature flag",
    "metrics",
    "connection pools",
    "queue depth",
    "disk usage",
    "memory growth",
    "login redirects",
    "price updates",
    "stock sync",
    "tax tables",
    "refunds",
    "empty baskets",
    "stale caches",
];
const ENVIRONMENTS: [&str; 4] = ["production", "prod-eu", "staging", "review/17"];

/// The company.
#[derive(Debug, Clone, Copy)]
pub struct Town {
    seed: u64,
}

/// One poll's worth of the company's life.
#[derive(Debug, Clone)]
pub struct Poll {
    /// Which connection polls.
    pub source: SourceId,
    /// When.
    pub at: DateTime<Utc>,
    /// What it brings.
    pub ingest: Ingest,
}

impl Town {
    /// The company of a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// When its history begins.
    pub fn begin() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(1_700_000_000)
    }

    /// The connection that observes a kind.
    pub fn source(kind: Kind) -> SourceId {
        named(match kind {
            Kind::Run => "gh",
            Kind::Deployment => "deploys",
            Kind::Alert => "alerts",
            Kind::Ticket => "tickets",
        })
    }

    /// The kind of the entity with a number: of a hundred, 70 runs, 10 deployments, 12 alerts and 8 tickets.
    pub fn kind(number: u64) -> Kind {
        match number % 100 {
            0..70 => Kind::Run,
            70..80 => Kind::Deployment,
            80..92 => Kind::Alert,
            _ => Kind::Ticket,
        }
    }

    /// How many states an entity goes through. One in fifty stays open.
    pub fn stages(&self, number: u64) -> u32 {
        let all = match Self::kind(number) {
            Kind::Run | Kind::Ticket => 3,
            Kind::Deployment | Kind::Alert => 2,
        };
        if self.dice(number, 90, 50) == 0 { all - 1 } else { all }
    }

    /// The entity with a number at one of its stages, with its service and environment.
    pub fn fact(&self, number: u64, stage: u32) -> (Fact, Links) {
        let kind = Self::kind(number);
        let service = self.pick(number, 1, &SERVICES);
        let begun =
            Self::begin() + TimeDelta::seconds(i64::try_from(number * 20).unwrap_or(i64::MAX / 2_000_000));
        let mut origin = Origin::new(EntityId::new(&Self::source(kind), kind, number.to_string()));
        origin.repository = matches!(kind, Kind::Run | Kind::Deployment).then(|| format!("acme/{service}"));
        origin.url = Some(format!("https://ci.example/acme/{service}/{number}"));
        let fact = match kind {
            Kind::Run => Fact::Run(self.run(number, stage, origin, begun)),
            Kind::Deployment => Fact::Deployment(self.deployment(number, stage, origin, begun)),
            Kind::Alert => Fact::Alert(self.alert(number, stage, origin, begun)),
            Kind::Ticket => Fact::Ticket(self.ticket(number, stage, origin, begun)),
        };
        let known = self.dice(number, 2, 30) > 0;
        let environment = match &fact {
            Fact::Deployment(deployment) => Some(deployment.environment.clone()),
            Fact::Alert(_) if self.dice(number, 3, 2) == 0 => Some("production".to_owned()),
            _ => None,
        };
        let service =
            known.then(|| ServiceRef { name: service.to_owned(), inferred: self.dice(number, 4, 3) == 0 });
        (fact, Links { service, environment })
    }

    /// The company's life as polls with so many transitions in all. Entities come in groups of `together`; a group's
    /// states come one after the other.
    pub fn polls(self, transitions: u64, together: u64) -> impl Iterator<Item = Poll> {
        let mut left = transitions;
        let groups = (0..).step_by(usize::try_from(together.max(1)).unwrap_or(1));
        groups
            .flat_map(move |first: u64| {
                (0..3).flat_map(move |stage| Kind::ALL.into_iter().map(move |kind| (first, stage, kind)))
            })
            .map_while(move |(first, stage, kind)| {
                if left == 0 {
                    return None;
                }
                let numbers = (first..first + together)
                    .filter(|number| Self::kind(*number) == kind && stage < self.stages(*number))
                    .take(usize::try_from(left).unwrap_or(usize::MAX));
                let facts: Vec<(Fact, Links)> = numbers.map(|number| self.fact(number, stage)).collect();
                left -= facts.len() as u64;
                let secs = (first + together) * 20 + u64::from(stage) * 5;
                Some(Poll {
                    source: Self::source(kind),
                    at: Self::begin() + TimeDelta::seconds(i64::try_from(secs).unwrap_or(0)),
                    ingest: Ingest { facts, coverage: Coverage::Delta, next: Cursor::default() },
                })
            })
            .filter(|poll| !poll.ingest.facts.is_empty())
    }

    fn run(&self, number: u64, stage: u32, origin: Origin, begun: DateTime<Utc>) -> PipelineRun {
        let result = match self.dice(number, 5, 20) {
            0..15 => (RunResult::Success, "success"),
            15..18 => (RunResult::Failure, "failure"),
            18 => (RunResult::Cancellation, "cancelled"),
            _ => (RunResult::Unknown, "neutral?"),
        };
        let (state, raw) = [
            (RunState::Pending, "queued"),
            (RunState::Executing, "in_progress"),
            (RunState::Done, "completed"),
        ][stage.min(2) as usize];
        let branch = match self.dice(number, 6, 4) {
            // Sixty branches a repository, so that branches have a history too.
            0 => format!("feature/{}", self.dice(number, 7, 60)),
            _ => "main".to_owned(),
        };
        PipelineRun {
            origin,
            pipeline_name: ["ci", "nightly", "release"][self.dice(number, 9, 3) as usize].to_owned(),
            run_id: (number % 10_000).to_string(),
            title: self.title(number),
            state: Observed::new(state, raw),
            result: (stage >= 2).then(|| Observed::new(result.0, result.1)),
            reference: Some(branch),
            revision: Some(format!("{:016x}", self.dice(number, 10, u64::MAX))),
            trigger: Some("push".to_owned()),
            author: Some(self.pick(number, 11, &AUTHORS).to_owned()),
            queued_at: Some(begun),
            started_at: (stage >= 1).then(|| begun + TimeDelta::seconds(3)),
            finished_at: (stage >= 2).then(|| begun + TimeDelta::seconds(90)),
            attempt: Some(1),
            failed_step: (stage >= 2 && result.0 == RunResult::Failure).then(|| "unit tests".to_owned()),
            service: None,
            environment: None,
        }
    }

    fn deployment(&self, number: u64, stage: u32, origin: Origin, begun: DateTime<Utc>) -> Deployment {
        let (status, raw) = match (stage, self.dice(number, 12, 10)) {
            (0, _) => (DeploymentStatus::InProgress, "in_progress"),
            (_, 0) => (DeploymentStatus::Failed, "failure"),
            (_, 1) => (DeploymentStatus::Superseded, "inactive"),
            _ => (DeploymentStatus::Succeeded, "success"),
        };
        Deployment {
            origin,
            service: None,
            environment: self.pick(number, 13, &ENVIRONMENTS).to_owned(),
            version: format!("v1.{}.{}", number / 1_000, number % 1_000),
            revision: None,
            deployment_kind: DeploymentKind::Upgraded,
            status: Observed::new(status, raw),
            initiator: (self.dice(number, 14, 3) > 0).then(|| self.pick(number, 15, &AUTHORS).to_owned()),
            driver: DeploymentOrigin::Pipeline,
            created_at: Some(begun),
            started_at: None,
            finished_at: (stage > 0).then(|| begun + TimeDelta::seconds(40)),
            description: None,
        }
    }

    fn alert(&self, number: u64, stage: u32, origin: Origin, begun: DateTime<Utc>) -> Alert {
        let service = self.pick(number, 1, &SERVICES);
        let (severity, raw) = [
            (Severity::Critical, "page"),
            (Severity::High, "high"),
            (Severity::Warning, "warning"),
            (Severity::Info, "info"),
            (Severity::Unknown, "purple"),
        ][self.dice(number, 16, 5) as usize];
        let (state, word) = match (stage, self.dice(number, 17, 6)) {
            (0, 0) => (AlertState::Suppressed, "suppressed"),
            (0, _) => (AlertState::Firing, "active"),
            _ => (AlertState::Resolved, "resolved"),
        };
        let labels =
            [("service", service), ("severity", raw), ("instance", &format!("10.0.0.{}", number % 250))]
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Alert {
            origin,
            fingerprint: format!("{number:016x}"),
            name: ["HighLatency", "ErrorRate", "DiskFull", "QueueDepth"][self.dice(number, 18, 4) as usize]
                .to_owned(),
            labels: labels.into(),
            annotations: [("summary".to_owned(), format!("{service}: {}", self.pick(number, 19, &THINGS)))]
                .into(),
            severity: Observed::new(severity, raw),
            state: Observed::new(state, word),
            starts_at: (self.dice(number, 20, 40) > 0).then_some(begun),
            ends_at: (stage > 0).then(|| begun + TimeDelta::seconds(300)),
            silenced_by: Vec::new(),
            inhibited_by: Vec::new(),
            receivers: vec!["on-call".to_owned()],
            count: 1,
        }
    }

    fn ticket(&self, number: u64, stage: u32, origin: Origin, begun: DateTime<Utc>) -> Ticket {
        let (status, raw) = [
            (TicketStatus::Todo, "New"),
            (TicketStatus::InProgress, "In Progress"),
            (TicketStatus::Done, "Closed"),
        ][stage.min(2) as usize];
        let (kind, tracker) = [
            (TicketType::Bug, "Bug"),
            (TicketType::Incident, "Outage"),
            (TicketType::Enhancement, "Feature"),
            (TicketType::Other, "Chore"),
        ][self.dice(number, 21, 4) as usize];
        let assignees =
            (0..self.dice(number, 22, 3)).map(|place| self.pick(number, 23 + place, &AUTHORS).to_owned());
        Ticket {
            origin,
            key: format!("#{number}"),
            summary: self.title(number),
            ticket_type: Observed::new(kind, tracker),
            status: Observed::new(status, raw),
            resolution: (stage >= 2).then(|| "fixed".to_owned()),
            priority: Some("Normal".to_owned()),
            assignees: assignees.collect(),
            labels: vec![self.pick(number, 26, &SERVICES).to_owned()],
            milestone: None,
            fix_versions: Vec::new(),
            reporter: Some(self.pick(number, 27, &AUTHORS).to_owned()),
            created_at: Some(begun),
            closed_at: (stage >= 2).then(|| begun + TimeDelta::seconds(86_400)),
            comments: Some(stage),
        }
    }

    /// A title of common words, with a number that few share.
    fn title(&self, number: u64) -> String {
        format!(
            "{} {} in {} (QD-{})",
            self.pick(number, 28, &VERBS),
            self.pick(number, 29, &THINGS),
            self.pick(number, 30, &SERVICES),
            self.dice(number, 31, 50_000),
        )
    }

    fn pick(&self, number: u64, salt: u64, from: &[&'static str]) -> &'static str {
        let sides = from.len() as u64;
        usize::try_from(self.dice(number, salt, sides))
            .ok()
            .and_then(|at| from.get(at))
            .copied()
            .unwrap_or("")
    }

    /// A number below `sides` that only seed, entity and salt decide (SplitMix64).
    fn dice(&self, number: u64, salt: u64, sides: u64) -> u64 {
        let mut x =
            self.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xd1b5_4a32_d192_ed03);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % sides
    }
}
