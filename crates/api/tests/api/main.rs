//! The product as a front end meets it: commands over a real store, with backends that are only described.
#![allow(clippy::unwrap_used, reason = "a test panics where the product does something else")]

mod board;
mod charts;
mod config;
mod connections;
mod deck;
mod desktop;
mod follow;
mod home;
mod keychain;
mod notes;
mod status;
mod strip;
mod trust;
