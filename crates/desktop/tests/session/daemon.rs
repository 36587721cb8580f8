//! A notification service: org.freedesktop.Notifications.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// A notification as it came.
#[derive(Clone)]
pub struct Shown {
    pub id: u32,
    pub title: String,
    pub body: String,
    pub actions: Vec<String>,
    pub urgency: u8,
}

#[derive(Default)]
struct Heard {
    shown: Vec<Shown>,
    closed: Vec<u32>,
}

struct Service {
    capabilities: Vec<String>,
    heard: Arc<Mutex<Heard>>,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[allow(clippy::too_many_arguments, reason = "as the specification has it")]
    fn notify(
        &self,
        _app_name: &str,
        _replaces_id: u32,
        _app_icon: &str,
        summary: &str,
        body: &str,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut heard = self.heard.lock().unwrap();
        let id = heard.shown.len() as u32 + 1;
        let urgency = hints.get("urgency").and_then(|value| u8::try_from(value).ok()).unwrap_or(1);
        heard.shown.push(Shown { id, title: summary.into(), body: body.into(), actions, urgency });
        id
    }

    fn close_notification(&self, id: u32) {
        self.heard.lock().unwrap().closed.push(id);
    }

    async fn get_capabilities(&self) -> Vec<String> {
        if self.capabilities == ["hangs"] {
            std::future::pending::<()>().await;
        }
        self.capabilities.clone()
    }
}

/// The service, until it is dropped.
pub struct Daemon {
    bus: Connection,
    heard: Arc<Mutex<Heard>>,
}

pub async fn start(capabilities: &[&str]) -> Daemon {
    let heard: Arc<Mutex<Heard>> = Arc::default();
    let capabilities = capabilities.iter().map(|&word| word.to_owned()).collect();
    let bus = Connection::session().await.unwrap();
    let service = Service { capabilities, heard: heard.clone() };
    bus.object_server().at(PATH, service).await.unwrap();
    bus.request_name(NAME).await.unwrap();
    Daemon { bus, heard }
}

impl Daemon {
    pub fn shown(&self) -> Vec<Shown> {
        self.heard.lock().unwrap().shown.clone()
    }

    pub fn closed(&self) -> Vec<u32> {
        self.heard.lock().unwrap().closed.clone()
    }

    /// A person presses a button.
    pub async fn click(&self, id: u32, key: &str) {
        let signal = (id, key);
        self.bus.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &signal).await.unwrap();
    }
}
