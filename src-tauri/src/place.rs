//! Where the window stood, for each set of monitors, so that it comes back there and always on a screen.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Monitor, WebviewWindow};

const FILE: &str = "window.json";
/// So much of the window's upper edge must be on a screen, so that it can be seen and moved.
const HOLD: (f64, f64) = (120.0, 40.0);
/// So many sets of monitors are remembered.
const SETS: usize = 20;

/// How the window looked when it was last closed, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Width of what is in the frame.
    pub width: f64,
    /// Height of what is in the frame.
    pub height: f64,
    /// It filled the screen.
    pub maximized: bool,
    /// Where its upper left corner was. `None`: wherever the window manager puts it (always with Wayland).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<(f64, f64)>,
}

/// The file: how it looked last, and how it looked with each set of monitors.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Places {
    #[serde(flatten)]
    last: Option<Place>,
    #[serde(default)]
    monitors: BTreeMap<String, Place>,
}

/// A screen, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screen {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Place {
    const FIRST: Self = Self { width: 1280.0, height: 800.0, maximized: false, at: None };
    /// The least the window can be.
    pub const LEAST: (f64, f64) = (800.0, 500.0);

    /// How the window shall open on these screens. Whatever is missing, broken or too small is replaced by the first one;
    /// what is too large or not to be seen is brought onto a screen.
    pub fn read(state: &Path, screens: &[Screen]) -> Self {
        let text = fs::read_to_string(state.join(FILE)).unwrap_or_default();
        let places: Places = serde_json::from_str(&text).unwrap_or_default();
        let known = places.monitors.get(&key(screens)).copied();
        // With other screens only the size is worth anything.
        let other = places.last.map(|place| Self { at: None, ..place });
        fit(known.or(other).unwrap_or(Self::FIRST), screens)
    }

    /// How the window looks now.
    ///
    /// # Errors
    /// When the platform does not tell.
    pub fn of(window: &WebviewWindow) -> tauri::Result<Self> {
        let scale = window.scale_factor()?;
        let size = window.inner_size()?.to_logical(scale);
        let at = window.outer_position()?.to_logical(scale);
        Ok(Self {
            width: size.width,
            height: size.height,
            maximized: window.is_maximized()?,
            at: movable().then_some((at.x, at.y)),
        })
    }

    /// Remembers it.
    pub fn keep(self, state: &Path, screens: &[Screen]) {
        let path = state.join(FILE);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mut places: Places = serde_json::from_str(&text).unwrap_or_default();
        if places.monitors.len() >= SETS {
            places.monitors.clear();
        }
        places.last = Some(self);
        places.monitors.insert(key(screens), self);
        let kept = serde_json::to_string(&places).map_err(std::io::Error::from);
        if let Err(error) = kept.and_then(|text| fs::write(path, text)) {
            tracing::warn!(%error, "the place of the window will be forgotten");
        }
    }
}

/// The screens there are. Empty when the platform does not tell.
pub fn screens(app: &AppHandle) -> Vec<Screen> {
    let screen = |monitor: &Monitor| {
        let (scale, at, size) = (monitor.scale_factor(), monitor.position(), monitor.size());
        let (at, size) = (at.to_logical::<f64>(scale), size.to_logical::<f64>(scale));
        Screen { x: at.x, y: at.y, width: size.width, height: size.height }
    };
    app.available_monitors().unwrap_or_default().iter().map(screen).collect()
}

/// Whether a window may be put somewhere: Wayland neither tells nor allows it.
fn movable() -> bool {
    let wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|value| !value.is_empty());
    let x11 = std::env::var_os("GDK_BACKEND").is_some_and(|value| value == "x11");
    !cfg!(target_os = "linux") || !wayland || x11
}

/// The same screens in the same arrangement have the same key.
fn key(screens: &[Screen]) -> String {
    let mut keys: Vec<String> =
        screens.iter().map(|it| format!("{}x{}+{}+{}", it.width, it.height, it.x, it.y)).collect();
    keys.sort();
    keys.join(" ")
}

fn fit(place: Place, screens: &[Screen]) -> Place {
    let sound = place.width >= Place::LEAST.0 && place.height >= Place::LEAST.1;
    let mut place = if sound { place } else { Place { at: None, ..Place::FIRST } };
    let widest = screens.iter().map(|it| it.width).fold(f64::NAN, f64::max);
    let highest = screens.iter().map(|it| it.height).fold(f64::NAN, f64::max);
    // A comparison with what is not known changes nothing.
    place.width = place.width.min(widest).max(Place::LEAST.0);
    place.height = place.height.min(highest).max(Place::LEAST.1);
    place.at = place.at.filter(|(x, y)| {
        screens.iter().any(|it| {
            let seen = (x + place.width).min(it.x + it.width) - x.max(it.x);
            seen >= HOLD.0 && *y >= it.y && y + HOLD.1 <= it.y + it.height
        })
    });
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Screen = Screen { x: 0.0, y: 0.0, width: 1920.0, height: 1080.0 };
    const RIGHT: Screen = Screen { x: 1920.0, y: 0.0, width: 2560.0, height: 1440.0 };
    const PLACE: Place = Place { width: 1400.0, height: 900.0, maximized: false, at: Some((2000.0, 100.0)) };

    #[test]
    fn a_window_comes_back_where_it_was_on_the_same_screens() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(Place::read(state.path(), &[ONE]), Place::FIRST, "nothing kept yet");
        let (two, docked) = (&[ONE, RIGHT], PLACE);
        docked.keep(state.path(), two);
        let alone = Place { width: 1000.0, at: Some((10.0, 20.0)), maximized: true, ..PLACE };
        alone.keep(state.path(), &[ONE]);
        assert_eq!(Place::read(state.path(), two), docked);
        assert_eq!(Place::read(state.path(), &[RIGHT, ONE]), docked, "the order tells nothing");
        assert_eq!(Place::read(state.path(), &[ONE]), alone);
        let elsewhere = Place::read(state.path(), &[RIGHT]);
        assert_eq!(elsewhere, Place { at: None, ..alone }, "new screens: only the size of the last time");
    }

    #[test]
    fn a_window_is_never_too_small_too_large_or_out_of_sight() {
        let check = |place: Place, screens: &[Screen], wanted: Place| {
            assert_eq!(fit(place, screens), wanted, "{place:?} on {screens:?}");
        };
        check(Place { width: 3.0, ..PLACE }, &[ONE], Place::FIRST);
        check(Place { width: f64::NAN, ..PLACE }, &[ONE], Place::FIRST);
        check(PLACE, &[ONE], Place { at: None, ..PLACE });
        check(PLACE, &[], Place { at: None, ..PLACE });
        check(PLACE, &[ONE, RIGHT], PLACE);
        let at = |x, y| Place { at: Some((x, y)), ..PLACE };
        check(at(-1390.0, 0.0), &[ONE], Place { at: None, ..PLACE });
        check(at(-1200.0, 0.0), &[ONE], at(-1200.0, 0.0));
        check(at(100.0, 1070.0), &[ONE], Place { at: None, ..PLACE });
        check(at(100.0, -300.0), &[ONE], Place { at: None, ..PLACE });
        let large = Place { width: 4000.0, height: 3000.0, ..PLACE };
        check(large, &[ONE], Place { width: 1920.0, height: 1080.0, at: None, ..PLACE });
    }

    #[test]
    fn a_broken_or_plain_file_is_read_as_far_as_it_goes() {
        let state = tempfile::tempdir().unwrap();
        fs::write(state.path().join(FILE), "{").unwrap();
        assert_eq!(Place::read(state.path(), &[ONE]), Place::FIRST);
        fs::write(state.path().join(FILE), r#"{"width":1000.0,"height":700.0,"maximized":false}"#).unwrap();
        let wanted = Place { width: 1000.0, height: 700.0, maximized: false, at: None };
        assert_eq!(Place::read(state.path(), &[ONE]), wanted);
    }
}
