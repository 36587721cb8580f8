//! The desktop around the window: the tray icon, notifications, and the start with the session.
//!
//! What they say is decided and worded in `qd_api::desktop`; here it is shown, and clicks are handed on as an [`Ask`].
//! Nothing here writes to a backend: a button leads to a form in the window.
//!
//! On Linux both speak D-Bus (StatusNotifierItem, org.freedesktop.Notifications). A desktop without a tray or without
//! notifications is no error: the window works without them.

pub mod autostart;
#[cfg(target_os = "linux")]
mod icon;
#[cfg(target_os = "linux")]
pub mod notifications;
#[cfg(target_os = "linux")]
pub mod tray;

use std::sync::Arc;

use qd_api::desktop::Arrival;

/// The name of the application everywhere on a desktop: its entry, its icon, its bundle.
pub const APP_ID: &str = "io.github.quarterdeck.Quarterdeck";

/// What a click outside the window asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Show the window, and this in it (`None`: as it is).
    Open(Option<Arrival>),
    /// Pause notifications for so many minutes; 0: go on.
    Pause(u32),
    /// End.
    Quit,
}

/// Hears what clicks ask for. Called from a task: it must not block.
pub type Asks = Arc<dyn Fn(Ask) + Send + Sync>;
