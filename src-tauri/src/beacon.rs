//! For measurements: tells a loopback address when the window has painted. The window needs no permission for it, since
//! it speaks through the title of its document.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use url::Url;

/// The title that means "painted".
pub const PAINTED: &str = "quarterdeck-painted";
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits for the first row, or for the word that there is none, and then for two frames.
pub const SCRIPT: &str = include_str!("beacon.js");

/// Sends the one request, in a thread of its own.
pub fn send(to: &Url) {
    let to = to.clone();
    std::thread::spawn(move || match get(&to) {
        Ok(()) => tracing::info!("the beacon was sent"),
        Err(error) => tracing::warn!(%error, "the beacon could not be sent"),
    });
}

fn get(to: &Url) -> std::io::Result<()> {
    let address = to.socket_addrs(|| None)?;
    let mut stream = TcpStream::connect(address.as_slice())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", to.path(), to.authority())?;
    stream.read(&mut [0; 1]).map(drop)
}
