//! `libaim doctor`: what is wrong with a repository and how to mend it; what a maintainer asks for.

use crate::artifacts::health::{self, Unsound};
use crate::context::{Context, look_at};
use crate::failure::Failure;
use crate::format;
use crate::out::Out;
use crate::progress::Progress;
use crate::table::{DIM, GREEN, RED, YELLOW, styled, visible};
use aim::query::{Health, RunState, file_usage};
use aim::repo::{FORMAT, Location, RepoRef, check_segments, unknown_journals};
use aim_value::Tree;
use std::time::Instant;

/// Damaged values that are listed.
const LISTED: usize = 20;

/// Read everything in the repository, and say what is wrong and how to mend it
#[derive(clap::Args)]
pub struct Doctor {
    /// Print one object
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.repo()?;
        let begun = Instant::now();
        let (health, states, logged) = look_at(&repo, |snapshot| {
            let total = snapshot.run_count()?;
            let mut progress = Progress::new(&context.messages, "reading", "runs", total);
            let health = snapshot.check(|_| {
                progress.add(1);
                true
            })?;
            progress.end();
            let mut states = RunState::ALL.map(|state| (state, 0u64));
            snapshot.runs(|run| {
                if let Some((_, count)) = states.iter_mut().find(|(state, _)| *state == run.state) {
                    *count += 1;
                }
                Ok(true)
            })?;
            Ok((health, states, health::of_all(snapshot)?))
        })?;
        // The files of artifacts are read when the snapshot is no more: they may be large, and it keeps pages.
        let all = logged.iter().flat_map(|(_, artifacts)| artifacts);
        let total = all.map(health::size).sum();
        let mut progress = Progress::new(&context.messages, "reading artifacts", "bytes", total);
        let artifacts = health::read(&repo, &logged, |bytes| progress.add(bytes))?;
        progress.end();
        let (file, used, size) = file_usage(&repo)?;
        let (alive, dead) = repo.journals()?;
        let unknown = unknown_journals(&repo)?.len() as u64;
        let states: Vec<String> = states
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(state, count)| format!("{} {}", format::count(*count), state.text()))
            .collect();
        let (segments, unsound) = segments(&repo)?;
        // What the repository keeps is its own; what it only refers to may change, as others like.
        let (kept, moved) = artifacts.unsound.into_iter().partition(|one| one.kept);
        let mut report = Report {
            context,
            unsound,
            lost: kept,
            moved,
            artifacts: artifacts.artifacts,
            health,
            took: begun.elapsed().as_secs_f64(),
            facts: vec![
                (
                    "libaim",
                    format!("{}, format {FORMAT}", env!("CARGO_PKG_VERSION")),
                ),
                ("repository", repo.root().display().to_string()),
                (
                    "database",
                    format!(
                        "{}, {} in use of {}{}",
                        file.display(),
                        format::bytes(used),
                        format::bytes(size),
                        match repo.is_read_only() {
                            true => ", cannot be written",
                            false => "",
                        }
                    ),
                ),
                (
                    "runs",
                    match states.is_empty() {
                        true => "none".to_owned(),
                        false => states.join(", "),
                    },
                ),
                (
                    "journals",
                    journals(alive, dead, unknown, repo.is_read_only()),
                ),
            ],
        };
        report.facts.extend(segments.map(|text| ("spool", text)));
        if artifacts.artifacts > 0 {
            let mut text = format!(
                "{} of {}",
                format::counted(artifacts.artifacts, "version"),
                format::bytes(artifacts.bytes)
            );
            if artifacts.unknown > 0 {
                text.push_str(&format!(
                    ", {} never summed",
                    format::count(artifacts.unknown)
                ));
            }
            report.facts.push(("artifacts", text));
        }
        match self.json {
            true => report.print_json(),
            false => report.print(),
        }
    }
}

/// What the segments of a spool are, and what is damaged among them.
fn segments(repo: &RepoRef) -> Result<(Option<String>, Vec<String>), Failure> {
    let Some(spool) = repo.spool() else {
        return Ok((None, Vec::new()));
    };
    let location = Location {
        root: spool.root.clone(),
    };
    let (mut count, mut frames, mut unsound) = (0, 0, Vec::new());
    check_segments(&location, |path, checked| {
        count += 1;
        match checked {
            Ok(checked) => {
                frames += checked.frames;
                if checked.damaged > 0 {
                    let bytes = format::bytes(checked.damaged);
                    unsound.push(format!("{}: {bytes} are damaged", path.display()));
                }
            }
            Err(e) => unsound.push(e.to_string()),
        }
    })?;
    let counted = format::counted(count, "segment");
    let text = format!("{counted} with {}", format::counted(frames, "frame"));
    Ok((Some(text), unsound))
}

fn journals(alive: u64, dead: u64, unknown: u64, read_only: bool) -> String {
    let mut words = Vec::new();
    if alive > 0 {
        let processes = match alive {
            1 => "1 process".to_owned(),
            n => format!("{} processes", format::count(n)),
        };
        words.push(format!("{processes} writing"));
    }
    if dead > 0 {
        let why = match read_only {
            true => "brought in by the next program that may write",
            false => "not brought in; the log of the next program that tracks says why",
        };
        words.push(format!(
            "{} left by dead processes, {why}",
            format::count(dead)
        ));
    }
    if unknown > 0 {
        words.push(format!(
            "{} that the database did not know, set aside: libaim bring-in adds what is in them",
            format::count(unknown)
        ));
    }
    match words.is_empty() {
        true => "nothing waits".to_owned(),
        false => words.join("; "),
    }
}

struct Report<'r> {
    context: &'r Context,
    health: Health,
    /// Segments of a spool.
    unsound: Vec<String>,
    /// Artifacts that are kept, and are not as they were logged; and those that are only referred to.
    lost: Vec<Unsound>,
    moved: Vec<Unsound>,
    artifacts: u64,
    took: f64,
    facts: Vec<(&'static str, String)>,
}

impl Report<'_> {
    fn print(&self) -> Result<(), Failure> {
        let look = &self.context.look;
        let mut out = self.context.paged_out();
        let objects = match self.health.objects {
            0 => String::new(),
            some => format!("{}, ", format::counted(some, "object")),
        };
        let read = format!(
            "{}, {}, {}, {objects}all read in {}",
            format::counted(self.health.series, "metric"),
            format::counted(self.health.points, "point"),
            format::counted(self.health.log_records, "log record"),
            format::duration(self.took)
        );
        let facts = self.facts.iter().map(|(name, text)| (*name, text.as_str()));
        for (name, text) in facts.chain([("contents", read.as_str())]) {
            let name = styled(look, DIM, &format!("{name:<11}"));
            out.line(&format!("{name} {}", visible(look, text)))?;
        }
        for one in self.moved.iter().take(LISTED) {
            out.line(&styled(look, YELLOW, &visible(look, &one.text())))?;
        }
        if self.moved.len() > LISTED {
            out.line(&format!("and {} more", self.moved.len() - LISTED))?;
        }
        if !self.moved.is_empty() {
            out.line("(These artifacts lie elsewhere, and are only referred to.)")?;
        }
        for one in &self.unsound {
            out.line(&styled(look, RED, &visible(look, one)))?;
        }
        let damage = self.health.damage.iter();
        let damage = damage.map(|one| format!("run {}: {}", one.run, one.what));
        self.list(&mut out, "value", damage.collect())?;
        let lost = self.lost.iter().map(Unsound::text);
        self.list(&mut out, "kept artifact", lost.collect())?;
        if self.is_sound() {
            let good = look.either("✔ nothing is damaged", "nothing is damaged");
            out.line(&styled(look, GREEN, good))?;
            return out.end();
        }
        out.end()?;
        Err(self.failure())
    }

    fn is_sound(&self) -> bool {
        self.unsound.is_empty() && self.health.damage.is_empty() && self.lost.is_empty()
    }

    /// What is damaged, if any is.
    fn list(&self, out: &mut Out, what: &str, damaged: Vec<String>) -> Result<(), Failure> {
        let look = &self.context.look;
        let verb = match damaged.len() {
            0 => return Ok(()),
            1 => "is",
            _ => "are",
        };
        let count = format::counted(damaged.len() as u64, what);
        let head = format!("{}{count} {verb} damaged:", look.either("✖ ", ""));
        out.line(&styled(look, RED, &head))?;
        for one in damaged.iter().take(LISTED) {
            out.line(&format!("  {}", visible(look, one)))?;
        }
        if damaged.len() > LISTED {
            out.line(&format!("  and {} more", damaged.len() - LISTED))?;
        }
        Ok(())
    }

    fn failure(&self) -> Failure {
        if !self.unsound.is_empty() {
            return Failure::new("the spool is damaged")
                .why("a segment fails its checksums, or is none")
                .advice("everything else is read, and is merged into a repository by libaim merge or salvage");
        }
        if self.health.damage.is_empty() {
            return Failure::new("the repository has lost files that it keeps")
                .why("a file in .aim/artifacts is missing or is not what was logged: it was removed, or written to under another name")
                .advice(
                    "everything else can be read. libaim artifacts pull brings back what was pushed",
                );
        }
        Failure::new("the repository is damaged")
            .why("a value fails its checksum; the disk or the memory of a machine may be to blame")
            .advice(
                "everything else can be read. libaim salvage copies what is intact into a new \
                 repository; libaim rm deletes a damaged run",
            )
    }

    fn print_json(&self) -> Result<(), Failure> {
        let text = |s: &str| Tree::Str(s.to_owned());
        let int = |n: u64| Tree::Int(n as i64);
        let mut entries: Vec<(String, Tree)> = self
            .facts
            .iter()
            .map(|(name, fact)| ((*name).to_owned(), text(fact)))
            .collect();
        let damage = self.health.damage.iter().map(|one| {
            Tree::Dict(vec![
                ("run".to_owned(), text(&one.run)),
                ("what".to_owned(), text(&one.what)),
            ])
        });
        entries.extend([
            ("run_count".to_owned(), int(self.health.runs)),
            ("metrics".to_owned(), int(self.health.series)),
            ("points".to_owned(), int(self.health.points)),
            ("log_records".to_owned(), int(self.health.log_records)),
            ("objects".to_owned(), int(self.health.objects)),
            ("damage".to_owned(), Tree::List(damage.collect())),
            ("artifact_count".to_owned(), int(self.artifacts)),
            (
                "artifacts_not_as_logged".to_owned(),
                Tree::List(
                    self.lost
                        .iter()
                        .chain(&self.moved)
                        .map(Unsound::tree)
                        .collect(),
                ),
            ),
            (
                "damaged_segments".to_owned(),
                Tree::List(self.unsound.iter().map(|one| text(one)).collect()),
            ),
        ]);
        let mut out = self.context.plain_out();
        out.line(&format::json(&Tree::Dict(entries)))?;
        out.end()?;
        match self.is_sound() {
            true => Ok(()),
            false => Err(Failure::silent(1)),
        }
    }
}
