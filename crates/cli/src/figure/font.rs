//! The font of figures in files: how wide a text is, and its outlines. `build.rs` wrote it.

use std::collections::HashMap;

/// Units of a size; characters with how wide they are, and outlines: steps `m`, `l`, `q` with points, each seen from the one
/// before, `z`, and `.` at the end.
const FONT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/font"));

#[derive(Clone, Copy)]
struct Glyph {
    wide: i32,
    /// Where its outline begins.
    at: usize,
}

pub struct Font {
    bytes: Vec<u8>,
    units: f32,
    glyphs: HashMap<u32, Glyph>,
}

/// Reads the numbers of `build.rs`.
struct Numbers<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Numbers<'_> {
    fn byte(&mut self) -> Option<u8> {
        self.at += 1;
        self.bytes.get(self.at - 1).copied()
    }

    fn number(&mut self) -> Option<i32> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            number |= i32::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                return Some((number >> 1) ^ -(number & 1));
            }
        }
    }

    fn point(&mut self, before: &mut (f32, f32)) -> Option<(f32, f32)> {
        before.0 += self.number()? as f32;
        before.1 += self.number()? as f32;
        Some(*before)
    }
}

impl Font {
    pub fn new() -> Font {
        let mut font = Font {
            bytes: fdeflate::decompress_to_vec(FONT).unwrap_or_default(),
            units: 1.0,
            glyphs: HashMap::new(),
        };
        let mut numbers = Numbers {
            bytes: &font.bytes,
            at: 0,
        };
        font.units = numbers.number().unwrap_or(1) as f32;
        while let (Some(c), Some(wide)) = (numbers.number(), numbers.number()) {
            let at = numbers.at;
            font.glyphs.insert(c as u32, Glyph { wide, at });
            drawn(&mut numbers, &mut |_| ());
        }
        font
    }

    fn glyphs(&self, text: &str) -> impl Iterator<Item = Glyph> {
        let other = self.glyphs.get(&0);
        text.chars()
            .filter_map(move |c| self.glyphs.get(&u32::from(c)).or(other).copied())
    }

    pub fn width(&self, text: &str, size: f32) -> f32 {
        let wide: i32 = self.glyphs(text).map(|glyph| glyph.wide).sum();
        wide as f32 * size / self.units
    }

    /// Draws the outlines of a text whose baseline begins at the origin; y grows downwards.
    pub fn outline(&self, text: &str, size: f32, to: &mut impl Outline) {
        let scale = size / self.units;
        let mut x = 0.0;
        for glyph in self.glyphs(text) {
            let mut numbers = Numbers {
                bytes: &self.bytes,
                at: glyph.at,
            };
            let at = |(px, py): (f32, f32)| (x + px * scale, -py * scale);
            drawn(&mut numbers, &mut |step| match step {
                Step::Move(p) => to.move_to(at(p).0, at(p).1),
                Step::Line(p) => to.line_to(at(p).0, at(p).1),
                Step::Quad(c, p) => to.quad_to(at(c).0, at(c).1, at(p).0, at(p).1),
                Step::Close => to.close(),
            });
            x += glyph.wide as f32 * scale;
        }
    }
}

enum Step {
    Move((f32, f32)),
    Line((f32, f32)),
    Quad((f32, f32), (f32, f32)),
    Close,
}

/// Goes along an outline, to its end.
fn drawn(numbers: &mut Numbers<'_>, see: &mut impl FnMut(Step)) -> Option<()> {
    let mut at = (0.0, 0.0);
    loop {
        see(match numbers.byte()? {
            b'm' => Step::Move(numbers.point(&mut at)?),
            b'l' => Step::Line(numbers.point(&mut at)?),
            b'q' => Step::Quad(numbers.point(&mut at)?, numbers.point(&mut at)?),
            b'z' => Step::Close,
            _ => return Some(()),
        });
    }
}

/// What outlines are drawn on; y grows downwards.
pub trait Outline {
    fn move_to(&mut self, x: f32, y: f32);
    fn line_to(&mut self, x: f32, y: f32);
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32);
    fn close(&mut self);
}
