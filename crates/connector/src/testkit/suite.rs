//! What a connector brings to the suite, and what the suite says of it.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use qd_model::Fact;
use serde_json::{Map, Value};

use super::{RecordedRequest, Reply};
use crate::Backend;

pub(super) type Answers = Arc<dyn Fn(&RecordedRequest) -> Reply + Send + Sync>;

/// A connector, with everything the claims need to be put to it.
pub struct Suite {
    pub(super) backend: &'static dyn Backend,
    pub(super) settings: Map<String, Value>,
    pub(super) credential: Option<String>,
    pub(super) healthy: Answers,
    pub(super) unknown: Option<(String, Answers)>,
    pub(super) without_times: Option<Answers>,
    pub(super) actions: Vec<SampleAction>,
    pub(super) reads: fn(&RecordedRequest) -> bool,
    pub(super) now: DateTime<Utc>,
    pub(super) base_path: String,
    pub(super) excused: Vec<(&'static str, &'static str)>,
}

impl Suite {
    /// A connector and what a healthy server answers to it.
    pub fn new(
        backend: &'static dyn Backend,
        healthy: impl Fn(&RecordedRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self {
            backend,
            settings: Map::new(),
            credential: None,
            healthy: Arc::new(healthy),
            unknown: None,
            without_times: None,
            actions: Vec::new(),
            reads: |request| matches!(request.method.as_str(), "GET" | "HEAD"),
            now: super::now(),
            base_path: String::new(),
            excused: Vec::new(),
        }
    }

    /// `[connection.settings]`, a JSON object.
    #[must_use]
    pub fn settings(mut self, settings: Value) -> Self {
        if let Value::Object(map) = settings {
            self.settings = map;
        }
        self
    }

    /// The credential in the form [`Backend::auth`] takes. It must be unmistakable (`canary-7f3a91d2`): the suite looks
    /// for it everywhere it must not be.
    #[must_use]
    pub fn credential(mut self, credential: &str) -> Self {
        self.credential = Some(credential.to_owned());
        self
    }

    /// What a server answers whose states are called `word`, which nobody knows. Every kind that the connector observes
    /// must be among the answers.
    #[must_use]
    pub fn unknown_words(
        mut self,
        word: &str,
        answers: impl Fn(&RecordedRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        self.unknown = Some((word.to_owned(), Arc::new(answers)));
        self
    }

    /// What a server answers that leaves out every time it may leave out. Facts made of it must hold no instant at all.
    #[must_use]
    pub fn without_times(
        mut self,
        answers: impl Fn(&RecordedRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        self.without_times = Some(Arc::new(answers));
        self
    }

    /// An action the suite carries out against the healthy server, and with every fault of a write. Add each verb.
    #[must_use]
    pub fn action(mut self, action: SampleAction) -> Self {
        self.actions.push(action);
        self
    }

    /// Which requests only read, where a backend reads by POST. Otherwise GET and HEAD.
    #[must_use]
    pub fn reads(mut self, reads: fn(&RecordedRequest) -> bool) -> Self {
        self.reads = reads;
        self
    }

    /// Where the clock stands.
    #[must_use]
    pub fn now(mut self, now: DateTime<Utc>) -> Self {
        self.now = now;
        self
    }

    /// A path prefix of the address (`/api/v3`).
    #[must_use]
    pub fn base_path(mut self, path: &str) -> Self {
        self.base_path = path.to_owned();
        self
    }

    /// Excuses the connector from a claim, with the reason, which is printed.
    #[must_use]
    pub fn excuse(mut self, claim: &'static str, reason: &'static str) -> Self {
        self.excused.push((claim, reason));
        self
    }
}

/// An action to be tried.
#[derive(Debug, Clone)]
pub struct SampleAction {
    pub(super) verb: &'static str,
    pub(super) aim: Option<fn(&Fact) -> bool>,
    pub(super) args: Vec<(String, String)>,
}

impl SampleAction {
    /// Aimed at the first polled entity that fits.
    pub fn on_entity(verb: &'static str, fits: fn(&Fact) -> bool) -> Self {
        Self { verb, aim: Some(fits), args: Vec::new() }
    }

    /// Aimed at the source.
    pub fn on_source(verb: &'static str) -> Self {
        Self { verb, aim: None, args: Vec::new() }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, key: &str, value: &str) -> Self {
        self.args.push((key.to_owned(), value.to_owned()));
        self
    }
}

/// What became of one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not: what was expected, what came, what to do.
    Failed(String),
    /// It was not put, and why.
    Skipped(String),
}

/// One claim and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The claim, as a sentence.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What the suite says of a connector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order in which the claims were put.
    pub claims: Vec<Claim>,
}

impl Report {
    /// Claims that do not hold.
    pub fn failed(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| matches!(claim.outcome, Outcome::Failed(_)))
    }

    /// Whether every claim that was put holds.
    pub fn passed(&self) -> bool {
        self.failed().next().is_none()
    }

    /// Prints the list, and panics with it when a claim does not hold.
    ///
    /// # Panics
    /// A claim does not hold.
    #[allow(clippy::print_stdout, reason = "skipped claims must be seen in the output of the tests")]
    pub fn assert_passed(&self) {
        assert!(self.passed(), "\n{self}");
        println!("{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count =
            |wanted: fn(&Outcome) -> bool| self.claims.iter().filter(|claim| wanted(&claim.outcome)).count();
        for claim in &self.claims {
            match &claim.outcome {
                Outcome::Passed => writeln!(f, "  ok       {}", claim.name)?,
                Outcome::Skipped(why) => writeln!(f, "  skipped  {}: {why}", claim.name)?,
                Outcome::Failed(_) => {}
            }
        }
        for claim in self.failed() {
            if let Outcome::Failed(why) = &claim.outcome {
                writeln!(f, "  FAILED   {}\n           {}", claim.name, why.replace('\n', "\n           "))?;
            }
        }
        write!(
            f,
            "{} claims hold, {} do not, {} were not put",
            count(|outcome| *outcome == Outcome::Passed),
            count(|outcome| matches!(outcome, Outcome::Failed(_))),
            count(|outcome| matches!(outcome, Outcome::Skipped(_))),
        )
    }
}
