//! The handle on the core. It opens while the window is being painted; the first question waits for it.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::StreamExt;
use qd_api::view::Notice;
use qd_api::{ApiError, App, Relaunch};
use qd_host::DemoOptions;
use tauri::{AppHandle, Emitter};
use tokio::sync::watch;

use crate::links::Browser;
use crate::relaunch::Relauncher;

type Opened = Option<Result<App, ApiError>>;

/// The core, opened or failed to open or on its way. Clones share it.
#[derive(Clone)]
pub struct Core {
    opened: watch::Receiver<Opened>,
}

impl Core {
    /// Starts to open it and gives the handle at once.
    pub fn open(home: Option<PathBuf>, demo: Option<PathBuf>, again: Relauncher) -> Self {
        let (tell, opened) = watch::channel(None);
        tauri::async_runtime::spawn(async move {
            let outcome = open(home, demo, again).await;
            if let Err(error) = &outcome {
                tracing::error!(%error, "the core could not be opened; the window says so");
            }
            tell.send_replace(Some(outcome));
        });
        Self { opened }
    }

    /// The core, once it is open.
    ///
    /// # Errors
    /// Why it could not be opened. Every command answers this then, so that the window says it.
    pub async fn app(&self) -> Result<App, ApiError> {
        let mut opened = self.opened.clone();
        let outcome = opened.wait_for(Option::is_some).await;
        match outcome.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            _ => Err(ApiError::new("internal", "the core ended while it was starting; the log has more")),
        }
    }

    /// Passes the core's bell on to the window.
    pub fn ring_in(&self, window: AppHandle) {
        let core = self.clone();
        tauri::async_runtime::spawn(async move {
            let Ok(app) = core.app().await else { return };
            let mut bell = std::pin::pin!(app.bell());
            while let Some(ring) = bell.next().await {
                if let Err(error) = window.emit("bell", ring) {
                    tracing::warn!(%error, "the bell could not be rung");
                }
            }
        });
    }

    /// Whether closing the window leaves Quarterdeck running, as configured.
    pub fn keeps_running(&self) -> bool {
        matches!(self.opened.borrow().as_ref(), Some(Ok(app)) if app.desktop().keep_running)
    }

    /// Follows a `quarterdeck://` link once it is open. A link that leads nowhere is not followed.
    pub fn follow(&self, link: String) {
        let core = self.clone();
        tauri::async_runtime::spawn(async move {
            if let Ok(app) = core.app().await
                && let Err(error) = app.arrive_by_link(&link)
            {
                tracing::info!(%error, "a link was not followed");
            }
        });
    }

    /// Lets the window say that it was drawn without the graphics card, and why.
    pub fn tell_was_blank(&self) {
        let core = self.clone();
        tauri::async_runtime::spawn(async move {
            let Ok(app) = core.app().await else { return };
            app.tell(Notice {
                code: "safe_graphics".to_owned(),
                message:
                    "The window stayed blank, so Quarterdeck started again without the graphics card. If it \
                          stays blank each time, start it with --safe-graphics."
                        .to_owned(),
                file: None,
                line: None,
            });
        });
    }

    /// Stops it, when it was open.
    pub async fn stop(&self) {
        let opened = self.opened.borrow().clone();
        if let Some(Ok(app)) = opened
            && !app.stop().await
        {
            tracing::warn!("something did not stop in time and was left behind");
        }
    }

    /// Whether it could not be opened: the window was there only to say so.
    pub fn failed(&self) -> bool {
        matches!(*self.opened.borrow(), Some(Err(_)))
    }
}

async fn open(home: Option<PathBuf>, demo: Option<PathBuf>, again: Relauncher) -> Result<App, ApiError> {
    let relaunch: Option<Arc<dyn Relaunch>> = Some(Arc::new(again));
    let options = qd_host::Options { home, actor: "window", opener: Arc::new(Browser), relaunch };
    let opened = match demo {
        Some(folder) => qd_host::open_demo(options, &folder, DemoOptions::default()).await,
        None => qd_host::open(options).await,
    };
    let app = opened.map_err(|error| ApiError::new("start", error.to_string()))?;
    app.start().await?;
    app.make_ready();
    Ok(app)
}
