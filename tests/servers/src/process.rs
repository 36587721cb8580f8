//! A server process: its group, its log, and the leash that ends it when we die.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::{StartError, http, ports};

/// Where programs are looked up, whatever the caller's own PATH is.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How long a server may take to end on SIGTERM before it is killed.
const PATIENCE: Duration = Duration::from_secs(5);
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// A command that sees nothing of the caller's environment: no token, no proxy, no language setting.
pub(crate) fn isolated(program: impl AsRef<std::ffi::OsStr>, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", PATH).env("HOME", home).env("LANG", "C.UTF-8").stdin(Stdio::null());
    command
}

/// The full path of a system program, if it is installed.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    PATH.split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}

/// Runs a command to its end and gives what it printed when it fails.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<(), StartError> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(StartError::Failed {
        what: format!("{what} ended with {}", output.status),
        log: last_lines(&String::from_utf8_lossy(&printed)),
    })
}

/// Asks `ready` until it agrees, at most for `limit`; `false` when time ran out.
pub(crate) fn wait_until(limit: Duration, mut ready: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    loop {
        if ready() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        thread::sleep(TRY_AGAIN_AFTER);
    }
}

/// A running process group. Dropping it ends the group.
#[derive(Debug)]
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    leash: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` as the leader of a new process group, with its output in `DIR/NAME.log`.
    pub fn start(name: &'static str, dir: &Path, mut command: Command) -> Result<Self, StartError> {
        use std::os::unix::process::CommandExt;
        let log = dir.join(format!("{name}.log"));
        let output = File::create(&log)?;
        command.stdout(output.try_clone()?).stderr(output).process_group(0);
        let mut child = command.spawn()?;
        match leash(child.id()) {
            Ok(leash) => Ok(Self { name, child, leash, log }),
            Err(error) => {
                child.kill()?;
                Err(error.into())
            }
        }
    }

    /// Starts a server on a port that is free now, and once more on another if somebody was faster.
    pub fn start_on_free_port(
        port: Option<u16>,
        mut start: impl FnMut(u16) -> Result<Self, StartError>,
    ) -> Result<(Self, u16), StartError> {
        let mut tries_left = 3;
        loop {
            let chosen = port.map_or_else(ports::free, Ok)?;
            match start(chosen) {
                Err(StartError::Failed { log, .. }) if tries_left > 1 && port_was_taken(&log) => {
                    tries_left -= 1
                }
                started => return started.map(|process| (process, chosen)),
            }
        }
    }

    /// Waits until `ready` agrees, the process ends, or time runs out.
    pub fn wait_ready(
        mut self,
        limit: Duration,
        mut ready: impl FnMut() -> bool,
    ) -> Result<Self, StartError> {
        let mut ended = None;
        let up = wait_until(limit, || {
            ended = self.child.try_wait().ok().flatten();
            ended.is_some() || ready()
        });
        let what = match ended {
            Some(status) => format!("{} ended with {status} before it answered", self.name),
            None if !up => format!("{} did not answer within {} s", self.name, limit.as_secs()),
            None => return Ok(self),
        };
        Err(StartError::Failed { what, log: self.log_tail() })
    }

    /// Waits for any 2xx answer from `url`.
    pub fn wait_http(self, limit: Duration, url: &str, headers: &[(&str, &str)]) -> Result<Self, StartError> {
        self.wait_ready(limit, || http::get(url, headers).is_ok_and(|answer| answer.expect_success().is_ok()))
    }

    /// The process that leads the group; also the id of the group.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The last lines the server printed.
    pub fn log_tail(&self) -> String {
        last_lines(&String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()))
    }

    /// Ends the group: SIGTERM, and SIGKILL for what is left after five seconds.
    pub fn stop(&mut self) {
        self.signal(Signal::TERM);
        wait_until(PATIENCE, || !self.alive());
        self.kill();
    }

    /// Ends the group at once, as a crash or a power cut would.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        wait_until(PATIENCE, || !self.alive());
        let _ = self.leash.kill();
        let _ = self.leash.wait();
    }

    fn alive(&mut self) -> bool {
        let leader_runs = matches!(self.child.try_wait(), Ok(None));
        leader_runs || self.group().is_some_and(|group| test_kill_process_group(group).is_ok())
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group() {
            // The only expected error is that nobody is left in the group.
            let _ = kill_process_group(group, signal);
        }
    }

    fn group(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A shell that waits for the end of its input, which comes when this process ends in whatever way, and then ends
/// the group. A parent-death signal would not do: it follows the *thread* that started the server.
fn leash(group: u32) -> io::Result<Child> {
    use std::os::unix::process::CommandExt;
    // dash takes `--` before a group only after `-s NAME`.
    const SCRIPT: &str = "read -r _; kill -s TERM -- \"-$1\"; sleep 3; kill -s KILL -- \"-$1\"";
    Command::new("/bin/sh")
        .args(["-c", SCRIPT, "leash", &group.to_string()])
        .env_clear()
        .env("PATH", PATH)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}

fn port_was_taken(log: &str) -> bool {
    let log = log.to_ascii_lowercase();
    log.contains("address already in use") || log.contains("couldn't listen on")
}

fn last_lines(log: &str) -> String {
    const LINES: usize = 15;
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, dir: &Path) -> Command {
        let mut command = isolated("/bin/sh", dir);
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_process_that_dies_at_once_is_reported_with_its_words() {
        let dir = tempfile::tempdir().unwrap();
        let process =
            Process::start("broken", dir.path(), shell("echo no such flag >&2; exit 3", dir.path())).unwrap();
        let failure = process.wait_ready(PATIENCE, || false).unwrap_err().to_string();
        assert!(failure.contains("exit status: 3") && failure.contains("no such flag"), "{failure}");
    }

    #[test]
    fn stopping_ends_children_that_ignore_the_polite_signal() {
        let dir = tempfile::tempdir().unwrap();
        let script = "trap '' TERM; sleep 600 & sleep 600";
        let mut process = Process::start("stubborn", dir.path(), shell(script, dir.path())).unwrap();
        assert!(process.alive());
        process.kill();
        assert!(!process.alive(), "the whole group is gone, not only its leader");
    }

    #[test]
    fn a_server_ends_when_the_process_that_started_it_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let mut process = Process::start("orphan", dir.path(), shell("sleep 600", dir.path())).unwrap();
        // The end of our process closes this pipe, in whatever way it ends.
        drop(process.leash.stdin.take());
        assert!(wait_until(PATIENCE, || !process.alive()), "the leash ended the group");
    }

    #[test]
    fn a_port_taken_by_somebody_else_is_tried_again_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let mut tried = Vec::new();
        let (_process, port) = Process::start_on_free_port(None, |port| {
            tried.push(port);
            if tried.len() == 1 {
                return Err(StartError::Failed {
                    what: "x".into(),
                    log: "bind: Address already in use".into(),
                });
            }
            Process::start("second", dir.path(), shell("sleep 600", dir.path()))
        })
        .unwrap();
        assert_eq!(tried.len(), 2);
        assert_eq!(tried.last(), Some(&port));
    }

    #[test]
    fn the_environment_of_the_caller_stays_outside() {
        let dir = tempfile::tempdir().unwrap();
        let output = isolated("/usr/bin/env", dir.path()).output().unwrap();
        let names: Vec<String> =
            String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(names.len(), 3, "only PATH, HOME and LANG: {names:?}");
    }
}
