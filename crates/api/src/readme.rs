//! The READMEs of the connectors as prose: help beside the form.

use qd_connector::{Backend, Markup};

use crate::App;
use crate::prose::Reading;
use crate::view::Prose;
use url::Url;

/// Before a backend's word: where `open_prose_link` finds the links of its README.
const PREFIX: &str = "readme:";
/// Nodes of one README.
const MOST_NODES: usize = 2_000;

/// The README of a backend as nodes, and the addresses in it. `own`: the addresses of the configured connections.
pub(crate) fn readme(backend: &dyn Backend, own: &[Url]) -> (Prose, Vec<String>) {
    let mut reading = Reading::new(Markup::Markdown, own, MOST_NODES).of_files();
    let prose = reading.read(backend.descriptor().readme);
    (prose, reading.addresses)
}

impl App {
    /// An address of a README, by `readme:` and the backend's word. `None`: `id` names no README, or it has no such link.
    pub(crate) fn readme_address(&self, id: &str, index: u32) -> Option<String> {
        let backend = self.backend(id.strip_prefix(PREFIX)?)?;
        readme(backend, &self.own_addresses()).1.get(index as usize).cloned()
    }
}
