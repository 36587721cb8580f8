//! From a series to a drawing.

use std::cell::RefCell;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::{Color, ShapeStyle};

use crate::pen::{Ink, Layer, Pen};
use crate::scale;
use crate::series::{Count, Known, Series, Slot, Took};

/// How large, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Across.
    pub width: u32,
    /// Down.
    pub height: u32,
}

impl Size {
    /// The nearest size that can be drawn.
    fn drawable(self) -> Self {
        Self { width: self.width.clamp(160, 8_000), height: self.height.clamp(80, 2_000) }
    }
}

/// A value of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueTick {
    /// How many, or how many seconds.
    pub value: u64,
    /// Where, from the top.
    pub y: i32,
}

/// A time on the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeTick {
    /// When.
    pub at: DateTime<Utc>,
    /// Where, from the left.
    pub x: i32,
}

/// Where a slot lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Its left edge.
    pub x: i32,
    /// How wide it is.
    pub width: i32,
    /// Its value, from the top; the foot of the chart where there is none.
    pub y: i32,
}

/// A chart without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// How large.
    pub size: Size,
    /// The foot of the bars, from the top.
    pub foot: i32,
    /// Shapes, the lowest first.
    pub layers: Vec<Layer>,
    /// Values beside the grid.
    pub values: Vec<ValueTick>,
    /// Times below it.
    pub times: Vec<TimeTick>,
    /// One for each slot, in their order.
    pub marks: Vec<Mark>,
}

/// plotters refused to draw.
#[derive(Debug, thiserror::Error)]
#[error("a chart could not be drawn: {0}")]
pub struct ChartError(String);

const VALUES_WIDTH: u32 = 52;
const TIMES_HEIGHT: u32 = 20;
const TOP: u32 = 8;
const END: u32 = 12;
/// Times stand at least so far apart.
const APART: i64 = 84;

/// Draws. `ahead`: how far the reader's clock is ahead of UTC; times on the axis are round on it.
///
/// # Errors
/// plotters refused.
pub fn draw(series: &Series, size: Size, ahead: TimeDelta) -> Result<Drawing, ChartError> {
    match series {
        Series::Counts(slots) => {
            let most = slots.iter().map(|slot| slot.value.all).max().unwrap_or(0);
            let board = Board::new(slots, scale::of_counts(most), size)?;
            board.finish(slots, ahead, Board::bar, |value| f64::from(value.all))
        }
        Series::Times(slots) => {
            let most = slots.iter().filter_map(|slot| slot.value.map(|took| took.p90)).max().unwrap_or(0);
            let board = Board::new(slots, scale::of_lengths(most), size)?;
            board.finish(slots, ahead, Board::took, |value| value.map_or(0.0, |took| f64::from(took.p90)))
        }
    }
}

type Refused = DrawingAreaErrorKind<std::convert::Infallible>;

fn refused(error: Refused) -> ChartError {
    ChartError(error.to_string())
}

/// The coordinates of a chart, and what it is drawn on.
struct Board<'a> {
    size: Size,
    pen: Rc<RefCell<Pen>>,
    chart: ChartContext<'a, Pen, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
    grid: Vec<u64>,
}

impl Board<'_> {
    fn new<V>(slots: &[Slot<V>], grid: Vec<u64>, size: Size) -> Result<Self, ChartError> {
        let size = size.drawable();
        let pen = Rc::new(RefCell::new(Pen::new((size.width, size.height))));
        let area: DrawingArea<Pen, Shift> = DrawingArea::from(&pen);
        let begin = slots.first().map_or(DateTime::UNIX_EPOCH, |slot| slot.from);
        let end = slots.last().map_or(begin, |slot| slot.until).max(begin + TimeDelta::seconds(1));
        let top = grid.last().copied().unwrap_or(1);
        let chart = ChartBuilder::on(&area)
            .margin_top(TOP)
            .margin_right(END)
            .x_label_area_size(TIMES_HEIGHT)
            .y_label_area_size(VALUES_WIDTH)
            .build_cartesian_2d(0.0..secs(end - begin), 0.0..top as f64)
            .map_err(refused)?;
        Ok(Self { size, pen, chart, begin, end, grid })
    }

    fn finish<V>(
        mut self,
        slots: &[Slot<V>],
        ahead: TimeDelta,
        shape: fn(&mut Self, &Slot<V>) -> Result<(), Refused>,
        value: fn(&V) -> f64,
    ) -> Result<Drawing, ChartError> {
        self.grid().map_err(refused)?;
        for slot in slots {
            self.ground(slot).and_then(|()| shape(&mut self, slot)).map_err(refused)?;
        }
        let width = self.right() - self.x(self.begin);
        let apart = (self.end - self.begin) * i32::try_from(APART).unwrap_or(1) / width.max(1);
        let mark = |slot: &Slot<V>| {
            let x = self.x(slot.from);
            Mark { x, width: self.x(slot.until) - x, y: self.y(value(&slot.value)) }
        };
        Ok(Drawing {
            size: self.size,
            foot: self.y(0.0),
            values: self
                .grid
                .iter()
                .map(|value| ValueTick { value: *value, y: self.y(*value as f64) })
                .collect(),
            times: scale::of_times(self.begin, self.end, apart, ahead)
                .into_iter()
                .map(|at| TimeTick { at, x: self.x(at) })
                .collect(),
            marks: slots.iter().map(mark).collect(),
            layers: self.pen.borrow_mut().layers(),
        })
    }

    fn grid(&mut self) -> Result<(), Refused> {
        let across = secs(self.end - self.begin);
        let line = |value: &u64| {
            PathElement::new([(0.0, *value as f64), (across, *value as f64)], stroke(Ink::Grid))
        };
        let lines: Vec<_> = self.grid.iter().map(line).collect();
        self.chart.draw_series(lines).map(|_| ())
    }

    /// What lies behind the value: how well the slot was read.
    fn ground<V>(&mut self, slot: &Slot<V>) -> Result<(), Refused> {
        let ink = match slot.known {
            Known::Read => return Ok(()),
            Known::Partly => Ink::Partly,
            Known::Unread => Ink::Unread,
        };
        let area = [(self.at(slot.from), 0.0), (self.at(slot.until), self.top())];
        self.chart.draw_series([Rectangle::new(area, fill(ink))]).map(|_| ())
    }

    fn bar(&mut self, slot: &Slot<Count>) -> Result<(), Refused> {
        let all = if slot.known == Known::Read { Ink::Bar } else { Ink::AtLeast };
        for (count, ink) in [(slot.value.all, all), (slot.value.bad, Ink::Bad)] {
            if count > 0 {
                let gap = self.gap(slot);
                let height = f64::from(count).max(self.least());
                let mut bar =
                    Rectangle::new([(self.at(slot.from), 0.0), (self.at(slot.until), height)], fill(ink));
                bar.set_margin(0, 0, gap, gap);
                self.chart.draw_series([bar])?;
            }
        }
        Ok(())
    }

    fn took(&mut self, slot: &Slot<Option<Took>>) -> Result<(), Refused> {
        let Some(took) = slot.value else { return Ok(()) };
        let (from, until) = (self.at(slot.from), self.at(slot.until));
        let middle = from + (until - from) / 2.0;
        let (median, p90) = (f64::from(took.median), f64::from(took.p90));
        let cap = (until - from) / 5.0;
        let lines = [
            PathElement::new([(middle, median), (middle, p90)], stroke(Ink::Spread)),
            PathElement::new([(middle - cap, p90), (middle + cap, p90)], stroke(Ink::Spread)),
        ];
        self.chart.draw_series(lines)?;
        let radius = if self.width(slot) < 8 { 2 } else { 3 };
        self.chart.draw_series([Circle::new((middle, median), radius, fill(Ink::Middle))]).map(|_| ())
    }

    /// Seconds from the left.
    fn at(&self, at: DateTime<Utc>) -> f64 {
        secs(at - self.begin)
    }

    fn x(&self, at: DateTime<Utc>) -> i32 {
        self.chart.backend_coord(&(self.at(at), 0.0)).0
    }

    fn y(&self, value: f64) -> i32 {
        self.chart.backend_coord(&(0.0, value)).1
    }

    fn right(&self) -> i32 {
        self.x(self.end)
    }

    fn top(&self) -> f64 {
        self.grid.last().copied().unwrap_or(1) as f64
    }

    fn width<V>(&self, slot: &Slot<V>) -> i32 {
        self.x(slot.until) - self.x(slot.from)
    }

    /// What is left free on each side of a bar, pixels.
    fn gap<V>(&self, slot: &Slot<V>) -> u32 {
        self.width(slot).unsigned_abs() / 8
    }

    /// The value that is as high as two pixels: less would not be seen.
    fn least(&self) -> f64 {
        let height = (self.y(0.0) - self.y(self.top())).max(1);
        self.top() * 2.0 / f64::from(height)
    }
}

fn secs(span: TimeDelta) -> f64 {
    span.num_milliseconds() as f64 / 1_000.0
}

fn fill(ink: Ink) -> ShapeStyle {
    ink.colour().filled()
}

fn stroke(ink: Ink) -> ShapeStyle {
    ink.colour().stroke_width(1)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(500_000 + hour)
    }

    fn slot<V>(hour: i64, known: Known, value: V) -> Slot<V> {
        Slot { from: at(hour), until: at(hour + 1), known, value }
    }

    fn check(series: &Series, expected: Expect) {
        let drawing = draw(series, Size { width: 264, height: 128 }, TimeDelta::zero()).unwrap();
        let mut told: Vec<String> =
            drawing.layers.iter().map(|layer| format!("{} {}", layer.ink.as_str(), layer.d)).collect();
        told.push(format!(
            "values {:?}",
            drawing.values.iter().map(|it| (it.value, it.y)).collect::<Vec<_>>()
        ));
        told.push(format!(
            "times {:?}",
            drawing.times.iter().map(|it| (it.at.format("%H:%M").to_string(), it.x)).collect::<Vec<_>>()
        ));
        told.push(format!(
            "marks {:?}",
            drawing.marks.iter().map(|it| (it.x, it.width, it.y)).collect::<Vec<_>>()
        ));
        expected.assert_eq(&told.join("\n"));
        assert_eq!(drawing, draw(series, drawing.size, TimeDelta::zero()).unwrap(), "the same again");
    }

    #[test]
    fn what_was_not_read_is_an_area_and_never_a_zero() {
        let count = |all, bad| Count { all, bad };
        check(
            &Series::Counts(vec![
                slot(0, Known::Read, count(4, 1)),
                slot(1, Known::Read, count(0, 0)),
                slot(2, Known::Unread, count(0, 0)),
                slot(3, Known::Partly, count(2, 0)),
            ]),
            expect![[r#"
                unread M151 8h50v99h-50z
                partly M201 8h50v99h-50z
                grid M52 107L251 107M52 83L251 83M52 58L251 58M52 33L251 33M52 8L251 8
                bar M58 8h37v99h-37z
                at_least M207 58h38v49h-38z
                bad M58 83h37v24h-37z
                values [(0, 107), (1, 83), (2, 58), (3, 33), (4, 8)]
                times [("08:00", 52), ("10:00", 151)]
                marks [(52, 49, 8), (101, 50, 107), (151, 50, 107), (201, 50, 58)]"#]],
        );
    }

    #[test]
    fn durations_stand_at_their_median_and_reach_to_nine_of_ten() {
        check(
            &Series::Times(vec![
                slot(0, Known::Read, Some(Took { median: 60, p90: 240 })),
                slot(1, Known::Read, None),
                slot(2, Known::Unread, None),
            ]),
            expect![[r#"
                unread M184 8h67v99h-67z
                grid M52 107L251 107M52 83L251 83M52 58L251 58M52 33L251 33M52 8L251 8
                spread M85 83L85 8M71 8L98 8
                middle M82 83a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z
                values [(0, 107), (60, 83), (120, 58), (180, 33), (240, 8)]
                times [("08:00", 52), ("10:00", 184)]
                marks [(52, 66, 8), (118, 66, 107), (184, 67, 107)]"#]],
        );
    }

    #[test]
    fn one_among_thousands_is_still_seen() {
        let series = Series::Counts(vec![
            slot(0, Known::Read, Count { all: 5_000, bad: 0 }),
            slot(1, Known::Read, Count { all: 1, bad: 0 }),
        ]);
        let drawing = draw(&series, Size { width: 400, height: 128 }, TimeDelta::zero()).unwrap();
        let bars = drawing.layers.iter().find(|layer| layer.ink == Ink::Bar).unwrap();
        assert!(bars.d.split('M').nth(2).is_some_and(|bar| bar.contains("v2h")), "{}", bars.d);
    }

    #[test]
    fn an_empty_series_and_any_size_can_be_drawn() {
        for (width, height) in [(0, 0), (1, 100_000), (100_000, 1)] {
            let size = Size { width, height };
            assert!(draw(&Series::Counts(Vec::new()), size, TimeDelta::zero()).is_ok(), "{size:?}");
            let slots = vec![slot(0, Known::Read, None); 400];
            assert!(draw(&Series::Times(slots), size, TimeDelta::zero()).is_ok(), "{size:?}");
        }
    }
}
