//! Writes the outlines of the font that figures are set in, small: `src/figure/font.rs` reads them.

use std::path::Path;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// Letters and signs that stand one after the other from left to right: Latin, Greek, Cyrillic, Armenian, Georgian,
/// mathematics, arrows, shapes.
const CHARACTERS: [std::ops::RangeInclusive<u32>; 5] = [
    0x20..=0x58f,
    0x10a0..=0x10ff,
    0x1d00..=0x23ff,
    0x2500..=0x27ff,
    0x2900..=0x2bff,
];

/// Numbers as bytes: seven bits each, signs in the lowest, and how an outline goes on as a byte of its own.
#[derive(Default)]
struct Outlines {
    bytes: Vec<u8>,
    at: (i32, i32),
}

impl Outlines {
    fn number(&mut self, number: i32) {
        let mut rest = (number << 1) ^ (number >> 31);
        while rest >= 128 {
            self.bytes.push(rest as u8 | 128);
            rest >>= 7;
        }
        self.bytes.push(rest as u8);
    }

    /// Where to, seen from the point before.
    fn point(&mut self, x: f32, y: f32) {
        let to = (x as i32, y as i32);
        self.number(to.0 - self.at.0);
        self.number(to.1 - self.at.1);
        self.at = to;
    }
}

impl OutlineBuilder for Outlines {
    fn move_to(&mut self, x: f32, y: f32) {
        self.bytes.push(b'm');
        self.point(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.bytes.push(b'l');
        self.point(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.bytes.push(b'q');
        self.point(x1, y1);
        self.point(x, y);
    }

    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {
        panic!("fonts of this kind have quadratic curves alone");
    }

    fn close(&mut self) {
        self.bytes.push(b'z');
    }
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let face = Face::parse(dejavu::sans::regular(), 0).expect("a font");
    let mut outlines = Outlines::default();
    outlines.number(face.units_per_em().into());
    // What stands for all others comes first.
    let known = CHARACTERS.into_iter().flatten().filter_map(char::from_u32);
    let known = known.filter_map(|c| Some((c, face.glyph_index(c)?)));
    for (c, glyph) in [('\0', GlyphId(0))].into_iter().chain(known) {
        outlines.number(c as i32);
        outlines.number(face.glyph_hor_advance(glyph).unwrap_or(0).into());
        outlines.at = (0, 0);
        face.outline_glyph(glyph, &mut outlines);
        outlines.bytes.push(b'.');
    }
    let small = miniz_oxide::deflate::compress_to_vec_zlib(&outlines.bytes, 10);
    let to = std::env::var_os("OUT_DIR").expect("cargo says where to");
    std::fs::write(Path::new(&to).join("font"), small).expect("the font is written");
}
