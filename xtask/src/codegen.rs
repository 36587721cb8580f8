//! `cargo xtask codegen`: the TypeScript of the commands and view types, written by the crate that owns them.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::shell;

const GENERATED: &str = "ui/src/api/gen.ts";

/// Writes the file, or with `check` only compares it.
pub fn run(check: bool) -> Result<()> {
    let fresh = shell::output_of(shell::cargo().args([
        "run",
        "--quiet",
        "--locked",
        "--package",
        "qd-api",
        "--example",
        "codegen",
    ]))?;
    let path = shell::root().join(GENERATED);
    let old = fs::read_to_string(&path).unwrap_or_default();
    match difference(&old, &fresh) {
        None => println!("{GENERATED} is up to date"),
        Some(line) if check => {
            bail!(
                "{GENERATED} is out of date, first in line {line}; run `cargo xtask codegen` and commit the result"
            )
        }
        Some(_) => {
            fs::write(&path, fresh).with_context(|| format!("{GENERATED} could not be written"))?;
            println!("{GENERATED} written");
        }
    }
    Ok(())
}

/// The first line, from 1, in which two texts differ.
fn difference(old: &str, fresh: &str) -> Option<usize> {
    if old == fresh {
        return None;
    }
    let same = old.lines().zip(fresh.lines()).take_while(|(old, fresh)| old == fresh).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_and_placed() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(difference("a\n", "a\nb\n"), Some(2), "an addition at the end counts");
        assert_eq!(difference("", "a\n"), Some(1), "a missing file is out of date");
    }
}
