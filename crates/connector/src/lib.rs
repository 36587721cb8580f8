//! The contract a backend fulfils, and the HTTP facade all connectors share.
//!
//! A connector is one folder: a [`Backend`] (stateless, tells what it is) that makes [`Connection`]s (one configured
//! instance each). Connections do their requests through [`http::Http`], which holds deadlines, size limits, budgets,
//! the ETag cache, retries and the credential; a connector never sees a secret.
//!
//! *Invariant:* connectors own no tables, no threads, no tasks and no UI.

pub mod backend;
pub mod check;
pub mod compare;
pub mod credentials;
pub mod descriptor;
pub mod detail;
pub mod error;
pub mod http;
mod mark;
mod person;
pub mod proposals;
pub mod settings;
pub mod silences;
#[cfg(feature = "testkit")]
pub mod testkit;

pub use backend::{
    Action, ActionForm, ArgError, Backend, Backfill, Choice, Connection, FormField, PollCx, Receipt, Verdict,
    offered,
};
pub use check::{CheckOutcome, CheckReport, CheckStep};
pub use compare::{Commit, Comparison, Head, TicketRef};
pub use credentials::{CredentialError, Credentials};
pub use descriptor::{ActionSpec, Aim, CredentialSpec, Descriptor, FieldKind, FieldSpec, Risk};
pub use detail::{Comment, Detail, LogTail, Markup, Section, Step, TaskRun, TaskType};
pub use error::{ActError, BoxError, PollError, answered, connected, late, not_there, without_credential};
pub use mark::{Mark, Polled};
pub use person::person;
pub use proposals::{PollCost, Proposal, Proposals, ProposeSpec, Proposes};
pub use settings::{Settings, SettingsError};
pub use silences::{Covers, SilenceVerbs, Silences};

/// A credential in memory. Its `Debug` shows nothing; it has no `Serialize`.
pub type Secret = secrecy::SecretString;
