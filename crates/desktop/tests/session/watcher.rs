//! A tray: org.kde.StatusNotifierWatcher, and what a panel asks of an icon.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, Proxy, interface};

const NAME: &str = "org.kde.StatusNotifierWatcher";

struct Service {
    items: Arc<Mutex<Vec<String>>>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Service {
    fn register_status_notifier_item(&self, service: &str) {
        self.items.lock().unwrap().push(service.to_owned());
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }
}

/// The tray, until it is stopped.
pub struct Watcher {
    bus: Connection,
    items: Arc<Mutex<Vec<String>>>,
}

pub async fn start() -> Watcher {
    let items: Arc<Mutex<Vec<String>>> = Arc::default();
    let bus = Connection::session().await.unwrap();
    let service = Service { items: items.clone() };
    bus.object_server().at("/StatusNotifierWatcher", service).await.unwrap();
    bus.request_name(NAME).await.unwrap();
    Watcher { bus, items }
}

impl Watcher {
    /// The icon that registered.
    pub async fn item(&self) -> Option<Item> {
        let name = self.items.lock().unwrap().last().cloned()?;
        Some(Item { bus: self.bus.clone(), name })
    }

    pub async fn stop(self) {
        self.bus.release_name(NAME).await.unwrap();
    }
}

/// An icon, as a panel sees it.
pub struct Item {
    bus: Connection,
    name: String,
}

type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl Item {
    async fn icon(&self) -> Proxy<'_> {
        Proxy::new(&self.bus, self.name.as_str(), "/StatusNotifierItem", "org.kde.StatusNotifierItem")
            .await
            .unwrap()
    }

    async fn dbusmenu(&self) -> Proxy<'_> {
        Proxy::new(&self.bus, self.name.as_str(), "/MenuBar", "com.canonical.dbusmenu").await.unwrap()
    }

    pub async fn text(&self, property: &str) -> String {
        self.icon().await.get_property(property).await.unwrap()
    }

    pub async fn pixels(&self) -> Vec<(i32, i32, Vec<u8>)> {
        self.icon().await.get_property("IconPixmap").await.unwrap()
    }

    pub async fn tooltip(&self) -> String {
        type Tip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);
        let tip: OwnedValue = self.icon().await.get_property("ToolTip").await.unwrap();
        let tip: Tip = tip.try_into().unwrap();
        format!("{}\n{}", tip.2, tip.3)
    }

    pub async fn activate(&self) {
        self.icon().await.call_method("Activate", &(0i32, 0i32)).await.unwrap();
    }

    async fn lines(&self) -> Vec<(i32, String)> {
        let nothing: Vec<String> = Vec::new();
        let answer = self.dbusmenu().await.call_method("GetLayout", &(0i32, -1i32, nothing)).await.unwrap();
        let (_, root): (u32, Layout) = answer.body().deserialize().unwrap();
        let line = |value: OwnedValue| {
            let (id, properties, _): Layout = value.try_into().unwrap();
            let label = properties.get("label").map(|label| match &**label {
                Value::Str(text) => text.to_string(),
                other => panic!("{other:?}"),
            });
            (id, label.unwrap_or_default())
        };
        root.2.into_iter().map(line).collect()
    }

    /// The lines of the menu; a separator is empty.
    pub async fn menu(&self) -> Vec<String> {
        self.lines().await.into_iter().map(|(_, label)| label).collect()
    }

    pub async fn click(&self, label: &str) {
        let lines = self.lines().await;
        let (id, _) = lines.iter().find(|(_, other)| other == label).unwrap();
        let event = (*id, "clicked", Value::from(0i32), 0u32);
        self.dbusmenu().await.call_method("Event", &event).await.unwrap();
    }

    pub async fn is_gone(&self) -> bool {
        self.icon().await.get_property::<String>("Title").await.is_err()
    }
}
