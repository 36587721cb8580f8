//! One connection against one server, and what can be done with it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use qd_model::{Batch, Coverage, Cursor, Fact, ManualClock, SourceId, Target};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Run;
use crate::http::{Auth, Budget, Http, HttpConfig, Limits, MemoryCache};
use crate::testkit::suite::{Answers, SampleAction, Suite};
use crate::testkit::{FaultServer, RecordedRequest, Reply};
use crate::{Action, Backfill, Connection, PollCx, PollError, Secret, Settings};

/// A poll that asks to be called again more often than this does not end.
const ROUNDS: usize = 60;
/// A call that goes on for longer does not end by itself: longer than every deadline below, and than a busy machine needs.
pub const ENDLESS: Duration = Duration::from_secs(60);

/// Deadlines no server that answers runs into, however busy the machine is that runs the suite: what a claim says of an
/// answer must not hang on when it came.
const PATIENT: Limits = Limits {
    connect: Duration::from_secs(10),
    header: Duration::from_secs(10),
    total: Duration::from_secs(20),
    body_bytes: 512 * 1024,
    redirects: 3,
    retry_base: Duration::from_millis(5),
};

/// Deadlines for claims of servers that keep one waiting, which run into each of them.
pub const HASTY: Limits = Limits {
    connect: Duration::from_secs(1),
    header: Duration::from_secs(1),
    total: Duration::from_secs(2),
    ..PATIENT
};

/// A connection and everything a call of it needs.
pub struct Bench {
    pub connection: Box<dyn Connection>,
    pub cx: PollCx,
    pub clock: ManualClock,
}

impl Bench {
    /// A connection to an address.
    pub fn to(suite: &Suite, url: &Url) -> Result<Self, String> {
        Self::with(suite, url, None, PATIENT)
    }

    /// A connection to an address where nothing may ever be answered.
    pub fn hasty(suite: &Suite, url: &Url) -> Result<Self, String> {
        Self::with(suite, url, None, HASTY)
    }

    /// A connection to a server that always replies so.
    pub fn fitting(suite: &Suite, server: &FaultServer, reply: &Reply) -> Result<Self, String> {
        if reply.stalls() { Self::hasty(suite, &server.url()) } else { Self::at(suite, server) }
    }

    /// A connection to a server.
    pub fn at(suite: &Suite, server: &FaultServer) -> Result<Self, String> {
        Self::to(suite, &server.url())
    }

    /// A connection to an address, with a certificate to trust.
    pub fn with_ca(suite: &Suite, url: &Url, ca_pem: Vec<u8>) -> Result<Self, String> {
        Self::with(suite, url, Some(ca_pem), PATIENT)
    }

    fn with(suite: &Suite, url: &Url, ca_pem: Option<Vec<u8>>, limits: Limits) -> Result<Self, String> {
        let mut url = url.clone();
        if !suite.base_path.is_empty() {
            url.set_path(&suite.base_path);
        }
        let source: SourceId = "conformance".parse().map_err(|_| "not an id".to_owned())?;
        let settings =
            Settings { source, url: url.clone(), interval: None, ca_file: None, own: suite.settings.clone() };
        let connection = suite.backend.connect(settings).map_err(|error| {
            format!("connect() refuses the suite's settings: {error} – give fitting ones with .settings(json!({{…}}))")
        })?;
        let clock = ManualClock::at(suite.now);
        let shared: Arc<dyn qd_model::Clock> = Arc::new(clock.clone());
        let http = Http::new(HttpConfig {
            base: url,
            auth: auth(suite)?,
            ca_pem,
            limits,
            cache: Arc::new(MemoryCache::default()),
            budget: Arc::new(Budget::new(1.0, shared.clone())),
            clock: shared.clone(),
            user_agent: "quarterdeck-conformance".to_owned(),
        })
        .map_err(|error| format!("the facade cannot be made: {error}"))?;
        let cancel = CancellationToken::new();
        let cx = PollCx {
            http: http.with_cancel(cancel.clone()),
            cancel,
            clock: shared,
            backfill: Backfill::default(),
        };
        Ok(Self { connection, cx, clock })
    }

    /// One poll, within the time that the deadlines allow.
    pub async fn poll(&self, cursor: &Cursor) -> Result<Result<Batch, PollError>, String> {
        within(ENDLESS, self.connection.poll(&self.cx, cursor)).await
    }

    /// Polls until nothing more is waiting. Returns the batches in their order.
    pub async fn poll_on(&self, cursor: &Cursor) -> Result<Result<Vec<Batch>, PollError>, String> {
        let mut cursor = cursor.clone();
        let mut batches = Vec::new();
        for _ in 0..ROUNDS {
            let batch = match self.poll(&cursor).await? {
                Ok(batch) => batch,
                Err(error) => return Ok(Err(error)),
            };
            cursor = batch.next.clone();
            let more = batch.more;
            batches.push(batch);
            if !more {
                return Ok(Ok(batches));
            }
        }
        Err(format!("after {ROUNDS} polls `more` is still true: a poll of the same data must come to an end"))
    }

    /// Everything a healthy server has.
    pub async fn everything(&self) -> Result<Vec<Batch>, String> {
        let batches = self.poll_on(&Cursor::default()).await?;
        batches.map_err(|error| {
            format!("a healthy server's answers end in '{error}': are all its paths answered?")
        })
    }

    /// The action of a sample, aimed at one of the facts.
    pub fn action(&self, sample: &SampleAction, facts: &[Fact], key: &str) -> Result<Action, String> {
        let source: SourceId = "conformance".parse().map_err(|_| "not an id".to_owned())?;
        let fact = match sample.aim {
            None => None,
            Some(fits) => Some(facts.iter().find(|fact| fits(fact)).cloned().ok_or_else(|| {
                format!(
                    "no polled entity fits the sample action '{}': give it one in the healthy answers",
                    sample.verb
                )
            })?),
        };
        Ok(Action {
            target: fact.as_ref().map_or(Target::Source(source), |fact| Target::Entity(fact.id().clone())),
            fact,
            verb: sample.verb.to_owned(),
            args: sample.args.iter().cloned().collect(),
            idempotency_key: key.to_owned(),
            proposed_at: self.cx.now(),
        })
    }
}

impl Run {
    /// A server that answers as a healthy one does.
    pub async fn healthy(&self) -> FaultServer {
        let healthy = self.suite.healthy.clone();
        FaultServer::start(move |request| healthy(request)).await
    }

    /// A server that answers every request so.
    pub async fn always(&self, reply: Reply) -> FaultServer {
        FaultServer::start(move |_| reply.clone()).await
    }

    /// A server that changes the answers of a healthy one.
    pub async fn changing(
        &self,
        change: impl Fn(&RecordedRequest, Reply) -> Reply + Send + Sync + 'static,
    ) -> FaultServer {
        let healthy = self.suite.healthy.clone();
        FaultServer::start(move |request| change(request, healthy(request))).await
    }

    /// A server with other answers.
    pub async fn answering(&self, answers: Answers) -> FaultServer {
        FaultServer::start(move |request| answers(request)).await
    }

    /// The requests of a server that were writes.
    pub fn writes(&self, server: &FaultServer) -> Vec<RecordedRequest> {
        server.requests().into_iter().filter(|request| !(self.suite.reads)(request)).collect()
    }

    /// An error if one of the texts holds the credential.
    pub fn silent_about_the_credential(&self, place: &str, text: &str) -> Result<(), String> {
        match self.secrets.are_in(text) {
            true => Err(format!(
                "the credential is in {place}: build messages from paths and states, never from requests"
            )),
            false => Ok(()),
        }
    }
}

/// All facts of some batches; an entity listed twice counts with its last mention.
pub fn facts_of(batches: &[Batch]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for fact in batches.iter().flat_map(|batch| &batch.facts) {
        match facts.iter_mut().find(|known| known.id() == fact.id()) {
            Some(known) => *known = fact.clone(),
            None => facts.push(fact.clone()),
        }
    }
    facts
}

/// The ids of some batches, as text.
pub fn ids_of(batches: &[Batch]) -> BTreeSet<String> {
    batches.iter().flat_map(|batch| &batch.facts).map(|fact| fact.id().to_string()).collect()
}

/// Whether a batch says that entities it does not list are gone.
pub fn clears(batch: &Batch) -> bool {
    matches!(&batch.coverage, Coverage::Complete(kinds) if !kinds.is_empty())
}

/// Runs a call under a time limit.
pub async fn within<T>(limit: Duration, call: impl Future<Output = T>) -> Result<T, String> {
    let started = Instant::now();
    tokio::time::timeout(limit, call).await.map_err(|_| {
        format!(
            "no end within {} s: do all requests through cx.http, which has deadlines",
            started.elapsed().as_secs()
        )
    })
}

fn auth(suite: &Suite) -> Result<Auth, String> {
    let secret = suite.credential.clone().map(Secret::from);
    suite.backend.auth(secret).map_err(|error| {
        format!(
            "auth() refuses the suite's credential ({error}): give one in its form with .credential(\"…\")"
        )
    })
}
