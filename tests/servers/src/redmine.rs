//! Redmine 5.0.4 from Debian's packages `redmine redmine-sqlite puma`, as an instance of its own with SQLite.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::buildbot::{random_word, write_private};
use crate::process::{Process, find_program, isolated, run};
use crate::{StartError, http, install};

const HOME: &str = "/usr/share/redmine";
const READY_WITHIN: Duration = Duration::from_secs(120);

/// REST on; projects `shop` and `warehouse`, two people, 14 tickets with comments.
const SEED: &str = include_str!("../material/seed.rb");

/// Puts the key that arrives on its input into the copied database; the key is never a process argument.
const SET_KEY: &str = "require 'sqlite3'; key = STDIN.read; \
     SQLite3::Database.new(ARGV[0]).execute(\"UPDATE tokens SET value = ? WHERE action = 'api'\", [key])";

/// A running Redmine.
pub struct Redmine {
    process: Process,
    dir: PathBuf,
    port: u16,
    api_key: String,
}

impl std::fmt::Debug for Redmine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redmine").field("url", &self.url()).field("pid", &self.pid()).finish_non_exhaustive()
    }
}

impl Redmine {
    /// Starts a Redmine on a free loopback port with a fresh copy of the seeded database in `dir` and a new API key.
    ///
    /// The first start on a machine builds that database, which takes half a minute longer.
    ///
    /// # Errors
    /// [`StartError::Missing`] when it is not installed; else what it printed before it failed.
    pub fn start(dir: &Path) -> Result<Self, StartError> {
        let template = prepare_template()?;
        let api_key = random_word()?;
        create_instance(dir)?;
        fs::copy(template, database(dir))?;
        set_api_key(dir, &api_key)?;
        let (process, port) = Process::start_on_free_port(None, |port| launch(dir, port))?;
        Ok(Self { process, dir: dir.to_owned(), port, api_key })
    }

    /// The base address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The API key of `admin`: 40 hexadecimal digits, new with every start.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The process and process group.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Ends it at once, as a crash would; its data stays.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Ends it in an orderly way; its data stays.
    pub fn stop(&mut self) {
        self.process.stop();
    }

    /// Starts it again on the same port with the same data and key, ending the running one first.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn restart(&mut self) -> Result<(), StartError> {
        self.process.stop();
        self.process = launch(&self.dir, self.port)?;
        Ok(())
    }

    /// Creates a ticket in a project (`shop` or `warehouse`) and gives its number.
    ///
    /// # Errors
    /// When Redmine cannot be reached or refuses it.
    pub fn create_issue(&self, project: &str, subject: &str, description: &str) -> Result<u64, StartError> {
        let issue =
            json!({ "issue": { "project_id": project, "subject": subject, "description": description } });
        let created = http::post(&format!("{}/issues.json", self.url()), &self.headers(), &issue)?.json()?;
        created["issue"]["id"].as_u64().ok_or_else(|| StartError::failed("the created issue has no number"))
    }

    /// One ticket with its comments and changes, as `GET /issues/ID.json?include=journals` gives it.
    ///
    /// # Errors
    /// When Redmine cannot be reached or does not know it.
    pub fn issue(&self, id: u64) -> Result<Value, StartError> {
        let url = format!("{}/issues/{id}.json?include=journals", self.url());
        Ok(http::get(&url, &self.headers())?.json()?["issue"].take())
    }

    fn headers(&self) -> [(&'static str, &str); 1] {
        [("X-Redmine-API-Key", &self.api_key)]
    }
}

/// Where the seeded database is kept. Its name changes with the seed, so that an old one is not taken.
pub(crate) fn template_path() -> PathBuf {
    // FNV-1a: stable from one compiler to the next, which the standard hasher does not promise.
    let hash = SEED.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    install::folder().join(format!("redmine-{hash:016x}.sqlite"))
}

/// Builds the seeded database, once for all starts: the system-wide one is neither read nor needed.
pub(crate) fn prepare_template() -> Result<PathBuf, StartError> {
    programs()?;
    let _lock = install::lock("redmine")?;
    let template = template_path();
    if template.is_file() {
        return Ok(template);
    }
    let dir = install::folder().join("redmine-template");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    create_instance(&dir)?;
    fs::write(dir.join("seed.rb"), SEED)?;
    run("redmine db:migrate", rails(&dir)?.arg("db:migrate").env("SCHEMA", dir.join("schema.rb")))?;
    run("redmine seed", rails(&dir)?.arg("runner").arg(dir.join("seed.rb")))?;
    fs::rename(database(&dir), &template)?;
    fs::remove_dir_all(&dir)?;
    Ok(template)
}

/// The folder Redmine takes for an instance: its configuration, log, cache and attachments are all in there.
fn create_instance(dir: &Path) -> Result<(), StartError> {
    for folder in ["config", "log", "tmp", "files"] {
        fs::create_dir_all(dir.join(folder))?;
    }
    let config =
        json!({ "production": { "adapter": "sqlite3", "database": database(dir), "timeout": 10_000 } });
    // JSON is YAML, and needs no thought about quoting.
    fs::write(dir.join("config/database.yml"), config.to_string())?;
    write_private(&dir.join("config/secret_key.txt"), &random_word()?)
}

fn database(dir: &Path) -> PathBuf {
    dir.join("redmine.sqlite")
}

fn set_api_key(dir: &Path, key: &str) -> Result<(), StartError> {
    let mut ruby =
        isolated("ruby", dir).args(["-e", SET_KEY]).arg(database(dir)).stdin(Stdio::piped()).spawn()?;
    if let Some(mut input) = ruby.stdin.take() {
        input.write_all(key.as_bytes())?;
    }
    let status = ruby.wait()?;
    if status.success() { Ok(()) } else { Err(StartError::failed("the API key could not be set")) }
}

fn launch(dir: &Path, port: u16) -> Result<Process, StartError> {
    let (_, puma) = programs()?;
    let mut command = in_instance(isolated(puma, dir), dir)?;
    command
        .args(["-e", "production", "-t", "1:4", "-w", "0", "-b"])
        .arg(format!("tcp://127.0.0.1:{port}"))
        .arg("config.ru");
    Process::start("redmine", dir, command)?.wait_http(
        READY_WITHIN,
        &format!("http://127.0.0.1:{port}/issues.json"),
        &[],
    )
}

fn rails(dir: &Path) -> Result<Command, StartError> {
    let (ruby, _) = programs()?;
    let mut command = in_instance(isolated(ruby, dir), dir)?;
    command.arg("bin/rails");
    Ok(command)
}

/// Debian's Redmine serves instances by name, below its own folder; a name may climb out of it.
fn in_instance(mut command: Command, dir: &Path) -> Result<Command, StartError> {
    let dir = fs::canonicalize(dir)?;
    let climb = "../".repeat(8);
    let name = format!("{climb}{}", dir.display().to_string().trim_start_matches('/'));
    command.current_dir(HOME).env("REDMINE_INSTANCE", name).env("RAILS_ENV", "production");
    Ok(command)
}

/// The paths of Ruby and Puma, when Redmine is there too.
fn programs() -> Result<(PathBuf, PathBuf), StartError> {
    if !Path::new(HOME).join("config.ru").is_file() {
        return Err(StartError::missing("redmine"));
    }
    let ruby = find_program("ruby").ok_or_else(|| StartError::missing("ruby"))?;
    let puma = find_program("puma").ok_or_else(|| StartError::missing("puma"))?;
    Ok((ruby, puma))
}
