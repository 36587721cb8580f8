//! The READMEs of the connectors as prose: help beside the form.

use qd_connector::{Backend, Markup};

use crate::App;
use crate::prose::Reading;
use crate::view::Prose;

/// Before a backend's word: where `open_prose_link` finds the links of its README.
const PREFIX: &str = "readme:";
/// Nodes of one README.
const MOST_NODES: usize = 2_000;

impl App {
    /// The README of a backend as nodes, and the addresses in it.
    pub(crate) fn readme(&self, backend: &dyn Backend) -> (Prose, Vec<String>) {
        let own = self.own_addresses();
        let mut reading = Reading::new(Markup::Markdown, &own, MOST_NODES);
        let prose = reading.read(backend.descriptor().readme);
        (prose, reading.addresses)
    }

    /// An address of a README, by `readme:` and the backend's word. `None`: `id` names no README, or it has no such link.
    pub(crate) fn readme_address(&self, id: &str, index: u32) -> Option<String> {
        let backend = self.backend(id.strip_prefix(PREFIX)?)?;
        self.readme(backend).1.get(index as usize).cloned()
    }
}
