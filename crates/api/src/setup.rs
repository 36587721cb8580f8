//! What needs no history: the backends there are, and whether the configuration file can be read.

use std::sync::Arc;

use qd_connector::{ActionSpec, Aim, Backend, Credentials, Settings};
use qd_engine::ConnectionSpec;

use crate::Paths;
use crate::actions::form_field;
use crate::config::{self, ConnectionEntry, Loaded, Problem, Weight};
use crate::connections::backend_view;
use crate::readme::readme;
use crate::view::{BackendView, FormFieldView, Notice};

/// A verb of a backend: the verb, what it is aimed at, what it does, its arguments.
pub type Verb = (&'static str, String, &'static str, Vec<FormFieldView>);

/// The part of the product that can be asked without its store.
pub struct Setup {
    /// Where things are kept.
    pub paths: Paths,
    /// The backends there are.
    pub backends: &'static [&'static dyn Backend],
    /// Where credentials come from.
    pub credentials: Arc<dyn Credentials>,
}

impl Setup {
    /// Backends that can be added.
    pub fn backends(&self) -> Vec<BackendView> {
        self.backends.iter().map(|backend| backend_view(*backend, readme(*backend, &[]).0)).collect()
    }

    /// Every verb of a backend. For help texts.
    pub fn verbs(&self, backend: &str) -> Vec<Verb> {
        let Some(backend) = self.backend(backend) else { return Vec::new() };
        let verb = |spec: &ActionSpec| {
            let aim = match spec.aim {
                Aim::Entity(kind) => kind.to_string(),
                Aim::Source => "the connection".to_owned(),
            };
            (spec.verb, aim, spec.effect, spec.args.iter().map(form_field).collect())
        };
        backend.descriptor().actions.iter().map(verb).collect()
    }

    /// Reads the configuration file and tells its mistakes.
    pub fn config_problems(&self) -> Vec<Notice> {
        self.told(&self.load())
    }

    pub(crate) fn load(&self) -> Loaded {
        let sound = |text: &str| self.credentials.check_reference(text).is_ok();
        config::load(&self.paths, self.backends, &sound)
    }

    /// The mistakes of a file that was read.
    pub(crate) fn told(&self, loaded: &Loaded) -> Vec<Notice> {
        let file = self.paths.config.display().to_string();
        let notice = |problem: &Problem| Notice {
            code: if problem.weight == Weight::Warning { "config_warning" } else { "config_broken" }
                .to_owned(),
            message: match (problem.weight, loaded.in_force.sentence()) {
                (Weight::Broken, Some(sentence)) => format!("{}. {sentence}", problem.message),
                _ => problem.message.clone(),
            },
            file: Some(file.clone()),
            line: problem.line,
        };
        let mut notices: Vec<Notice> = loaded.problems.iter().map(notice).collect();
        for entry in &loaded.config.connections {
            // The lines of an earlier file are not those of the one that is there.
            let place = loaded.config.places.get(&entry.id).filter(|_| !loaded.fallen_back());
            let line = |key: &str| place.and_then(|place| place.line(key));
            let reference = self.credentials.check_reference(&entry.credential).err();
            let settings = self.spec(entry).and_then(|spec| spec.backend.connect(spec.settings).err());
            let reference = reference.map(|problem| (line("credential"), problem));
            let settings = settings.map(|problem| (line(&problem.field), problem.to_string()));
            notices.extend(reference.into_iter().chain(settings).map(|(line, problem)| Notice {
                code: "config_broken".to_owned(),
                message: format!("connection '{}': {problem}", entry.id),
                file: Some(file.clone()),
                line,
            }));
        }
        notices
    }

    /// A connection as the engine wants it. `None`: nobody knows its backend.
    pub(crate) fn spec(&self, entry: &ConnectionEntry) -> Option<ConnectionSpec> {
        let backend = self.backend(&entry.backend)?;
        let settings = Settings {
            source: entry.id.clone(),
            url: entry.url.clone(),
            interval: entry.interval,
            ca_file: entry.ca_file.as_ref().map(Into::into),
            own: entry.settings.clone(),
        };
        Some(ConnectionSpec { backend, settings, credential: entry.credential.clone() })
    }

    pub(crate) fn backend(&self, word: &str) -> Option<&'static dyn Backend> {
        self.backends.iter().find(|backend| backend.descriptor().backend == word).copied()
    }
}
