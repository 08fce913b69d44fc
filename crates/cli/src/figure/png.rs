//! A figure as PNG, at twice the size in pixels.

use super::Figure;
use super::drawing::{Anchor, Canvas, Colour, draw, size};
use super::font::{Font, Outline};
use crate::failure::Failure;
use tiny_skia::{Color, FillRule, LineJoin, Paint, PathBuilder, Pixmap, Stroke, Transform};

const SCALE: f32 = 2.0;

pub fn png(figure: &Figure) -> Result<Vec<u8>, Failure> {
    let (width, height) = size(figure);
    let pixmap = Pixmap::new((width * SCALE) as u32, (height * SCALE) as u32);
    let mut pixmap = pixmap.ok_or_else(|| {
        Failure::new("the picture would be too large").advice("select fewer metrics")
    })?;
    pixmap.fill(Color::WHITE);
    let font = Font::new();
    let mut canvas = Picture {
        pixmap,
        font: &font,
    };
    draw(figure, &font, &mut canvas);
    canvas
        .pixmap
        .encode_png()
        .map_err(|e| Failure::new("the picture cannot be encoded").why(e))
}

struct Picture<'f> {
    pixmap: Pixmap,
    font: &'f Font,
}

fn paint((r, g, b): Colour) -> Paint<'static> {
    let mut paint = Paint {
        anti_alias: true,
        ..Paint::default()
    };
    paint.set_color_rgba8(r, g, b, 255);
    paint
}

impl Canvas for Picture<'_> {
    fn line(&mut self, points: &[(f32, f32)], colour: Colour, width: f32) {
        let mut path = PathBuilder::new();
        for (i, (x, y)) in points.iter().enumerate() {
            match i {
                0 => path.move_to(*x, *y),
                _ => path.line_to(*x, *y),
            }
        }
        let stroke = Stroke {
            width,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        if let Some(path) = path.finish() {
            let transform = Transform::from_scale(SCALE, SCALE);
            self.pixmap
                .stroke_path(&path, &paint(colour), &stroke, transform, None);
        }
    }

    fn text(&mut self, (x, y): (f32, f32), text: &str, size: f32, colour: Colour, anchor: Anchor) {
        let text = crate::text::shown(text);
        let wide = self.font.width(&text, size);
        let x = match anchor {
            Anchor::Begin => x,
            Anchor::Middle => x - wide / 2.0,
            Anchor::End => x - wide,
        };
        let mut path = PathBuilder::new();
        self.font.outline(&text, size, &mut path);
        if let Some(path) = path.finish() {
            let transform = Transform::from_row(SCALE, 0.0, 0.0, SCALE, x * SCALE, y * SCALE);
            self.pixmap
                .fill_path(&path, &paint(colour), FillRule::Winding, transform, None);
        }
    }
}

impl Outline for PathBuilder {
    fn move_to(&mut self, x: f32, y: f32) {
        PathBuilder::move_to(self, x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        PathBuilder::line_to(self, x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        PathBuilder::quad_to(self, x1, y1, x, y);
    }

    fn cubic_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        PathBuilder::cubic_to(self, x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        PathBuilder::close(self);
    }
}
