//! Buildbot 4.3 from PyPI: a master and one local worker.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::process::{Process, isolated, run, wait_until};
use crate::{StartError, http, install, ports};

const READY_WITHIN: Duration = Duration::from_secs(90);
const WORKER_WITHIN: Duration = Duration::from_secs(60);

/// Builders `app-build`, `app-flaky`, `deploy-production` and `long-running`, each with a force scheduler
/// `force-BUILDER`. Reads ports and the worker's password from `parameters.json` beside it.
const MASTER: &str = include_str!("../material/master.cfg");

/// A running Buildbot.
///
/// `app-build` passes with a warning-free compile and test step; `app-flaky` fails in its step `unit tests` until
/// [`fix`](Self::fix); `deploy-production` deploys in half a second; `long-running` runs for ten minutes.
#[derive(Debug)]
pub struct Buildbot {
    // Dropped in this order: the worker leaves before its master.
    worker: Process,
    master: Process,
    dir: PathBuf,
    port: u16,
    worker_port: u16,
}

/// One build as the REST API tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Build {
    /// Unique in this master; `GET /api/v2/builds/ID`.
    pub id: u64,
    /// Counts within its builder, from 1.
    pub number: u64,
    /// Buildbot's code: 0 success, 1 warnings, 2 failure, 3 skipped, 4 exception, 5 retry, 6 cancelled. `None` while
    /// the build runs.
    pub results: Option<u64>,
}

impl Buildbot {
    /// Starts a master on a free loopback port and a worker, with everything they write in `dir`.
    ///
    /// # Errors
    /// [`StartError::Missing`] when it is not installed; else what it printed before it failed.
    pub fn start(dir: &Path) -> Result<Self, StartError> {
        let program = program("buildbot")?;
        let (base, worker_base) = (dir.join("master"), dir.join("worker"));
        fs::create_dir_all(&base)?;
        fs::write(base.join("master.cfg"), MASTER)?;
        let worker_port = ports::free()?;
        let password = random_word()?;
        let parameters = |port: u16| {
            let parameters = json!({ "port": port, "worker_port": worker_port, "worker_password": password });
            write_private(&base.join("parameters.json"), &parameters.to_string())
        };
        parameters(0)?;
        run("buildbot create-master", isolated(&program, dir).arg("create-master").arg(&base))?;
        let (master, port) = Process::start_on_free_port(None, |port| {
            parameters(port)?;
            launch_master(dir, port)
        })?;
        let mut create = isolated(self::program("buildbot-worker")?, dir);
        create
            .arg("create-worker")
            .arg(&worker_base)
            .arg(format!("127.0.0.1:{worker_port}"))
            .args(["w1", &password]);
        run("buildbot-worker create-worker", &mut create)?;
        let worker = launch_worker(dir, port)?;
        Ok(Self { worker, master, dir: dir.to_owned(), port, worker_port })
    }

    /// The base address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The process and process group of the master.
    pub fn pid(&self) -> u32 {
        self.master.pid()
    }

    /// The process and process group of the worker.
    pub fn worker_pid(&self) -> u32 {
        self.worker.pid()
    }

    /// The loopback port on which the master waits for its worker.
    pub fn worker_port(&self) -> u16 {
        self.worker_port
    }

    /// Ends master and worker at once, as a crash would; the history stays.
    pub fn kill(&mut self) {
        self.worker.kill();
        self.master.kill();
    }

    /// Ends both in an orderly way; the history stays.
    pub fn stop(&mut self) {
        self.worker.stop();
        self.master.stop();
    }

    /// Starts both again on the same ports with the same history, ending the running ones first.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn restart(&mut self) -> Result<(), StartError> {
        self.stop();
        self.master = launch_master(&self.dir, self.port)?;
        self.worker = launch_worker(&self.dir, self.port)?;
        Ok(())
    }

    /// Starts a build of `builder` and waits until it is listed; it still runs then.
    ///
    /// # Errors
    /// When the request is refused, or the build is not listed within ten seconds.
    pub fn force(&self, builder: &str) -> Result<Build, StartError> {
        let known = self.builds(builder)?.len();
        let request =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "force", "params": { "owner": "qd-servers" } });
        self.post(&format!("forceschedulers/force-{builder}"), &request)?;
        let mut latest = None;
        wait_until(Duration::from_secs(10), || {
            latest = self
                .builds(builder)
                .ok()
                .filter(|builds| builds.len() > known)
                .and_then(|builds| builds.last().copied());
            latest.is_some()
        });
        latest
            .ok_or_else(|| StartError::failed(format!("no build of {builder} appeared after it was forced")))
    }

    /// Waits until this build has ended, and gives it with its result.
    ///
    /// # Errors
    /// When it still runs after `limit`.
    pub fn wait_for(&self, build: Build, limit: Duration) -> Result<Build, StartError> {
        let mut seen = build;
        let ended = wait_until(limit, || {
            let answer = self.get(&format!("builds/{}", build.id));
            if let Some(now) = answer.ok().and_then(|answer| parse_build(&answer["builds"][0])) {
                seen = now;
            }
            seen.results.is_some()
        });
        if ended { Ok(seen) } else { Err(StartError::failed(format!("build {} still runs", build.id))) }
    }

    /// The builds of one builder, oldest first.
    ///
    /// # Errors
    /// When Buildbot cannot be reached or does not know the builder.
    pub fn builds(&self, builder: &str) -> Result<Vec<Build>, StartError> {
        let answer = self.get(&format!("builders/{builder}/builds?order=number"))?;
        Ok(answer["builds"]
            .as_array()
            .map(|builds| builds.iter().filter_map(parse_build).collect())
            .unwrap_or_default())
    }

    /// Lets `app-flaky` pass from now on.
    ///
    /// # Errors
    /// When the marker file cannot be written.
    pub fn fix(&self) -> Result<(), StartError> {
        Ok(fs::write(self.marker(), "")?)
    }

    /// Lets `app-flaky` fail again.
    ///
    /// # Errors
    /// When the marker file cannot be removed.
    pub fn unfix(&self) -> Result<(), StartError> {
        match fs::remove_file(self.marker()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn marker(&self) -> PathBuf {
        self.dir.join("master/fixed")
    }

    fn get(&self, path: &str) -> Result<Value, StartError> {
        Ok(http::get(&format!("{}/api/v2/{path}", self.url()), &[])?.json()?)
    }

    fn post(&self, path: &str, request: &Value) -> Result<Value, StartError> {
        Ok(http::post(&format!("{}/api/v2/{path}", self.url()), &[], request)?.json()?)
    }
}

fn parse_build(build: &Value) -> Option<Build> {
    let results = build["results"].as_u64().filter(|_| build["complete"] == true);
    Some(Build { id: build["buildid"].as_u64()?, number: build["number"].as_u64()?, results })
}

fn program(name: &str) -> Result<PathBuf, StartError> {
    let program = install::buildbot_environment().join("bin").join(name);
    if program.is_file() { Ok(program) } else { Err(StartError::missing(name)) }
}

fn launch_master(dir: &Path, port: u16) -> Result<Process, StartError> {
    let mut command = isolated(program("buildbot")?, dir);
    command.args(["start", "--nodaemon"]).arg(dir.join("master"));
    Process::start("buildbot", dir, command)?.wait_http(
        READY_WITHIN,
        &format!("http://127.0.0.1:{port}/api/v2/masters"),
        &[],
    )
}

fn launch_worker(dir: &Path, port: u16) -> Result<Process, StartError> {
    let mut command = isolated(program("buildbot-worker")?, dir);
    command.args(["start", "--nodaemon"]).arg(dir.join("worker"));
    let workers = format!("http://127.0.0.1:{port}/api/v2/workers");
    Process::start("buildbot-worker", dir, command)?.wait_ready(WORKER_WITHIN, || {
        let listed = http::get(&workers, &[]).and_then(|answer| answer.json());
        listed.is_ok_and(|listed| {
            listed["workers"][0]["connected_to"].as_array().is_some_and(|to| !to.is_empty())
        })
    })
}

/// 40 hexadecimal digits from the system's random source.
pub(crate) fn random_word() -> Result<String, StartError> {
    use std::io::Read;
    let mut bytes = [0_u8; 20];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, content: &str) -> Result<(), StartError> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    Ok(file.write_all(content.as_bytes())?)
}
