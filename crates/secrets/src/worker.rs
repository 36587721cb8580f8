//! The one thread that talks to the keychain, and the queue before it.
//!
//! A keychain call may block for as long as a prompt stays open. Callers wait for a soft time-out only; what the
//! keychain answers after that is handed to the caller's `late` closure instead of being dropped.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use crate::{KeychainState, Platform, VaultError, chest::Chest};

/// What the call in progress is waiting for, should it take long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitsFor {
    /// The keychain's answer.
    Keychain,
    /// A person, who has a prompt to unlock the keychain.
    Person,
}

/// What the thread is doing right now; `None` while it is idle.
#[derive(Default)]
pub(crate) struct Progress(Mutex<Option<(Instant, WaitsFor)>>);

impl Progress {
    /// Notes what the call in progress waits for from here on.
    pub(crate) fn waits_for(&self, what: WaitsFor) {
        if let Some((_, waits_for)) = lock(&self.0).as_mut() {
            *waits_for = what;
        }
    }

    fn begin(&self) {
        *lock(&self.0) = Some((Instant::now(), WaitsFor::Keychain));
    }

    fn end(&self) {
        *lock(&self.0) = None;
    }

    fn now(&self) -> Option<(Instant, WaitsFor)> {
        *lock(&self.0)
    }
}

type Job = Box<dyn FnOnce(&mut Chest) + Send>;

/// A running thread with its queue. It ends when this is dropped and its current call returns.
struct Thread {
    jobs: mpsc::Sender<Job>,
    progress: Arc<Progress>,
}

/// Runs calls one after the other on a thread of its own.
pub(crate) struct Worker {
    platform: Arc<dyn Platform>,
    service: String,
    patience: Patience,
    thread: Mutex<Option<Thread>>,
}

/// How long to wait for the keychain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// After this, the caller gets an answer even if the keychain has none.
    pub(crate) soft: Duration,
    /// After this, a blocked call is given up and the next one starts on a fresh thread: a keychain that died with its
    /// prompt open never answers.
    pub(crate) hard: Duration,
}

impl Worker {
    pub(crate) fn new(platform: Arc<dyn Platform>, service: String, patience: Patience) -> Worker {
        Worker { platform, service, patience, thread: Mutex::new(None) }
    }

    /// Runs `work` on the thread and waits for its outcome up to the soft time-out.
    ///
    /// `late` gets the outcome when nobody waited for it any more. Work that had not begun by then is not begun at all.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Chest) -> Result<T, VaultError> + Send + 'static,
        late: impl FnOnce(Result<T, VaultError>) + Send + 'static,
    ) -> Result<T, VaultError> {
        let (reply, mut answer) = oneshot::channel();
        let job: Job = Box::new(move |chest| {
            if reply.is_closed() {
                return;
            }
            let outcome = work(chest);
            if let Err(outcome) = reply.send(outcome) {
                late(outcome);
            }
        });
        let Some(progress) = self.enqueue(job) else {
            return Err(VaultError::Keychain(KeychainState::Failing));
        };
        let outcome = match tokio::time::timeout(self.patience.soft, &mut answer).await {
            Ok(outcome) => outcome.ok(),
            Err(_elapsed) => {
                answer.close();
                // It may have come in the last instant.
                Some(answer.try_recv().unwrap_or_else(|_| Err(self.gave_up_waiting(&progress))))
            }
        };
        // No outcome at all: the call panicked.
        outcome.unwrap_or(Err(VaultError::Keychain(KeychainState::Failing)))
    }

    fn gave_up_waiting(&self, progress: &Progress) -> VaultError {
        let after = self.patience.soft;
        VaultError::Keychain(match progress.now() {
            Some((_, WaitsFor::Person)) => KeychainState::PromptIgnored { after },
            _ => KeychainState::NotAnswering { after },
        })
    }

    /// Puts the job in the queue, starting a thread when there is none that can be expected to get to it.
    fn enqueue(&self, job: Job) -> Option<Arc<Progress>> {
        let mut slot = lock(&self.thread);
        let stuck = slot
            .as_ref()
            .and_then(|thread| thread.progress.now())
            .is_some_and(|(since, _)| since.elapsed() >= self.patience.hard);
        if stuck {
            tracing::warn!("the keychain has not answered for long, starting over with it");
            *slot = None;
        }
        let job = match slot.as_ref() {
            Some(thread) => match thread.jobs.send(job) {
                Ok(()) => return Some(Arc::clone(&thread.progress)),
                Err(mpsc::SendError(job)) => job,
            },
            None => job,
        };
        let thread = slot.insert(self.start()?);
        thread.jobs.send(job).ok()?;
        Some(Arc::clone(&thread.progress))
    }

    fn start(&self) -> Option<Thread> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let progress = Arc::new(Progress::default());
        let (platform, service) = (Arc::clone(&self.platform), self.service.clone());
        let noted = Arc::clone(&progress);
        let new_chest = move || Chest::new(Arc::clone(&platform), service.clone(), Arc::clone(&noted));
        let noted = Arc::clone(&progress);
        let spawned = thread::Builder::new().name("keychain".into()).spawn(move || {
            let mut chest = new_chest();
            for job in queue {
                noted.begin();
                // After a panic inside a keychain library, nothing of its state is trusted any more.
                if panic::catch_unwind(AssertUnwindSafe(|| job(&mut chest))).is_err() {
                    chest = new_chest();
                }
                noted.end();
            }
        });
        if let Err(error) = &spawned {
            tracing::error!(%error, "could not start the keychain's thread");
        }
        spawned.ok().map(|_| Thread { jobs, progress })
    }
}

/// Locks even after a panic elsewhere: every value kept under these locks is whole after each assignment.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
