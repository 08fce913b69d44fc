//! What is on the screen, and what keys make of it.

use super::complete::Completion;
use super::data::{Page, Picture, Want};
use super::state::Settings;
use aim::query::RunInfo;
use aim::repo::RepoRef;

/// The part that the arrow keys move in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    Runs,
    Curves,
}

/// A line that is being typed.
#[derive(Clone, Debug, Default)]
pub struct Input {
    pub text: String,
    /// In characters.
    pub cursor: usize,
    pub completion: Option<Completion>,
}

impl Input {
    pub fn new(text: &str) -> Input {
        Input {
            text: text.to_owned(),
            cursor: text.chars().count(),
            completion: None,
        }
    }

    fn byte(&self, cursor: usize) -> usize {
        let at = self.text.char_indices().nth(cursor);
        at.map_or(self.text.len(), |(at, _)| at)
    }

    pub fn insert(&mut self, c: char) {
        self.text.insert(self.byte(self.cursor), c);
        self.cursor += 1;
        self.completion = None;
    }

    pub fn delete_before(&mut self) {
        if self.cursor > 0 {
            self.cursor -= 1;
            self.text.remove(self.byte(self.cursor));
        }
        self.completion = None;
    }

    pub fn delete_at(&mut self) {
        if self.byte(self.cursor) < self.text.len() {
            self.text.remove(self.byte(self.cursor));
        }
        self.completion = None;
    }

    pub fn move_to(&mut self, cursor: usize) {
        self.cursor = cursor.min(self.text.chars().count());
        self.completion = None;
    }

    /// Puts the next of the names that fit in place of the word before the cursor.
    pub fn complete(&mut self, names: &[String]) {
        let completion = match self.completion.take() {
            Some(completion) => completion.next(),
            None => match Completion::of(&self.text[..self.byte(self.cursor)], names) {
                Some(completion) => completion,
                None => return,
            },
        };
        let behind = self.text.split_off(self.byte(self.cursor));
        self.text.truncate(completion.start());
        self.text.push_str(completion.name());
        self.cursor = self.text.chars().count();
        self.text.push_str(&behind);
        self.completion = Some(completion);
    }
}

/// Who gets the keys.
#[derive(Clone, Debug, Default)]
pub enum Mode {
    #[default]
    Normal,
    /// The filter is being typed.
    Filter(Input),
    /// What is looked for on a page is being typed.
    Search(Input),
    Help,
}

pub struct App {
    pub settings: Settings,
    pub mode: Mode,
    pub focus: Focus,
    pub page: Page,
    pub picture: Picture,
    /// Whether anything was read yet.
    pub loaded: bool,
    pub selected: Option<RunInfo>,
    pub marked: Vec<RunInfo>,
    pub first_panel: usize,
    /// The first row of a page that is shown, and what was looked for there.
    pub first_row: usize,
    pub search: String,
    /// The second in which the screen was drawn.
    pub second: i64,
    /// What the screen has room for; the view says so when it draws.
    pub room: Room,
}

/// What the screen has room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    pub runs: usize,
    pub panels: usize,
    /// Characters of the widest curve.
    pub columns: usize,
    pub log: usize,
    pub rows: usize,
    /// Where the list of runs begins on the screen, and how wide it is.
    pub list: (u16, u16, u16),
    pub first_run: usize,
}

impl App {
    pub fn new(settings: Settings) -> App {
        App {
            settings,
            mode: Mode::default(),
            focus: Focus::default(),
            page: Page::default(),
            picture: Picture::default(),
            loaded: false,
            selected: None,
            marked: Vec::new(),
            first_panel: 0,
            first_row: 0,
            search: String::new(),
            second: 0,
            room: Room::default(),
        }
    }

    /// What has to be read for this screen.
    pub fn want(&self) -> Want {
        Want {
            filter: self.settings.filter.clone(),
            selected: self.selected.clone(),
            marked: self.marked.clone(),
            first_panel: match self.page.has_curves() {
                true => 0,
                false => self.first_panel,
            },
            panels: self.room.panels,
            points: (self.room.columns * 4).max(64),
            log_lines: self.room.log,
            page: self.page,
        }
    }

    pub fn take(&mut self, picture: Picture) {
        self.loaded = true;
        self.picture = picture;
        let there = |run: &RunInfo| self.picture.runs.iter().any(|line| line.run == *run);
        self.marked.retain(there);
        if self.selected.as_ref().is_none_or(|run| !there(run)) {
            self.selected = self.picture.runs.first().map(|line| line.run.clone());
        }
        if !self.page.has_curves() {
            let most = self.picture.panel_count.saturating_sub(1);
            self.first_panel = self.first_panel.min(most);
        }
    }

    pub fn selected_place(&self) -> usize {
        let is_selected = |line: &super::data::RunLine| self.selected.as_ref() == Some(&line.run);
        let place = self.picture.runs.iter().position(is_selected);
        place.unwrap_or(0)
    }

    pub fn select(&mut self, place: usize) {
        let last = self.picture.runs.len().saturating_sub(1);
        let line = self.picture.runs.get(place.min(last));
        self.selected = line.map(|line| line.run.clone());
        self.first_row = 0;
    }

    pub fn move_by(&mut self, rows: isize) {
        match (self.page, self.focus) {
            (Page::Overview, Focus::Runs) => {
                self.select(self.selected_place().saturating_add_signed(rows));
            }
            (Page::Overview, Focus::Curves) => {
                let panel = self.first_panel.saturating_add_signed(rows);
                self.first_panel = panel.min(self.picture.panel_count.saturating_sub(1));
            }
            _ => {
                let most = self.picture.page.len().saturating_sub(self.room.rows);
                self.first_row = self.first_row.saturating_add_signed(rows).min(most);
            }
        }
    }

    pub fn mark(&mut self) {
        let Some(run) = self.selected.clone() else {
            return;
        };
        match self.marked.iter().position(|marked| *marked == run) {
            Some(at) => {
                self.marked.remove(at);
            }
            None => self.marked.push(run),
        }
    }

    pub fn open(&mut self, page: Page) {
        self.page = page;
        self.first_row = 0;
        self.search.clear();
        self.picture.page.clear();
        if page == Page::Log {
            // The end of a log is what people want to see; the view holds it there.
            self.first_row = usize::MAX;
        }
    }

    /// The page beside this one.
    pub fn turn(&mut self, forward: bool) {
        let tabs = Page::TABS;
        if let Some(at) = tabs.iter().position(|page| *page == self.page) {
            let step = if forward { 1 } else { tabs.len() - 1 };
            self.open(tabs[(at + step) % tabs.len()]);
        }
    }

    /// Goes to the next row, behind `from`, that holds what is looked for.
    pub fn find(&mut self, from: usize) {
        let wanted = self.search.to_lowercase();
        let holds = |row: &super::data::Row| {
            row.cells
                .iter()
                .any(|cell| cell.to_lowercase().contains(&wanted))
        };
        let rows = &self.picture.page;
        let around = (from..rows.len()).chain(0..from.min(rows.len()));
        if let Some(at) = around.into_iter().find(|at| holds(&rows[*at])) {
            self.first_row = at;
        }
    }

    pub fn remember(&self, repo: &RepoRef) {
        self.settings.store(repo);
    }
}
