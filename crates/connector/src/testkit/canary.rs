//! Listens to everything that is logged, and searches texts for a credential.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span;
use tracing::subscriber::DefaultGuard;

/// Everything the current thread logs, at every level, from every library.
#[derive(Clone, Default)]
pub struct LogCapture(Arc<Mutex<String>>);

impl LogCapture {
    /// Begins to listen, until the guard is dropped.
    pub fn start() -> (Self, DefaultGuard) {
        let capture = Self::default();
        let guard = tracing::subscriber::set_default(Subscriber(capture.clone()));
        (capture, guard)
    }

    /// What was logged so far.
    pub fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Subscriber(LogCapture);

impl Subscriber {
    fn write(&self, record: impl FnOnce(&mut Line)) {
        let mut line = Line::default();
        record(&mut line);
        let mut all = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_str(&line.0);
        all.push('\n');
    }
}

impl tracing::Subscriber for Subscriber {
    fn enabled(&self, _metadata: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        self.write(|line| attributes.record(line));
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, values: &span::Record<'_>) {
        self.write(|line| values.record(line));
    }

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        self.write(|line| {
            line.0.push_str(event.metadata().target());
            event.record(line);
        });
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

/// The forms in which a credential could turn up.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// The forms of a credential: as it is, its password part, Base64, percent-encoded, hexadecimal.
    pub fn of(credential: &str) -> Self {
        let password = credential.rsplit(':').next().unwrap_or(credential);
        let hex = password.bytes().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let percent: String = url::form_urlencoded::byte_serialize(credential.as_bytes()).collect();
        let base64 = |text: &str| crate::http::base64(text.as_bytes()).trim_end_matches('=').to_owned();
        // Base64 of a part inside a longer text depends on its place; the last character may differ.
        let inner = |text: &str| base64(text)[..text.len() / 3 * 4].to_owned();
        let mut forms = vec![credential.to_owned(), password.to_owned(), percent, hex];
        forms.extend([inner(credential), inner(password)]);
        forms.retain(|form| form.len() >= 6);
        forms.sort_unstable();
        forms.dedup();
        Self(forms)
    }

    /// Whether one of the forms is in a text.
    pub fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|form| text.contains(form.as_str()))
    }
}
