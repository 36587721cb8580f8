//! Opens the file: who may use it, is it whole, is it ours, is it of our schema.
//!
//! Beside `history.db` stands `history.db.lock`. Every process that has the store open holds it shared. Who gets it
//! exclusively is alone, and only then migrates or sets a damaged file aside.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use qd_store::{SetAside, StoreError};
use rusqlite::{Connection, OpenFlags};

use crate::damage::{beside, marked, unmark};
use crate::{errors, schema};

/// How long a write waits for another process's write.
const BUSY: Duration = Duration::from_secs(10);

/// How long the start waits for another process that is migrating.
const PATIENCE: Duration = Duration::from_secs(5);

/// A file up to this size is checked before it is used when it was not closed properly; a larger one while it is used.
const CHECKED_AT_ONCE: u64 = 32 * 1024 * 1024;

/// An open file.
pub struct Opened {
    /// The connection that writes.
    pub conn: Connection,
    /// Held as long as the store is open.
    pub lock: File,
    /// A damaged file was replaced.
    pub set_aside: Option<SetAside>,
    /// The file was not closed properly and is too large to be checked at once.
    pub check_later: bool,
}

/// Opens or creates the file.
pub fn open(path: &Path, now: DateTime<Utc>) -> Result<Opened, StoreError> {
    create_folder(path).map_err(|error| cannot(path, &error))?;
    let lock = private(&beside(path, ".lock")).map_err(|error| cannot(path, &error))?;
    let alone = take(&lock, path)?;
    let opened = if alone { open_alone(path, now) } else { open_among_others(path) };
    let (conn, set_aside, check_later) = opened?;
    share(&lock).map_err(|error| cannot(path, &error))?;
    Ok(Opened { conn, lock, set_aside, check_later })
}

/// A connection for questions to a file that needs nothing done to it, and the lock that keeps it so. `None`: there is no
/// file, it is of another schema, it was not closed properly, or it is damaged: then [`open`] knows what to do.
pub fn open_to_read(path: &Path) -> Option<(Connection, File)> {
    if marked(path).is_some() {
        return None;
    }
    let lock = File::open(beside(path, ".lock")).ok()?;
    let journal = std::fs::metadata(beside(path, "-wal")).is_ok_and(|meta| meta.len() > 0);
    if journal && lock.try_lock().is_ok() {
        // A journal that is nobody's was left by a crash.
        return None;
    }
    lock.try_lock_shared().ok()?;
    let conn = reader(path).ok()?;
    (schema::found(&conn).ok()? == schema::KNOWN).then_some((conn, lock))
}

/// A connection for questions.
pub fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;")?;
    Ok(conn)
}

type Part = (Connection, Option<SetAside>, bool);

fn open_alone(path: &Path, now: DateTime<Utc>) -> Result<Part, StoreError> {
    // SQLite removes its journal when the last connection closes: one that is left means a crash or a power cut.
    let unclean = std::fs::metadata(beside(path, "-wal")).is_ok_and(|meta| meta.len() > 0);
    let size = std::fs::metadata(path).map_or(0, |meta| meta.len());
    let mark = marked(path);
    let check = mark.is_some() || (unclean && size <= CHECKED_AT_ONCE);
    match prepare(path, check) {
        Ok(conn) => {
            if mark.is_some() {
                unmark(path);
            }
            Ok((conn, None, unclean && !check))
        }
        Err(Trouble::Store(error)) => Err(error),
        Err(Trouble::Damage(why)) => {
            let place = set_aside(path, now).map_err(|error| cannot(path, &error))?;
            unmark(path);
            let conn = prepare(path, false).map_err(Trouble::into_store)?;
            Ok((conn, Some(SetAside { path: place, why }), false))
        }
    }
}

fn open_among_others(path: &Path) -> Result<Part, StoreError> {
    let conn = connect(path).map_err(|error| Trouble::of(error).into_store())?;
    match schema::found(&conn).map_err(errors::reading)? {
        found if found > schema::KNOWN => Err(StoreError::Newer { found, known: schema::KNOWN }),
        schema::KNOWN => Ok((conn, None, false)),
        _ => Err(StoreError::Write(
            "an older Quarterdeck has it open; close that one, so that the history can be brought up to date"
                .into(),
        )),
    }
}

/// Why a file cannot be used.
enum Trouble {
    Damage(String),
    Store(StoreError),
}

impl Trouble {
    fn of(error: rusqlite::Error) -> Self {
        if errors::is_damage(&error) {
            Self::Damage(error.to_string())
        } else {
            Self::Store(errors::writing(error))
        }
    }

    fn into_store(self) -> StoreError {
        match self {
            Self::Damage(why) => StoreError::Read(why),
            Self::Store(error) => error,
        }
    }
}

fn prepare(path: &Path, check: bool) -> Result<Connection, Trouble> {
    private(path).map_err(|error| Trouble::Store(cannot(path, &error)))?;
    let mut conn = connect(path).map_err(Trouble::of)?;
    let found = schema::found(&conn).map_err(Trouble::of)?;
    if found > schema::KNOWN {
        return Err(Trouble::Store(StoreError::Newer { found, known: schema::KNOWN }));
    }
    if check && let Some(why) = broken(&conn).map_err(Trouble::of)? {
        return Err(Trouble::Damage(why));
    }
    if found < schema::KNOWN {
        schema::migrate(&mut conn).map_err(|error| match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => Trouble::of(err),
            other => Trouble::Store(StoreError::Write(other.to_string())),
        })?;
    }
    Ok(conn)
}

/// What is wrong with the file, as SQLite sees it. `None`: nothing. Reads the whole file.
pub fn broken(conn: &Connection) -> rusqlite::Result<Option<String>> {
    let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((verdict != "ok").then_some(verdict))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(128);
    set_durable(&conn, true)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA journal_size_limit = 16777216;
         PRAGMA cache_size = -16384;
         PRAGMA temp_store = MEMORY;",
    )?;
    Ok(conn)
}

/// Whether a commit is on the disk before it is acknowledged, also when the power fails: an action that was sent is then
/// always in the log. The price is one fsync per commit. The file is sound either way.
pub fn set_durable(conn: &Connection, durable: bool) -> rusqlite::Result<()> {
    conn.pragma_update(None, "synchronous", if durable { "FULL" } else { "NORMAL" })
}

/// Gives a damaged file another name, with its journal. Nothing is deleted.
fn set_aside(path: &Path, now: DateTime<Utc>) -> std::io::Result<PathBuf> {
    let stamp = now.format("%Y%m%dT%H%M%SZ");
    let free = |number: &u32| {
        let suffix = if *number == 0 { String::new() } else { format!("-{number}") };
        let place = beside(path, &format!(".damaged-{stamp}{suffix}"));
        (!place.exists()).then_some(place)
    };
    let place =
        (0..u32::MAX).find_map(|number| free(&number)).unwrap_or_else(|| beside(path, ".damaged-copy"));
    std::fs::rename(path, &place)?;
    for suffix in ["-wal", "-shm"] {
        match std::fs::rename(beside(path, suffix), beside(&place, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(place)
}

/// Takes the lock exclusively, when nobody else has it, else shared. `true`: exclusively.
fn take(lock: &File, path: &Path) -> Result<bool, StoreError> {
    let begin = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(cannot(path, &error)),
            Err(TryLockError::WouldBlock) => {}
        }
        match lock.try_lock_shared() {
            Ok(()) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(cannot(path, &error)),
            Err(TryLockError::WouldBlock) if begin.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Write(
                    "another Quarterdeck is preparing it; try again shortly".into(),
                ));
            }
        }
    }
}

fn share(lock: &File) -> std::io::Result<()> {
    // Not in one step on every platform; who slips in between finds a file that is ready.
    lock.unlock()?;
    lock.lock_shared()
}

fn cannot(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Write(format!("{}: {error}", path.display()))
}

/// Creates the folder of a file, for its owner alone. A folder that is there already is left as it is.
fn create_folder(path: &Path) -> std::io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens or creates a file that only its owner may read. SQLite gives its journals the same mode.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}
