//! The backend plotters draws with: it keeps every shape as path data, one path for each ink.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write;

use plotters::style::RGBColor;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingBackend, DrawingErrorKind};

/// What a shape means. Whoever shows a drawing decides what that looks like. In the order in which they lie on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ink {
    /// A time that no source was read in: an area.
    Unread,
    /// A time in which not every source was read: an area.
    Partly,
    /// A line of the grid.
    Grid,
    /// How many: an area.
    Bar,
    /// How many at least: an area.
    AtLeast,
    /// Those that deserve a look: an area.
    Bad,
    /// From the median to what nine of ten took: a line.
    Spread,
    /// The median: an area.
    Middle,
}

impl Ink {
    /// All of them, the lowest first.
    pub const ALL: [Self; 8] = [
        Self::Unread,
        Self::Partly,
        Self::Grid,
        Self::Bar,
        Self::AtLeast,
        Self::Bad,
        Self::Spread,
        Self::Middle,
    ];

    /// The machine word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Partly => "partly",
            Self::Grid => "grid",
            Self::Bar => "bar",
            Self::AtLeast => "at_least",
            Self::Bad => "bad",
            Self::Spread => "spread",
            Self::Middle => "middle",
        }
    }

    /// plotters knows colours and no meanings: the number of the ink travels as one.
    pub(crate) fn colour(self) -> RGBColor {
        RGBColor(0, 0, self as u8)
    }

    fn of(colour: BackendColor) -> Option<Self> {
        Self::ALL.get(usize::from(colour.rgb.2)).copied()
    }
}

/// All shapes of one ink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// What they mean.
    pub ink: Ink,
    /// Path data of SVG: letters, numbers and blanks, in pixels.
    pub d: String,
}

/// Collects shapes.
pub(crate) struct Pen {
    size: (u32, u32),
    paths: BTreeMap<Ink, String>,
}

impl Pen {
    pub(crate) fn new(size: (u32, u32)) -> Self {
        Self { size, paths: BTreeMap::new() }
    }

    /// What was drawn, the lowest first.
    pub(crate) fn layers(&mut self) -> Vec<Layer> {
        std::mem::take(&mut self.paths).into_iter().map(|(ink, d)| Layer { ink, d }).collect()
    }

    fn add(&mut self, colour: BackendColor, shape: std::fmt::Arguments<'_>) -> Drawn {
        if let Some(ink) = Ink::of(colour) {
            // Writing to a string does not fail.
            let _ = self.paths.entry(ink).or_default().write_fmt(shape);
        }
        Ok(())
    }
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Pen {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        self.add(colour, format_args!("M{x} {y}h1v1h-1z"))
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        let width = (right - left).max(1);
        self.add(style.color(), format_args!("M{left} {top}h{width}v{}h-{width}z", (bottom - top).max(1)))
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.add(style.color(), format_args!("M{} {}L{} {}", from.0, from.1, to.0, to.1))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        for (at, (x, y)) in path.into_iter().enumerate() {
            self.add(style.color(), format_args!("{}{x} {y}", if at == 0 { 'M' } else { 'L' }))?;
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        let (r, across) = (radius, radius * 2);
        let left = i64::from(x) - i64::from(radius);
        self.add(
            style.color(),
            format_args!("M{left} {y}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 -{across} 0z"),
        )
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        self.draw_path(corners, style)?;
        self.add(style.color(), format_args!("z"))
    }
}
