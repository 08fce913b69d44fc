//! The font of figures in files: how wide a text is, and its outlines.

use std::sync::LazyLock;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// The build deflates it.
static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/font"));
    fdeflate::decompress_to_vec(packed).unwrap_or_default()
});

pub struct Font {
    face: Option<Face<'static>>,
}

impl Font {
    pub fn new() -> Font {
        Font {
            face: Face::parse(&BYTES, 0).ok(),
        }
    }

    fn scale(&self, size: f32) -> f32 {
        let units = self.face.as_ref().map_or(1000, Face::units_per_em);
        size / f32::from(units)
    }

    fn glyphs(&self, text: &str) -> Vec<(GlyphId, u16)> {
        let Some(face) = &self.face else {
            return Vec::new();
        };
        let glyph = |c: char| {
            let id = face.glyph_index(c).unwrap_or(GlyphId(0));
            (id, face.glyph_hor_advance(id).unwrap_or(0))
        };
        text.chars().map(glyph).collect()
    }

    pub fn width(&self, text: &str, size: f32) -> f32 {
        let units: u32 = self
            .glyphs(text)
            .iter()
            .map(|(_, wide)| u32::from(*wide))
            .sum();
        units as f32 * self.scale(size)
    }

    /// Draws the outlines of a text whose baseline begins at the origin; `place` brings its points where they belong.
    pub fn outline(&self, text: &str, size: f32, to: &mut impl Outline) {
        let Some(face) = &self.face else { return };
        let scale = self.scale(size);
        let mut x = 0.0;
        for (id, wide) in self.glyphs(text) {
            let mut placed = Placed { to, scale, x };
            face.outline_glyph(id, &mut placed);
            x += f32::from(wide) * scale;
        }
    }
}

/// What outlines are drawn on; y grows downwards.
pub trait Outline {
    fn move_to(&mut self, x: f32, y: f32);
    fn line_to(&mut self, x: f32, y: f32);
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32);
    fn cubic_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32);
    fn close(&mut self);
}

struct Placed<'o, O> {
    to: &'o mut O,
    scale: f32,
    x: f32,
}

impl<O: Outline> Placed<'_, O> {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, -y * self.scale)
    }
}

impl<O: Outline> OutlineBuilder for Placed<'_, O> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.to.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.to.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.to.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.to.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.to.close();
    }
}
