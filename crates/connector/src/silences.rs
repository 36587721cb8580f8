//! Silences of a backend, all of them, on demand.
//!
//! They are no fifth kind of entity: nobody asks for their history, and an alert that a silence holds says so itself. They
//! are asked for when somebody looks at them, and shown with the time at which they were read
//! (docs/adr/0008-silences-on-demand.md).

use std::collections::BTreeMap;

use async_trait::async_trait;
use qd_model::Silence;

use crate::{PollCx, PollError};

/// Whether a silence holds an alert with these labels.
pub type Covers = Box<dyn Fn(&BTreeMap<String, String>) -> bool + Send + Sync>;

/// What can be done with a silence: verbs of the descriptor that are aimed at the source. `extend` and `expire` take the
/// silence's id as the argument `silence`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SilenceVerbs {
    /// Makes one.
    pub create: &'static str,
    /// Lets one end later.
    pub extend: &'static str,
    /// Ends one now.
    pub expire: &'static str,
}

/// A backend's silences.
#[async_trait]
pub trait Silences: Send + Sync {
    /// All of them: pending, active, and those that ended as long as the backend remembers them. What could not be read is
    /// told in sentences beside them.
    ///
    /// # Errors
    /// See [`PollError`].
    async fn list(&self, cx: &PollCx) -> Result<(Vec<Silence>, Vec<String>), PollError>;

    /// Prepares a silence to be asked which alerts it matches. Pure. `None`: its conditions cannot be read, so nothing can
    /// be said of it.
    fn covers(&self, silence: &Silence) -> Option<Covers>;

    /// What can be done with them.
    fn verbs(&self) -> SilenceVerbs;

    /// The conditions of a silence as the `create` form takes them.
    fn matchers(&self, silence: &Silence) -> String;

    /// Whether these conditions, written as the `create` form takes them, are those of the silence, in whatever order. Pure.
    fn same(&self, silence: &Silence, matchers: &str) -> bool;
}
