//! A canary credential goes through the whole product and must come out nowhere but at its own server.
#![allow(clippy::unwrap_used, reason = "a test panics where the product does something else")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use qd_product_tests::{Deck, files};
use qd_servers::{Redmine, or_skip};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Collects the log at its most talkative.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The ways in which a secret could be written down.
fn disguises(secret: &str) -> Vec<Vec<u8>> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let reversed: String = secret.chars().rev().collect();
    vec![
        secret.as_bytes().to_vec(),
        hex.into_bytes(),
        utf16,
        reversed.into_bytes(),
        base64(secret.as_bytes()).into_bytes(),
    ]
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let chunk = |chunk: &[u8]| {
        let three = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let number = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        (0..=chunk.len())
            .map(move |i| char::from(DIGITS[(number >> (18 - 6 * i) & 63) as usize]))
            .collect::<String>()
    };
    bytes.chunks(3).map(chunk).collect()
}

/// The places among `sinks` where the secret stands in any disguise.
fn found(secret: &str, sinks: &[(String, Vec<u8>)]) -> Vec<String> {
    let hit = |bytes: &[u8]| {
        disguises(secret).iter().any(|needle| bytes.windows(needle.len()).any(|part| part == needle))
    };
    sinks.iter().filter(|(_, bytes)| hit(bytes)).map(|(name, _)| name.clone()).collect()
}

#[test]
fn the_scan_finds_a_seeded_leak_in_every_disguise() {
    let secret = "c4n4ry-7f3a9b2e";
    for (i, disguise) in disguises(secret).into_iter().enumerate() {
        let sinks = [
            ("clean".to_owned(), b"nothing here".to_vec()),
            (format!("leak {i}"), [b"..", &disguise[..], b".."].concat()),
        ];
        assert_eq!(found(secret, &sinks), [format!("leak {i}")]);
    }
}

#[tokio::test]
async fn a_credential_comes_out_nowhere() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt().with_env_filter("trace").with_writer(move || writer.clone()).init();
    let dir = TempDir::new().unwrap();
    let Some(server) = or_skip("a_credential_comes_out_nowhere", Redmine::start(dir.path())) else { return };
    let wrong = "deadbeefcanary00deadbeefcanary00deadbeef";
    let config = format!(
        "[[connection]]\nid = \"tickets\"\nbackend = \"redmine\"\nurl = \"{0}\"\ninterval_secs = 5\n\n\
         [[connection]]\nid = \"wrong\"\nbackend = \"redmine\"\nurl = \"{0}\"\ninterval_secs = 5\n",
        server.url()
    );
    let deck = Deck::start(&config, &[("tickets", server.api_key()), ("wrong", wrong)]).await;
    let row = deck.row("ticket", "").await;
    let mut answers = vec![];
    for (command, payload) in [
        ("status", json!({})),
        ("connections", json!({})),
        ("backends", json!({})),
        ("config", json!({})),
        ("keychain", json!({})),
        ("overview", json!({ "as_of": null, "seen_seq": null })),
        ("entity", json!({ "id": row["id"], "as_of": null })),
        ("detail", json!({ "id": row["id"], "as_of": null })),
        ("actions", json!({})),
        ("connection_test", draft("tickets", &server.url(), None)),
        ("connection_test", draft("new", &server.url(), Some(wrong))),
        ("connection_save", draft("saved", &server.url(), Some(wrong))),
        ("connection_save", json!({ "draft": { "id": wrong }, "secret": wrong })),
        ("rows", json!({ "kind": wrong })),
    ] {
        let answer = match deck.app.call(command, payload).await {
            Ok(answer) => answer,
            Err(error) => serde_json::to_value(error).unwrap(),
        };
        answers.push((command, answer));
    }
    deck.app.stop().await;

    let mut sinks: Vec<(String, Vec<u8>)> = vec![("log".to_owned(), log.0.lock().unwrap().clone())];
    // A request that names the secret as something else gets that name back; it is the caller's own.
    let own_echo = |command: &str| command == "rows";
    sinks.extend(
        answers
            .iter()
            .filter(|(c, _)| !own_echo(c))
            .map(|(c, a): &(&str, Value)| (format!("answer of {c}"), a.to_string().into_bytes())),
    );
    sinks
        .extend(files(deck.home.path()).into_iter().map(|(path, bytes)| (path.display().to_string(), bytes)));
    let log_size = sinks[0].1.len();
    assert!(log_size > 1000, "the log was really written ({log_size} bytes)");
    for secret in [server.api_key(), wrong] {
        for line in String::from_utf8_lossy(&sinks[0].1).lines().filter(|line| line.contains(secret)).take(5)
        {
            println!("leaked: {line}");
        }
        assert_eq!(found(secret, &sinks), Vec::<String>::new());
    }
}

fn draft(id: &str, url: &str, secret: Option<&str>) -> Value {
    json!({
        "draft": { "id": id, "backend": "redmine", "url": url, "credential": "keychain", "interval_secs": null, "ca_file": null, "settings": {} },
        "replaces": null, "secret": secret, "session_only": true
    })
}
