//! Who may know whom: docs/architecture.md as a table, checked against every dependency between our own crates.
//!
//! Dev-dependencies are free: a test may use what it needs to see the truth.

use std::path::Path;

use anyhow::Result;
use serde::Deserialize;

/// A dependency of one crate of this workspace on another, both named by their folder.
#[derive(Debug, PartialEq, Eq)]
pub struct Edge {
    from: String,
    to: String,
}

/// Folder of a crate, and the folders it may use. `*` stands for one name. The first row that fits counts.
const MAY_USE: &[(&str, &[&str])] = &[
    ("crates/model", &[]),
    ("crates/connector", &["crates/model"]),
    ("crates/rules", &["crates/model"]),
    ("crates/store", &["crates/model"]),
    ("crates/charts", &[]),
    ("crates/secrets", &["crates/model", "crates/connector"]),
    ("crates/store-*", &["crates/model", "crates/store"]),
    ("crates/engine", &["crates/model", "crates/connector", "crates/rules", "crates/store"]),
    // The front end speaks of what the engine is made of; it never sees a backend or a concrete store.
    (
        "crates/api",
        &[
            "crates/model",
            "crates/connector",
            "crates/rules",
            "crates/store",
            "crates/engine",
            "crates/charts",
        ],
    ),
    ("crates/demo", &["crates/model"]),
    ("connectors/registry", &["crates/model", "crates/connector", "connectors/*"]),
    ("connectors/*", &["crates/model", "crates/connector"]),
    // Puts the parts together, once for all hosts: only here meet a concrete store, the keychain and the registry.
    (
        "crates/host",
        &[
            "crates/model",
            "crates/connector",
            "crates/store",
            "crates/store-*",
            "crates/secrets",
            "crates/api",
            "crates/demo",
            "connectors/registry",
        ],
    ),
    // What the desktop is told is decided and worded in the api; here it is only shown.
    ("crates/desktop", &["crates/model", "crates/api"]),
    ("src-tauri", &["crates/api", "crates/desktop", "crates/host"]),
    ("crates/cli", &["crates/model", "crates/connector", "crates/api", "crates/host"]),
    ("tests/servers", &[]),
    ("xtask", &["tests/servers"]),
    ("tests/*", &["crates/*", "connectors/*", "tests/servers", "src-tauri"]),
    ("tests", &["crates/*", "connectors/*", "tests/servers", "src-tauri"]),
    ("benches", &["crates/*", "connectors/*", "tests/servers", "tests/window"]),
];

/// The edges that the table does not allow, in words.
pub fn forbidden(edges: &[Edge]) -> Vec<String> {
    edges.iter().filter_map(|edge| judge(&edge.from, &edge.to)).collect()
}

fn judge(from: &str, to: &str) -> Option<String> {
    match MAY_USE.iter().find(|(folder, _)| fits(folder, from)) {
        None => Some(format!("{from} has no row in the table of xtask/src/tidy/edges.rs")),
        Some((_, allowed)) if allowed.iter().any(|allowed| fits(allowed, to)) => None,
        Some((_, allowed)) => {
            let allowed = if allowed.is_empty() { "no other crate".to_owned() } else { allowed.join(", ") };
            Some(format!("{from} must not use {to}; it may use {allowed} (docs/architecture.md)"))
        }
    }
}

fn fits(pattern: &str, folder: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == folder, |start| {
        folder.strip_prefix(start).is_some_and(|name| !name.is_empty() && !name.contains('/'))
    })
}

/// Reads `cargo metadata --no-deps`: every dependency with a path, except those for tests only.
pub fn parse(metadata: &str, root: &Path) -> Result<Vec<Edge>> {
    let metadata: Metadata = serde_json::from_str(metadata)?;
    let folder = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    let mut edges = Vec::new();
    for package in &metadata.packages {
        let from = package.manifest_path.parent().map(folder).unwrap_or_default();
        let used = package.dependencies.iter().filter(|used| used.kind.as_deref() != Some("dev"));
        edges.extend(
            used.filter_map(|used| Some(Edge { from: from.clone(), to: folder(used.path.as_deref()?) })),
        );
    }
    Ok(edges)
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: std::path::PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    /// `null` for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
    path: Option<std::path::PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, to: &str, allowed: bool) {
        assert_eq!(judge(from, to).is_none(), allowed, "{from} -> {to}");
    }

    #[test]
    fn the_directions_of_the_architecture_hold() {
        check("crates/connector", "crates/model", true);
        check("connectors/github", "crates/connector", true);
        check("connectors/registry", "connectors/github", true);
        check("crates/engine", "crates/rules", true);
        check("src-tauri", "crates/host", true);
        check("crates/cli", "crates/host", true);
        check("crates/host", "crates/store-sqlite", true);
        check("crates/host", "connectors/registry", true);
    }

    #[test]
    fn the_opposite_directions_and_short_cuts_are_caught() {
        check("crates/model", "crates/rules", false);
        check("crates/rules", "crates/store", false);
        check("crates/engine", "crates/store-sqlite", false);
        check("crates/engine", "connectors/registry", false);
        check("crates/api", "crates/secrets", false);
        check("connectors/github", "connectors/redmine", false);
        check("connectors/github", "crates/store", false);
        check("src-tauri", "connectors/github", false);
        check("src-tauri", "crates/store-sqlite", false);
        check("crates/cli", "connectors/registry", false);
        check("src-tauri", "crates/engine", false);
        check("crates/store", "crates/store-sqlite", false);
        check("xtask", "crates/api", false);
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_is_caught() {
        assert!(judge("crates/utils", "crates/model").is_some_and(|it| it.contains("no row in the table")));
    }

    #[test]
    fn dependencies_for_tests_are_free_and_those_of_build_scripts_are_not() {
        let metadata = r#"{"packages": [{"manifest_path": "/w/crates/model/Cargo.toml", "dependencies": [
            {"kind": "dev", "path": "/w/crates/store"}, {"kind": "build", "path": "/w/crates/rules"},
            {"kind": null, "path": null}]}]}"#;
        let edges = parse(metadata, Path::new("/w")).unwrap();
        assert_eq!(edges, [Edge { from: "crates/model".into(), to: "crates/rules".into() }]);
        assert_eq!(forbidden(&edges).len(), 1);
    }
}
