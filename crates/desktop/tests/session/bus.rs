//! A private session bus. The environment decides which bus a program sees, and a test must not change its own: it starts
//! its own program again, with just this test, inside `dbus-run-session`.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const INSIDE: &str = "QD_DESKTOP_TEST_INSIDE";
const PATIENCE: Duration = Duration::from_secs(20);

/// Nothing is started on demand: what is on the bus is the test's choice.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
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

/// Runs `scenario`, the body of the test of this name, in a fresh session.
pub fn in_session<F: Future<Output = ()>>(test: &str, scenario: impl FnOnce() -> F) {
    if Command::new("dbus-run-session").arg("--version").output().is_err() {
        println!("skipped: dbus-run-session is not installed");
        return;
    }
    run(test, scenario, |folder, program| {
        let config = folder.join("bus.conf");
        std::fs::write(&config, BUS.replace("FOLDER", &folder.to_string_lossy())).unwrap();
        let mut command = Command::new("dbus-run-session");
        command.arg("--config-file").arg(config).arg("--").arg(program);
        command
    });
}

/// The same without a session: there is no bus at the address.
pub fn without_a_bus<F: Future<Output = ()>>(test: &str, scenario: impl FnOnce() -> F) {
    run(test, scenario, |folder, program| {
        let mut command = Command::new(program);
        command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", folder.join("no-bus").display()));
        command
    });
}

fn run<F: Future<Output = ()>>(
    test: &str,
    scenario: impl FnOnce() -> F,
    wrap: impl FnOnce(&Path, &Path) -> Command,
) {
    if std::env::var(INSIDE).as_deref() == Ok(test) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(scenario());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = wrap(folder.path(), &std::env::current_exe().unwrap());
    let output = command.args([test, "--exact", "--nocapture"]).env(INSIDE, test).output().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success() && said[0].contains("1 passed"), "{}\n{}", said[0], said[1]);
}

/// Looks until something is there.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
