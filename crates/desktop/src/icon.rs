//! The tray's pictures: one glyph for each status, with the count in its corner.

use ksni::Icon;
use qd_model::Status;

/// Which colours: those for a dark or a light desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Bright on a dark plate.
    Dark,
    /// Dark on a bright plate.
    Light,
}

macro_rules! glyph {
    ($name:literal, $scheme:expr) => {
        match $scheme {
            Scheme::Dark => [
                include_bytes!(concat!("../../../icons/tray/", $name, "-dark-24.png")).as_slice(),
                include_bytes!(concat!("../../../icons/tray/", $name, "-dark-48.png")).as_slice(),
            ],
            Scheme::Light => [
                include_bytes!(concat!("../../../icons/tray/", $name, "-light-24.png")).as_slice(),
                include_bytes!(concat!("../../../icons/tray/", $name, "-light-48.png")).as_slice(),
            ],
        }
    };
}

/// The pictures of a status, in two sizes.
pub fn icons(status: Status, count: u32, scheme: Scheme) -> Vec<Icon> {
    let files = match status {
        Status::Paging => glyph!("paging", scheme),
        Status::Failing => glyph!("failing", scheme),
        Status::Warn => glyph!("warn", scheme),
        Status::Waiting => glyph!("waiting", scheme),
        Status::Running => glyph!("running", scheme),
        Status::Ok => glyph!("ok", scheme),
        // What says nothing about health is not drawn as well.
        Status::Unknown | Status::Inactive => glyph!("unknown", scheme),
    };
    files.into_iter().filter_map(decode).map(|icon| with_count(icon, count, scheme)).collect()
}

/// Reads one of our own pictures.
fn decode(png: &[u8]) -> Option<Icon> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().ok()?;
    let mut rgba = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut rgba).ok()?;
    if (info.color_type, info.bit_depth) != (png::ColorType::Rgba, png::BitDepth::Eight) {
        return None;
    }
    rgba.truncate(info.buffer_size());
    // The tray wants the alpha first.
    for pixel in rgba.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    Some(Icon { width: info.width.try_into().ok()?, height: info.height.try_into().ok()?, data: rgba })
}

/// Digits of three by five, and a plus; each row in the lowest three bits.
const DIGITS: [[u8; 5]; 11] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 7, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 1, 2, 2],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
    [0, 2, 7, 2, 0],
];

/// Writes the count into the lower corner, on a patch of the plate; above nine it says `9+`.
fn with_count(mut icon: Icon, count: u32, scheme: Scheme) -> Icon {
    let text: &[usize] = match count {
        0 => return icon,
        1..=9 => &[count as usize],
        _ => &[9, 10],
    };
    let (plate, ink) = match scheme {
        Scheme::Dark => ([0xff, 0x11, 0x18, 0x20], [0xff, 0xe7, 0xed, 0xf3]),
        Scheme::Light => ([0xff, 0xf5, 0xf7, 0xf9], [0xff, 0x0e, 0x1b, 0x26]),
    };
    let side = icon.width;
    let scale = side / 12;
    let glyphs = i32::try_from(text.len()).unwrap_or(1);
    let (width, height) = (scale * (4 * glyphs + 1), scale * 7);
    let (left, top) = (side - width, side - height);
    let mut paint = |x: i32, y: i32, colour: [u8; 4]| {
        let at = usize::try_from((y * side + x) * 4).unwrap_or(usize::MAX);
        if let Some(pixel) = icon.data.get_mut(at..at.saturating_add(4)) {
            pixel.copy_from_slice(&colour);
        }
    };
    for (x, y) in (top..side).flat_map(|y| (left..side).map(move |x| (x, y))) {
        let (column, row) = ((x - left) / scale - 1, (y - top) / scale - 1);
        let glyph = usize::try_from(column / 4).ok().and_then(|at| text.get(at)).map(|digit| DIGITS[*digit]);
        let line = usize::try_from(row).ok().and_then(|row| glyph.and_then(|glyph| glyph.get(row).copied()));
        let set = column >= 0 && column % 4 < 3 && line.is_some_and(|line| line >> (2 - column % 4) & 1 == 1);
        paint(x, y, if set { ink } else { plate });
    }
    icon
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_picture_of_its_own_and_what_is_not_known_is_not_drawn_as_well() {
        for scheme in [Scheme::Dark, Scheme::Light] {
            let drawn: Vec<_> = Status::ALL.map(|status| icons(status, 0, scheme)).into();
            for (status, icons) in Status::ALL.iter().zip(&drawn) {
                let sides: Vec<_> = icons.iter().map(|icon| (icon.width, icon.height)).collect();
                assert_eq!(sides, [(24, 24), (48, 48)], "{status:?}");
                assert!(icons.iter().all(|icon| icon.data.len() == (icon.width * icon.height * 4) as usize));
            }
            let same: Vec<_> = (0..8)
                .flat_map(|a| (a + 1..8).map(move |b| (a, b)))
                .filter(|(a, b)| drawn[*a][1].data == drawn[*b][1].data)
                .collect();
            assert_eq!(same, [(4, 7)], "only what says nothing about health looks like unknown");
        }
    }

    #[test]
    fn the_count_is_seen_and_more_than_nine_are_nine_and_more() {
        let of = |count| icons(Status::Paging, count, Scheme::Dark).swap_remove(0).data;
        assert_ne!(of(0), of(1));
        assert_ne!(of(1), of(2));
        assert_ne!(of(9), of(10));
        assert_eq!(of(10), of(4_000));
    }
}
