//! Pictures, and how two of them differ.

use std::collections::BTreeMap;
use std::io::Cursor;

/// Levels of each colour that are kept: enough to tell any two states apart, few enough for a small file.
const STEP: u8 = 17;
/// A pixel counts as changed when one of its colours moved by more than this: what a newer font renderer does to an edge is less.
const NOTICEABLE: u8 = 3 * STEP;
/// The share of changed pixels from which two pictures differ: below, a single letter has moved by a fraction of a pixel.
const TOLERATED: f64 = 0.001;

/// Red, green and blue, row by row, each of 16 levels.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// Reads a PNG, of which only 16 levels of each colour are kept.
    ///
    /// # Panics
    /// When it is none.
    pub fn read(png: &[u8]) -> Self {
        let mut decoder = png::Decoder::new(Cursor::new(png));
        decoder
            .set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let size = info.color_type.samples();
        let colour = |pixel: &[u8]| if size < 3 { [pixel[0]; 3] } else { [pixel[0], pixel[1], pixel[2]] };
        let pixels = bytes[..info.buffer_size()]
            .chunks_exact(size)
            .map(|pixel| colour(pixel).map(|level| (level / STEP) * STEP))
            .collect();
        Self { width: info.width, height: info.height, pixels }
    }

    /// As a PNG; with a palette where 256 colours are enough, which is about a third of the size.
    pub fn png(&self) -> Vec<u8> {
        let mut places = BTreeMap::new();
        for pixel in &self.pixels {
            let next = places.len();
            places.entry(*pixel).or_insert(next);
        }
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_compression(png::Compression::High);
        let body: Vec<u8> = if places.len() <= 256 {
            let mut palette = vec![[0; 3]; places.len()];
            for (colour, place) in &places {
                palette[*place] = *colour;
            }
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette.concat());
            self.pixels.iter().map(|pixel| u8::try_from(places[pixel]).unwrap()).collect()
        } else {
            encoder.set_color(png::ColorType::Rgb);
            self.pixels.concat()
        };
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&body).unwrap();
        writer.finish().unwrap();
        file
    }

    /// Without its colours, as somebody sees it who sees none.
    pub fn grey(&self) -> Self {
        let grey = |[red, green, blue]: [u8; 3]| {
            let light = 0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 255")]
            let level = light.round() as u8;
            [level; 3]
        };
        Self { pixels: self.pixels.iter().copied().map(grey).collect(), ..*self }
    }

    /// The share of pixels that differ, from 0 to 1; 1 for pictures of different sizes.
    pub fn difference(&self, other: &Self) -> f64 {
        if (self.width, self.height) != (other.width, other.height) || self.pixels.is_empty() {
            return 1.0;
        }
        let moved = |(one, two): (&[u8; 3], &[u8; 3])| {
            one.iter().zip(two).any(|(one, two)| one.abs_diff(*two) > NOTICEABLE)
        };
        let changed = self.pixels.iter().zip(&other.pixels).filter(|pair| moved(*pair)).count();
        #[expect(clippy::cast_precision_loss, reason = "pixels are counted in millions")]
        let share = changed as f64 / self.pixels.len() as f64;
        share
    }

    /// Whether a person would call them the same.
    pub fn resembles(&self, other: &Self) -> bool {
        self.difference(other) <= TOLERATED
    }

    /// The other one, with everything pale but what changed.
    pub fn changes(&self, other: &Self) -> Self {
        let mark = |(one, two): (&[u8; 3], &[u8; 3])| {
            let moved = one.iter().zip(two).any(|(one, two)| one.abs_diff(*two) > NOTICEABLE);
            if moved { [255, 0, 0] } else { two.map(|level| 191 + level / 4) }
        };
        if (self.width, self.height) != (other.width, other.height) {
            return other.clone();
        }
        Self { pixels: self.pixels.iter().zip(&other.pixels).map(mark).collect(), ..*other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(colour: [u8; 3]) -> Picture {
        Picture { width: 100, height: 100, pixels: vec![colour; 10_000] }
    }

    #[test]
    fn a_picture_survives_its_file() {
        let mut picture = plain([17, 34, 255]);
        picture.pixels[7] = [255, 0, 0];
        assert!(Picture::read(&picture.png()) == picture);
        for place in 0..300_u16 {
            let [high, low] = place.to_be_bytes();
            picture.pixels[usize::from(place)] = [high * STEP, low / 16 * STEP, low % 16 * STEP];
        }
        assert!(Picture::read(&picture.png()) == picture, "also with more colours than a palette holds");
    }

    #[test]
    fn a_few_pixels_at_an_edge_are_the_same_picture_and_a_mark_that_changed_is_not() {
        let before = plain([255, 255, 255]);
        let mut after = before.clone();
        after.pixels[..10].fill([0, 0, 0]);
        assert!(before.resembles(&after));
        after.pixels[..20].fill([0, 0, 0]);
        assert!(!before.resembles(&after));
        assert!(before.resembles(&plain([221, 221, 221])), "a tint nobody sees");
        assert!(before.difference(&Picture { width: 50, height: 200, ..before.clone() }) >= 1.0);
    }

    #[test]
    fn two_colours_of_the_same_lightness_are_the_same_in_grey() {
        let (red, green) = (plain([238, 0, 0]), plain([0, 68, 0]));
        assert!(!red.resembles(&green));
        assert!(red.grey().resembles(&green.grey()));
    }
}
