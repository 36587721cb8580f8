//! Alerts and silences of a Prometheus Alertmanager (API v2), and of what speaks the same API (Mimir, Cortex,
//! VictoriaMetrics' and Amazon's managed ones).

mod act;
mod check;
mod content;
mod detail;
mod duration;
mod form;
mod inhibitors;
pub mod map;
pub mod matcher;
mod poll;
mod silences;
pub mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use qd_connector::http::Auth;
use qd_connector::{ActError, http};
use qd_connector::{
    Action, ActionForm, ActionSpec, Aim, ArgError, Backend, CheckReport, Connection, CredentialSpec,
    Descriptor, Detail, FieldKind, FieldSpec, Mark, PollCx, PollError, Polled, Receipt, Risk, Secret,
    Settings, SettingsError, Silences, Verdict,
};
use qd_model::{Alert, Batch, Cursor, Fact, Kind, SourceId};
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::Url;

use crate::inhibitors::Inhibitors;

/// The backend "alertmanager".
#[derive(Debug, Clone, Copy)]
pub struct AlertmanagerBackend;

static DESCRIPTOR: Descriptor = Descriptor {
    backend: "alertmanager",
    name: "Alertmanager",
    summary: "Alerts and silences of a Prometheus Alertmanager",
    kinds: &[Kind::Alert],
    url_example: "http://alertmanager.example.org:9093",
    default_url: None,
    credential: CredentialSpec {
        label: "Token or user:password",
        help: "Alertmanager has no sign-in of its own. Fill this in when a proxy or its web configuration asks for one: \
               user:password for basic authentication, anything else is sent as a bearer token.",
        optional: true,
        gh: false,
    },
    settings: &[
        FieldSpec {
            key: "filter",
            label: "Only alerts that match",
            help: "Matchers such as team=\"payments\"; all must match. Empty: every alert.",
            kind: FieldKind::List,
            required: false,
        },
        FieldSpec {
            key: "created_by",
            label: "Silences are made by",
            help: "The name that silences carry unless another is entered.",
            kind: FieldKind::Text,
            required: false,
        },
        FieldSpec {
            key: "largest_answer_mib",
            label: "Largest answer, MiB",
            help: "A longer list is not read. 128 unless set: about 200,000 ordinary alerts.",
            kind: FieldKind::Number,
            required: false,
        },
        FieldSpec {
            key: "ui_url",
            label: "Address of the web pages",
            help: "Only when links should lead to another address than the API's.",
            kind: FieldKind::Text,
            required: false,
        },
    ],
    actions: ACTIONS,
    interval: Duration::from_secs(30),
    readme: include_str!("../README.md"),
    icon: include_str!("../icon.svg"),
};

const MATCHERS: FieldSpec = FieldSpec {
    key: "matchers",
    label: "Matchers",
    help: "One a line; all must match. Expressions match the whole value.",
    kind: FieldKind::Matchers,
    required: true,
};
const DURATION: FieldSpec = FieldSpec {
    key: "duration",
    label: "For",
    help: "From now: 30m, 2h, 1d.",
    kind: FieldKind::Duration,
    required: true,
};
const COMMENT: FieldSpec = FieldSpec {
    key: "comment",
    label: "Why",
    help: "Others read this.",
    kind: FieldKind::LongText,
    required: true,
};
const CREATED_BY: FieldSpec = FieldSpec {
    key: "created_by",
    label: "By",
    help: "Your name, as others see it.",
    kind: FieldKind::Text,
    required: true,
};
const SILENCE: FieldSpec = FieldSpec {
    key: "silence",
    label: "Silence",
    help: "It may hold more alerts than this one.",
    kind: FieldKind::Choice,
    required: true,
};

const ANY_SILENCE: FieldSpec = FieldSpec { help: "Those that hold or will hold.", ..SILENCE };
const MORE: FieldSpec = FieldSpec {
    key: "duration",
    label: "By",
    help: "Added to its present end: 30m, 2h, 1d.",
    kind: FieldKind::Duration,
    required: true,
};

const ACTIONS: &[ActionSpec] = &[
    ActionSpec {
        verb: "silence",
        label: "Silence",
        aim: Aim::Entity(Kind::Alert),
        when: &["firing", "suppressed", "unknown"],
        risk: Risk::Undoable,
        effect: "Alerts that match do not notify anybody until the silence ends.",
        args: &[MATCHERS, DURATION, COMMENT, CREATED_BY],
        previews: true,
    },
    ActionSpec {
        verb: "extend",
        label: "Extend silence",
        aim: Aim::Entity(Kind::Alert),
        when: &["suppressed"],
        risk: Risk::Visible,
        effect: "The silence ends later.",
        args: &[SILENCE, MORE],
        previews: true,
    },
    ActionSpec {
        verb: "expire",
        label: "End silence",
        aim: Aim::Entity(Kind::Alert),
        when: &["suppressed"],
        risk: Risk::Visible,
        effect: "The silence ends at once and its alerts notify again.",
        args: &[SILENCE],
        previews: true,
    },
    ActionSpec {
        verb: silences::CREATE,
        label: "New silence",
        aim: Aim::Source,
        when: &[],
        risk: Risk::Undoable,
        effect: "Alerts that match, also future ones, do not notify anybody until the silence ends.",
        args: &[MATCHERS, DURATION, COMMENT, CREATED_BY],
        previews: true,
    },
    ActionSpec {
        verb: silences::EXTEND,
        label: "Extend silence",
        aim: Aim::Source,
        when: &[],
        risk: Risk::Visible,
        effect: "The silence ends later.",
        args: &[ANY_SILENCE, MORE],
        previews: true,
    },
    ActionSpec {
        verb: silences::EXPIRE,
        label: "End silence",
        aim: Aim::Source,
        when: &[],
        risk: Risk::Visible,
        effect: "The silence ends at once and its alerts notify again.",
        args: &[ANY_SILENCE],
        previews: true,
    },
];

/// `[connection.settings]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Own {
    filter: Vec<String>,
    created_by: Option<String>,
    ui_url: Option<String>,
    largest_answer_mib: Option<u32>,
}

/// 50,000 alerts with long annotations; the facade's usual limit is too small for that.
const LARGEST_ANSWER_MIB: u32 = 128;

impl Backend for AlertmanagerBackend {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn connect(&self, settings: Settings) -> Result<Box<dyn Connection>, SettingsError> {
        let own: Own = settings.parse()?;
        let wrong = |field: &str, problem: String| SettingsError { field: field.to_owned(), problem };
        let filter = own.filter.iter().map(|line| matcher::parse(line)).collect::<Result<Vec<_>, _>>();
        let filter = filter.map_err(|problem| wrong("filter", problem))?.into_iter().flatten();
        let ui = match own.ui_url.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => web_address(text).ok_or_else(|| {
                wrong("ui_url", "it must begin with http:// or https:// and name a host".to_owned())
            })?,
            None => settings.url,
        };
        Ok(Box::new(Alertmanager {
            source: settings.source,
            ui,
            filter: filter.map(|matcher| matcher::write(&matcher)).collect(),
            largest_answer: u64::from(own.largest_answer_mib.unwrap_or(LARGEST_ANSWER_MIB).max(1)) << 20,
            // On call one wants to know who silenced it: without a setting, the name the person is logged in with.
            created_by: own
                .created_by
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .unwrap_or_else(qd_connector::person),
            asked: Mutex::default(),
            inhibitors: Mutex::default(),
        }))
    }

    fn check_args(&self, verb: &str, args: &BTreeMap<String, String>) -> Result<(), ArgError> {
        let fields = DESCRIPTOR.action(verb).map_or(&[][..], |spec| spec.args);
        for field in fields.iter().filter(|field| field.kind == FieldKind::Duration) {
            // An empty one is told as missing.
            if let Some(text) = args.get(field.key).filter(|text| !text.trim().is_empty()) {
                duration::parse(text).map_err(|problem| ArgError { field: field.key, problem })?;
            }
        }
        let (true, Some(text)) = (matches!(verb, "silence" | silences::CREATE), args.get(MATCHERS.key))
        else {
            return Ok(());
        };
        let compiled = matcher::parse(text).and_then(|matchers| matcher::Compiled::new(&matchers));
        compiled.map(drop).map_err(|problem| ArgError { field: MATCHERS.key, problem })
    }

    /// What changes a silence needs one: an alert may be suppressed by others instead.
    fn offers(&self, verb: &str, fact: &Fact) -> bool {
        match verb {
            "extend" | "expire" => {
                as_alert(Some(fact)).is_some_and(|alert| form::holding(alert).next().is_some())
            }
            _ => true,
        }
    }

    fn auth(&self, secret: Option<Secret>) -> Result<Auth, SettingsError> {
        let Some(secret) = secret else { return Ok(Auth::None) };
        Ok(match secret.expose_secret().split_once(':') {
            Some((user, password)) => {
                Auth::Basic { user: user.to_owned(), password: Secret::from(password.to_owned()) }
            }
            None => Auth::Bearer(secret),
        })
    }
}

fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// One Alertmanager.
struct Alertmanager {
    source: SourceId,
    /// Where its web pages are.
    ui: Url,
    /// Matchers in text form, for the list's `filter` parameter.
    filter: Vec<String>,
    /// Bytes of the longest list that is read.
    largest_answer: u64,
    /// Who makes silences, unless the form says otherwise.
    created_by: String,
    /// The matchers asked for last: a preview asks for every alert with the same text.
    asked: Mutex<Option<(String, Option<Arc<matcher::Compiled>>)>>,
    /// Who the last answer named as inhibiting whom.
    inhibitors: Mutex<Inhibitors>,
}

impl Alertmanager {
    fn keep_inhibitors(&self, alerts: &mut [wire::Alert]) {
        let mut named = self.inhibitors.lock().unwrap_or_else(PoisonError::into_inner);
        *named = inhibitors::keep(&named, alerts);
    }

    fn compiled(&self, text: &str) -> Option<Arc<matcher::Compiled>> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        match &*asked {
            Some((last, compiled)) if last == text => compiled.clone(),
            _ => {
                let compiled = matcher::parse(text).and_then(|matchers| matcher::Compiled::new(&matchers));
                let compiled = compiled.ok().map(Arc::new);
                *asked = Some((text.to_owned(), compiled.clone()));
                compiled
            }
        }
    }
}

#[async_trait]
impl Connection for Alertmanager {
    async fn check(&self, cx: &PollCx) -> CheckReport {
        check::check(self, cx).await
    }

    async fn poll(&self, cx: &PollCx, _cursor: &Cursor) -> Result<Batch, PollError> {
        poll::poll(self, cx).await
    }

    async fn poll_again(
        &self,
        cx: &PollCx,
        _cursor: &Cursor,
        kept: Option<Mark>,
    ) -> Result<Polled, PollError> {
        poll::poll_again(self, cx, kept).await
    }

    async fn detail(&self, cx: &PollCx, fact: &Fact) -> Result<Detail, PollError> {
        detail::detail(self, cx, fact).await
    }

    fn silences(&self) -> Option<&dyn Silences> {
        Some(self)
    }

    async fn form(&self, cx: &PollCx, verb: &str, fact: Option<&Fact>) -> Result<ActionForm, PollError> {
        let form = form::form(verb, fact, &self.created_by);
        Ok(match verb {
            silences::EXTEND | silences::EXPIRE => form::choosing(form, &self.list(cx).await?.0),
            _ => form,
        })
    }

    fn hits(&self, verb: &str, args: &BTreeMap<String, String>, fact: &Fact) -> bool {
        let Fact::Alert(alert) = fact else { return false };
        if alert.origin.id.source != self.source || !alert.state.state.is_open() {
            return false;
        }
        let arg = |key: &str| args.get(key).map_or("", |value| value.trim());
        match verb {
            "silence" | silences::CREATE => {
                self.compiled(arg("matchers")).is_some_and(|matchers| matchers.matches(&alert.labels))
            }
            "extend" | "expire" | silences::EXTEND | silences::EXPIRE => {
                alert.silenced_by.iter().any(|silence| silence.id == arg("silence"))
            }
            _ => false,
        }
    }

    async fn act(&self, cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
        act::act(self, cx, action).await
    }

    async fn verify(&self, cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
        act::verify(self, cx, action).await
    }
}

/// The path of one silence. Ids come from the server, so they are escaped.
fn silence_path(id: &str) -> String {
    format!("api/v2/silence/{}", http::segment(id))
}

/// The alert an entity is. `None`: an entity of another kind, which this backend never made.
fn as_alert(fact: Option<&Fact>) -> Option<&Alert> {
    match fact {
        Some(Fact::Alert(alert)) => Some(alert),
        _ => None,
    }
}
