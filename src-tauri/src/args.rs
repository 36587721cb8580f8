//! The window's command line.

use clap::Parser;
use url::{Host, Url};

/// The window of Quarterdeck.
#[derive(Debug, Parser)]
#[command(name = "quarterdeck", version)]
#[command(after_help = "ENVIRONMENT:
  QUARTERDECK_HOME   one folder for configuration, history and logs, instead of the platform's own
  QUARTERDECK_LOG    what is logged, such as `debug` or `info,qd_engine=trace`

A second start shows the window that is open already, and follows its LINK there. `qd` does the same work in a terminal.")]
pub struct Args {
    /// Draw without the graphics card; try this when the window stays blank
    #[arg(long)]
    pub safe_graphics: bool,
    /// Open Harbour, a company that does not exist: no account, nothing leaves this machine
    #[arg(long)]
    pub demo: bool,
    /// Start without showing the window, where there is a tray to find it by
    #[arg(long)]
    pub hidden: bool,
    /// The window stayed blank, so it was started again with --safe-graphics
    #[arg(long, hide = true, requires = "safe_graphics")]
    pub was_blank: bool,
    /// Go there: quarterdeck://alert/SOURCE/alert/ID, quarterdeck://view/alerts?q=…
    #[arg(value_name = "LINK")]
    pub link: Option<String>,
    /// Tell this loopback address when the first row, or the empty window, is painted
    #[arg(long, value_name = "URL", hide = true, value_parser = loopback)]
    pub bench_beacon: Option<Url>,
}

fn loopback(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    if local && url.scheme() == "http" {
        Ok(url)
    } else {
        Err("only http:// and a loopback address".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beacon_never_leaves_this_machine() {
        for allowed in ["http://127.0.0.1:9/x", "http://[::1]:9"] {
            assert!(loopback(allowed).is_ok(), "{allowed}");
        }
        for refused in
            ["http://localhost:9", "http://10.0.0.1:9", "https://127.0.0.1", "file:///etc/passwd", "x"]
        {
            assert!(loopback(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_plain_start_changes_nothing() {
        let args = Args::try_parse_from(["quarterdeck"]).unwrap();
        assert!(!args.safe_graphics && !args.demo && !args.hidden);
        assert!(args.link.is_none() && args.bench_beacon.is_none());
    }
}
