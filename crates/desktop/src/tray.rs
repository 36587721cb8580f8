//! The tray icon, by StatusNotifierItem.

use futures_util::{Stream, StreamExt};
use ksni::menu::{MenuItem, StandardItem};
use ksni::{Category, Handle, OfflineReason, ToolTip, TrayMethods};
use qd_api::desktop::Tray;
use qd_model::Status;
use tokio::sync::watch;

use crate::icon::{Scheme, icons};
use crate::{APP_ID, Ask, Asks};

/// How long notifications are paused from the menu.
const PAUSE_MINUTES: u32 = 60;

/// Shows the tray for as long as `states` lasts. `present` tells whether it can be seen: `None` until that is known.
pub async fn run(states: impl Stream<Item = Tray> + Send, asks: Asks, present: watch::Sender<Option<bool>>) {
    let mut states = std::pin::pin!(states);
    let mut shown: Option<Handle<Item>> = None;
    while let Some(state) = states.next().await {
        let scheme = scheme().await;
        match (&shown, state.desktop.tray) {
            (Some(handle), true) => {
                handle.update(|item| (item.state, item.scheme) = (state, scheme)).await;
            }
            (Some(handle), false) => {
                handle.shutdown().await;
                shown = None;
                present.send_replace(Some(false));
            }
            (None, true) => shown = show(state, scheme, &asks, &present).await,
            (None, false) => {
                present.send_replace(Some(false));
            }
        }
    }
}

async fn show(
    state: Tray,
    scheme: Scheme,
    asks: &Asks,
    present: &watch::Sender<Option<bool>>,
) -> Option<Handle<Item>> {
    // Seen until the service says otherwise: it does so before it is started.
    present.send_replace(Some(true));
    let item = Item { state, scheme, asks: asks.clone(), present: present.clone() };
    // A desktop may bring its tray later than us; ksni watches for it.
    match item.assume_sni_available(true).spawn().await {
        Ok(handle) => Some(handle),
        Err(error) => {
            present.send_replace(Some(false));
            tracing::info!(%error, "there is no tray to show an icon in");
            None
        }
    }
}

/// Whether the desktop prefers light colours. What cannot be learnt is taken for dark, as most panels are.
async fn scheme() -> Scheme {
    let ask = async {
        let bus = zbus::Connection::session().await?;
        let (name, path) = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop");
        let arguments = ("org.freedesktop.appearance", "color-scheme");
        let interface = Some("org.freedesktop.portal.Settings");
        let answer = bus.call_method(Some(name), path, interface, "ReadOne", &arguments).await?;
        let value: zbus::zvariant::OwnedValue = answer.body().deserialize()?;
        zbus::Result::Ok(u32::try_from(value).unwrap_or_default())
    };
    match tokio::time::timeout(std::time::Duration::from_secs(1), ask).await {
        Ok(Ok(2)) => Scheme::Light,
        _ => Scheme::Dark,
    }
}

/// What ksni shows.
struct Item {
    state: Tray,
    scheme: Scheme,
    asks: Asks,
    present: watch::Sender<Option<bool>>,
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        APP_ID.to_owned()
    }

    fn title(&self) -> String {
        self.state.summary.clone()
    }

    fn category(&self) -> Category {
        Category::ApplicationStatus
    }

    fn status(&self) -> ksni::Status {
        match self.state.worst {
            Status::Paging => ksni::Status::NeedsAttention,
            _ => ksni::Status::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        icons(self.state.worst, self.state.count, self.scheme)
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ToolTip {
        let lines: Vec<String> = self.state.entries.iter().map(|entry| escaped(&entry.label)).collect();
        ToolTip { title: self.state.summary.clone(), description: lines.join("<br/>"), ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        (self.asks)(Ask::Open(None));
    }

    fn secondary_activate(&mut self, _x: i32, _y: i32) {
        (self.asks)(Ask::Open(None));
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let mut menu = vec![line("Open Quarterdeck", Ask::Open(None)), MenuItem::Separator];
        menu.extend(self.state.entries.iter().map(|entry| {
            let label = format!("{}: {}", word(entry.status), entry.label);
            line(&label, Ask::Open(Some(entry.to.clone())))
        }));
        if !self.state.entries.is_empty() {
            menu.push(MenuItem::Separator);
        }
        menu.push(if self.state.paused {
            line("Resume notifications", Ask::Pause(0))
        } else {
            line("Pause notifications for 1 hour", Ask::Pause(PAUSE_MINUTES))
        });
        menu.push(line("Quit", Ask::Quit));
        menu
    }

    fn watcher_online(&self) {
        self.present.send_replace(Some(true));
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::debug!(?reason, "the tray is not there");
        self.present.send_replace(Some(false));
        true
    }
}

/// A line of the menu. An underscore would mark an access key, so it is doubled.
fn line(label: &str, ask: Ask) -> MenuItem<Item> {
    let activate = Box::new(move |item: &mut Item| (item.asks)(ask.clone()));
    MenuItem::Standard(StandardItem { label: label.replace('_', "__"), activate, ..StandardItem::default() })
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Paging => "Paging",
        Status::Failing => "Failing",
        Status::Warn => "Warning",
        Status::Waiting => "Waiting",
        Status::Unknown => "Unknown",
        Status::Running => "Running",
        Status::Ok => "Fine",
        Status::Inactive => "Inactive",
    }
}

/// Text in a place that understands markup.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
