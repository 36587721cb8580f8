//! Charts. A series goes in, a drawing comes out: shapes as path data, axis ticks as values, and where each mark lies.
//!
//! plotters owns the coordinates and the elements; what it draws is collected by a backend of our own ([`pen`]), so that the
//! window can draw the same shapes from typed data, and [`svg`] can write them to a file.
//!
//! *Invariant:* no I/O, no clock, and the same series gives the same drawing.
//! *Invariant:* a time that nobody read is drawn as such, never as zero.
//! *Invariant:* a drawing holds numbers only; words come in where a file is written, and are escaped there.

mod draw;
mod pen;
mod scale;
mod series;
mod svg;

pub use draw::{ChartError, Drawing, Mark, Size, TimeTick, ValueTick, draw};
pub use pen::{Ink, Layer};
pub use series::{Count, Known, Series, Slot, Took};
pub use svg::{LegendEntry, Words, escape, svg};
