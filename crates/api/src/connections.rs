//! Connections: list, add, test, edit, remove; keychain and configuration.

use std::borrow::Cow;

use qd_connector::{Backend, CheckOutcome, CheckReport, CredentialError};
use qd_model::{SourceId, Target};

use crate::actions::form_field;
use crate::commands::{ConnectionIdReq, ConnectionReq, Nothing};
use crate::config::{ConnectionEntry, EditError, from_draft, put_connection, remove_connection, to_draft};
use crate::entity::offer;
use crate::plain::{line, plain};
use crate::readme::readme;
use crate::rows::count;
use crate::sources::health;
use crate::view::{
    ActionOffer, BackendView, CheckStepView, CheckView, ConfigView, ConnectionView, Done, FormFieldView,
    KeychainView, ProposeOffer, Prose,
};
use crate::{ApiError, App};

impl App {
    /// Configured connections with their health.
    ///
    /// # Errors
    /// The store failed.
    pub async fn connections(&self, _: Nothing) -> Result<Vec<ConnectionView>, ApiError> {
        let sources = self.sources(None).await?;
        let mut views = Vec::new();
        for entry in &self.entries() {
            views.push(self.connection_view(entry, &sources).await?);
        }
        Ok(views)
    }

    /// Backends that can be added.
    ///
    /// # Errors
    /// None.
    pub async fn backends(&self, _: Nothing) -> Result<Vec<BackendView>, ApiError> {
        let (backends, own) = (self.inner.parts.backends, self.own_addresses());
        Ok(backends.iter().map(|backend| backend_view(*backend, readme(*backend, &own).0)).collect())
    }

    /// Tries a connection without saving it.
    ///
    /// # Errors
    /// The form does not fit.
    pub async fn connection_test(&self, request: ConnectionReq) -> Result<CheckView, ApiError> {
        self.refuse_in_demo("The demo tries no real connections.")?;
        let (entry, _) = self.read_form(&request)?;
        let spec =
            self.spec(&entry).ok_or_else(|| ApiError::new("bad_request", "There is no such backend."))?;
        let secret = request.secret.filter(|_| entry.credential == "keychain");
        if secret.is_none() {
            self.ask_again(&entry).await;
        }
        Ok(check_view(&self.inner.engine.check(&spec, secret).await))
    }

    /// A person wants this connection to work: a closed prompt of the keychain may come once more.
    pub(crate) async fn ask_again(&self, entry: &ConnectionEntry) {
        if entry.credential == "keychain" {
            self.inner.parts.credentials.ask_again(&entry.id).await;
        }
    }

    /// Saves a connection and its secret.
    ///
    /// # Errors
    /// The form does not fit, the keychain refused, or the file could not be written. Nothing was changed then.
    pub async fn connection_save(&self, request: ConnectionReq) -> Result<ConnectionView, ApiError> {
        self.refuse_in_demo("Real connections never appear in the demo.")?;
        let _guard = self.inner.editing.lock().await;
        let (entry, replaces) = self.read_form(&request)?;
        let taken = self.entries().iter().any(|other| other.id == entry.id);
        match &replaces {
            None if taken => {
                return Err(ApiError::new(
                    "refused",
                    format!("There is a connection “{}” already; choose another name.", entry.id),
                ));
            }
            Some(old) if *old != entry.id => {
                return Err(ApiError::new(
                    "refused",
                    "A connection keeps its name: its history hangs on it. Add a new one instead.",
                ));
            }
            _ => {}
        }
        if let Some(secret) = request.secret.filter(|_| entry.credential == "keychain") {
            self.inner
                .parts
                .credentials
                .keep(&entry.id, secret, request.session_only)
                .await
                .map_err(keychain_error)?;
            // The keeper forgets it with its process; who asks from another one must not be told of the keychain.
            let lasts = if request.session_only { SESSION } else { "" };
            self.inner.parts.store.put_memo(&credential_key(&entry.id), lasts).await?;
        }
        put_connection(&self.inner.parts.paths.config, &entry, replaces.is_some())?;
        self.reload().await?;
        self.inner.engine.credential_changed(&entry.id);
        let sources = self.sources(None).await?;
        self.connection_view(&entry, &sources).await
    }

    /// Removes a connection, its secret and what it observed. The actions log and notes stay.
    ///
    /// # Errors
    /// What could not be removed.
    pub async fn connection_remove(&self, request: ConnectionIdReq) -> Result<Done, ApiError> {
        self.refuse_in_demo("The demo's connections belong to it.")?;
        let _guard = self.inner.editing.lock().await;
        let id: SourceId = request.id.parse()?;
        let entry = self.entries().into_iter().find(|entry| entry.id == id);
        match remove_connection(&self.inner.parts.paths.config, id.as_str()) {
            Err(EditError::Missing(_)) => {
                let message = format!("There is no connection '{id}'; nothing was changed.");
                return Err(ApiError::new("not_found", message));
            }
            edited => edited?,
        }
        self.reload().await?;
        self.inner.parts.store.forget(&id).await?;
        self.inner.parts.store.put_memo(&credential_key(&id), "").await?;
        if entry.is_some_and(|entry| entry.credential == "keychain")
            && let Err(error) = self.inner.parts.credentials.forget(&id).await
        {
            let message =
                format!("Removed, but its credential may still be in the keychain: {}.", error.message);
            return Ok(Done { message });
        }
        Ok(Done { message: format!("Removed {id}.") })
    }

    /// State of the OS keychain; asks it anew.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn keychain(&self, _: Nothing) -> Result<KeychainView, ApiError> {
        let state = self.inner.parts.credentials.keychain().await;
        Ok(KeychainView { state: state.to_owned(), message: keychain_sentence(state).to_owned() })
    }

    /// Where the configuration is and what is wrong with it.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn config(&self, _: Nothing) -> Result<ConfigView, ApiError> {
        Ok(ConfigView { path: self.paths().config.display().to_string(), problems: self.config_problems() })
    }

    fn read_form(&self, request: &ConnectionReq) -> Result<(ConnectionEntry, Option<SourceId>), ApiError> {
        let bad = |message: String| ApiError::new("bad_request", message);
        let backend = self
            .backend(&request.draft.backend)
            .ok_or_else(|| bad(format!("There is no backend “{}”.", line(&request.draft.backend))))?;
        let entry = from_draft(&request.draft, backend).map_err(bad)?;
        self.inner.parts.credentials.check_reference(&entry.credential).map_err(bad)?;
        let replaces = request.replaces.as_deref().map(str::parse).transpose()?;
        Ok((entry, replaces))
    }

    async fn connection_view(
        &self,
        entry: &ConnectionEntry,
        sources: &crate::Sources,
    ) -> Result<ConnectionView, ApiError> {
        let lasts = self.inner.parts.store.memo(&credential_key(&entry.id)).await?;
        let source = sources.get(&entry.id);
        let reference = self.inner.parts.credentials.check_reference(&entry.credential);
        let mut problems: Vec<String> = reference.clone().err().into_iter().collect();
        problems
            .extend(source.iter().flat_map(|source| source.report.problems.iter().map(|text| plain(text))));
        let mut draft = to_draft(entry);
        if reference.is_err() {
            // What stands there may be the secret itself; it goes no further.
            draft.credential.clear();
        }
        let usage = source.map(|source| source.report.usage).unwrap_or_default();
        Ok(ConnectionView {
            session_only: entry.credential == "keychain" && lasts.as_deref() == Some(SESSION),
            draft,
            backend_name: self
                .backend(&entry.backend)
                .map(|b| b.descriptor().name.to_owned())
                .unwrap_or_default(),
            health: source.map(|source| health(&source.report.health, sources.current(&entry.id))),
            problems,
            requests_last_hour: count(usage.requests),
            unchanged_last_hour: count(usage.unchanged),
            actions: self.offers(&Target::Source(entry.id.clone()), None, sources),
        })
    }
}

/// How long a credential lasts that was not given to the keychain.
const SESSION: &str = "session";

/// Where is noted how long the credential of a connection lasts. Never the credential itself.
fn credential_key(source: &SourceId) -> String {
    format!("credential {source}")
}

pub(crate) fn backend_view(backend: &dyn Backend, help: Prose) -> BackendView {
    let descriptor = backend.descriptor();
    let at_source = descriptor.actions.iter().filter(|spec| spec.aim == qd_connector::Aim::Source);
    BackendView {
        backend: descriptor.backend.to_owned(),
        name: descriptor.name.to_owned(),
        summary: descriptor.summary.to_owned(),
        kinds: descriptor.kinds.to_vec(),
        url_example: descriptor.url_example.to_owned(),
        default_url: descriptor.default_url.map(str::to_owned),
        credential_label: descriptor.credential.label.to_owned(),
        credential_help: descriptor.credential.help.to_owned(),
        credential_optional: descriptor.credential.optional,
        credential_gh: descriptor.credential.gh,
        settings: descriptor.settings.iter().map(form_field).collect::<Vec<FormFieldView>>(),
        interval_secs: count(descriptor.interval.as_secs()),
        readme: descriptor.readme.to_owned(),
        help,
        proposes: backend.proposes().map(|proposes| ProposeOffer {
            field: proposes.spec().field.to_owned(),
            label: proposes.spec().label.to_owned(),
        }),
        icon: descriptor.icon.to_owned(),
        actions: at_source.map(|spec| offer(spec, false, None)).collect::<Vec<ActionOffer>>(),
    }
}

fn check_view(report: &CheckReport) -> CheckView {
    let step = |step: &qd_connector::CheckStep| CheckStepView {
        name: step.name.clone(),
        outcome: match step.outcome {
            CheckOutcome::Ok => "ok",
            CheckOutcome::Warning => "warning",
            CheckOutcome::Failed => "failed",
        }
        .to_owned(),
        text: credential_sentence(&step.text).map_or_else(|| plain(&step.text), Cow::into_owned),
    };
    CheckView {
        passed: report.passed(),
        steps: report.steps.iter().map(step).collect(),
        identity: report.identity.as_deref().map(line),
        version: report.version.as_deref().map(line),
    }
}

fn keychain_error(error: CredentialError) -> ApiError {
    let sentence = credential_sentence(error.code).map_or_else(|| error.message.clone(), Cow::into_owned);
    ApiError::new("keychain", format!("The credential was not saved: {sentence}"))
}

/// What a keychain state means, and what to do next.
pub(crate) fn keychain_sentence(state: &str) -> &'static str {
    match state {
        "ready" => "The keychain answers and is unlocked.",
        "no_session_bus" => {
            "There is no desktop session to ask for a keychain. Use the credential for this session only, or refer to an environment variable (env:NAME)."
        }
        "no_service" => {
            "No keychain service runs. Install and start GNOME Keyring, KWallet or KeePassXC, or use the credential for this session only."
        }
        "no_collection" => {
            "The keychain has no default collection yet. Create one (in Seahorse: “Default keyring”), or use the credential for this session only."
        }
        "locked" => {
            "The keychain is locked. Unlock it, then try again, or use the credential for this session only."
        }
        "prompt_dismissed" => {
            "The prompt to unlock the keychain was closed. Try again and unlock it, or use the credential for this session only."
        }
        "prompt_ignored" => {
            "The keychain waits for its unlock prompt to be answered. Look for it behind other windows, then try again."
        }
        "not_answering" => {
            "The keychain does not answer. Try again, or use the credential for this session only."
        }
        "read_only" => {
            "The keychain can be read but refuses to save. Use the credential for this session only."
        }
        "unsupported" => {
            "There is no keychain here that Quarterdeck can use. Use the credential for this session only, or refer to an environment variable (env:NAME)."
        }
        _ => {
            "The keychain refused without saying why. Try again, or use the credential for this session only."
        }
    }
}

/// The sentence of a credential's machine word, with what it is about after a space (`env_unset TOKEN`, see
/// [`qd_model::SignIn`]). `None`: it is not one.
pub(crate) fn credential_sentence(reason: &str) -> Option<Cow<'static, str>> {
    if let Some(name) = reason.strip_prefix("env_unset ") {
        let text =
            format!("The environment variable {} is not set. Set it before Quarterdeck starts.", line(name));
        return Some(Cow::Owned(text));
    }
    fixed_sentence(reason).map(Cow::Borrowed)
}

fn fixed_sentence(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "credential_missing none" => {
            "It asks for a credential, and this connection gives none. Give it one: in the window under Connections, or as credential = \"env:NAME\" in config.toml."
        }
        "credential_missing" => "No credential is saved for this connection. Enter one.",
        "rejected" => "The backend rejected the credential. Enter a new one.",
        "bad_credential" => {
            "The credential has not the form this backend needs; see the help beside the field."
        }
        "credential_empty" => "The credential is empty.",
        "credential_too_long" => "The credential is longer than the keychain takes.",
        "credential_ambiguous" => {
            "The keychain holds several credentials under this name. Remove the connection's credential and enter it anew."
        }
        "credential_not_text" => "What the keychain holds is not text. Enter the credential anew.",
        "read_back_differs" => {
            "The keychain did not give back what was saved; it was removed again. Try again, or use the credential for this session only."
        }
        "env_unset" => "The environment variable is not set. Set it before Quarterdeck starts.",
        "gh_not_installed" => {
            "The GitHub CLI is not installed. Install gh and run `gh auth login`, or choose another credential."
        }
        "gh_not_logged_in" => "The GitHub CLI is not logged in to this host. Run `gh auth login`.",
        "gh_failed" => "The GitHub CLI did not give a token. Run `gh auth status` to see why.",
        "ready" => return None,
        "no_session_bus" | "no_service" | "no_collection" | "locked" | "prompt_dismissed"
        | "prompt_ignored" | "not_answering" | "read_only" | "unsupported" | "failing" => {
            keychain_sentence(reason)
        }
        _ => return None,
    })
}

impl From<EditError> for ApiError {
    fn from(error: EditError) -> Self {
        Self::new("config", error.to_string())
    }
}
