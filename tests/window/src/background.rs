//! A program that runs beside the test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(10);

/// Ends in an orderly way when it is dropped, its children before it.
pub struct Background(Child);

impl Background {
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// Starts it and waits for the first line that it prints.
    pub fn start_and_read_line(command: &mut Command) -> (Self, String) {
        let mut started = Self::start(command.stdin(Stdio::null()).stdout(Stdio::piped()));
        let mut line = String::new();
        BufReader::new(started.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.trim().is_empty(), "{command:?} ended without a word");
        (started, line.trim().to_owned())
    }

    /// Starts it and writes to its input.
    pub fn start_with_input(command: &mut Command, input: &[u8]) -> Self {
        use std::io::Write;
        let mut started = Self::start(command.stdin(Stdio::piped()));
        started.0.stdin.take().unwrap().write_all(input).unwrap();
        started
    }

    pub fn runs(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let own = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        // Children first: the window ends in an orderly way, and does not outlive the driver that started it.
        if let Some(own) = own.filter(|_| self.runs()) {
            let children = children(own);
            signal(&children, Signal::TERM);
            if !within(PATIENCE, || !children.iter().any(|child| lives(*child))) {
                signal(&children, Signal::KILL);
            }
            signal(&[own], Signal::TERM);
        }
        within(PATIENCE, || !self.runs());
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn signal(processes: &[Pid], signal: Signal) {
    for process in processes {
        // The only expected error is that it has ended meanwhile.
        let _ = kill_process(*process, signal);
    }
}

fn within(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while !done() {
        if began.elapsed() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

fn children(of: Pid) -> Vec<Pid> {
    let threads = fs::read_dir(format!("/proc/{}/task", of.as_raw_nonzero())).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<i32>>())
        .filter_map(Pid::from_raw)
        .collect()
}

/// Whether it is there and not only waiting to be taken note of.
fn lives(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}
