//! Curves in characters: axes with round numbers, a colour for each curve, and its label where it ends instead of a
//! legend.

mod canvas;
mod scale;
mod smooth;

pub use scale::Scale;
pub use smooth::smooth;

use crate::look::Look;
use crate::table::{DIM, PLAIN};
use crate::text::{cut, width};
use anstyle::{AnsiColor, Style};
use canvas::Canvas;

/// A piece of a line in one style.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    pub text: String,
    pub style: Style,
}

/// The points of one curve, in the order in which they are joined. One that an axis cannot show parts the curve.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    /// What stands where it ends: nothing in it controls the terminal.
    pub label: String,
    pub points: Vec<(f64, f64)>,
    /// Which of the colours; curves of the same colour belong together.
    pub colour: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Chart {
    pub curves: Vec<Curve>,
    pub log_x: bool,
    pub log_y: bool,
    /// What the horizontal axis counts.
    pub x_title: String,
}

/// Colours that keep apart on dark and on bright terminals.
pub const COLOURS: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Yellow,
    AnsiColor::Magenta,
    AnsiColor::Green,
    AnsiColor::Blue,
    AnsiColor::Red,
];

/// The style of the n-th colour; behind the last one they begin again in bold.
pub fn style(colour: usize) -> Style {
    let style = COLOURS[colour % COLOURS.len()].on_default();
    match (colour / COLOURS.len()) % 2 {
        0 => style,
        _ => style.bold(),
    }
}

/// The narrowest and lowest plot, without what stands around it.
const LEAST: (usize, usize) = (8, 2);
/// Columns between two numbers of the horizontal axis.
const X_GAP: usize = 12;

impl Chart {
    /// The chart as lines of at most that width and exactly that many, if there are that many.
    pub fn lines(&self, columns: usize, rows: usize, look: &Look) -> Vec<Vec<Span>> {
        let all = || self.curves.iter().flat_map(|curve| &curve.points);
        let shown = |(x, y): &&(f64, f64)| {
            let fits = |v: f64, log: bool| v.is_finite() && (!log || v > 0.0);
            fits(*x, self.log_x) && fits(*y, self.log_y)
        };
        let x = Scale::over(all().filter(shown).map(|p| p.0), self.log_x);
        let y = Scale::over(all().filter(shown).map(|p| p.1), self.log_y);
        match x.zip(y) {
            Some((x, y)) if rows >= LEAST.1 + 2 && columns > LEAST.0 => {
                Frame::new(self, columns, rows, (x, y), look).lines()
            }
            _ => nothing(columns, rows, self.log_x || self.log_y),
        }
    }
}

fn nothing(columns: usize, rows: usize, log: bool) -> Vec<Vec<Span>> {
    let text = match log {
        true => "no positive values yet",
        false => "no values yet",
    };
    let mut lines = vec![Vec::new(); rows];
    if let Some(middle) = lines.get_mut(rows / 2) {
        let text = cut(text, columns, "");
        let left = (columns - width(&text)) / 2;
        middle.push(span(format!("{}{text}", " ".repeat(left)), DIM));
    }
    lines
}

fn span(text: impl Into<String>, style: Style) -> Span {
    Span {
        text: text.into(),
        style,
    }
}

/// Where everything of a chart lies.
struct Frame<'c> {
    chart: &'c Chart,
    look: &'c Look,
    x: Scale,
    /// The numbers of the vertical axis, by row.
    y_labels: Vec<Option<String>>,
    gutter: usize,
    plot: (usize, usize),
    canvas: Canvas,
    /// Labels of curves, by row.
    ends: Vec<Option<usize>>,
    label_room: usize,
}

impl<'c> Frame<'c> {
    fn new(
        chart: &'c Chart,
        columns: usize,
        rows: usize,
        (x, y): (Scale, Scale),
        look: &'c Look,
    ) -> Frame<'c> {
        let height = rows - 2;
        let mut y_labels = vec![None; height];
        for (value, label) in y.ticks((height / 2).clamp(2, 8)) {
            if let Some(place) = y.place(value) {
                let row = ((1.0 - place) * (height - 1) as f64).round() as usize;
                y_labels[row.min(height - 1)] = Some(label);
            }
        }
        let gutter = y_labels.iter().flatten().map(|l| width(l)).max();
        let gutter = gutter.unwrap_or(0).min(columns / 3);
        let longest = chart.curves.iter().map(|c| width(&c.label)).max();
        let room = columns.saturating_sub(gutter + 1 + LEAST.0);
        let label_room = match longest.unwrap_or(0) {
            0 => 0,
            longest => (longest + 1).min(room).min(columns / 3),
        };
        let plot = (columns - gutter - 1 - label_room, height);
        let mut frame = Frame {
            chart,
            look,
            x,
            y_labels,
            gutter,
            plot,
            canvas: Canvas::new(plot.0, plot.1, look.unicode),
            ends: vec![None; height],
            label_room,
        };
        frame.draw(y);
        frame
    }

    /// Draws the curves, and finds a row for each label near the curve's end.
    fn draw(&mut self, y: Scale) {
        let (width, height) = self.canvas.size();
        let x = self.x;
        let place = |point: &(f64, f64)| {
            let x = x.place(point.0)? * (width - 1) as f64;
            let y = (1.0 - y.place(point.1)?) * (height - 1) as f64;
            Some((x.round() as usize, y.round() as usize))
        };
        let mut ends = Vec::new();
        for (i, curve) in self.chart.curves.iter().enumerate() {
            let mut before = None;
            let mut end = None;
            for point in curve.points.iter().map(place) {
                match (before, point) {
                    (Some(from), Some(to)) => self.canvas.line(from, to, i as u16),
                    (None, Some((x, y))) => self.canvas.dot(x, y, i as u16),
                    _ => {}
                }
                before = point;
                end = point.or(end);
            }
            if let Some((_, y)) = end.filter(|_| self.label_room > 1 && !curve.label.is_empty()) {
                ends.push((y * self.plot.1 / height, i));
            }
        }
        ends.sort_unstable();
        for (row, curve) in ends {
            let free = |row: &usize| self.ends[*row].is_none();
            let below = (row..self.plot.1).find(free);
            let above = (0..row).rev().find(free);
            let nearest = match (below, above) {
                (Some(b), Some(a)) if row - a < b - row => Some(a),
                (below, above) => below.or(above),
            };
            if let Some(row) = nearest {
                self.ends[row] = Some(curve);
            }
        }
    }

    fn lines(&self) -> Vec<Vec<Span>> {
        let mut lines: Vec<Vec<Span>> = (0..self.plot.1).map(|row| self.row(row)).collect();
        lines.extend(self.x_axis());
        lines
    }

    fn row(&self, row: usize) -> Vec<Span> {
        let look = self.look;
        let label = self.y_labels[row].as_deref();
        let tick = match label {
            Some(_) => look.either("┤", "+"),
            None => look.either("│", "|"),
        };
        let label = cut(label.unwrap_or_default(), self.gutter, "");
        let mut line = vec![span(
            format!("{label:>width$}{tick}", width = self.gutter),
            DIM,
        )];
        for (character, owner) in self.canvas.row(row) {
            let style = owner.map_or(PLAIN, |i| self.style_of(i as usize));
            match line.last_mut() {
                Some(last) if last.style == style => last.text.push(character),
                _ => line.push(span(character, style)),
            }
        }
        if let Some(curve) = self.ends[row] {
            let mark = look.either("…", "~");
            let label = cut(&self.chart.curves[curve].label, self.label_room - 1, mark);
            line.push(span(format!(" {label}"), self.style_of(curve)));
        }
        line
    }

    fn style_of(&self, curve: usize) -> Style {
        style(self.chart.curves[curve].colour)
    }

    /// The axis, and its numbers below it with what they count, if there is room for more than one number beside that.
    fn x_axis(&self) -> [Vec<Span>; 2] {
        let look = self.look;
        let title = cut(&self.chart.x_title, self.plot.0 / 2, "");
        let end = self.gutter + 1 + self.plot.0 + self.label_room;
        let (mut marked, mut numbers) = self.x_numbers(end.saturating_sub(width(&title) + 2));
        if marked.len() < 2 {
            let alone = self.x_numbers(end);
            if alone.0.len() > marked.len() {
                (marked, numbers) = alone;
            }
        }
        let mut axis: Vec<&str> = vec![look.either("─", "-"); self.plot.0];
        for column in marked {
            axis[column] = look.either("┬", "+");
        }
        let corner = look.either("└", "+");
        let gap = match numbers.is_empty() {
            true => self.gutter + 1,
            false => 2,
        };
        if width(&numbers) + gap + width(&title) <= end {
            numbers.push_str(&" ".repeat(gap));
            numbers.push_str(&title);
        }
        [
            vec![span(
                format!("{:>1$}{corner}{2}", "", self.gutter, axis.concat()),
                DIM,
            )],
            vec![span(numbers.trim_end(), DIM)],
        ]
    }

    /// The columns of the plot that have a number, and the numbers, in so much room.
    fn x_numbers(&self, room: usize) -> (Vec<usize>, String) {
        let (mut marked, mut numbers) = (Vec::new(), String::new());
        for (value, label) in self.x.ticks((self.plot.0 / X_GAP).max(2)) {
            let Some(place) = self.x.place(value) else {
                continue;
            };
            let column = (place * (self.plot.0 - 1) as f64).round() as usize;
            let (at, wide) = (self.gutter + 1 + column, width(&label));
            // In the middle below its mark, or as near as the end allows.
            let left = at.saturating_sub(wide / 2);
            let left = left.min(room.saturating_sub(wide));
            let used = width(&numbers);
            if at >= room || (used > 0 && left < used + 2) {
                continue;
            }
            marked.push(column);
            numbers.push_str(&" ".repeat(left.saturating_sub(used)));
            numbers.push_str(&label);
        }
        (marked, numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(unicode: bool) -> Look {
        Look {
            colour: false,
            unicode,
            is_terminal: true,
            width: Some(40),
            height: Some(10),
        }
    }

    fn text(lines: &[Vec<Span>]) -> Vec<String> {
        let line = |spans: &Vec<Span>| spans.iter().map(|s| s.text.as_str()).collect::<String>();
        lines
            .iter()
            .map(line)
            .map(|l| l.trim_end().to_owned())
            .collect()
    }

    fn chart() -> Chart {
        let falling = (0..=60)
            .map(|i| (f64::from(i), 2.0 / (1.0 + f64::from(i))))
            .collect();
        let rising = (0..=60)
            .map(|i| (f64::from(i), f64::from(i) / 60.0))
            .collect();
        Chart {
            curves: vec![
                Curve {
                    label: "loss".into(),
                    points: falling,
                    colour: 0,
                },
                Curve {
                    label: "acc".into(),
                    points: rising,
                    colour: 1,
                },
            ],
            x_title: "steps".into(),
            ..Chart::default()
        }
    }

    #[test]
    fn curves_with_axes_and_labels() {
        let lines = text(&chart().lines(40, 8, &look(false)));
        let expected = [
            "2+:",
            " |'.",
            " | :",
            "1+ :                   ......'''''' acc",
            " |  :.     ......''''''",
            "0+...:''''''':..................... loss",
            " ++--------------------------+-----",
            "  0                         50  steps",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_narrow_chart_has_numbers_rather_than_what_they_count() {
        let mut chart = chart();
        chart.curves.truncate(1);
        chart.curves[0].label.clear();
        let lines = text(&chart.lines(16, 6, &look(false)));
        assert_eq!(lines[5], "  0         50");
    }

    #[test]
    fn small_and_empty_charts() {
        let lines = text(&chart().lines(20, 3, &look(true)));
        assert_eq!(lines, ["", "   no values yet", ""]);
        let mut chart = chart();
        chart.log_y = true;
        chart.curves.truncate(1);
        chart.curves[0].points = vec![(0.0, -1.0), (1.0, f64::NAN)];
        assert_eq!(
            text(&chart.lines(30, 6, &look(true)))[3].trim(),
            "no positive values yet"
        );
        chart.curves[0].points.push((2.0, 5.0));
        for (columns, rows) in [(9, 4), (200, 60)] {
            let lines = text(&chart.lines(columns, rows, &look(true)));
            assert_eq!(lines.len(), rows);
            assert!(
                lines.iter().all(|line| width(line) <= columns),
                "{lines:#?}"
            );
        }
    }
}
