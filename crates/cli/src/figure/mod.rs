//! Figures: panels of curves as SVG or as PNG.

mod drawing;
mod font;
mod labels;
mod png;
mod scale;
mod svg;

pub use png::png;
pub use svg::svg;

use scale::Scale;

/// One curve.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Place of its colour and label among the figure's groups.
    pub group: usize,
    pub points: Vec<(f64, f64)>,
}

/// Curves that share their axes.
#[derive(Clone, Debug)]
pub struct Panel {
    pub title: String,
    pub curves: Vec<Curve>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Numbers as they are.
    None,
    /// Seconds, shown in the unit that suits.
    Seconds,
    Bytes,
}

#[derive(Clone, Debug)]
pub struct Axis {
    pub title: String,
    pub log: bool,
    pub unit: Unit,
}

#[derive(Clone, Debug)]
pub struct Figure {
    pub title: String,
    pub panels: Vec<Panel>,
    /// Labels of the groups; one colour each.
    pub groups: Vec<String>,
    pub x: Axis,
    pub log_y: bool,
}

impl Panel {
    /// The scales of both axes; `None` if there is nothing to draw.
    fn scales(&self, figure: &Figure) -> Option<(Scale, Scale)> {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let x = Scale::of(points().map(|p| p.0), figure.x.log, figure.x.unit, 0.0)?;
        let unit = match self.title.ends_with("_bytes") {
            true => Unit::Bytes,
            false => Unit::None,
        };
        let y = Scale::of(points().map(|p| p.1), figure.log_y, unit, 0.04)?;
        Some((x, y))
    }

    /// Where each group's label belongs: at the end of its longest curve, as a part of the height.
    fn ends(&self, y: &Scale) -> Vec<(usize, f64)> {
        let mut ends: Vec<(usize, f64, f64)> = Vec::new();
        for curve in &self.curves {
            let drawn = curve
                .points
                .iter()
                .rev()
                .find_map(|(x, v)| Some((*x, y.place(*v)?)));
            let Some((x, place)) = drawn else { continue };
            match ends.iter_mut().find(|end| end.0 == curve.group) {
                Some(end) if end.1 >= x => {}
                Some(end) => (end.1, end.2) = (x, place),
                None => ends.push((curve.group, x, place)),
            }
        }
        ends.into_iter()
            .map(|(group, _, place)| (group, place))
            .collect()
    }
}
