//! What the desktop around the window is told and asks: notifications, the tray, and where a click or a link leads.
//!
//! Everything is decided and worded here; a host only shows it ([`Notifier`]) and hands clicks back ([`App::arrive`]).

mod notify;
mod pull;
mod tray;
mod words;

pub use pull::{Arrival, PauseReq};
pub use tray::{Tray, TrayEntry};

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use qd_model::EntityId;
use tokio::sync::Notify;

use crate::App;
use crate::config::Desktop;
use crate::view::Notice;

/// Shows notifications.
#[async_trait]
pub trait Notifier: Send + Sync + 'static {
    /// Shows one.
    ///
    /// # Errors
    /// Why it could not, for the person.
    async fn show(&self, notification: Notification) -> Result<(), String>;

    /// Takes back the ones about an entity: its trouble is over.
    async fn withdraw(&self, about: &EntityId);
}

/// A notification, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The one entity it is about.
    pub about: Option<EntityId>,
    /// One line. Plain text, which may hold anything a backend wrote.
    pub title: String,
    /// A line or two of plain text; may be empty.
    pub body: String,
    /// How much it presses.
    pub urgency: Urgency,
    /// Where a click leads.
    pub open: Arrival,
    /// Buttons: what they say and where they lead. They show a form and never write.
    pub buttons: Vec<(String, Arrival)>,
}

/// How much a notification presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// For information.
    Low,
    /// As most.
    Normal,
    /// Something pages: it stays until it is seen.
    Critical,
}

/// What the desktop part shares between its tasks and the commands.
#[derive(Default)]
pub(crate) struct Desk {
    notifier: OnceLock<Arc<dyn Notifier>>,
    paused_until: Mutex<Option<DateTime<Utc>>>,
    arrival: Mutex<Option<Arrival>>,
    notices: Mutex<Vec<Notice>>,
    /// Somebody arrived: the bell is to be rung though nothing changed.
    pub arrived: Notify,
    /// The pause changed: what is remembered is to be written, and the tray to be drawn anew.
    pause_changed: Notify,
}

impl App {
    /// Lets the window say something for as long as this process runs.
    pub fn tell(&self, notice: Notice) {
        self.inner.desk.notices.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
        self.inner.desk.arrived.notify_one();
    }

    pub(crate) fn told(&self) -> Vec<Notice> {
        self.inner.desk.notices.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How Quarterdeck sits on the desktop, as configured.
    pub fn desktop(&self) -> Desktop {
        self.inner.loaded.read().unwrap_or_else(PoisonError::into_inner).config.desktop
    }
}
