//! What the screen shows, as plain data: read by one thread, drawn by another.

use aim::query::RunInfo;

/// A question to the reader.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Want {
    /// AimQL; empty for all runs that are not archived.
    pub filter: String,
    /// The run whose machine and log are shown; without one the first of the list.
    pub selected: Option<RunInfo>,
    /// The runs whose curves are shown; without one the first of the list.
    pub marked: Vec<RunInfo>,
    /// Which metrics are on the screen.
    pub first_panel: usize,
    pub panels: usize,
    /// Points that a curve needs at most.
    pub points: usize,
    pub log_lines: usize,
    pub page: Page,
}

/// What is read beside the overview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    #[default]
    Overview,
    Metrics,
    Params,
    System,
    Images,
    Log,
    Compare,
}

impl Page {
    /// The pages of one run, in the order of their tabs.
    pub const TABS: [Page; 5] = [
        Page::Metrics,
        Page::Params,
        Page::System,
        Page::Images,
        Page::Log,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Page::Overview => "overview",
            Page::Metrics => "metrics",
            Page::Params => "params",
            Page::System => "system",
            Page::Images => "images",
            Page::Log => "log",
            Page::Compare => "compare",
        }
    }

    /// Whether curves of one run are drawn on it, below its rows.
    pub fn has_curves(self) -> bool {
        matches!(self, Page::Metrics | Page::System)
    }
}

/// The answer.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// What could not be read, or what is wrong with the filter. The rest is as it was before.
    pub error: Option<String>,
    pub runs: Vec<RunLine>,
    /// Runs that the repository holds, and whether more match than are listed.
    pub total: u64,
    pub more: bool,
    pub panels: Vec<Panel>,
    /// Metrics that there are, on the screen or not.
    pub panel_count: usize,
    pub machine: Machine,
    pub log: Vec<String>,
    /// The page that was asked for.
    pub page: Vec<Row>,
}

#[derive(Clone, Debug)]
pub struct RunLine {
    pub run: RunInfo,
    pub name: Option<String>,
    pub experiment: String,
    /// `running`, `finished` and so on.
    pub status: String,
    /// Microseconds since 1970 (UTC).
    pub created_at: i64,
    pub finalized_at: Option<i64>,
}

impl RunLine {
    pub fn is_running(&self) -> bool {
        self.finalized_at.is_none()
    }

    pub fn seconds(&self) -> f64 {
        let end = self.finalized_at.unwrap_or_else(aim::repo::now_micros);
        (end - self.created_at) as f64 / 1e6
    }
}

/// One metric of the runs whose curves are shown.
#[derive(Clone, Debug)]
pub struct Panel {
    pub name: String,
    /// As `subset=val`; empty where there is none.
    pub context: String,
    pub curves: Vec<RunCurve>,
}

#[derive(Clone, Debug)]
pub struct RunCurve {
    /// Whose it is.
    pub run: [u8; 12],
    /// Which of the shown runs.
    pub colour: usize,
    pub label: String,
    pub last: f64,
    pub points: std::sync::Arc<aim::query::Columns>,
    /// When the run began, seconds since 1970.
    pub began: f64,
}

/// The use of the selected run's machine.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    pub host: Option<String>,
    pub gauges: Vec<Gauge>,
}

/// A figure with its last course.
#[derive(Clone, Debug)]
pub struct Gauge {
    pub text: String,
    pub course: String,
}

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// A row of a page: a title in front, or cells, or a line of a picture.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub cells: Vec<String>,
    pub title: bool,
    /// The course of a metric, which is drawn behind the cells in the room that is left.
    pub course: Option<std::sync::Arc<aim::query::Columns>>,
    /// Two points for each character, one above the other.
    pub picture: Vec<[Rgb; 2]>,
}

pub fn row(cells: impl IntoIterator<Item = String>) -> Row {
    Row {
        cells: cells.into_iter().collect(),
        ..Row::default()
    }
}

pub fn title(cells: impl IntoIterator<Item = String>) -> Row {
    Row {
        title: true,
        ..row(cells)
    }
}
