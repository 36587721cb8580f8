//! The engine with a scripted backend and the real store.
#![allow(clippy::unwrap_used, reason = "a test panics where the engine does something else")]

mod acts;
mod bench;
mod linking;
mod polls;
