//! CPU time and memory of this process, and of another with all its children.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CPU time of this process so far, all threads, to the nanosecond.
pub fn own_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// A field of this process's status in kB (`VmHWM`: most memory ever), where the machine tells.
pub fn status_kb(field: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line =
        status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':').map(str::to_owned))?;
    line.split_whitespace().next()?.parse().ok()
}

/// CPU time of this process's children that have ended, in steps of 10 ms.
pub fn ended_children_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    Duration::from_millis(field(&stat, 13).saturating_add(field(&stat, 14)) * 10)
}

/// A program that is ended, with all its children, when this is dropped.
pub struct Tree {
    child: Child,
}

impl Tree {
    /// Starts a program that says nothing.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { child: quiet.spawn()? })
    }

    /// The program and its descendants.
    pub fn members(&self) -> Vec<u32> {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            if let Ok(parent) = u32::try_from(field(&stat, 1)) {
                children.entry(parent).or_default().push(pid);
            }
        }
        let mut found = vec![self.child.id()];
        let mut next = 0;
        while let Some(pid) = found.get(next) {
            let more = children.remove(pid).unwrap_or_default();
            found.extend(more);
            next += 1;
        }
        found
    }

    /// User and system time of all members so far, in steps of 10 ms each.
    pub fn cpu(&self) -> Duration {
        let ticks = |pid: &u32| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            field(&stat, 11).saturating_add(field(&stat, 12))
        };
        Duration::from_millis(self.members().iter().map(ticks).sum::<u64>() * 10)
    }

    /// Memory of all members in MiB: what they share with others is counted in proportion. `None`: the machine does not
    /// tell.
    pub fn pss_mib(&self) -> Option<f64> {
        let pss = |pid: &u32| -> Option<f64> {
            let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.split_whitespace().next()?.parse().ok()
        };
        let all: Vec<f64> = self.members().iter().filter_map(pss).collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / 1024.0)
    }

    /// Whether it has ended by itself.
    pub fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let members: Vec<String> = self.members().iter().map(ToString::to_string).collect();
        // Politely first: a window that is told to end closes its history properly.
        let _ = Command::new("kill").arg("-TERM").args(members.first()).stderr(Stdio::null()).status();
        for _ in 0..50 {
            if self.ended() {
                break;
            }
            std::thread::sleep(Duration::from_millis(40));
        }
        let _ = Command::new("kill").arg("-KILL").args(&members).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

/// A number of `/proc/PID/stat`, counted from 0 behind the name, which may hold anything.
fn field(stat: &str, place: usize) -> u64 {
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    behind.split_whitespace().nth(place).and_then(|text| text.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_counts_its_children_and_ends_them() {
        let mut command = Command::new("/bin/sh");
        let tree = Tree::start(command.args(["-c", "sleep 600 & sleep 600; true"])).unwrap();
        let mut members = tree.members();
        for _ in 0..100 {
            if members.len() == 3 {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
            members = tree.members();
        }
        assert_eq!(members.len(), 3, "the shell and two sleepers");
        assert!(tree.pss_mib().is_some_and(|mib| mib > 0.0));
        drop(tree);
        for pid in members {
            let stat = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let gone = || stat().is_empty() || stat().contains(") Z");
            // A process that was killed may still be on a processor for a moment.
            for _ in 0..100 {
                if gone() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            assert!(gone(), "{pid} is gone: {}", stat());
        }
    }

    #[test]
    fn a_name_with_brackets_and_spaces_shifts_no_field() {
        assert_eq!(field("7 (a b) c) S 42 43", 1), 42);
        assert_eq!(field("", 1), 0);
    }
}
