//! Settings of the product, and saved views.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything the configuration says of the product itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SettingsView {
    /// The configuration file.
    pub path: String,
    /// Whether the file is there; else everything is at its default.
    pub exists: bool,
    /// Every setting, in the order in which it is shown.
    pub settings: Vec<SettingView>,
    /// Saved views, in the order of the file.
    pub views: Vec<SavedViewView>,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SettingView {
    /// `window.theme`: table and key in the file. What it is called on screen stands in the window's text.
    pub key: String,
    /// `choice`, `number`, `flag`, `several` (words with commas between), `hours` (`22:00-07:00`, or empty).
    pub kind: String,
    /// What holds now, as text.
    pub value: String,
    /// What holds when the file says nothing.
    pub default: String,
    /// The words of a `choice` or of `several`.
    pub choices: Vec<String>,
    /// Least `number`.
    pub least: Option<u32>,
    /// Greatest `number`.
    pub most: Option<u32>,
    /// Line of the file that sets it. `None`: it is at its default.
    pub line: Option<u32>,
    /// What to write into the file for the value that holds.
    pub toml: String,
}

/// A question under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "SavedView")]
pub struct SavedViewView {
    /// Its name.
    pub name: String,
    /// `overview`, `pipelines`, `deployments`, `alerts`, `tickets`, `charts`.
    pub view: String,
    /// The filter query.
    pub query: String,
    /// Everything instead of only what is current.
    pub all: bool,
    /// How it is shown, as the window's address has it (`group=service,name`, `list=1`). Empty: as usual.
    pub form: String,
}

/// A setting to write.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SettingReq {
    /// `window.theme`.
    pub key: String,
    /// The value as text. `None`: take it out of the file, so that the default holds.
    pub value: Option<String>,
}

/// A view to save.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ViewReq {
    /// Its name.
    pub name: String,
    /// Which view.
    pub view: String,
    /// The filter query.
    #[serde(default)]
    pub query: String,
    /// Everything instead of only what is current.
    #[serde(default)]
    pub all: bool,
    /// How it is shown, as the window's address has it.
    #[serde(default)]
    pub form: String,
    /// The saved view it replaces, which may have another name. `None`: a new one.
    pub replaces: Option<String>,
}

/// A saved view by name.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ViewNameReq {
    /// Its name.
    pub name: String,
}

/// An address that passed the check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LinkAddress {
    /// It.
    pub url: String,
}

/// An action to take back.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct UndoReq {
    /// What it was aimed at.
    pub target: String,
    /// Its idempotency key.
    pub key: String,
}
