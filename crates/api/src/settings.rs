//! Settings and saved views: shown with their origin, written to the file with its comments kept.

use std::sync::PoisonError;

use crate::commands::Nothing;
use crate::config::{
    SETTINGS, SavedView, SettingKind, SettingSpec, Written, put_setting, put_view, remove_view,
};
use crate::view::{Done, SavedViewView, SettingReq, SettingView, SettingsView, ViewNameReq, ViewReq};
use crate::{ApiError, App};

impl App {
    /// The product's settings with their origin, and the saved views.
    ///
    /// # Errors
    /// None.
    pub async fn settings(&self, _: Nothing) -> Result<SettingsView, ApiError> {
        let loaded = self.inner.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let setting = |spec: &SettingSpec| view(spec, loaded.config.settings.get(&spec.name()));
        Ok(SettingsView {
            path: self.paths().config.display().to_string(),
            exists: self.paths().config.exists(),
            settings: SETTINGS.iter().map(setting).collect(),
            views: loaded.config.views.iter().map(saved).collect(),
        })
    }

    /// Writes a setting, or takes it out of the file.
    ///
    /// # Errors
    /// There is no such setting, the value does not fit, or the file could not be written. Nothing was changed then.
    pub async fn setting_save(&self, request: SettingReq) -> Result<SettingsView, ApiError> {
        let bad = |message: String| ApiError::new("bad_request", message);
        let spec = SETTINGS.iter().find(|spec| spec.name() == request.key);
        let spec = spec.ok_or_else(|| bad("there is no such setting".to_owned()))?;
        let value = request.value.as_deref().map(|text| spec.check(text.trim())).transpose().map_err(bad)?;
        let _guard = self.inner.editing.lock().await;
        put_setting(&self.paths().config, spec, value)?;
        self.reload().await?;
        self.settings(Nothing {}).await
    }

    /// Saves, replaces or renames a view.
    ///
    /// # Errors
    /// It does not fit, its name is taken, or the file could not be written. Nothing was changed then.
    pub async fn view_save(&self, request: ViewReq) -> Result<SettingsView, ApiError> {
        let ViewReq { name, view, query, all, form, replaces } = request;
        let view = SavedView { name: name.trim().to_owned(), view, query, all, form };
        view.check().map_err(|problem| ApiError::new("bad_request", problem))?;
        let _guard = self.inner.editing.lock().await;
        put_view(&self.paths().config, &view, replaces.as_deref())?;
        self.reload().await?;
        self.settings(Nothing {}).await
    }

    /// Removes a saved view.
    ///
    /// # Errors
    /// There is none of that name, or the file could not be written. Nothing was changed then.
    pub async fn view_remove(&self, request: ViewNameReq) -> Result<SettingsView, ApiError> {
        let _guard = self.inner.editing.lock().await;
        remove_view(&self.paths().config, &request.name)?;
        self.reload().await?;
        self.settings(Nothing {}).await
    }

    /// Opens the configuration file in the person's editor.
    ///
    /// # Errors
    /// There is no file yet, or no editor could be started.
    pub async fn open_config(&self, _: Nothing) -> Result<Done, ApiError> {
        let path = &self.paths().config;
        if !path.exists() {
            let message = format!("there is no {} yet; it is made when a setting is changed", path.display());
            return Err(ApiError::new("not_found", message));
        }
        self.inner.parts.opener.open_file(path).map_err(|error| ApiError::new("refused", error))?;
        Ok(Done { message: String::new() })
    }
}

fn saved(view: &SavedView) -> SavedViewView {
    SavedViewView {
        name: view.name.clone(),
        view: view.view.clone(),
        query: crate::plain::line(&view.query),
        all: view.all,
        form: view.form.clone(),
    }
}

fn view(spec: &SettingSpec, written: Option<&Written>) -> SettingView {
    let value = written.map_or(spec.default, |written| &written.value);
    let (kind, choices, range) = match spec.kind {
        SettingKind::Choice(words) => ("choice", words, None),
        SettingKind::Number(least, most) => ("number", &[] as &[&str], Some((least, most))),
        SettingKind::Flag => ("flag", &[] as &[&str], None),
        SettingKind::Several(words) => ("several", words, None),
        SettingKind::Hours => ("hours", &[] as &[&str], None),
    };
    let literal = spec.check(value).map(|value| value.to_string()).unwrap_or_default();
    SettingView {
        key: spec.name(),
        kind: kind.to_owned(),
        value: value.to_owned(),
        default: spec.default.to_owned(),
        choices: choices.iter().map(|word| (*word).to_owned()).collect(),
        least: range.map(|(least, _)| least),
        most: range.map(|(_, most)| most),
        line: written.and_then(|written| written.line),
        toml: format!("[{}]\n{} = {}\n", spec.table, spec.key, literal.trim()),
    }
}
