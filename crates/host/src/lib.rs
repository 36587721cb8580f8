//! Puts the product together from its parts: the SQLite store, the OS keychain, the registry of connectors. The window
//! and `qd` are hosts of the same [`App`]; what differs between them is in [`Options`].

mod demo;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use qd_api::view::Notice;
use qd_api::{ApiError, App, AppParts, Demo, LinkOpener, Paths, Relaunch, Setup};
use qd_connector::Credentials;
use qd_model::{Clock, SystemClock};
use qd_secrets::Vault;
use qd_store::{Holder, SetAside, StoreError};
use qd_store_sqlite::SqliteStore;

pub use demo::{DemoOptions, PASSING, demo_home, open_demo, serve_demo};
pub use qd_demo::{CHAPTERS, Harbour, Scale, TOKEN as HARBOUR_TOKEN};

/// What differs between hosts.
pub struct Options {
    /// `QUARTERDECK_HOME`: everything in one folder. `None` or empty: the platform's own folders.
    pub home: Option<PathBuf>,
    /// Who proposes actions: `window`, `qd`.
    pub actor: &'static str,
    /// Opens links in the browser.
    pub opener: Arc<dyn LinkOpener>,
    /// Ends the host and starts it anew, as the demo or as the real thing. `None`: it cannot.
    pub relaunch: Option<Arc<dyn Relaunch>>,
}

/// Why the product cannot start. The message is for the person.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The platform names no home folder.
    #[error(
        "no home folder was found; set QUARTERDECK_HOME to a folder where Quarterdeck may keep its files"
    )]
    NoHome,
    /// What names the home folder does not begin at the root.
    #[error(
        "{0} is relative, so that it would be another folder wherever the command is run; set {1} to a whole path"
    )]
    Relative(PathBuf, &'static str),
    /// The history cannot be opened.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The demo cannot run in its folder.
    #[error("the demo cannot run in {0}: {1}")]
    Demo(PathBuf, std::io::Error),
    /// Anything else.
    #[error("{0}")]
    Api(#[from] ApiError),
}

/// Where things are kept, without opening anything.
///
/// # Errors
/// [`OpenError::NoHome`], [`OpenError::Relative`].
pub fn paths(home: Option<PathBuf>) -> Result<Paths, OpenError> {
    let variable = match &home {
        Some(home) if !home.as_os_str().is_empty() => "QUARTERDECK_HOME",
        _ => "HOME",
    };
    let paths = Paths::find(home).ok_or(OpenError::NoHome)?;
    let relative = [&paths.config, &paths.history, &paths.state].into_iter().find(|path| path.is_relative());
    match relative {
        Some(path) => Err(OpenError::Relative(path.parent().unwrap_or(path).to_owned(), variable)),
        None => Ok(paths),
    }
}

/// What can be asked without the store: the backends, and whether the configuration can be read.
///
/// # Errors
/// [`OpenError::NoHome`], [`OpenError::Relative`].
pub fn setup(home: Option<PathBuf>) -> Result<Setup, OpenError> {
    let credentials = Arc::new(vault(home.as_deref()));
    Ok(Setup { paths: paths(home)?, backends: qd_registry::backends(), credentials })
}

/// Opens the product. Polls nothing yet: [`App::start`] does.
///
/// # Errors
/// [`OpenError`].
pub async fn open(options: Options) -> Result<App, OpenError> {
    let credentials = Arc::new(vault(options.home.as_deref()));
    open_with(options, credentials).await
}

fn vault(home: Option<&Path>) -> Vault {
    Vault::system_with(qd_secrets::Options { home: home.and_then(home_name), ..Default::default() })
}

/// A short name of a home of its own, under which the keychain keeps what belongs to it: 16 hexadecimal digits of its
/// path. Two homes may have connections of the same id that lead to different servers; neither may get the other's
/// credential. A home that is moved asks for its credentials again. `None`: the platform's own folders.
fn home_name(home: &Path) -> Option<String> {
    if home.as_os_str().is_empty() {
        return None;
    }
    // Links are not followed: the folder may not be there yet, and its name must be the same before and after.
    let whole: PathBuf = std::path::absolute(home).unwrap_or_else(|_| home.to_owned()).components().collect();
    // FNV-1a: names need not be secret, only different.
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = whole.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step);
    Some(format!("{hash:016x}"))
}

/// Opens the product to be asked what it knows, and nothing else: no connection can be asked, nothing can be changed. As
/// cheap as can be where the history needs nothing done to it; otherwise as [`open`].
///
/// # Errors
/// [`OpenError`].
pub async fn open_to_read(options: Options) -> Result<App, OpenError> {
    match SqliteStore::open_to_read(&paths(options.home.clone())?.history) {
        Some(store) => {
            let credentials = Arc::new(vault(options.home.as_deref()));
            over(options, credentials, Arc::new(SystemClock), None, (store, None)).await
        }
        None => open(options).await,
    }
}

/// Opens the product with another keeper of credentials.
///
/// # Errors
/// [`OpenError`].
pub async fn open_with(options: Options, credentials: Arc<dyn Credentials>) -> Result<App, OpenError> {
    assemble(options, credentials, Arc::new(SystemClock), None).await
}

async fn assemble(
    options: Options,
    credentials: Arc<dyn Credentials>,
    clock: Arc<dyn Clock>,
    demo: Option<Arc<dyn Demo>>,
) -> Result<App, OpenError> {
    // One TLS provider for the whole process; that another part installed it already is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let opened = SqliteStore::open(&paths(options.home.clone())?.history, clock.now())?;
    over(options, credentials, clock, demo, opened).await
}

/// The product over a store that is open.
async fn over(
    options: Options,
    credentials: Arc<dyn Credentials>,
    clock: Arc<dyn Clock>,
    demo: Option<Arc<dyn Demo>>,
    (store, set_aside): (SqliteStore, Option<SetAside>),
) -> Result<App, OpenError> {
    let app = App::open(AppParts {
        paths: paths(options.home)?,
        store: Arc::new(store),
        credentials,
        backends: qd_registry::backends(),
        clock,
        opener: options.opener,
        holder: Holder(format!("{}-{}-{:08x}", options.actor, std::process::id(), fastrand::u32(..))),
        actor: options.actor,
        notices: set_aside.iter().map(notice).collect(),
        demo,
        relaunch: options.relaunch,
    })
    .await?;
    Ok(app)
}

fn notice(set_aside: &SetAside) -> Notice {
    let file = set_aside.path.display().to_string();
    Notice {
        code: "history_set_aside".to_owned(),
        message: format!(
            "The history was damaged ({}) and a new one was begun. The damaged file was kept and not changed.",
            set_aside.why
        ),
        file: Some(file),
        line: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_has_one_name_and_no_other_home_has_it() {
        let name = |home: &str| home_name(Path::new(home));
        assert_eq!(name(""), None, "the platform's own folders");
        assert_eq!(name("/srv/one"), name("/srv/one/"), "the same folder");
        assert_ne!(name("/srv/one"), name("/srv/two"));
        assert_eq!(name("/srv/one").map(|name| name.len()), Some(16));
    }
}
