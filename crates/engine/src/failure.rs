//! The health a failed poll leaves, with what only the connection knows: its backend, its address, its credential.

use qd_connector::{PollError, not_there, without_credential};
use qd_model::{HealthState, SignIn};

use crate::config::ConnectionSpec;

/// The reference of a connection that gives no credential.
const NONE: &str = "none";

/// The health a poll that ended so leaves.
pub(crate) fn health(error: PollError, spec: &ConnectionSpec) -> HealthState {
    let anonymous = spec.credential == NONE;
    match error {
        PollError::NotFound { .. } => {
            HealthState::Unexpected { what: not_there(spec.backend.descriptor().name, &spec.settings.url) }
        }
        PollError::Unauthenticated if anonymous => missing(spec),
        PollError::Forbidden { missing } if anonymous => {
            HealthState::Forbidden { missing: without_credential(&missing) }
        }
        error => error.health(),
    }
}

/// No credential where one is needed.
pub(crate) fn missing(spec: &ConnectionSpec) -> HealthState {
    needs("credential_missing", (spec.credential == NONE).then_some(NONE))
}

/// The credential cannot be had, for the reason of this machine word.
pub(crate) fn unresolved(code: &str, spec: &ConnectionSpec) -> HealthState {
    needs(code, spec.credential.strip_prefix("env:").filter(|_| code == "env_unset"))
}

fn needs(code: &str, about: Option<&str>) -> HealthState {
    HealthState::NeedsSignIn { reason: SignIn { code: code.to_owned(), about: about.map(str::to_owned) } }
}
