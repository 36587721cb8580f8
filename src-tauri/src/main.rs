//! The native window. It holds no logic and no state but its handle on the core: everything passes through the one
//! command [`rpc`] and the event `bell`.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod args;
mod beacon;
mod core;
mod desk;
mod environment;
mod instance;
mod links;
mod log;
mod paint;
mod place;
mod relaunch;
mod window;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use qd_api::{ApiError, Paths};
use serde_json::Value;
use tauri::{AppHandle, RunEvent, State};

use crate::args::Args;
use crate::core::Core;
use crate::instance::Claim;
use crate::paint::Watch;
use crate::relaunch::Relauncher;

/// Gives back to the system what a large poll needed for a moment.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(args) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(error = %error, "the window could not be opened");
            // The log may be what is broken.
            let _ = writeln!(std::io::stderr(), "quarterdeck: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<ExitCode, Box<dyn std::error::Error>> {
    environment::correct(args.safe_graphics)?;
    environment::leave_no_core_dump();
    environment::require_display()?;
    let home = std::env::var_os("QUARTERDECK_HOME").map(PathBuf::from);
    let demo = if args.demo { Some(qd_host::demo_home(home.clone(), "window")?) } else { None };
    let paths = demo.as_deref().map(Paths::portable).or_else(|| Paths::find(home.clone()));
    let paths = paths.ok_or("this system names no home folder; set QUARTERDECK_HOME")?;
    log::start(&paths.state)?;
    let first = match instance::claim(&paths.state, args.link.as_deref())? {
        Claim::First(first) => first,
        Claim::Taken { shown } => {
            tracing::info!(shown, "the window is open already");
            return Ok(ExitCode::SUCCESS);
        }
    };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), config = %paths.config.display(), "starting");
    // What a demo is configured to do with the session is no wish of the person's.
    let own = args.demo || home.as_ref().is_some_and(|home| !home.as_os_str().is_empty());
    let again = Relauncher::default();
    let core = Core::open(home, demo, again.clone());
    if let Some(link) = &args.link {
        core.follow(link.clone());
    }
    if args.was_blank {
        core.tell_was_blank();
    }
    let watch = Watch::default();
    let options = window::Options {
        demo: args.demo,
        state: paths.state.clone(),
        bench_beacon: args.bench_beacon.clone(),
        hidden: args.hidden,
        watch: watch.clone(),
    };
    // A window that nobody sees is not drawn, and one that is driven may be stopped by its driver.
    let watched = !args.safe_graphics && !args.hidden && !environment::is_driven();
    let (served, stopped, ended) = (core.clone(), core.clone(), core.clone());
    let ends = again.clone();
    let app = tauri::Builder::default()
        .manage(core)
        .invoke_handler(tauri::generate_handler![rpc])
        .setup(move |app| {
            let handle = app.handle();
            window::open(handle, options)?;
            ends.may_end(handle.clone());
            served.ring_in(handle.clone());
            let tray = desk::start(handle, &served, own);
            window::on_close(handle, paths.state, served.clone(), tray.clone());
            if args.hidden {
                window::show_without_tray(handle, tray);
            }
            end_on_signal(handle.clone());
            let (shown, called) = (handle.clone(), served.clone());
            first.on_call(move |link| {
                link.into_iter().for_each(|link| called.follow(link));
                window::show(&shown);
            });
            if watched {
                watch.start(move || start_again_safely(&served));
            }
            Ok(())
        })
        .build(tauri::generate_context!())?;
    let code = app.run_return(move |_, event| {
        if let RunEvent::Exit = event {
            tauri::async_runtime::block_on(stopped.stop());
        }
    });
    again.begin()?;
    Ok(if code == 0 && !ended.failed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The window stayed blank: start again without the graphics card.
fn start_again_safely(core: &Core) {
    tracing::warn!("the window stayed blank; starting again with --safe-graphics");
    tauri::async_runtime::block_on(core.stop());
    if let Err(error) = environment::start_again_safely() {
        tracing::error!(%error, "the window could not be started again");
    }
}

/// The window's only door to the core.
#[tauri::command]
async fn rpc(core: State<'_, Core>, command: String, payload: Value) -> Result<Value, ApiError> {
    core.app().await?.call(&command, payload).await
}

/// Ends in an orderly way when the session ends.
fn end_on_signal(app: AppHandle) {
    #[cfg(unix)]
    tauri::async_runtime::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut terminate), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        app.exit(0);
    });
    #[cfg(not(unix))]
    drop(app);
}
