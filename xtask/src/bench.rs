//! `cargo xtask bench`: measures in release builds, and writes what was measured into benches/RESULTS.md.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::display::VirtualScreen;
use crate::node::Node;
use crate::run::{FEATURES, build_ui};
use crate::setup::{self, Parts};
use crate::shell;

const RESULTS: &str = "benches/RESULTS.md";
/// The invented rows of the reference window; made by `npm run build:browser`.
const PAGE: &str = "ui/node_modules/.browser";

/// A measurement: its name, its program, and what the program is told.
struct Bench {
    name: &'static str,
    program: &'static str,
    args: &'static [&'static str],
    /// It opens windows.
    window: bool,
    /// It drives the product's window, which has to be built for that.
    drives: bool,
}

const BENCHES: [Bench; 7] = [
    Bench { name: "status", program: "status", args: &[], window: false, drives: false },
    Bench { name: "start", program: "start", args: &[], window: true, drives: false },
    Bench { name: "refresh", program: "refresh", args: &[], window: false, drives: false },
    Bench {
        name: "refresh-50k",
        program: "refresh",
        args: &["--alerts", "50000", "--times", "3"],
        window: false,
        drives: false,
    },
    Bench { name: "idle", program: "idle", args: &[], window: true, drives: false },
    // Last but for the store: the next build of the others undoes what makes the window drivable.
    Bench { name: "window", program: "window", args: &[], window: false, drives: true },
    Bench { name: "store", program: "store", args: &[], window: false, drives: false },
];

/// What is measured beside the measurements themselves.
const PROGRAMS: [&str; 3] = ["quarterdeck", "qd", "bare"];

/// The names of the measurements.
pub fn names() -> Vec<&'static str> {
    BENCHES.iter().map(|bench| bench.name).collect()
}

/// Builds and runs them; all, when none is named.
pub fn run(wanted: &[String]) -> Result<()> {
    let chosen: Vec<&Bench> =
        BENCHES.iter().filter(|it| wanted.is_empty() || wanted.iter().any(|w| w == it.name)).collect();
    setup::run(Parts::BUILD)?;
    let node = Node::ensure()?;
    build_ui(&node)?;
    shell::run(node.npm().args(["run", "build:browser"]))?;
    build(&chosen, FEATURES)?;
    let mut failed = Vec::new();
    for bench in chosen {
        // What cannot be measured today keeps nobody from measuring the others.
        if let Err(error) = measured(bench) {
            eprintln!("{error:#}");
            failed.push((bench.name, error));
        }
    }
    all_measured(&failed)
}

/// Measures one and writes down what it brought.
fn measured(bench: &Bench) -> Result<()> {
    if bench.drives {
        build(&[bench], &format!("{FEATURES},quarterdeck/drivable"))?;
    }
    let table = measure(bench)?;
    let path = shell::root().join(RESULTS);
    let text = fs::read_to_string(&path).unwrap_or_default();
    fs::write(&path, replaced(&text, bench.name, &table))
        .with_context(|| format!("{RESULTS} could not be written"))?;
    eprintln!("{RESULTS}: {} written", bench.name);
    Ok(())
}

/// The end of a run: names what could not be measured, and why.
fn all_measured(failed: &[(&str, anyhow::Error)]) -> Result<()> {
    if failed.is_empty() {
        return Ok(());
    }
    let each: Vec<String> = failed.iter().map(|(name, error)| format!("{name}: {error:#}")).collect();
    bail!("not measured, and left as they were in {RESULTS}:\n  {}", each.join("\n  "))
}

fn build(chosen: &[&Bench], features: &str) -> Result<()> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--release", "--locked", "--workspace", "--features", features]);
    let mut programs: Vec<&str> =
        PROGRAMS.into_iter().chain(chosen.iter().map(|bench| bench.program)).collect();
    programs.sort_unstable();
    programs.dedup();
    for program in programs {
        cargo.args(["--bin", program]);
    }
    shell::run(&mut cargo)
}

/// Runs one, passes its figures on, and returns its tables.
fn measure(bench: &Bench) -> Result<String> {
    let mut command = shell::command(shell::target().join("release").join(bench.program));
    command.args(bench.args).env("CARGO_TARGET_DIR", shell::target());
    // Always the same kind of screen, so that figures of two machines can be compared.
    let screen = if bench.window { Some(VirtualScreen::start()?) } else { None };
    if let Some(screen) = &screen {
        command.arg("--page").arg(shell::root().join(PAGE));
        command.env("DISPLAY", &screen.name).env_remove("WAYLAND_DISPLAY");
    }
    eprintln!("measuring: {}", bench.name);
    let mut child = command.stdout(Stdio::piped()).spawn().context("a measurement could not be started")?;
    let mut tables = String::new();
    let output = child.stdout.take().context("a measurement has no output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{line}");
        if !tables.is_empty() || line.is_empty() {
            tables.push_str(&line);
            tables.push('\n');
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the measurement '{}' ended with {status}", bench.name);
    }
    Ok(tables.trim().to_owned())
}

/// The text with the tables of one measurement put between its marks, or behind everything when it has none yet.
fn replaced(text: &str, name: &str, tables: &str) -> String {
    let (begin, end) = (format!("<!-- {name}: begin -->"), format!("<!-- {name}: end -->"));
    let part = format!("{begin}\n```text\ncargo xtask bench {name}\n```\n\n{tables}\n{end}");
    let marked = text.find(&begin).and_then(|from| {
        let to = text.get(from..)?.find(&end)? + from + end.len();
        Some((text.get(..from)?, text.get(to..)?))
    });
    match marked {
        Some((before, after)) => format!("{before}{part}{after}"),
        None => format!("{}\n\n## {name}\n\n{part}\n", text.trim_end()),
    }
}

/// What is wrong with a name. `None`: nothing.
pub fn known(name: &str) -> Result<String, String> {
    if names().contains(&name) { Ok(name.to_owned()) } else { Err(format!("one of: {}", names().join(" "))) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_measurement_replaces_its_own_figures_and_nothing_else() {
        let first = replaced("# Results\n", "start", "| 1 |");
        assert!(first.starts_with("# Results\n\n## start\n\n") && first.contains("| 1 |"), "{first}");
        let text = replaced(&first, "idle", "| 2 |").replace("## idle", "## Idle, with words of a person");
        let second = replaced(&text, "start", "| 3 |");
        assert!(
            !second.contains("| 1 |") && second.contains("| 3 |") && second.contains("| 2 |"),
            "{second}"
        );
        assert!(second.contains("words of a person"));
        assert_eq!(replaced(&second, "start", "| 3 |"), second, "the same figures change nothing");
    }

    #[test]
    fn the_end_names_every_measurement_that_failed_and_why() {
        assert!(all_measured(&[]).is_ok());
        let failed = [("start", anyhow::anyhow!("no display")), ("idle", anyhow::anyhow!("no window"))];
        let said = all_measured(&failed).unwrap_err().to_string();
        assert!(said.contains("start: no display") && said.contains("idle: no window"), "{said}");
    }

    #[test]
    fn every_program_of_a_measurement_is_there() {
        for bench in &BENCHES {
            let source = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(format!("../benches/src/bin/{}.rs", bench.program));
            assert!(source.is_file(), "{}", bench.name);
        }
    }
}
