//! The conformance suite of stores, and a deterministic generator of facts.
