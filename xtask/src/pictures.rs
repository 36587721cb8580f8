//! `cargo xtask pictures`: every view in every state, looked at by a program that remembers how it looked.

use anyhow::Result;

use crate::node::Node;
use crate::run::FEATURES;
use crate::setup::{self, Parts};
use crate::shell;

/// What tells the stories to take what they see for the new baseline.
const ACCEPT: &str = "QD_ACCEPT_PICTURES";

#[derive(clap::Args)]
pub struct Options {
    /// Take what is shown for the new baseline; look at the pictures before you commit them
    #[arg(long)]
    accept: bool,
    /// Only this view
    view: Option<String>,
}

pub fn run(options: &Options) -> Result<()> {
    setup::run(Parts { tests: true, ..Parts::BUILD })?;
    build_page(&Node::ensure()?)?;
    let mut nextest = shell::cargo();
    nextest.args(["nextest", "run", "--workspace", "--locked", "--features", FEATURES, "--no-fail-fast"]);
    nextest.args(["-E", "binary(stories)"]);
    if let Some(view) = &options.view {
        nextest.arg(format!("{view}_in_every_state"));
    }
    if options.accept {
        nextest.env(ACCEPT, "1");
    }
    shell::run(&mut nextest)?;
    println!("Pictures: {}", shell::target().join("screenshots/stories").display());
    Ok(())
}

/// The window's page with made-up rows, for a browser.
pub fn build_page(node: &Node) -> Result<()> {
    shell::run(node.npm().args(["run", "build:browser"]))
}
