//! The configuration file is followed by whoever polls, though nobody listens to any bell.

use std::time::{Duration, Instant};

use qd_api::App;
use qd_connector::Backend;
use qd_connector::testkit::{Described, descriptor};
use qd_model::Kind;

use crate::home::{Home, noon};

static DESCRIPTOR: qd_connector::Descriptor = descriptor("bells", &[Kind::Alert]);
static BACKENDS: &[&dyn Backend] = &[&Described::by(&DESCRIPTOR)];

fn connection(id: &str, port: u16) -> String {
    format!(
        "[[connection]]\nid = \"{id}\"\nbackend = \"bells\"\nurl = \"http://127.0.0.1:{port}\"\ncredential = \"none\"\n"
    )
}

async fn until(app: &App, what: &str, expected: &[(&str, u16)]) {
    let start = Instant::now();
    loop {
        let entries = app.entries();
        let now: Vec<_> = entries.iter().map(|e| (e.id.as_str(), e.url.port().unwrap_or_default())).collect();
        let polled = app.sources(None).await.unwrap().list.len();
        if now == expected && polled == expected.len() {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{what}: {now:?}, {polled} polled");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn who_polls_takes_the_file_over_and_stops_with_the_rest() {
    let home = Home::new(&connection("a", 1), noon());
    let app = home.start(&home.history(), BACKENDS).await;
    app.start().await.unwrap();
    let write = |text: String| std::fs::write(home.paths().config, text).unwrap();
    until(&app, "as it began", &[("a", 1)]).await;
    write(connection("a", 1) + &connection("added", 2));
    until(&app, "one is added", &[("a", 1), ("added", 2)]).await;
    write(connection("a", 33));
    until(&app, "one is removed, the other has another address", &[("a", 33)]).await;
    write("[[connection\n".to_owned());
    let told =
        || app.notices().iter().any(|notice| notice.message.contains(". The file as it was written at 2"));
    let start = Instant::now();
    while !told() {
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", app.notices());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    until(&app, "what was read before stays", &[("a", 33)]).await;
    assert!(app.stop().await, "following ends with the polls");
}
