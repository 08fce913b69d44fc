//! What an import brought in, and what it could not.

use super::Options;
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::table::{DIM, styled};
use crate::text::shown;
use std::collections::BTreeMap;
use std::time::Instant;

/// Runs, and places of damage, that are listed.
const LISTED: usize = 20;

pub struct Report {
    begun: Instant,
    dry: bool,
    /// Nothing is said where nothing is new.
    quiet: bool,
    runs: Vec<Brought>,
    /// Runs of which nothing is new.
    unchanged: u64,
    /// What libaim has no place for, by kind.
    lost: BTreeMap<String, u64>,
    /// What the source holds and cannot be read: file, place and rule.
    damage: Vec<String>,
    notes: Vec<String>,
}

/// A run that was brought in.
#[derive(Default)]
pub struct Brought {
    pub hash: String,
    pub name: String,
    pub metrics: u64,
    /// Points that were read, and by how many the run has more now.
    pub points: u64,
    pub added: u64,
    /// Records of the log and lines of the terminal.
    pub texts: u64,
    /// Images and the like.
    pub objects: u64,
    /// Files that it refers to.
    pub artifacts: u64,
}

impl Report {
    pub fn new(dry: bool) -> Report {
        Report {
            begun: Instant::now(),
            dry,
            quiet: false,
            runs: Vec::new(),
            unchanged: 0,
            lost: BTreeMap::new(),
            damage: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Of an import with these options.
    pub fn of(options: &Options) -> Report {
        Report {
            quiet: options.follow,
            ..Report::new(options.dry_run)
        }
    }

    pub fn run(&mut self, run: Brought) {
        self.runs.push(run);
    }

    pub fn unchanged(&mut self) {
        self.unchanged += 1;
    }

    /// So many more of a kind, which is a noun in the plural.
    pub fn lost(&mut self, kind: &str, more: u64) {
        if more > 0 {
            match self.lost.get_mut(kind) {
                Some(count) => *count += more,
                None => {
                    self.lost.insert(kind.to_owned(), more);
                }
            }
        }
    }

    /// Something of the source cannot be read: file, place and rule.
    pub fn damage(&mut self, what: String) {
        self.damage.push(what);
    }

    pub fn note(&mut self, what: String) {
        self.notes.push(what);
    }

    /// What could not be kept, in words.
    pub fn trouble(&self) -> Vec<String> {
        let lost = self
            .losses()
            .map(|kinds| format!("not represented: {kinds}"));
        let damage = self.damage.iter().take(LISTED).cloned();
        lost.into_iter().chain(damage).collect()
    }

    /// What libaim has no place for, as `graphs (1), meshes (2)`.
    fn losses(&self) -> Option<String> {
        let kinds = self.lost.iter();
        let kinds = kinds.map(|(kind, n)| format!("{kind} ({})", format::count(*n)));
        let kinds: Vec<String> = kinds.collect();
        (!kinds.is_empty()).then(|| kinds.join(", "))
    }

    /// Prints what there is to say. That a part could not be read is a failure.
    pub fn print(self, context: &Context) -> Result<(), Failure> {
        if self.quiet && self.runs.is_empty() && self.damage.is_empty() {
            return Ok(());
        }
        let look = &context.messages;
        for run in self.runs.iter().take(LISTED) {
            let hash: String = run.hash.chars().take(8).collect();
            let mut line = format!(
                "{hash}  {}: {} of {}",
                shown(&run.name),
                format::counted(run.points, "point"),
                format::counted(run.metrics, "metric"),
            );
            if !self.dry && run.added != run.points {
                line.push_str(&format!(", {} new", format::count(run.added)));
            }
            if run.texts > 0 {
                line.push_str(&format!(", {}", format::counted(run.texts, "line")));
            }
            if run.objects > 0 {
                line.push_str(&format!(", {}", format::counted(run.objects, "object")));
            }
            if run.artifacts > 0 {
                line.push_str(&format!(", {}", format::counted(run.artifacts, "artifact")));
            }
            say!("{line}");
        }
        if self.runs.len() > LISTED {
            say!(
                "and {} more",
                format::count((self.runs.len() - LISTED) as u64)
            );
        }
        let sum = |of: fn(&Brought) -> u64| self.runs.iter().map(of).sum::<u64>();
        say!(
            "{} {} with {} in {}{}",
            if self.dry { "would import" } else { "imported" },
            format::counted(self.runs.len() as u64, "run"),
            format::counted(sum(|run| run.points), "point"),
            format::duration(self.begun.elapsed().as_secs_f64()),
            match self.unchanged {
                0 => String::new(),
                n => format!("; of {} nothing is new", format::counted(n, "run")),
            }
        );
        for note in self.notes.iter().filter(|_| !self.quiet) {
            say!("{}", styled(look, DIM, &shown(note)));
        }
        if let Some(kinds) = self.losses() {
            say!("not represented: {kinds}");
        }
        if self.damage.is_empty() {
            return Ok(());
        }
        let mut why: Vec<String> = self.damage.iter().take(LISTED).cloned().collect();
        if self.damage.len() > LISTED {
            let more = (self.damage.len() - LISTED) as u64;
            why.push(format!("and {} more", format::count(more)));
        }
        let places = format::counted(self.damage.len() as u64, "place");
        Err(Failure::new(format_args!(
            "{places} could not be read; the rest is imported"
        ))
        .why(why.join("\n")))
    }
}
