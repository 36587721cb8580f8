//! Reads the shell's configuration again and fails on any widening: what the window may do is decided in these files.
#![allow(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn config() -> Value {
    serde_json::from_str(&read("tauri.conf.json")).unwrap()
}

/// The words in quotes on the line that declares the shell's commands.
fn declared_commands() -> BTreeSet<String> {
    let build = read("build.rs");
    let line = build.lines().find(|line| line.starts_with("const COMMANDS")).unwrap();
    line.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_window_may_hear_the_bell_zoom_and_call_the_one_command() {
    let mut capability: Value = serde_json::from_str(&read("capabilities/main.json")).unwrap();
    for explaining in ["$schema", "description"] {
        capability.as_object_mut().unwrap().remove(explaining);
    }
    assert_eq!(
        capability,
        json!({
            "identifier": "main",
            "local": true,
            "windows": ["main"],
            "permissions": [
                "core:event:allow-listen",
                "core:event:allow-unlisten",
                "core:webview:allow-set-webview-zoom",
                "allow-rpc",
            ],
        })
    );
    let files: Vec<_> =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("capabilities")).unwrap().collect();
    assert_eq!(files.len(), 1, "one capability, in one file");
}

#[test]
fn handlers_declared_commands_and_permissions_are_the_same_list() {
    let main = read("src/main.rs");
    let handled: BTreeSet<String> = main
        .split_once("generate_handler![")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(list, _)| list.split(',').map(|name| name.trim().to_owned()).collect())
        .unwrap();
    let capability: Value = serde_json::from_str(&read("capabilities/main.json")).unwrap();
    let allowed: BTreeSet<String> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it.as_str().unwrap().strip_prefix("allow-"))
        .map(|name| name.replace('-', "_"))
        .collect();
    assert_eq!(handled, declared_commands(), "a command that is not declared is not checked at all");
    assert_eq!(allowed, declared_commands());
}

#[test]
fn security_settings_are_exactly_these() {
    let config = config();
    assert_eq!(config["app"]["withGlobalTauri"], false);
    assert_eq!(config["app"]["windows"], json!([]), "windows are built in Rust, with their guards");
    assert_eq!(config["build"]["removeUnusedCommands"], true);
    assert_eq!(config["build"]["devUrl"], Value::Null, "no other origin, not even for development");
    assert_eq!(config["plugins"], Value::Null);
    let mut security = config["app"]["security"].clone();
    security.as_object_mut().unwrap().remove("csp");
    assert_eq!(
        security,
        json!({
            "freezePrototype": true,
            "dangerousDisableAssetCspModification": false,
            "assetProtocol": { "enable": false, "scope": [] },
            "pattern": { "use": "brownfield" },
            "capabilities": ["main"],
            "headers": {
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Opener-Policy": "same-origin",
                "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            },
        })
    );
}

#[test]
fn the_content_policy_is_exactly_this() {
    let config = config();
    let policy: BTreeSet<&str> = config["app"]["security"]["csp"].as_str().unwrap().split("; ").collect();
    let wanted = BTreeSet::from([
        "default-src 'none'",
        "script-src 'self'",
        "script-src-attr 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src ipc: http://ipc.localhost",
        "object-src 'none'",
        "frame-src 'none'",
        "child-src 'none'",
        "worker-src 'none'",
        "media-src 'none'",
        "manifest-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types svelte-trusted-html",
    ]);
    assert_eq!(policy, wanted);
}

#[test]
fn tauri_is_built_without_what_opens_doors() {
    let workspace = read("../Cargo.toml");
    let line = workspace.lines().find(|line| line.starts_with("tauri = ")).unwrap();
    assert!(line.contains("default-features = false"), "{line}");
    for door in ["devtools", "dynamic-acl", "webview-data-url", "protocol-asset"] {
        assert!(!line.contains(door), "{door} in {line}");
    }
    let plugins = read("Cargo.toml").lines().filter(|line| line.starts_with("tauri-plugin")).count();
    assert_eq!(plugins, 0, "no plugin, so no command of a plugin");
}
