//! The window, with its guards: it shows our own pages, opens nothing, downloads nothing, and may ask for nothing.

use std::path::PathBuf;
use std::time::Duration;

use tauri::webview::{NewWindowResponse, PageLoadEvent, PermissionResponse};
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, WindowEvent};
use url::Url;

use crate::beacon;
use crate::core::Core;
use crate::desk::Tray;
use crate::paint::{self, Watch};
use crate::place::{Place, screens};

const LABEL: &str = "main";

/// How a hidden start waits for a tray; without one, nobody could find the window again.
const TRAY_WITHIN: Duration = Duration::from_secs(10);

/// How the window opens.
pub struct Options {
    /// It is the demo's: its title says so, and its page before the core answers.
    pub demo: bool,
    /// What the webview keeps (the chosen theme) goes below this folder.
    pub state: PathBuf,
    /// Tell this address when the first row is painted.
    pub bench_beacon: Option<Url>,
    /// Not to be seen until it is asked for.
    pub hidden: bool,
    /// What its page tells of being drawn.
    pub watch: Watch,
}

/// Opens it.
///
/// # Errors
/// When the platform cannot make a window.
pub fn open(app: &AppHandle, options: Options) -> tauri::Result<()> {
    let Options { demo, state, bench_beacon, hidden, watch } = options;
    let (title, page) =
        if demo { ("DEMO · Quarterdeck", "index.html?demo") } else { ("Quarterdeck", "index.html") };
    let place = Place::read(&state, &screens(app));
    let loaded = watch.clone();
    let mut window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App(page.into()))
        .title(title)
        .inner_size(place.width, place.height)
        .min_inner_size(Place::LEAST.0, Place::LEAST.1)
        .maximized(place.maximized)
        .visible(!hidden)
        .prevent_overflow()
        .data_directory(state.join("webview"))
        .initialization_script(paint::SCRIPT)
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_page_load(move |_, load| {
            if load.event() == PageLoadEvent::Finished {
                tracing::debug!("the page is loaded");
                loaded.loaded();
            }
        });
    if let Some((x, y)) = place.at {
        window = window.position(x, y);
    }
    if bench_beacon.is_some() {
        window = window.initialization_script(beacon::SCRIPT);
    }
    window = window.on_document_title_changed(move |_, title| match (title.as_str(), &bench_beacon) {
        (paint::DRAWN, _) => watch.drawn(),
        (beacon::PAINTED, Some(to)) => beacon::send(to),
        _ => {}
    });
    window.build().map(drop)
}

/// What closing does: remembers the place and, where the person wants that and there is a tray to come back from, hides
/// the window instead.
pub fn on_close(app: &AppHandle, state: PathBuf, core: Core, tray: Tray) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let closing = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            if let Ok(place) = Place::of(&closing) {
                place.keep(&state, &screens(closing.app_handle()));
            }
            if core.keeps_running() && *tray.borrow() == Some(true) {
                api.prevent_close();
                if let Err(error) = closing.hide() {
                    tracing::warn!(%error, "the window could not be hidden");
                }
            }
        }
    });
}

/// Shows a window that was started hidden, when there is no tray to find it by.
pub fn show_without_tray(app: &AppHandle, mut tray: Tray) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let known = tokio::time::timeout(TRAY_WITHIN, tray.wait_for(Option::is_some)).await;
        let there =
            matches!(known.as_ref().map(|known| known.as_ref().map(|there| **there)), Ok(Ok(Some(true))));
        drop(known);
        if !there {
            tracing::info!("there is no tray, so the window is shown");
            show(&app);
        }
    });
}

/// Brings the window to the front.
pub fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
        if let Err(error) = shown {
            tracing::warn!(%error, "the window could not be brought to the front");
        }
    }
}

/// The window's own pages and nothing else.
fn is_ours(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) => true,
        ("http" | "https", Some("tauri.localhost")) => cfg!(windows),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_else() {
        assert!(is_ours(&Url::parse("tauri://localhost/index.html#/alerts?q=x").unwrap()));
        for text in [
            "https://example.org/",
            "http://localhost/",
            "http://127.0.0.1:9/",
            "tauri://localhost.evil.example/",
            "tauri://evil@elsewhere/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
            "javascript:alert(1)",
            "blob:tauri://localhost/x",
            "ipc://localhost/x",
        ] {
            assert!(!is_ours(&Url::parse(text).unwrap()), "{text}");
        }
    }
}
