//! The native window. It holds no logic and no state but its handle on the core: everything passes through the one
//! command [`rpc`] and the event `bell`.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod args;
mod beacon;
mod core;
mod environment;
mod instance;
mod links;
mod log;
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
use crate::relaunch::Relauncher;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(error = %error, "the window could not be opened");
            // The log may be what is broken.
            let _ = writeln!(std::io::stderr(), "quarterdeck: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<ExitCode, Box<dyn std::error::Error>> {
    environment::correct(args.safe_graphics)?;
    environment::leave_no_core_dump();
    environment::require_display()?;
    let home = std::env::var_os("QUARTERDECK_HOME").map(PathBuf::from);
    let demo = if args.demo { Some(qd_host::demo_home(home.clone(), "window")?) } else { None };
    let paths = demo.as_deref().map(Paths::portable).or_else(|| Paths::find(home.clone()));
    let paths = paths.ok_or("this system names no home folder; set QUARTERDECK_HOME")?;
    log::start(&paths.state)?;
    let first = match instance::claim(&paths.state)? {
        Claim::First(first) => first,
        Claim::Taken { shown } => {
            tracing::info!(shown, "the window is open already");
            return Ok(ExitCode::SUCCESS);
        }
    };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), config = %paths.config.display(), "starting");
    let again = Relauncher::default();
    let core = Core::open(home, demo, again.clone());
    let (state, beacon) = (paths.state, args.bench_beacon.clone());
    let (served, stopped, ended) = (core.clone(), core.clone(), core.clone());
    let (title, ends) = (if args.demo { "DEMO · Quarterdeck" } else { "Quarterdeck" }, again.clone());
    let app = tauri::Builder::default()
        .manage(core)
        .invoke_handler(tauri::generate_handler![rpc])
        .setup(move |app| {
            window::open(app.handle(), title, state, beacon)?;
            ends.may_end(app.handle().clone());
            served.ring_in(app.handle().clone());
            end_on_signal(app.handle().clone());
            let handle = app.handle().clone();
            first.on_call(move || window::show(&handle));
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
