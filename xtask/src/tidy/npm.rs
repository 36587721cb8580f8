//! What reaches the window from npm: few packages at run time, each with a checksum.

use anyhow::Result;
use serde_json::Value;

const MOST_RUNTIME_PACKAGES: usize = 5;

/// Packages in the lock file without a checksum, or with an address (the lock is written without any, so that every
/// machine uses its own registry); too many at run time.
pub fn unsafe_entries(manifest: &str, lock: &str) -> Result<Vec<String>> {
    let (manifest, lock): (Value, Value) = (serde_json::from_str(manifest)?, serde_json::from_str(lock)?);
    let mut found = Vec::new();
    let entries = lock["packages"].as_object().into_iter().flatten();
    for (path, entry) in entries.filter(|(path, entry)| !path.is_empty() && entry["link"] != true) {
        // A package bundled in another's archive is covered by that archive's checksum.
        if entry["integrity"].as_str().is_none() && entry["inBundle"] != true {
            found.push(format!("ui/package-lock.json: {path} has no checksum"));
        }
        if entry["resolved"].as_str().is_some() {
            found.push(format!("ui/package-lock.json: {path} is bound to an address"));
        }
    }
    let at_run_time = manifest["dependencies"].as_object().map_or(0, serde_json::Map::len);
    if at_run_time > MOST_RUNTIME_PACKAGES {
        found.push(format!(
            "ui/package.json: {at_run_time} run-time dependencies, at most {MOST_RUNTIME_PACKAGES}"
        ));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_checksum_or_with_an_address_is_caught() {
        let lock = r#"{"packages": {"": {}, "node_modules/good": {"integrity": "sha512-x"},
            "node_modules/bare": {},
            "node_modules/git": {"integrity": "sha512-x", "resolved": "git+ssh://git@example.com/x.git"}}}"#;
        assert_eq!(
            unsafe_entries("{}", lock).unwrap(),
            [
                "ui/package-lock.json: node_modules/bare has no checksum",
                "ui/package-lock.json: node_modules/git is bound to an address"
            ]
        );
    }

    #[test]
    fn a_sixth_run_time_package_is_caught() {
        let manifest = r#"{"dependencies": {"a": "1", "b": "1", "c": "1", "d": "1", "e": "1", "f": "1"}}"#;
        let found = unsafe_entries(manifest, "{}").unwrap();
        assert_eq!(found, ["ui/package.json: 6 run-time dependencies, at most 5"]);
    }
}
