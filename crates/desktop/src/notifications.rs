//! Notifications, by org.freedesktop.Notifications.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use qd_api::desktop::{Arrival, Notification, Notifier, Urgency};
use qd_model::EntityId;
use tokio::sync::OnceCell;
use zbus::zvariant::Value;

use crate::tray::escaped;
use crate::{APP_ID, Ask, Asks};

/// How long the desktop gets to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many notifications are remembered; what is clicked on after that only shows the window.
const REMEMBERED: usize = 200;
/// Waiting time after the session bus could not be reached or was lost.
const AGAIN: Duration = Duration::from_secs(30);

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait Daemon {
    #[allow(clippy::too_many_arguments, reason = "as the specification has it")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;
    fn close_notification(&self, id: u32) -> zbus::Result<()>;
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;
    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// Shows notifications on this session's desktop. Clones share everything.
#[derive(Clone)]
pub struct Notifications {
    shared: Arc<Shared>,
}

struct Shared {
    asks: Asks,
    daemon: OnceCell<DaemonProxy<'static>>,
    shown: Mutex<BTreeMap<u32, Shown>>,
}

struct Shown {
    about: Option<EntityId>,
    /// Where each action leads, by its key.
    to: HashMap<String, Arrival>,
}

impl Notifications {
    /// Notifications whose clicks go to `asks`.
    pub fn new(asks: Asks) -> Self {
        let shared = Shared { asks, daemon: OnceCell::new(), shown: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Hears clicks, for the life of the process.
    pub async fn listen(&self) {
        loop {
            if let Err(error) = self.hear().await {
                tracing::debug!(%error, "clicks on notifications cannot be heard");
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn hear(&self) -> zbus::Result<()> {
        let daemon = self.daemon().await?;
        let mut invoked = daemon.receive_action_invoked().await?;
        let mut closed = daemon.receive_notification_closed().await?;
        loop {
            tokio::select! {
                signal = invoked.next() => match signal {
                    Some(signal) => {
                        let arguments = signal.args()?;
                        self.clicked(arguments.id, &arguments.action_key);
                    }
                    None => return Ok(()),
                },
                signal = closed.next() => match signal {
                    Some(signal) => {
                        let id = signal.args()?.id;
                        self.shown(|shown| shown.remove(&id));
                    }
                    None => return Ok(()),
                },
            }
        }
    }

    /// A click leads where the notification said; other programs' notifications are none of ours.
    fn clicked(&self, id: u32, key: &str) {
        let found = self.shown(|shown| shown.get(&id).map(|shown| shown.to.get(key).cloned()));
        if let Some(arrival) = found {
            (self.shared.asks)(Ask::Open(arrival));
        }
    }

    fn shown<T>(&self, with: impl FnOnce(&mut BTreeMap<u32, Shown>) -> T) -> T {
        with(&mut self.shared.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn daemon(&self) -> zbus::Result<&DaemonProxy<'static>> {
        let open = async || DaemonProxy::new(&zbus::Connection::session().await?).await;
        self.shared.daemon.get_or_try_init(open).await
    }

    async fn send(&self, notification: &Notification) -> zbus::Result<u32> {
        let daemon = self.daemon().await?;
        let can = daemon.get_capabilities().await?;
        let body = if can.iter().any(|can| can == "body-markup") {
            escaped(&notification.body)
        } else {
            notification.body.clone()
        };
        let keys: Vec<String> = (0..notification.buttons.len()).map(|at| format!("button{at}")).collect();
        let mut actions = Vec::new();
        if can.iter().any(|can| can == "actions") {
            actions.extend(["default", "Open"]);
            for (key, (label, _)) in keys.iter().zip(&notification.buttons) {
                actions.extend([key.as_str(), label.as_str()]);
            }
        }
        let urgency: u8 = match notification.urgency {
            Urgency::Low => 0,
            Urgency::Normal => 1,
            Urgency::Critical => 2,
        };
        let hints = HashMap::from([
            ("urgency", Value::from(urgency)),
            ("desktop-entry", Value::from(APP_ID)),
            ("suppress-sound", Value::from(true)),
        ]);
        let id =
            daemon.notify("Quarterdeck", 0, APP_ID, &notification.title, &body, &actions, hints, -1).await?;
        let to = keys.into_iter().zip(notification.buttons.iter().map(|(_, to)| to.clone()));
        let default = ("default".to_owned(), notification.open.clone());
        let about = notification.about.clone();
        self.shown(|shown| {
            shown.insert(id, Shown { about, to: to.chain([default]).collect() });
            if shown.len() > REMEMBERED {
                shown.pop_first();
            }
        });
        Ok(id)
    }
}

#[async_trait]
impl Notifier for Notifications {
    async fn show(&self, notification: Notification) -> Result<(), String> {
        match tokio::time::timeout(PATIENCE, self.send(&notification)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a notification was not taken");
                Err(why(&error).to_owned())
            }
            Err(_) => Err("the desktop's notification service does not answer".to_owned()),
        }
    }

    async fn withdraw(&self, about: &EntityId) {
        let ids: Vec<u32> = self.shown(|shown| {
            shown.iter().filter(|(_, it)| it.about.as_ref() == Some(about)).map(|(id, _)| *id).collect()
        });
        for id in ids {
            let close = async { self.daemon().await?.close_notification(id).await };
            if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, close).await {
                tracing::debug!(%error, "a notification could not be taken back");
            }
        }
    }
}

fn why(error: &zbus::Error) -> &'static str {
    match error {
        zbus::Error::MethodError(name, ..) if name.contains("ServiceUnknown") => {
            "nothing on this desktop shows notifications"
        }
        zbus::Error::MethodError(..) => "the desktop's notification service refused it",
        _ => "this session has no message bus (D-Bus)",
    }
}
