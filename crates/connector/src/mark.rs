//! A poll that finds nothing new need not make facts of what it found.

use qd_model::Batch;

/// What a batch was made from. Two equal marks of one connection mean the same facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(pub u64);

/// What a poll found.
#[derive(Debug)]
pub enum Polled {
    /// The backend answered in full, and says what the batch of the mark said that was given.
    Same,
    /// A batch, and by what its content is recognised. No mark: it is not.
    New(Batch, Option<Mark>),
}

impl From<Batch> for Polled {
    fn from(batch: Batch) -> Self {
        Self::New(batch, None)
    }
}
