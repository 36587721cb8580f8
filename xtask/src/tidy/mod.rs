//! `cargo xtask tidy`: what the compiler does not check. Every rule is a function from data to violations.

mod bans;
mod edges;
mod members;
mod npm;
mod sources;

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;

/// Checks every rule, prints what it finds, and fails on violations. Warnings do not fail.
pub fn run() -> Result<()> {
    let manifest = read("Cargo.toml")?;
    let metadata =
        shell::output_of(shell::cargo().args(["metadata", "--format-version=1", "--no-deps", "--offline"]))?;
    let root = shell::root();
    let sources = sources::Report::of(&tracked_sources()?);
    let mut violations = members::without_purpose(&manifest);
    violations.extend(edges::forbidden(&edges::parse(&metadata, &root)?));
    violations.extend(bans::broken(&bans::parse(&read("deny.toml")?)?, &bans::lock(&read("Cargo.lock")?)?));
    violations.extend(npm::unsafe_entries(&read("ui/package.json")?, &read("ui/package-lock.json")?)?);
    violations.extend(sources.violations);
    for warning in &sources.warnings {
        println!("warning: {warning}");
    }
    for violation in &violations {
        println!("tidy: {violation}");
    }
    if !violations.is_empty() {
        bail!("{} violations", violations.len());
    }
    println!("tidy: nothing to complain about ({} warnings)", sources.warnings.len());
    Ok(())
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(shell::root().join(path)).with_context(|| format!("{path} cannot be read"))
}

/// Path and text of every source file that git knows or would add.
fn tracked_sources() -> Result<Vec<(String, String)>> {
    let list = shell::output_of(Command::new("git").current_dir(shell::root()).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        "*.rs",
        "*.ts",
        "*.svelte",
    ]))?;
    let present = list.lines().filter(|path| shell::root().join(path).is_file());
    present.map(|path| Ok((path.to_owned(), read(path)?))).collect()
}
