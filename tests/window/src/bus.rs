//! A session bus of the test's own, with a keychain on it when asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::background::Background;
use crate::until;

/// Nothing is started on demand: what is on the bus is the test's choice.
const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=FOLDER</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;
const PASSWORD: &[u8] = b"opens the test's keyring";

/// A session bus that runs until it is dropped.
pub struct Bus {
    keyring: Option<Background>,
    _daemon: Background,
    address: String,
    user: PathBuf,
    run: PathBuf,
}

impl Bus {
    pub(crate) fn start(user: &Path, run: &Path) -> Self {
        let config = run.join("bus.conf");
        fs::write(&config, CONFIG.replace("FOLDER", &run.to_string_lossy())).unwrap();
        let (daemon, address) = Background::start_and_read_line(
            Command::new("dbus-daemon")
                .arg(format!("--config-file={}", config.display()))
                .args(["--nofork", "--print-address=1"])
                .stderr(Stdio::null()),
        );
        Self { keyring: None, _daemon: daemon, address, user: user.to_owned(), run: run.to_owned() }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Starts a GNOME Keyring and opens its login keyring, which it makes on first use.
    pub(crate) async fn start_keyring(&mut self) {
        let mut daemon = Command::new("gnome-keyring-daemon");
        daemon
            .args(["--foreground", "--components=secrets", "--unlock"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.keyring = Some(Background::start_with_input(self.on_bus(&mut daemon), PASSWORD));
        until("the keyring is on the bus", || self.has_keyring().then_some(())).await;
    }

    /// What the keychain holds for a connection, asked with a program that is not ours. `None`: nothing.
    pub fn in_keyring(&self, connection: &str) -> Option<String> {
        let mut tool = Command::new("secret-tool");
        // Its name ends with that of the home, so it is searched and not looked up. The tool writes the secret to its
        // output and the attributes to where errors go.
        tool.args(["search", "--all", "service", "quarterdeck"]);
        let found = self.on_bus(&mut tool).output().unwrap();
        let (secrets, names) =
            (String::from_utf8(found.stdout).unwrap(), String::from_utf8_lossy(&found.stderr));
        let both = format!("{secrets}{names}");
        let ours = format!("attribute.username = {connection}@");
        assert!(both.matches("attribute.username = ").count() < 2, "one item at the most: {names}");
        let secret = both.lines().find_map(|line| line.strip_prefix("secret = "));
        secret.filter(|_| both.contains(&ours)).map(str::to_owned)
    }

    fn has_keyring(&self) -> bool {
        let mut ask = Command::new("dbus-send");
        ask.args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"])
            .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]);
        let answer = self.on_bus(&mut ask).output().unwrap();
        String::from_utf8_lossy(&answer.stdout).contains("boolean true")
    }

    fn on_bus<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", &self.user)
            .env("XDG_RUNTIME_DIR", &self.run)
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("GNOME_KEYRING_CONTROL")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
    }
}
