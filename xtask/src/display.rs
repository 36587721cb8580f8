//! A screen for the window: the one that is there, or Xvfb.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell;

const SCREEN: &str = "1440x900x24";
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(250);
/// A picture with fewer colours than this shows an empty window: its background, and a scroll bar at most.
const COLOURS_OF_A_PAINTED_WINDOW: u32 = 16;

/// Whether this session has a display of its own.
pub fn present() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A virtual screen; it goes away when this is dropped.
pub struct VirtualScreen {
    server: Child,
    /// Such as `:99`.
    pub name: String,
}

impl VirtualScreen {
    /// Starts Xvfb on a number that it chooses itself, so that several can run beside each other.
    pub fn start() -> Result<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb could not be started")?;
        let mut number = String::new();
        if let Some(output) = server.stdout.take() {
            BufReader::new(output).read_line(&mut number)?;
        }
        match number.trim() {
            "" => bail!("Xvfb ended before it had a display: {}", server.wait()?),
            number => Ok(Self { name: format!(":{number}"), server }),
        }
    }

    /// Takes a picture once the window is painted and two pictures in a row are alike, or when `limit` is over.
    ///
    /// Fails when nothing was painted by then.
    pub fn screenshot(&self, path: &Path, limit: Duration) -> Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let end = Instant::now() + limit;
        let mut before = None;
        loop {
            shell::output_of(
                Command::new("import").args(["-display", &self.name, "-window", "root"]).arg(path),
            )?;
            let now = look_at(path)?;
            let painted = now.0 >= COLOURS_OF_A_PAINTED_WINDOW;
            if painted && (before.as_ref() == Some(&now) || Instant::now() >= end) {
                return Ok(());
            }
            if Instant::now() >= end {
                bail!("nothing was painted within {} s; see {}", limit.as_secs(), path.display());
            }
            before = Some(now);
            thread::sleep(LOOK_AGAIN_AFTER);
        }
    }
}

impl Drop for VirtualScreen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The number of colours of a picture, and a digest of its pixels.
fn look_at(picture: &Path) -> Result<(u32, String)> {
    let printed = shell::output_of(Command::new("identify").args(["-format", "%k %#"]).arg(picture))?;
    let (colours, digest) =
        printed.trim().split_once(' ').context("ImageMagick's answer is not understood")?;
    Ok((colours.parse()?, digest.to_owned()))
}
