//! The window, with its guards: it shows our own pages, opens nothing, downloads nothing, and may ask for nothing.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tauri::webview::{NewWindowResponse, PageLoadEvent, PermissionResponse};
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use url::Url;

use crate::beacon;

const LABEL: &str = "main";
const PLACE: &str = "window.json";

/// How the window looked when it was last closed, in logical pixels. Where it stands is the window manager's business.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Place {
    width: f64,
    height: f64,
    maximized: bool,
}

impl Place {
    const FIRST: Self = Self { width: 1280.0, height: 800.0, maximized: false };
    const LEAST: (f64, f64) = (800.0, 500.0);

    /// Whatever is missing, broken or too small is replaced by the first one.
    fn read(state: &Path) -> Self {
        let text = fs::read_to_string(state.join(PLACE)).unwrap_or_default();
        let place = serde_json::from_str::<Self>(&text).unwrap_or(Self::FIRST);
        if place.width >= Self::LEAST.0 && place.height >= Self::LEAST.1 { place } else { Self::FIRST }
    }

    fn of(window: &WebviewWindow) -> tauri::Result<Self> {
        let size = window.inner_size()?.to_logical(window.scale_factor()?);
        Ok(Self { width: size.width, height: size.height, maximized: window.is_maximized()? })
    }

    fn keep(self, state: &Path) {
        let kept = serde_json::to_string(&self).map_err(std::io::Error::from);
        if let Err(error) = kept.and_then(|text| fs::write(state.join(PLACE), text)) {
            tracing::warn!(%error, "the size of the window will be forgotten");
        }
    }
}

/// Opens it. What the webview keeps (the chosen theme) goes below the state folder.
///
/// # Errors
/// When the platform cannot make a window.
pub fn open(app: &AppHandle, title: &str, state: PathBuf, bench_beacon: Option<Url>) -> tauri::Result<()> {
    let place = Place::read(&state);
    let mut window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title(title)
        .inner_size(place.width, place.height)
        .min_inner_size(Place::LEAST.0, Place::LEAST.1)
        .maximized(place.maximized)
        .prevent_overflow()
        .data_directory(state.join("webview"))
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_page_load(|_, load| {
            if load.event() == PageLoadEvent::Finished {
                tracing::debug!("the page is loaded");
            }
        });
    if let Some(to) = bench_beacon {
        window = window.initialization_script(beacon::SCRIPT).on_document_title_changed(move |_, title| {
            if title == beacon::PAINTED {
                beacon::send(&to);
            }
        });
    }
    let window = window.build()?;
    let closing = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { .. } = event
            && let Ok(place) = Place::of(&closing)
        {
            place.keep(&state);
        }
    });
    Ok(())
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

    #[test]
    fn a_window_comes_back_as_it_was_and_never_too_small() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(Place::read(state.path()), Place::FIRST, "nothing kept yet");
        let place = Place { width: 1400.0, height: 900.0, maximized: true };
        place.keep(state.path());
        assert_eq!(Place::read(state.path()), place);
        Place { width: 3.0, ..place }.keep(state.path());
        assert_eq!(Place::read(state.path()), Place::FIRST);
        fs::write(state.path().join(PLACE), "{").unwrap();
        assert_eq!(Place::read(state.path()), Place::FIRST);
    }
}
