//! How a figure for print is laid out, for whatever draws lines and texts.

use super::font::Font;
use super::labels::spread;
use super::scale::Scale;
use super::{Figure, Panel};

pub type Colour = (u8, u8, u8);

/// Colours that people of any colour vision tell apart (Okabe and Ito).
const COLOURS: [Colour; 7] = [
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (230, 159, 0),
    (90, 90, 90),
];
const BLACK: Colour = (34, 34, 34);
const GREY: Colour = (110, 110, 110);
const LIGHT: Colour = (226, 226, 226);

const WIDTH: f32 = 720.0;
const PANEL: f32 = 380.0;
const TITLE: f32 = 30.0;
const TEXT: f32 = 12.0;
/// From one label to the next.
const LABEL: f32 = 15.0;
/// The widest that labels may be.
const LABELS: f32 = 190.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Begin,
    Middle,
    End,
}

pub trait Canvas {
    fn line(&mut self, points: &[(f32, f32)], colour: Colour, width: f32);
    fn text(&mut self, at: (f32, f32), text: &str, size: f32, colour: Colour, anchor: Anchor);
}

pub fn size(figure: &Figure) -> (f32, f32) {
    (WIDTH, TITLE + PANEL * figure.panels.len().max(1) as f32)
}

pub fn draw(figure: &Figure, font: &Font, to: &mut impl Canvas) {
    let title = fit(font, &figure.title, TEXT, WIDTH - 24.0);
    to.text((12.0, 20.0), &title, TEXT, GREY, Anchor::Begin);
    for (i, panel) in figure.panels.iter().enumerate() {
        let top = TITLE + PANEL * i as f32;
        to.text(
            (12.0, top + 18.0),
            &panel.title,
            TEXT + 2.0,
            BLACK,
            Anchor::Begin,
        );
        match panel.scales(figure) {
            Some(scales) => draw_panel(figure, panel, font, scales, top, to),
            None => to.text(
                (12.0, top + 40.0),
                "no numbers to draw",
                TEXT,
                GREY,
                Anchor::Begin,
            ),
        }
    }
}

/// A text that is cut to a width, with a mark.
fn fit(font: &Font, text: &str, size: f32, most: f32) -> String {
    if font.width(text, size) <= most {
        return text.to_owned();
    }
    let mut cut: String = text.to_owned();
    while cut.pop().is_some() {
        let marked = format!("{cut}…");
        if font.width(&marked, size) <= most {
            return marked;
        }
    }
    String::new()
}

fn draw_panel(
    figure: &Figure,
    panel: &Panel,
    font: &Font,
    (x, y): (Scale, Scale),
    top: f32,
    to: &mut impl Canvas,
) {
    let mut ends = panel.ends(&y);
    ends.sort_by(|a, b| b.1.total_cmp(&a.1));
    let label = |group: usize| {
        let text = figure.groups.get(group).map_or("", String::as_str);
        fit(font, text, TEXT, LABELS)
    };
    let widest = |texts: Vec<String>| {
        texts
            .iter()
            .map(|text| font.width(text, TEXT))
            .fold(0.0, f32::max)
    };
    let y_ticks = y.ticks(6);
    let left = 22.0 + widest(y_ticks.iter().map(|(_, text)| text.clone()).collect());
    let right = WIDTH - 20.0 - widest(ends.iter().map(|(group, _)| label(*group)).collect());
    let (upper, lower) = (top + 32.0, top + PANEL - 46.0);
    let across = |place: f64| left + place as f32 * (right - left);
    let down = |place: f64| lower - place as f32 * (lower - upper);
    for (place, text) in &y_ticks {
        let height = down(*place);
        to.line(&[(left, height), (right, height)], LIGHT, 1.0);
        to.text((left - 6.0, height + 4.0), text, TEXT, GREY, Anchor::End);
    }
    for (place, text) in x.ticks(7) {
        let column = across(place);
        to.line(&[(column, lower), (column, lower + 4.0)], GREY, 1.0);
        to.text((column, lower + 18.0), &text, TEXT, GREY, Anchor::Middle);
    }
    to.line(&[(left, lower), (right, lower)], GREY, 1.0);
    let unit = x
        .unit()
        .map(|unit| format!(" ({unit})"))
        .unwrap_or_default();
    let title = format!("{}{unit}", figure.x.title);
    to.text(
        ((left + right) / 2.0, lower + 36.0),
        &title,
        TEXT,
        BLACK,
        Anchor::Middle,
    );
    for curve in &panel.curves {
        let colour = COLOURS[curve.group % COLOURS.len()];
        let mut part: Vec<(f32, f32)> = Vec::new();
        for (px, py) in &curve.points {
            match x.place(*px).zip(y.place(*py)) {
                Some((px, py)) => part.push((across(px), down(py))),
                None => draw_part(&mut part, colour, to),
            }
        }
        draw_part(&mut part, colour, to);
    }
    let wanted: Vec<f64> = ends
        .iter()
        .map(|(_, place)| f64::from(down(*place)))
        .collect();
    let places = spread(
        &wanted,
        f64::from(LABEL),
        f64::from(upper),
        f64::from(lower),
    );
    for ((group, _), place) in ends.iter().zip(places) {
        let at = (right + 8.0, place as f32 + 4.0);
        let colour = COLOURS[group % COLOURS.len()];
        to.text(at, &label(*group), TEXT, colour, Anchor::Begin);
    }
}

/// Draws what belongs together, up to a gap; a point alone becomes a dash.
fn draw_part(part: &mut Vec<(f32, f32)>, colour: Colour, to: &mut impl Canvas) {
    if let [(x, y)] = part.as_slice() {
        let (x, y) = (*x, *y);
        part.clear();
        part.extend([(x - 2.0, y), (x + 2.0, y)]);
    }
    if !part.is_empty() {
        to.line(part, colour, 1.6);
    }
    part.clear();
}
