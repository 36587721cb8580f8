//! The threads that speak to SQLite: one that writes, a few that read. They end when the last handle is dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use qd_store::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::damage::Damage;
use crate::errors;
use crate::words::Words;
use crate::{open, search};

/// What the writer owns.
pub struct Writer {
    /// The one connection that writes.
    pub conn: Connection,
    /// Words it has met.
    pub words: Words,
}

type Job<T> = Box<dyn FnOnce(&mut T) + Send>;

/// The sending end of a thread's jobs, which can be shut for all its clones at once.
struct Inbox<T> {
    jobs: Arc<Mutex<Option<Sender<Job<T>>>>>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl<T> Clone for Inbox<T> {
    fn clone(&self) -> Self {
        Self { jobs: Arc::clone(&self.jobs), threads: Arc::clone(&self.threads) }
    }
}

impl<T> Inbox<T> {
    fn new(jobs: Sender<Job<T>>, threads: Vec<JoinHandle<()>>) -> Self {
        Self { jobs: Arc::new(Mutex::new(Some(jobs))), threads: Arc::new(Mutex::new(threads)) }
    }

    /// Nobody takes a job.
    fn none() -> Self {
        Self { jobs: Arc::default(), threads: Arc::default() }
    }

    fn send(&self, job: Job<T>) -> Result<(), StoreError> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or(StoreError::Closed)
    }

    /// Lets what was sent be done, then ends the threads and waits for them, so that SQLite closes its files properly.
    fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = thread.join(); // a panic in it was reported where it happened
        }
    }
}

/// Handle on the writer's thread.
#[derive(Clone)]
pub struct Writing {
    inbox: Inbox<Writer>,
    damage: Damage,
}

/// The text index is merged after this much quiet.
const QUIET: Duration = Duration::from_millis(400);
/// Between two steps of it as many times as long as the last took: who asks meanwhile has the machine to themselves for the
/// most part.
const REST: u32 = 3;

impl Writing {
    /// Starts the thread.
    pub fn start(conn: Connection, damage: Damage) -> std::io::Result<Self> {
        let (jobs, inbox) = channel::<Job<Writer>>();
        let writer = Writer { conn, words: Words::default() };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write(writer, &inbox))?;
        Ok(Self { inbox: Inbox::new(jobs, vec![thread]), damage })
    }

    /// No thread: nothing is written.
    pub fn none(damage: Damage) -> Self {
        Self { inbox: Inbox::none(), damage }
    }

    /// Ends the thread after what it was given.
    pub fn close(&self) {
        self.inbox.close();
    }

    /// Runs one job on the writer's thread. The job is one transaction; what it did not commit is undone.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writer) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job<Writer> = Box::new(move |writer| {
            let done = catch_unwind(AssertUnwindSafe(|| job(writer)));
            if !matches!(done, Ok(Ok(_))) {
                writer.words.clear(); // words written in it are gone with it
                // It may have ended between the two halves of a change. A file that refuses this refuses the next commit.
                let _ = open::set_durable(&writer.conn, true);
            }
            let _ = answer.send(done);
        });
        self.inbox.send(job)?;
        match answered.await {
            Ok(Ok(Ok(value))) => Ok(value),
            Ok(Ok(Err(error))) => {
                self.damage.note(&error);
                Err(errors::writing(error))
            }
            Ok(Err(_panic)) => {
                Err(StoreError::Write("a write failed inside Quarterdeck; nothing was kept".into()))
            }
            Err(_) => Err(StoreError::Closed),
        }
    }
}

fn write(mut writer: Writer, inbox: &Receiver<Job<Writer>>) {
    let mut pause = None;
    loop {
        let job = match pause {
            Some(pause) => inbox.recv_timeout(pause),
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match job {
            Ok(job) => {
                job(&mut writer);
                pause = Some(QUIET);
            }
            Err(RecvTimeoutError::Timeout) => {
                let begun = Instant::now();
                let more = search::merge(&writer.conn).unwrap_or(false);
                pause = more.then(|| begun.elapsed() * REST);
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
}

/// Handle on the readers' threads.
#[derive(Clone)]
pub struct Readers {
    inbox: Inbox<Reader>,
    /// Answers on the thread that asks, when there are no others.
    here: Option<Arc<Mutex<Reader>>>,
    damage: Damage,
}

/// A reader opens its connection when it is first needed, so that `qd status` pays for one.
struct Reader {
    path: PathBuf,
    conn: Option<Connection>,
}

impl Readers {
    /// Starts so many threads on a file.
    pub fn start(path: &Path, threads: usize, damage: Damage) -> std::io::Result<Self> {
        let (jobs, inbox) = channel::<Job<Reader>>();
        let inbox = Arc::new(Mutex::new(inbox));
        let start = |number: usize| {
            let inbox = Arc::clone(&inbox);
            let reader = Reader { path: path.to_owned(), conn: None };
            std::thread::Builder::new()
                .name(format!("store-reader-{number}"))
                .spawn(move || answer(reader, &inbox))
        };
        let threads = (0..threads).map(start).collect::<std::io::Result<_>>()?;
        Ok(Self { inbox: Inbox::new(jobs, threads), here: None, damage })
    }

    /// No threads: whoever asks waits for the answer of a connection that is open already. For one short look.
    pub fn here(path: &Path, conn: Connection, damage: Damage) -> Self {
        let reader = Reader { path: path.to_owned(), conn: Some(conn) };
        Self { inbox: Inbox::none(), here: Some(Arc::new(Mutex::new(reader))), damage }
    }

    /// Ends the threads after what they were given.
    pub fn close(&self) {
        self.inbox.close();
    }

    /// Runs one question on some reader's thread.
    pub async fn run<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job<Reader> = Box::new(move |reader| {
            let done = catch_unwind(AssertUnwindSafe(|| match reader.conn() {
                Ok(conn) => question(conn),
                Err(error) => Err(errors::reading(error)),
            }));
            let _ = answer.send(done);
        });
        match &self.here {
            Some(reader) => job(&mut reader.lock().unwrap_or_else(PoisonError::into_inner)),
            None => self.inbox.send(job)?,
        }
        match answered.await {
            Ok(Ok(done)) => done,
            Ok(Err(_panic)) => Err(StoreError::Read("a question failed inside Quarterdeck".to_owned())),
            Err(_) => Err(StoreError::Closed),
        }
    }

    /// Runs one question whose errors are SQLite's; damage is remembered.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let damage = self.damage.clone();
        self.run(move |conn| {
            let answered = conn.transaction().and_then(|tx| question(&tx));
            answered.map_err(|error| {
                damage.note(&error);
                errors::reading(error)
            })
        })
        .await
    }
}

impl Reader {
    fn conn(&mut self) -> rusqlite::Result<&mut Connection> {
        match &mut self.conn {
            Some(conn) => Ok(conn),
            empty => Ok(empty.insert(open::reader(&self.path)?)),
        }
    }
}

fn answer(mut reader: Reader, inbox: &Mutex<Receiver<Job<Reader>>>) {
    loop {
        let job = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(&mut reader),
            Err(_) => break,
        }
    }
}
