//! Connects the core with the desktop around the window: tray, notifications, start with the session.

use tauri::AppHandle;
use tokio::sync::watch;

use crate::core::Core;

/// Whether there is a tray to come back from. `None`: not known yet.
pub type Tray = watch::Receiver<Option<bool>>;

/// Shows the tray and notifications for the life of the process. `own`: everything is kept in a folder of its own
/// (`QUARTERDECK_HOME`, a demo), so the person's session is left alone.
#[cfg(target_os = "linux")]
pub fn start(app: &AppHandle, core: &Core, own: bool) -> Tray {
    use std::sync::Arc;

    use futures_util::StreamExt;
    use qd_desktop::{Asks, autostart, notifications::Notifications, tray};

    let (tell, present) = watch::channel(None);
    let (handle, core) = (app.clone(), core.clone());
    tauri::async_runtime::spawn(async move {
        let Ok(app) = core.app().await else {
            tell.send_replace(Some(false));
            return;
        };
        let asks: Asks = {
            let (handle, app) = (handle.clone(), app.clone());
            Arc::new(move |ask| answer(&handle, &app, ask))
        };
        let notifications = Notifications::new(asks.clone());
        let mut wanted = None;
        let states = app.tray().inspect(move |state| {
            let autostart = state.desktop.autostart;
            if !own && wanted.replace(autostart) != Some(autostart) {
                keep_autostart(autostart);
            }
        });
        let told = app.run_notifications(Arc::new(notifications.clone()));
        let (_, _, told) = tokio::join!(tray::run(states, asks, tell), notifications.listen(), told);
        if let Err(error) = told {
            tracing::warn!(%error, "nothing will be told outside the window");
        }

        fn keep_autostart(wanted: bool) {
            let program = std::env::current_exe();
            let kept = program.and_then(|program| match autostart::folder() {
                Some(folder) => autostart::keep(&folder, &program, wanted),
                None => Ok(()),
            });
            if let Err(error) = kept {
                tracing::warn!(%error, wanted, "the start with the session could not be changed");
            }
        }
    });
    present
}

/// Does what a click outside the window asks for.
#[cfg(target_os = "linux")]
fn answer(handle: &AppHandle, app: &qd_api::App, ask: qd_desktop::Ask) {
    use qd_api::desktop::PauseReq;
    use qd_desktop::Ask;

    match ask {
        Ask::Open(to) => {
            if let Some(to) = to {
                app.arrive(to);
            }
            crate::window::show(handle);
        }
        Ask::Pause(minutes) => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                if let Err(error) = app.notifications_pause(PauseReq { minutes }).await {
                    tracing::warn!(%error, "notifications could not be paused");
                }
            });
        }
        Ask::Quit => handle.exit(0),
    }
}

/// There is neither tray nor notification on this system yet.
#[cfg(not(target_os = "linux"))]
pub fn start(_: &AppHandle, _: &Core, _: bool) -> Tray {
    watch::channel(Some(false)).1
}
