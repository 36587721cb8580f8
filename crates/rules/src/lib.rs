//! Pure decisions over what was observed. Every result carries its reasons.
//!
//! *Invariant:* no I/O; `now` is an argument.
//! *Invariant:* nothing unknown or stale ever counts as fine ([`shown`] is the one place that decides it).

pub mod attention;
pub mod board;
pub mod coverage;
pub mod deploys;
pub mod during;
pub mod excerpt;
pub mod flap;
pub mod likely;
pub mod line;
pub mod link;
pub mod notify;
pub mod rollup;
pub mod silence;

pub use attention::{Attention, Best, attention, standing, urgency};
pub use coverage::Parts;
pub use deploys::{Drift, Step, drift, order_environments};
pub use link::Catalogue;
pub use rollup::{
    Asking, EnvironmentState, Judged, Reason, ReasonCode, ServiceState, Trust, is_main_line, roll_up,
};

use qd_model::Status;

/// The status that may be drawn, given whether its source is current.
///
/// What was fine, or under way, when the source was last read is unknown now. What was broken stays broken until it is
/// seen mended: dropping an alarm because the line went dead would be the worse mistake.
pub fn shown(status: Status, current: bool) -> Status {
    match status {
        Status::Ok | Status::Running if !current => Status::Unknown,
        status => status,
    }
}

#[cfg(test)]
mod fixtures;
