//! Settings of one connection, as the configuration gives them.

use std::path::PathBuf;
use std::time::Duration;

use qd_model::SourceId;
use serde_json::{Map, Value};
use url::Url;

/// Settings of one connection. No secret is ever among them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The connection's name.
    pub source: SourceId,
    /// Base address. A path is kept (`https://git.example.org/api/v3`).
    pub url: Url,
    /// Poll interval asked for. `None`: the backend's own.
    pub interval: Option<Duration>,
    /// PEM file with certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// `[connection.settings]`, as JSON.
    pub own: Map<String, Value>,
}

/// What is wrong with the settings, field by field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SettingsError {
    /// The field: `url`, or a key of `[connection.settings]`.
    pub field: String,
    /// What is wrong and what to write instead.
    pub problem: String,
}

impl Settings {
    /// Reads `[connection.settings]` into the backend's own struct.
    ///
    /// # Errors
    /// Names the field that does not fit.
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, SettingsError> {
        let read = |own: &Map<String, Value>| serde_json::from_value::<T>(Value::Object(own.clone()));
        // Which field it is serde does not tell: the one that cannot be read without the others either.
        let alone = |key: &String, value: &Value| read(&Map::from_iter([(key.clone(), value.clone())]));
        read(&self.own).map_err(|error| {
            let problem = error.to_string();
            let culprit = self
                .own
                .iter()
                .find(|(key, value)| alone(key, value).is_err_and(|it| it.to_string() == problem));
            let field = culprit.map_or("settings", |(key, _)| key);
            SettingsError { field: field.to_owned(), problem }
        })
    }
}
