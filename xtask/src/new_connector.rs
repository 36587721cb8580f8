//! `cargo xtask new-connector NAME`: one folder and the lines that make it known.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell;

const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("../templates/connector/Cargo.toml.in")),
    ("README.md", include_str!("../templates/connector/README.md.in")),
    ("icon.svg", include_str!("../templates/connector/icon.svg.in")),
    ("fixtures/README.md", include_str!("../templates/connector/fixtures.md.in")),
    ("src/lib.rs", include_str!("../templates/connector/lib.rs.in")),
    ("src/wire.rs", include_str!("../templates/connector/wire.rs.in")),
    ("src/map.rs", include_str!("../templates/connector/map.rs.in")),
    ("src/poll.rs", include_str!("../templates/connector/poll.rs.in")),
    ("tests/conformance.rs", include_str!("../templates/connector/conformance.rs.in")),
];

/// Makes the connector in this workspace and says what comes next.
pub fn run(name: &str) -> Result<()> {
    create(&shell::root(), name)?;
    println!("connectors/{name} is made and registered. It builds, and fails its conformance suite:");
    println!("\n  cargo nextest run -p qd-connector-{name}\n");
    println!(
        "Make the suite pass: answer as the backend does in tests/conformance.rs, then read it in src/."
    );
    println!("docs/connectors.md leads through it.");
    Ok(())
}

fn create(root: &Path, name: &str) -> Result<()> {
    check_name(name)?;
    let folder = root.join("connectors").join(name);
    if folder.exists() {
        bail!("connectors/{name} exists already");
    }
    // Everything that can fail for a reason comes before the first write.
    let edits = [
        ("Cargo.toml", add_member(&read(root, "Cargo.toml")?, name)),
        (
            "connectors/registry/Cargo.toml",
            add_dependency(&read(root, "connectors/registry/Cargo.toml")?, name),
        ),
        ("connectors/registry/src/lib.rs", add_line(&read(root, "connectors/registry/src/lib.rs")?, name)),
    ];
    let edits = edits.map(|(path, text)| {
        text.with_context(|| format!("{path} is not as expected")).map(|text| (path, text))
    });
    let edits = edits.into_iter().collect::<Result<Vec<_>>>()?;
    for (path, template) in FILES {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        fs::write(path, fill(template, name))?;
    }
    for (path, text) in edits {
        fs::write(root.join(path), text)?;
    }
    Ok(())
}

fn read(root: &Path, path: &str) -> Result<String> {
    fs::read_to_string(root.join(path)).with_context(|| format!("{path} cannot be read"))
}

fn check_name(name: &str) -> Result<()> {
    let fits = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fits
        || !name.starts_with(|c: char| c.is_ascii_lowercase())
        || name.ends_with('-')
        || name.contains("--")
    {
        bail!(
            "`{name}` is no name for a connector: small letters, digits and single dashes, such as `azure-devops`"
        );
    }
    Ok(())
}

fn fill(template: &str, name: &str) -> String {
    template
        .replace("{{name}}", name)
        .replace("{{module}}", &module(name))
        .replace("{{Type}}", &type_name(name))
        .replace("{{Title}}", &title(name))
}

fn title(name: &str) -> String {
    name.split('-').map(capitalised).collect::<Vec<_>>().join(" ")
}

fn module(name: &str) -> String {
    name.replace('-', "_")
}

fn type_name(name: &str) -> String {
    name.split('-').map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// The member with its purpose, and the dependency that the registry takes.
fn add_member(manifest: &str, name: &str) -> Option<String> {
    let members = manifest.find("members = [")?;
    let end = members + manifest.get(members..)?.find("\n]")?;
    let (before, after) = manifest.split_at_checked(end)?;
    let member = format!("\n    \"connectors/{name}\", # the connector of {}", title(name));
    add_dependency_line(
        &format!("{before}{member}{after}"),
        &format!("qd-connector-{name} = {{ path = \"connectors/{name}\" }}"),
    )
}

fn add_dependency(manifest: &str, name: &str) -> Option<String> {
    add_dependency_line(manifest, &format!("qd-connector-{name}.workspace = true"))
}

/// Puts a line after the last dependency on a connector.
fn add_dependency_line(manifest: &str, line: &str) -> Option<String> {
    let mut lines: Vec<&str> = manifest.lines().collect();
    let last = lines.iter().rposition(|line| line.starts_with("qd-connector-"))?;
    lines.insert(last + 1, line);
    Some(lines.join("\n") + "\n")
}

fn add_line(registry: &str, name: &str) -> Option<String> {
    let start = registry.find("static BACKENDS")?;
    let end = start + registry.get(start..)?.find("\n];")?;
    let (before, after) = registry.split_at_checked(end)?;
    Some(format!("{before}\n    &qd_connector_{}::{}Backend,{after}", module(name), type_name(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[workspace]\nmembers = [\n    \"connectors/github\", # GitHub\n]\n\n[workspace.dependencies]\n\
                            qd-connector-github = { path = \"connectors/github\" }\nurl = \"2\"\n";
    const REGISTRY: &str =
        "static BACKENDS: &[&dyn Backend] = &[\n    &qd_connector_github::GithubBackend,\n];\n";

    #[test]
    fn names_that_cargo_or_people_would_stumble_over_are_refused() {
        assert!(check_name("azure-devops").is_ok() && check_name("zabbix6").is_ok());
        for name in ["", "Azure", "6zabbix", "a_b", "a--b", "a-", "../x"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_connector_is_a_folder_and_the_lines_that_make_it_known() {
        let root = tempfile::tempdir().unwrap();
        let registry = root.path().join("connectors/registry/src");
        fs::create_dir_all(&registry).unwrap();
        fs::write(root.path().join("Cargo.toml"), MANIFEST).unwrap();
        fs::write(registry.join("lib.rs"), REGISTRY).unwrap();
        fs::write(registry.join("../Cargo.toml"), "[dependencies]\nqd-connector-github.workspace = true\n")
            .unwrap();
        create(root.path(), "azure-devops").unwrap();

        let read = |path: &str| fs::read_to_string(root.path().join(path)).unwrap();
        assert!(
            read("Cargo.toml")
                .contains("    \"connectors/azure-devops\", # the connector of Azure Devops\n]")
        );
        assert!(
            read("Cargo.toml")
                .contains("qd-connector-azure-devops = { path = \"connectors/azure-devops\" }\nurl")
        );
        assert!(
            read("connectors/registry/Cargo.toml").contains("qd-connector-azure-devops.workspace = true")
        );
        assert!(
            read("connectors/registry/src/lib.rs")
                .contains("    &qd_connector_azure_devops::AzureDevopsBackend,\n];")
        );
        for (path, _) in FILES {
            let text = read(&format!("connectors/azure-devops/{path}"));
            assert!(!text.contains("{{"), "{path} has nothing left to fill in");
        }
        assert!(create(root.path(), "azure-devops").is_err(), "an existing connector is not overwritten");
    }
}
