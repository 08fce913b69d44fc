//! A figure as SVG. Texts stay texts, so that they can be searched and edited.

use super::Figure;
use super::drawing::{Anchor, Canvas, Colour, draw, size};
use super::font::Font;
use std::fmt::Write as _;

pub fn svg(figure: &Figure) -> String {
    let (width, height) = size(figure);
    let mut canvas = Svg {
        body: String::new(),
    };
    draw(figure, &Font::new(), &mut canvas);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans, Verdana, Helvetica, Arial, sans-serif\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n{}</svg>\n",
        canvas.body
    )
}

struct Svg {
    body: String,
}

fn hex((r, g, b): Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Text for XML, without what XML cannot hold.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in crate::text::shown(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

impl Canvas for Svg {
    fn line(&mut self, points: &[(f32, f32)], colour: Colour, width: f32) {
        let places: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let _ = writeln!(
            self.body,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" \
             stroke-linejoin=\"round\"/>",
            places.join(" "),
            hex(colour)
        );
    }

    fn text(&mut self, (x, y): (f32, f32), text: &str, size: f32, colour: Colour, anchor: Anchor) {
        let anchor = match anchor {
            Anchor::Begin => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = writeln!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            hex(colour),
            escaped(text)
        );
    }
}
