//! `cargo xtask`: every chore of this repository, so that nobody needs to remember a command line.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person at the terminal")]

mod bench;
mod codegen;
mod demo;
mod display;
mod new_connector;
mod node;
mod packages;
mod pictures;
mod run;
mod setup;
mod shell;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The chores of Quarterdeck.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
#[command(after_help = "EXAMPLES:
  cargo xtask run                       build everything and open the window
  cargo xtask run --servers             the same, connected to real, seeded servers on loopback
  cargo xtask test                      everything that can be checked, with a summary
  cargo xtask test --only tests         one stage
  cargo xtask servers                   real servers for work on a connector; prints their addresses

The first run on a machine installs what is missing: as root with apt, else it prints the one command to run.")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Install what building, testing and the real servers need
    ///
    /// System packages come from apt (as root at once; otherwise the one sudo command is printed and the chore stops),
    /// Node from the system or, when that is missing or too old, from PyPI into target/tools; cargo-nextest from
    /// crates.io; the packages of ui/ from npm; Buildbot from PyPI into target/servers. Every step looks first
    /// whether its work is already done.
    #[command(after_help = "EXAMPLES:
  cargo xtask setup               everything
  cargo xtask setup --build       only what building and running the window needs
  cargo xtask setup --servers     that, and the real servers")]
    Setup {
        /// What building and running the window needs
        #[arg(long)]
        build: bool,
        /// What the real servers need
        #[arg(long)]
        servers: bool,
        /// What the tests need
        #[arg(long)]
        tests: bool,
    },
    /// Build the app and open its window
    ///
    /// Without a display the window opens under Xvfb, and its picture is kept in target/screenshots/window.png.
    #[command(after_help = "EXAMPLES:
  cargo xtask run
  cargo xtask run --servers                     real servers first, seeded; configuration in target/demo/home
  cargo xtask run --release -- --safe-graphics  arguments after -- go to the app
  cargo xtask run --servers --screenshot-and-quit")]
    Run(run::Options),
    /// Run every check: format, tidy, generated code, UI, lints, build, tests; with a summary at the end
    #[command(after_help = "EXAMPLES:
  cargo xtask test
  cargo xtask test --only ui --only tests
  cargo xtask test --skip setup --skip ui

STAGES: setup format tidy codegen ui clippy build tests")]
    Test(test::Options),
    /// Check what the compiler does not: who uses whom, banned crates, file lengths, forbidden calls
    #[command(after_help = "EXAMPLES:
  cargo xtask tidy

The rules and their reasons: docs/architecture.md, deny.toml, and the modules of xtask/src/tidy.")]
    Tidy,
    /// Write ui/src/api/gen.ts, the TypeScript of what the window may ask
    #[command(after_help = "EXAMPLES:
  cargo xtask codegen             write it
  cargo xtask codegen --check     fail when it is not up to date")]
    Codegen {
        /// Only compare; fail when the file would change
        #[arg(long)]
        check: bool,
    },
    /// Measure in release builds, beside floors and peers, and write the figures into benches/RESULTS.md
    ///
    /// Windows open under Xvfb. A peer that is not installed is reported as absent. Times are worth something only while
    /// the machine does nothing else: each figure carries the load.
    #[command(after_help = "EXAMPLES:
  cargo xtask bench               all of them: some minutes
  cargo xtask bench start idle    two of them

NAMES: status start refresh refresh-50k idle window store")]
    Bench {
        /// Which; all, when none is named
        #[arg(value_parser = bench::known)]
        names: Vec<String>,
    },
    /// Make connectors/NAME, which builds and fails its conformance suite with a list of what is missing
    #[command(after_help = "EXAMPLES:
  cargo xtask new-connector jenkins
  cargo nextest run -p qd-connector-jenkins")]
    NewConnector {
        /// Small letters, digits and dashes; also the word for `backend = ...` in config.toml
        name: String,
    },
    /// Show every view in every state, and compare each with how it looked when somebody last looked at it
    ///
    /// The pictures are left in target/screenshots/stories; where one differs from its baseline in tests/window/baselines,
    /// a picture of the changes lies beside it.
    #[command(after_help = "EXAMPLES:
  cargo xtask pictures                  all views
  cargo xtask pictures alerts           one view
  cargo xtask pictures --accept         what is shown becomes the baseline")]
    Pictures(pictures::Options),
    /// Start Alertmanager, Prometheus, Buildbot and Redmine on loopback, seeded, until Ctrl-C
    #[command(after_help = "EXAMPLES:
  cargo xtask servers
  QUARTERDECK_HOME=target/demo/home qd status     (with the variables it prints) in another terminal")]
    Servers,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().chore {
        Chore::Setup { build, servers, tests } => setup::run(setup::Parts::chosen(build, servers, tests)),
        Chore::Run(options) => run::run(&options),
        Chore::Test(options) => test::run(&options),
        Chore::Tidy => tidy::run(),
        Chore::Codegen { check } => codegen::run(check),
        Chore::Bench { names } => bench::run(&names),
        Chore::NewConnector { name } => new_connector::run(&name),
        Chore::Pictures(options) => pictures::run(&options),
        Chore::Servers => run::servers_only(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_chore_is_explained_with_an_example() {
        Cli::command().debug_assert();
        for chore in Cli::command().get_subcommands() {
            let name = chore.get_name();
            assert!(chore.get_about().is_some(), "{name} says what it does");
            let help = chore.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("EXAMPLES"), "{name} shows an example");
        }
    }
}
