//! A private D-Bus session with a real GNOME Keyring in it.
//!
//! The environment decides which bus and which keyring a program sees, and a test must not change its own. So the test
//! starts its own program again, with just this test, inside `dbus-run-session` and a home folder of its own.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use zbus::blocking::{Connection, fdo::DBusProxy};

const INSIDE: &str = "QD_SECRETS_TEST_INSIDE";
const PASSWORD: &[u8] = b"opens the test's keyring";

/// Services aren't started on demand here: which of them run is what the tests are about.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=HOME</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Runs `scenario`, the body of the test of this name, in a fresh session. Says so when that isn't possible here.
pub fn in_session(test: &str, scenario: impl FnOnce()) {
    run(test, &["dbus-run-session", "gnome-keyring-daemon"], scenario, |home, program| {
        let config = home.join("bus.conf");
        fs::write(&config, BUS.replace("HOME", &home.to_string_lossy())).unwrap();
        let mut command = Command::new("dbus-run-session");
        command.arg("--config-file").arg(config).arg("--").arg(program);
        command
    });
}

/// The same without a session: there is no bus at the address.
pub fn without_a_bus(test: &str, scenario: impl FnOnce()) {
    run(test, &[], scenario, |home, program| {
        let mut command = Command::new(program);
        command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", home.join("no-bus").display()));
        command
    });
}

fn run(test: &str, needs: &[&str], scenario: impl FnOnce(), wrap: impl FnOnce(&Path, PathBuf) -> Command) {
    if std::env::var(INSIDE).as_deref() == Ok(test) {
        scenario();
        println!("scenario {test} ran to its end");
        return;
    }
    if let Some(missing) = needs.iter().find(|program| !is_installed(program)) {
        println!("skipped: {missing} is not installed");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut command = wrap(home.path(), std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env(INSIDE, test).env("HOME", home.path());
    for name in ["XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
        let folder = home.path().join(name);
        fs::create_dir(&folder).unwrap();
        command.env(name, folder);
    }
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL"] {
        command.env_remove(name);
    }
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    let ended = stdout.contains(&format!("scenario {test} ran to its end"));
    assert!(status.success() && ended, "inside the session: {status}\n{stdout}\n{stderr}");
}

pub fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A GNOME Keyring that runs until it is dropped.
pub struct Keyring(Child);

impl Keyring {
    /// Starts it and opens the login keyring, which it creates on first use.
    pub fn unlocked() -> Keyring {
        Keyring::start(true)
    }

    /// Starts it and opens nothing. On a fresh home there is no collection; else the login keyring is locked.
    pub fn locked() -> Keyring {
        Keyring::start(false)
    }

    fn start(unlock: bool) -> Keyring {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]).stdout(Stdio::null()).stderr(Stdio::null());
        if unlock {
            command.arg("--unlock").stdin(Stdio::piped());
        } else {
            command.stdin(Stdio::null());
        }
        let mut child = command.spawn().unwrap();
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(PASSWORD).unwrap();
        }
        let keyring = Keyring(child);
        wait_until("the keyring is on the bus", service_is_there);
        keyring
    }

    /// Ends it, as a crash would, and waits until the bus has noticed.
    pub fn die(self) {
        drop(self);
        wait_until("the keyring is off the bus", || !service_is_there());
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn service_is_there() -> bool {
    let bus = Connection::session().unwrap();
    DBusProxy::new(&bus).unwrap().name_has_owner("org.freedesktop.secrets".try_into().unwrap()).unwrap()
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A prompter that shows nobody anything: each prompt stays open for ever.
pub struct SilentPrompter;

#[zbus::interface(name = "org.gnome.keyring.internal.Prompter")]
impl SilentPrompter {
    fn begin_prompting(&self, _callback: zbus::zvariant::ObjectPath<'_>) {}
}

impl SilentPrompter {
    /// Serves for as long as the connection is kept.
    pub fn start() -> Connection {
        zbus::blocking::connection::Builder::session()
            .unwrap()
            .serve_at("/org/gnome/keyring/Prompter", SilentPrompter)
            .unwrap()
            .name("org.gnome.keyring.SystemPrompter")
            .unwrap()
            .build()
            .unwrap()
    }
}
