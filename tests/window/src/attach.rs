//! A window that starts by itself and is driven from outside, so that it may end and begin anew while the test goes on.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;

use crate::background::Background;
use crate::{LOADED, Page, Rig, until};

/// Where a debug window lets itself be driven.
const DEBUGGER: &str = "WEBKIT_INSPECTOR_SERVER";

impl Rig {
    /// Starts the window without a driver of its own, and drives it.
    pub async fn open_alone(&mut self) -> Page {
        let port = free_port();
        let loaded_before = self.log().matches(LOADED).count();
        let mut window = Command::new(&self.binary);
        window.stdout(Stdio::null()).stderr(Stdio::null());
        self.in_environment(&mut window).env(DEBUGGER, format!("127.0.0.1:{port}"));
        self.window = Some((Background::start(&mut window), port));
        until("the page is loaded", || (self.log().matches(LOADED).count() > loaded_before).then_some(()))
            .await;
        self.drive().await
    }

    /// Waits until the window has begun anew as the demo, and drives it again.
    pub async fn reopened_as_demo(&mut self) -> Page {
        // The driver stays until then: it may not have pressed the key yet.
        until("the demo's page is loaded", || self.demo_log().contains(LOADED).then_some(())).await;
        self.drive().await
    }

    /// Waits until the window has begun anew as the real thing, and drives it again. `before`: [`log`](Self::log) as it was.
    pub async fn reopened(&mut self, before: &str) -> Page {
        let loaded_before = before.matches(LOADED).count();
        until("the page is loaded again", || {
            (self.log().matches(LOADED).count() > loaded_before).then_some(())
        })
        .await;
        self.drive().await
    }

    /// What the demo's window has logged.
    pub fn demo_log(&self) -> String {
        let path: PathBuf = self.home().join("demo/window/state/quarterdeck.log");
        String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
    }

    /// A driver for the window that runs.
    async fn drive(&mut self) -> Page {
        self.driver = None;
        let (_, target) = self.window.as_ref().unwrap();
        let port = free_port();
        let mut driver = Command::new("WebKitWebDriver");
        driver.args([
            format!("--port={port}"),
            "--host=127.0.0.1".to_owned(),
            format!("--target=127.0.0.1:{target}"),
        ]);
        driver.stdout(Stdio::null()).stderr(Stdio::null());
        self.driver = Some(Background::start(self.in_environment(&mut driver)));
        until("the driver listens", || std::net::TcpStream::connect(("127.0.0.1", port)).ok()).await;
        let client = ClientBuilder::new(HttpConnector::new())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Page::of(client)
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
