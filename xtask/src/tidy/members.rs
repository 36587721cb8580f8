//! The manifest is the map: every member of the workspace says beside itself what it is for.

/// Members of the workspace without a comment that could be a purpose.
pub fn without_purpose(manifest: &str) -> Vec<String> {
    const SHORTEST_PURPOSE: usize = 10;
    let members = manifest
        .lines()
        .skip_while(|line| !line.starts_with("members"))
        .take_while(|line| line.trim() != "]");
    members
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once('"'))
        .filter(|(_, rest)| {
            rest.split_once('#').is_none_or(|(_, purpose)| purpose.trim().len() < SHORTEST_PURPOSE)
        })
        .map(|(member, _)| format!("Cargo.toml: member {member} has no purpose beside it"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_without_a_purpose_is_caught() {
        let manifest = "[workspace]\nmembers = [\n    \"crates/a\", # the nouns, nothing else\n    \"crates/b\",\n    \"crates/c\", # b\n]\n";
        assert_eq!(
            without_purpose(manifest),
            [
                "Cargo.toml: member crates/b has no purpose beside it",
                "Cargo.toml: member crates/c has no purpose beside it"
            ]
        );
    }
}
