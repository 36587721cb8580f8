//! The start with the session: an entry in the person's XDG autostart folder.

use std::io;
use std::path::{Path, PathBuf};

use crate::APP_ID;

/// Marks the entry as ours: another one of that name is left alone.
const OURS: &str = "X-Quarterdeck-Autostart=true";

/// The autostart folder of this person. `None`: this system has none that we know.
pub fn folder() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(config.join("autostart"))
}

/// Makes the entry be there or not, as `wanted` says, to start `program`.
///
/// # Errors
/// The folder cannot be written, or the program's path is none that an entry can hold.
pub fn keep(folder: &Path, program: &Path, wanted: bool) -> io::Result<()> {
    let path = folder.join(format!("{APP_ID}.desktop"));
    let there = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let ours = there.as_deref().is_none_or(|text| text.lines().any(|line| line == OURS));
    match (wanted, there) {
        _ if !ours => Ok(()),
        (false, None) => Ok(()),
        (false, Some(_)) => std::fs::remove_file(path),
        (true, there) => {
            let entry = entry(program)?;
            if there.as_deref() == Some(&entry) {
                return Ok(());
            }
            std::fs::create_dir_all(folder)?;
            std::fs::write(path, entry)
        }
    }
}

fn entry(program: &Path) -> io::Result<String> {
    let text = program.to_str().filter(|text| !text.contains(char::is_control)).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidInput, "the program's path cannot stand in a desktop entry")
    })?;
    Ok(format!(
        "[Desktop Entry]\nType=Application\nName=Quarterdeck\nExec={} --hidden\nIcon={APP_ID}\nTerminal=false\n{OURS}\n",
        quoted(text)
    ))
}

/// Quotes an argument as the Desktop Entry Specification has it: once for the command line, and once more for the string.
fn quoted(argument: &str) -> String {
    let mut out = String::from("\"");
    for c in argument.chars() {
        match c {
            '"' | '`' | '$' => out.extend(['\\', '\\', c]),
            '\\' => out.push_str("\\\\\\\\"),
            '%' => out.push_str("%%"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_comes_and_goes_with_the_setting() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("autostart");
        let path = folder.join(format!("{APP_ID}.desktop"));
        let program = Path::new("/opt/Quarter deck/quarterdeck");
        keep(&folder, program, false).unwrap();
        assert!(!folder.exists(), "nothing is made without being asked for");
        keep(&folder, program, true).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("Exec=\"/opt/Quarter deck/quarterdeck\" --hidden\n"), "{text}");
        keep(&folder, Path::new("/usr/bin/quarterdeck"), true).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().contains("/usr/bin/"), "a program that moved");
        keep(&folder, program, false).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn an_entry_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{APP_ID}.desktop"));
        std::fs::write(&path, "[Desktop Entry]\nExec=mine\n").unwrap();
        for wanted in [true, false] {
            keep(folder.path(), Path::new("/usr/bin/quarterdeck"), wanted).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "[Desktop Entry]\nExec=mine\n");
        }
    }

    #[test]
    fn a_path_starts_this_program_and_no_other() {
        assert_eq!(quoted("/a b/$(x)`y`\"z\"%f\\"), r#""/a b/\\$(x)\\`y\\`\\"z\\"%%f\\\\""#);
        assert!(entry(Path::new("/a\nExec=evil")).is_err());
    }
}
