//! Puts the product together from its parts: the SQLite store, the OS keychain, the registry of connectors. The window
//! and `qd` are hosts of the same [`App`]; what differs between them is in [`Options`].

use std::path::PathBuf;
use std::sync::Arc;

use qd_api::view::Notice;
use qd_api::{ApiError, App, AppParts, LinkOpener, Paths};
use qd_connector::Credentials;
use qd_model::{Clock, SystemClock};
use qd_secrets::Vault;
use qd_store::{Holder, SetAside, StoreError};
use qd_store_sqlite::SqliteStore;

/// What differs between hosts.
pub struct Options {
    /// `QUARTERDECK_HOME`: everything in one folder. `None` or empty: the platform's own folders.
    pub home: Option<PathBuf>,
    /// Who proposes actions: `window`, `qd`.
    pub actor: &'static str,
    /// Opens links in the browser.
    pub opener: Arc<dyn LinkOpener>,
}

/// Why the product cannot start. The message is for the person.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The platform names no home folder.
    #[error(
        "no home folder was found; set QUARTERDECK_HOME to a folder where Quarterdeck may keep its files"
    )]
    NoHome,
    /// The history cannot be opened.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Anything else.
    #[error("{0}")]
    Api(#[from] ApiError),
}

/// Where things are kept, without opening anything.
///
/// # Errors
/// [`OpenError::NoHome`].
pub fn paths(home: Option<PathBuf>) -> Result<Paths, OpenError> {
    Paths::find(home).ok_or(OpenError::NoHome)
}

/// Opens the product. Polls nothing yet: [`App::start`] does.
///
/// # Errors
/// [`OpenError`].
pub async fn open(options: Options) -> Result<App, OpenError> {
    open_with(options, Arc::new(Vault::system())).await
}

/// Opens the product with another keeper of credentials.
///
/// # Errors
/// [`OpenError`].
pub async fn open_with(options: Options, credentials: Arc<dyn Credentials>) -> Result<App, OpenError> {
    // One TLS provider for the whole process; that another part installed it already is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let paths = paths(options.home)?;
    let clock = SystemClock;
    let (store, set_aside) = SqliteStore::open(&paths.history, clock.now())?;
    let app = App::open(AppParts {
        paths,
        store: Arc::new(store),
        credentials,
        backends: qd_registry::backends(),
        clock: Arc::new(clock),
        opener: options.opener,
        holder: Holder(format!("{}-{}-{:08x}", options.actor, std::process::id(), fastrand::u32(..))),
        actor: options.actor,
        notices: set_aside.iter().map(notice).collect(),
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
