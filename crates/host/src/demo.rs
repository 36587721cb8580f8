//! The demo: Harbour's servers in this process, and a product that knows nothing else.
//!
//! *Invariant:* no keychain, no environment, no `gh`: the only credential there is, is Harbour's own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use qd_api::view::{DemoChapter, DemoView};
use qd_api::{App, Demo, Paths};
use qd_connector::{CredentialError, Credentials, Secret};
use qd_demo::{CHAPTERS, DemoClock, Harbour, PRELUDE, START, Scale, TOKEN, World, chapter_at};
use qd_model::{Clock, SourceId};
use url::Url;

use crate::{OpenError, Options, assemble, paths};

/// The reference by which Harbour's credential is found.
const REFERENCE: &str = "demo";
/// Held while a demo runs, so that its folder is not tidied away.
const LOCK: &str = "demo.lock";

/// Folders of demos whose name begins so go with them.
pub const PASSING: &str = "qd-";

/// Which world.
#[derive(Debug, Clone, Copy)]
pub struct DemoOptions {
    /// How large.
    pub scale: Scale,
    /// By which chance.
    pub seed: u64,
    /// Chapter to begin with.
    pub chapter: &'static str,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { scale: Scale::default(), seed: 1, chapter: CHAPTERS[0].key }
    }
}

/// Where a demo keeps its things: a folder of its own beside the history, never the real one. `name` tells demos of
/// different front ends apart.
///
/// # Errors
/// [`OpenError::NoHome`].
pub fn demo_home(home: Option<PathBuf>, name: &str) -> Result<PathBuf, OpenError> {
    let real = paths(home)?;
    let data = real.history.parent().ok_or(OpenError::NoHome)?;
    Ok(data.join("demo").join(name))
}

/// Opens a demo in that folder ([`demo_home`]), with what an earlier one left there removed, and reads it to its chapter.
/// Polls nothing more: [`App::start`] does.
///
/// # Errors
/// [`OpenError`].
pub async fn open_demo(options: Options, folder: &Path, demo: DemoOptions) -> Result<App, OpenError> {
    let home = Home::fresh(folder).map_err(|error| OpenError::Demo(folder.to_owned(), error))?;
    let clock = DemoClock::at(START);
    let world = World::new(demo.scale, demo.seed);
    let harbour = Harbour::start(world, clock.clone())
        .await
        .map_err(|error| OpenError::Demo(folder.to_owned(), error))?;
    let paths = Paths::portable(folder);
    fs::write(&paths.config, harbour.config(REFERENCE))
        .map_err(|error| OpenError::Demo(folder.to_owned(), error))?;
    let steering: Arc<dyn Demo> = Arc::new(Steering { harbour, _home: home });
    let options = Options { home: Some(folder.to_owned()), ..options };
    let app = assemble(options, Arc::new(OnlyHarbours), Arc::new(clock), Some(steering)).await?;
    app.demo_begin(demo.chapter).await?;
    Ok(app)
}

/// Harbour's servers without a product, for `qd demo serve`.
///
/// # Errors
/// There is no free port.
pub async fn serve_demo(demo: DemoOptions) -> std::io::Result<Harbour> {
    let at =
        CHAPTERS.iter().find(|chapter| chapter.key == demo.chapter).map_or(START, |chapter| chapter.at());
    Harbour::start(World::new(demo.scale, demo.seed), DemoClock::at(at)).await
}

/// The folder of a running demo.
struct Home {
    folder: PathBuf,
    lock: File,
}

impl Home {
    /// Makes the folder, takes it, and removes what an earlier demo left in it and what others left beside it.
    fn fresh(folder: &Path) -> std::io::Result<Self> {
        if let Some(beside) = folder.parent() {
            tidy(beside);
        }
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        let lock = File::create(folder.join(LOCK))?;
        lock.try_lock().map_err(|_| std::io::Error::other("another demo runs there"))?;
        for entry in fs::read_dir(folder)?.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("history.db") || name == "config.toml" {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Self { folder: folder.to_owned(), lock })
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if passes(&self.folder) {
            let _ = fs::remove_dir_all(&self.folder);
        }
        let _ = self.lock.unlock();
    }
}

/// Whether nothing of a folder is kept: a demo of the command line leaves nothing behind, the window keeps its size.
fn passes(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PASSING))
}

/// Removes folders of demos that ended without doing so themselves.
fn tidy(beside: &Path) {
    for entry in fs::read_dir(beside).into_iter().flatten().flatten() {
        let folder = entry.path();
        let left = File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if left && passes(&folder) {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Harbour and its clock, as the product steers them.
struct Steering {
    harbour: Harbour,
    _home: Home,
}

impl Demo for Steering {
    fn state(&self) -> DemoView {
        let clock = self.harbour.clock();
        let now = clock.now();
        let chapter = |chapter: &qd_demo::Chapter| DemoChapter {
            key: chapter.key.to_owned(),
            title: chapter.title.to_owned(),
            at: chapter.at(),
        };
        DemoView {
            company: "Harbour".to_owned(),
            now,
            playing: clock.playing(),
            speed: clock.speed(),
            chapter: chapter_at(now).key.to_owned(),
            chapters: CHAPTERS.iter().map(chapter).collect(),
        }
    }

    fn run(&self, playing: bool, speed: u32) {
        self.harbour.clock().run(playing, speed);
    }

    fn set(&self, now: DateTime<Utc>) {
        self.harbour.clock().set(now);
    }

    fn begin_anew(&self, now: DateTime<Utc>) {
        self.harbour.begin_anew(now);
    }

    fn leap(&self, leaping: bool) {
        self.harbour.clock().leap(leaping);
    }

    fn prelude(&self) -> DateTime<Utc> {
        START - PRELUDE
    }

    fn owns(&self, url: &Url) -> bool {
        self.harbour.owns(url)
    }
}

/// The only credential of a demo is Harbour's.
struct OnlyHarbours;

const NOT_HERE: &str = "the demo keeps no credentials";

#[async_trait]
impl Credentials for OnlyHarbours {
    fn check_reference(&self, reference: &str) -> Result<(), String> {
        match reference {
            REFERENCE | "none" => Ok(()),
            _ => Err("the demo knows no credential but its own".to_owned()),
        }
    }

    async fn resolve(
        &self,
        _: &SourceId,
        reference: &str,
        _: Option<&str>,
    ) -> Result<Option<Secret>, CredentialError> {
        match reference {
            REFERENCE => Ok(Some(Secret::from(TOKEN.to_owned()))),
            "none" => Ok(None),
            _ => Err(CredentialError { code: "credential_missing", message: NOT_HERE.to_owned() }),
        }
    }

    async fn keep(&self, _: &SourceId, _: Secret, _: bool) -> Result<(), CredentialError> {
        Err(CredentialError { code: "read_only", message: NOT_HERE.to_owned() })
    }

    async fn forget(&self, _: &SourceId) -> Result<(), CredentialError> {
        Ok(())
    }

    async fn keychain(&self) -> &'static str {
        "unsupported"
    }
}
