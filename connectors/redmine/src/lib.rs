//! Tickets of a Redmine (REST API).

mod act;
mod check;
mod form;
pub mod map;
mod poll;
mod read;
mod verify;
pub mod wire;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::http::Auth;
use qd_connector::{
    ActError, Action, ActionForm, ActionSpec, Aim, Backend, CheckReport, Connection, CredentialSpec,
    Descriptor, Detail, FieldKind, FieldSpec, Markup, PollCx, PollError, Receipt, Risk, Secret, Settings,
    SettingsError, Verdict,
};
use qd_model::{Batch, Cursor, Fact, Kind, SourceId};
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::Url;

use crate::map::Directory;

/// The backend "redmine".
#[derive(Debug, Clone, Copy)]
pub struct RedmineBackend;

static DESCRIPTOR: Descriptor = Descriptor {
    backend: "redmine",
    name: "Redmine",
    summary: "Tickets of a Redmine",
    kinds: &[Kind::Ticket],
    url_example: "https://redmine.example.org",
    default_url: None,
    credential: CredentialSpec {
        label: "API key or user:password",
        help: "Your key is on the page My account, on the right. Needed: view issues; for actions also add issues, add \
               notes and edit issues. An administrator switches the REST API on under Administration → Settings → API.",
        optional: false,
        gh: false,
    },
    settings: &[
        FieldSpec {
            key: "projects",
            label: "Projects",
            help: "Identifiers, one a line, without their subprojects. Empty: every project the key may see.",
            kind: FieldKind::List,
            required: false,
        },
        FieldSpec {
            key: "markup",
            label: "Text formatting",
            help: "textile, markdown or plain, as under Administration → Settings → General; the API does not tell. \
                   Empty: textile.",
            kind: FieldKind::Text,
            required: false,
        },
    ],
    actions: ACTIONS,
    interval: Duration::from_secs(120),
    readme: include_str!("../README.md"),
    icon: include_str!("../icon.svg"),
};

const COMMENT: FieldSpec = FieldSpec {
    key: "comment",
    label: "Comment",
    help: "Everybody who sees the ticket reads it, and may get it by mail.",
    kind: FieldKind::LongText,
    required: true,
};

const ACTIONS: &[ActionSpec] = &[
    ActionSpec {
        verb: "comment",
        label: "Comment",
        aim: Aim::Entity(Kind::Ticket),
        when: &[],
        risk: Risk::Visible,
        effect: "The comment is added to the ticket.",
        args: &[COMMENT],
        previews: false,
    },
    ActionSpec {
        verb: "status",
        label: "Change status",
        aim: Aim::Entity(Kind::Ticket),
        when: &[],
        risk: Risk::Visible,
        effect: "The ticket gets the status, as far as the workflow allows it.",
        args: &[
            FieldSpec {
                key: "status",
                label: "Status",
                help: "Those the workflow allows you.",
                kind: FieldKind::Choice,
                required: true,
            },
            FieldSpec { required: false, help: "May be left empty.", ..COMMENT },
        ],
        previews: false,
    },
    ActionSpec {
        verb: "assign",
        label: "Assign",
        aim: Aim::Entity(Kind::Ticket),
        when: &[],
        risk: Risk::Visible,
        effect: "The ticket gets another assignee, who may get a mail.",
        args: &[FieldSpec {
            key: "assignee",
            label: "To",
            help: "Members of the project.",
            kind: FieldKind::Choice,
            required: true,
        }],
        previews: false,
    },
    ActionSpec {
        verb: "create",
        label: "New ticket",
        aim: Aim::Source,
        when: &[],
        risk: Risk::Visible,
        effect: "A ticket is opened in your name.",
        args: &[
            FieldSpec { key: "project", label: "Project", help: "", kind: FieldKind::Choice, required: true },
            FieldSpec { key: "tracker", label: "Tracker", help: "", kind: FieldKind::Choice, required: true },
            FieldSpec { key: "subject", label: "Subject", help: "", kind: FieldKind::Text, required: true },
            FieldSpec {
                key: "description",
                label: "Description",
                help: "",
                kind: FieldKind::LongText,
                required: false,
            },
            FieldSpec {
                key: "priority",
                label: "Priority",
                help: "",
                kind: FieldKind::Choice,
                required: false,
            },
        ],
        previews: false,
    },
];

/// `[connection.settings]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Own {
    projects: Vec<String>,
    markup: Option<String>,
}

impl Backend for RedmineBackend {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn connect(&self, settings: Settings) -> Result<Box<dyn Connection>, SettingsError> {
        let own: Own = settings.parse()?;
        let markup = match own.markup.as_deref().map(|word| word.trim().to_lowercase()).as_deref() {
            None | Some("" | "textile") => Markup::Textile,
            Some("markdown" | "common_mark" | "commonmark") => Markup::Markdown,
            Some("plain" | "none") => Markup::Plain,
            Some(other) => {
                let problem = format!("'{other}' is none of textile, markdown, plain");
                return Err(SettingsError { field: "markup".to_owned(), problem });
            }
        };
        let projects = own.projects.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
        Ok(Box::new(Redmine {
            source: settings.source,
            url: settings.url,
            projects: projects.collect(),
            markup,
            directory: Mutex::default(),
        }))
    }

    fn auth(&self, secret: Option<Secret>) -> Result<Auth, SettingsError> {
        let Some(secret) = secret else { return Ok(Auth::None) };
        Ok(match secret.expose_secret().split_once(':') {
            Some((user, password)) => {
                Auth::Basic { user: user.to_owned(), password: Secret::from(password.to_owned()) }
            }
            None => Auth::Header { name: "X-Redmine-API-Key", value: secret },
        })
    }
}

/// Projects, statuses and trackers change seldom.
const DIRECTORY_AGE: TimeDelta = TimeDelta::hours(1);

/// One Redmine.
struct Redmine {
    source: SourceId,
    url: Url,
    /// As configured. Empty: all.
    projects: Vec<String>,
    /// How its people write.
    markup: Markup,
    /// What issues refer to, and when it was read.
    directory: Mutex<Option<(DateTime<Utc>, Arc<Directory>)>>,
}

impl Redmine {
    /// What issues refer to, read again when it is old.
    async fn directory(&self, cx: &PollCx) -> Result<Arc<Directory>, PollError> {
        let now = cx.now();
        let kept = self.directory.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match kept {
            Some((read_at, directory)) if (now - read_at).abs() < DIRECTORY_AGE => Ok(directory),
            _ => self.refresh(cx).await,
        }
    }

    async fn refresh(&self, cx: &PollCx) -> Result<Arc<Directory>, PollError> {
        let directory = Arc::new(read::directory(cx).await?);
        let kept = Some((cx.now(), directory.clone()));
        *self.directory.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(directory)
    }

    /// Numbers of the configured projects. Empty: all projects are wanted.
    fn project_ids(
        &self,
        directory: &Directory,
        problems: &mut Vec<String>,
    ) -> Result<Vec<String>, PollError> {
        let mut ids = Vec::new();
        for word in &self.projects {
            match directory.project(word) {
                Some(project) => ids.push(project.id.clone()),
                None => problems.push(format!("project '{word}' does not exist, or this key may not see it")),
            }
        }
        match problems.last() {
            Some(problem) if ids.is_empty() => Err(PollError::Misconfigured { what: problem.clone() }),
            _ => Ok(ids),
        }
    }
}

#[async_trait]
impl Connection for Redmine {
    async fn check(&self, cx: &PollCx) -> CheckReport {
        check::check(self, cx).await
    }

    async fn poll(&self, cx: &PollCx, cursor: &Cursor) -> Result<Batch, PollError> {
        poll::poll(self, cx, cursor).await
    }

    async fn detail(&self, cx: &PollCx, fact: &Fact) -> Result<Detail, PollError> {
        // Without a valid key the answer would lack what anonymous visitors may not see, and not say so.
        read::who(cx).await?;
        Ok(map::detail(read::issue(cx, &fact.id().native, "journals").await?))
    }

    fn markup(&self) -> Markup {
        self.markup
    }

    async fn form(&self, cx: &PollCx, verb: &str, fact: Option<&Fact>) -> Result<ActionForm, PollError> {
        form::form(self, cx, verb, fact).await
    }

    async fn act(&self, cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
        act::act(cx, action).await
    }

    async fn verify(&self, cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
        verify::verify(cx, action).await
    }
}
