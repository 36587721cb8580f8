//! Declares the window's one command, and makes sure that there is something to put into the window.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

/// Every command the shell has. A command that is not listed here could be called by any script in the window, whatever
/// the capabilities say.
const COMMANDS: &[&str] = &["rpc"];

const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\">\n<title>Quarterdeck</title>\n\
    <body>The window's files are not built. Run: cargo xtask run</body>\n</html>\n";

fn main() {
    if let Err(error) = page_at_least(Path::new("../ui/dist")) {
        println!("cargo::error=ui/dist/index.html is missing and could not be written: {error}");
        return;
    }
    println!("cargo::rerun-if-changed=../ui/dist");
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo::error={error:#}");
    }
}

/// Checking and testing this crate must work on a fresh checkout, without Node: a page that says what to do stands in.
fn page_at_least(dist: &Path) -> io::Result<()> {
    if dist.join("index.html").exists() {
        return Ok(());
    }
    println!("cargo::warning=the window's files are not built; `cargo xtask run` builds them");
    fs::create_dir_all(dist)?;
    let mut page = File::create(dist.join("index.html"))?;
    page.write_all(NOT_BUILT.as_bytes())?;
    // Older than every source, so that nobody takes it for a finished build.
    page.set_modified(SystemTime::UNIX_EPOCH)
}
