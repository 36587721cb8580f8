//! What a backend tells about itself: forms, actions and help are drawn from it, so a new backend changes no UI file.

use std::time::Duration;

use qd_model::{Kind, Target};
use serde::Serialize;

/// Everything the product knows of a backend without talking to it.
#[derive(Debug, Clone, Serialize)]
pub struct Descriptor {
    /// The word in `config.toml` (`backend = "alertmanager"`).
    pub backend: &'static str,
    /// The name people use.
    pub name: &'static str,
    /// One sentence: what it brings.
    pub summary: &'static str,
    /// The kinds it observes.
    pub kinds: &'static [Kind],
    /// Example of an address, shown as placeholder.
    pub url_example: &'static str,
    /// The address used when none is given (`https://api.github.com`). `None`: an address is required.
    pub default_url: Option<&'static str>,
    /// The credential it takes.
    pub credential: CredentialSpec,
    /// Fields of `[connection.settings]`.
    pub settings: &'static [FieldSpec],
    /// What it can do.
    pub actions: &'static [ActionSpec],
    /// Poll interval when nothing runs and nobody watches.
    #[serde(serialize_with = "as_secs")]
    pub interval: Duration,
    /// README.md of the connector: permissions, limits, oddities.
    pub readme: &'static str,
    /// Icon, SVG.
    pub icon: &'static str,
}

impl Descriptor {
    /// The action of that verb.
    pub fn action(&self, verb: &str) -> Option<&'static ActionSpec> {
        self.actions.iter().find(|action| action.verb == verb)
    }
}

fn as_secs<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(duration.as_secs())
}

/// The credential a backend takes.
#[derive(Debug, Clone, Serialize)]
pub struct CredentialSpec {
    /// Label of the input: `API key`, `Token`, `user:password`.
    pub label: &'static str,
    /// Where to get one and which permissions it needs, in a sentence or two.
    pub help: &'static str,
    /// Whether it works without.
    pub optional: bool,
    /// Whether the GitHub CLI's login can be used (`credential = "gh"`).
    pub gh: bool,
}

/// One field of a form.
#[derive(Debug, Clone, Serialize)]
pub struct FieldSpec {
    /// Key in the TOML table or in the action's arguments.
    pub key: &'static str,
    /// Label.
    pub label: &'static str,
    /// One sentence of help; may be empty.
    pub help: &'static str,
    /// What can be entered.
    pub kind: FieldKind,
    /// Whether it must be filled in.
    pub required: bool,
}

/// What can be entered in a field. Values travel as text; lists and tables as one item a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// A list of texts, one a line (TOML array of strings).
    List,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
    /// One of the choices the form gives.
    Choice,
    /// A duration such as `2h`, `30m`, `1d`.
    Duration,
    /// Label matchers, one a line: `name="value"`, `name=~"regex"`, `name!="value"`, `name!~"regex"`.
    Matchers,
    /// A list of small tables (one TOML inline table, or an array of them), each as `{ key = "value" }`; only in
    /// settings. The help shows one, in braces.
    Tables,
}

/// What an action is aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// An entity of this kind.
    Entity(Kind),
    /// The source itself.
    Source,
}

impl Aim {
    /// How a target is aimed at.
    pub fn of(target: &Target) -> Self {
        target.entity().map_or(Self::Source, |id| Self::Entity(id.kind))
    }
}

/// What the action does to the world, which decides how it is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// It can be taken back at the source: done at once, and its [`crate::Receipt`] says how to undo it.
    Undoable,
    /// Others see it, or it cannot be taken back: one confirmation.
    Visible,
    /// It changes production.
    Production,
}

/// One action of a backend.
#[derive(Debug, Clone, Serialize)]
pub struct ActionSpec {
    /// The verb in `qd act ID VERB`.
    pub verb: &'static str,
    /// The button.
    pub label: &'static str,
    /// What it is aimed at.
    pub aim: Aim,
    /// State words ([`qd_model::Fact::state_word`]) in which it is offered; empty: always.
    pub when: &'static [&'static str],
    /// How it is confirmed.
    pub risk: Risk,
    /// One sentence: what will happen.
    pub effect: &'static str,
    /// Arguments.
    pub args: &'static [FieldSpec],
    /// Whether [`crate::Connection::hits`] can tell what it will hit.
    pub previews: bool,
}
