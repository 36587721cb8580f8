//! Builds, steps and logs of a Buildbot master (REST API v2, Buildbot 4), and deployments of builders declared as such.

mod act;
mod api;
mod check;
mod compare;
mod detail;
mod force;
pub mod map;
mod poll;
pub mod wire;

use std::time::Duration;

use async_trait::async_trait;
use qd_connector::http::Auth;
use qd_connector::{
    ActError, Action, ActionForm, ActionSpec, Aim, Backend, CheckReport, Comparison, Connection,
    CredentialSpec, Descriptor, Detail, FieldKind, FieldSpec, Head, LogTail, PollCx, PollError, Receipt,
    Risk, Secret, Settings, SettingsError, Verdict,
};
use qd_model::{Batch, Cursor, Fact, Kind, SourceId};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

/// The backend "buildbot".
#[derive(Debug, Clone, Copy)]
pub struct BuildbotBackend;

/// The verbs of the actions.
mod verb {
    pub const FORCE: &str = "force";
    pub const REBUILD: &str = "rebuild";
    pub const REDEPLOY: &str = "redeploy";
    pub const STOP: &str = "stop";
}

static DESCRIPTOR: Descriptor = Descriptor {
    backend: "buildbot",
    name: "Buildbot",
    summary: "Builds with their steps and logs; builders that deploy also give deployments",
    kinds: &[Kind::Run, Kind::Deployment],
    url_example: "https://ci.example.org/",
    default_url: None,
    credential: CredentialSpec {
        label: "user:password",
        help: "A user of the master's own sign-in (UserPasswordAuth, HTPasswdAuth, CustomAuth). Many masters let everybody \
               read; then it is needed for actions only, and its role must allow them. Sign-in through GitHub, Google or \
               another OAuth provider cannot be used here.",
        optional: true,
        gh: false,
    },
    settings: &[
        FieldSpec {
            key: "deployments",
            label: "Builders that deploy",
            help: "One a line: { builder = \"deploy-production\", environment = \"production\", service = \"shop\" }; the \
                   service may be left out.",
            kind: FieldKind::Tables,
            required: false,
        },
        FieldSpec {
            key: "builders",
            label: "Only these builders",
            help: "Names, one a line. Empty: all builders.",
            kind: FieldKind::List,
            required: false,
        },
    ],
    actions: ACTIONS,
    interval: Duration::from_secs(30),
    readme: include_str!("../README.md"),
    icon: include_str!("../icon.svg"),
};

const REASON: FieldSpec =
    FieldSpec { key: "reason", label: "Reason", help: "", kind: FieldKind::Text, required: false };

static ACTIONS: &[ActionSpec] = &[
    ActionSpec {
        verb: verb::FORCE,
        label: "Force a build",
        aim: Aim::Source,
        when: &[],
        // Any builder can be chosen, also one that deploys.
        risk: Risk::Production,
        effect: "Starts a build of the chosen builder. If that builder deploys, this deploys.",
        args: &[
            FieldSpec { key: "builder", label: "Builder", help: "", kind: FieldKind::Choice, required: true },
            FieldSpec {
                key: "scheduler",
                label: "Force scheduler",
                help: "Only needed when several can start this builder.",
                kind: FieldKind::Choice,
                required: false,
            },
            REASON,
            FieldSpec { key: "branch", label: "Branch", help: "", kind: FieldKind::Text, required: false },
            FieldSpec {
                key: "revision",
                label: "Revision",
                help: "",
                kind: FieldKind::Text,
                required: false,
            },
            FieldSpec {
                key: "properties",
                label: "Further fields",
                help: "Fields of the force scheduler's own form, one name=value a line.",
                kind: FieldKind::LongText,
                required: false,
            },
        ],
        previews: false,
    },
    ActionSpec {
        verb: verb::REBUILD,
        label: "Rebuild",
        aim: Aim::Entity(Kind::Run),
        when: ENDED,
        risk: Risk::Visible,
        effect: "Starts a new build with the same source and properties.",
        args: &[],
        previews: false,
    },
    ActionSpec {
        verb: verb::STOP,
        label: "Stop",
        aim: Aim::Entity(Kind::Run),
        when: &["executing", "finalizing"],
        risk: Risk::Visible,
        effect: "Interrupts the running step and ends the build as cancelled.",
        args: &[REASON],
        previews: false,
    },
    ActionSpec {
        verb: verb::REDEPLOY,
        label: "Deploy again",
        aim: Aim::Entity(Kind::Deployment),
        when: &["succeeded", "failed", "cancelled", "superseded", "unknown"],
        risk: Risk::Production,
        effect: "Starts the deploying build again with the same source and properties.",
        args: &[],
        previews: false,
    },
];

const ENDED: &[&str] = &["success", "failure", "error", "timeout", "cancellation", "skip", "unknown"];

/// The settings of a connection.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Own {
    /// Builders that deploy.
    pub deployments: Vec<DeploymentRule>,
    /// Only these builders. Empty: all.
    pub builders: Vec<String>,
}

/// A builder that deploys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentRule {
    /// The builder's name.
    pub builder: String,
    /// Where it deploys to.
    pub environment: String,
    /// What it deploys. `None`: decided by repository or project.
    #[serde(default)]
    pub service: Option<String>,
}

impl Own {
    /// What of the settings decides which facts are read: a cursor made with others does not fit.
    fn scope(&self) -> String {
        serde_json::json!([self.builders, self.deployments]).to_string()
    }

    fn checked(self) -> Result<Self, SettingsError> {
        let problem =
            |problem: &str| SettingsError { field: "deployments".to_owned(), problem: problem.to_owned() };
        for (place, rule) in self.deployments.iter().enumerate() {
            if rule.builder.trim().is_empty() || rule.environment.trim().is_empty() {
                return Err(problem("each entry names a builder and an environment"));
            }
            if self.deployments[..place].iter().any(|earlier| earlier.builder == rule.builder) {
                return Err(problem(&format!("'{}' is listed twice", rule.builder)));
            }
        }
        Ok(self)
    }
}

/// One Buildbot master.
#[derive(Debug)]
struct Buildbot {
    source: SourceId,
    settings: Own,
}

impl Backend for BuildbotBackend {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn connect(&self, settings: Settings) -> Result<Box<dyn Connection>, SettingsError> {
        let own: Own = settings.parse()?;
        Ok(Box::new(Buildbot { source: settings.source, settings: own.checked()? }))
    }

    fn setting_aliases(&self) -> &'static [(&'static str, &'static str)] {
        &[("deploy", "deployments")]
    }

    fn auth(&self, secret: Option<Secret>) -> Result<Auth, SettingsError> {
        let Some(secret) = secret else { return Ok(Auth::None) };
        match secret.expose_secret().trim().split_once(':') {
            Some((user, password)) if !user.is_empty() && !password.is_empty() => Ok(Auth::SessionCookie {
                login_path: "auth/login",
                user: user.to_owned(),
                password: password.to_owned().into(),
            }),
            _ => Err(SettingsError {
                field: "credential".to_owned(),
                problem: "Buildbot takes user:password".to_owned(),
            }),
        }
    }
}

#[async_trait]
impl Connection for Buildbot {
    async fn check(&self, cx: &PollCx) -> CheckReport {
        self.report(cx).await
    }

    async fn poll(&self, cx: &PollCx, cursor: &Cursor) -> Result<Batch, PollError> {
        self.read_builds(cx, cursor).await
    }

    async fn detail(&self, cx: &PollCx, fact: &Fact) -> Result<Detail, PollError> {
        self.read_detail(cx, fact).await
    }

    async fn log(&self, cx: &PollCx, fact: &Fact) -> Result<Option<LogTail>, PollError> {
        self.read_log(cx, fact).await
    }

    async fn compare(
        &self,
        cx: &PollCx,
        base: &Fact,
        head: Head<'_>,
    ) -> Result<Option<Comparison>, PollError> {
        self.read_changes(cx, base, head).await
    }

    async fn form(&self, cx: &PollCx, verb: &str, fact: Option<&Fact>) -> Result<ActionForm, PollError> {
        self.prefill(cx, verb, fact).await
    }

    async fn act(&self, cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
        self.carry_out(cx, action).await
    }

    async fn verify(&self, cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
        self.look_again(cx, action).await
    }
}
