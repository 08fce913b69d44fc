//! The thread that reads the repository: it answers the newest question, and asks itself the same again while runs are
//! being written.

use super::curves::Curves;
use super::data::{Page, Picture, RunLine, Want};
use super::{machine, pages};
use crate::central::Live;
use crate::context::look_at;
use crate::expression::select;
use crate::failure::Failure;
use crate::look::Look;
use crate::status;
use crate::table::visible;
use aim::query::{RunInfo, Snapshot, Stream};
use aim::repo::RepoRef;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::time::{Duration, Instant};

/// Runs that are listed.
const MOST_RUNS: usize = 500;
/// Runs whose curves are shown if nobody marked any.
pub const SHOWN: usize = 6;
/// The shortest time between two readings, and the part of all time that reading may take.
const PERIOD: Duration = Duration::from_secs(1);
const SHARE: u32 = 50;
/// A central store is asked again after so long.
const ANEW: Duration = Duration::from_secs(2);
/// After so long a reading is due though nothing was stored: a writer may have died.
const SILENCE: Duration = Duration::from_secs(10);

pub struct Reader {
    repo: RepoRef,
    /// Where the repository holds copies of a central store.
    live: Option<Live>,
    look: Look,
    curves: Curves,
    /// What was read last, of which version of the repository, and when.
    picture: Picture,
    version: u64,
    at: Instant,
}

impl Reader {
    pub fn new(repo: RepoRef, live: Option<Live>, look: Look) -> Reader {
        Reader {
            repo,
            live,
            look,
            curves: Curves::default(),
            picture: Picture::default(),
            version: 0,
            at: Instant::now(),
        }
    }

    /// Answers until nobody asks or listens any more.
    pub fn serve(mut self, questions: &Receiver<Want>, answers: &Sender<Picture>) {
        let Ok(mut want) = questions.recv() else {
            return;
        };
        let mut asked = true;
        loop {
            loop {
                match questions.try_recv() {
                    Ok(newer) => (want, asked) = (newer, true),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            let begun = Instant::now();
            if (asked || self.has_news()) && answers.send(self.answer(&want)).is_err() {
                return;
            }
            asked = false;
            let rest = PERIOD.max(begun.elapsed() * SHARE);
            match questions.recv_timeout(rest) {
                Ok(newer) => (want, asked) = (newer, true),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn has_news(&self) -> bool {
        if self.live.is_some() {
            return self.at.elapsed() >= ANEW;
        }
        let version = aim::query::read(&self.repo, |snapshot| Ok(snapshot.version()));
        version.map_or(true, |version| version != self.version) || self.at.elapsed() >= SILENCE
    }

    fn answer(&mut self, want: &Want) -> Picture {
        self.at = Instant::now();
        match self.read(want) {
            Ok(picture) => self.picture = picture,
            Err(failure) => self.picture.error = Some(failure.to_string()),
        }
        self.picture.clone()
    }

    fn read(&mut self, want: &Want) -> Result<Picture, Failure> {
        let filter = (!want.filter.trim().is_empty()).then_some(want.filter.as_str());
        if let Some(live) = &mut self.live {
            bring(live, &self.look, filter, want)?;
        }
        let answer = select(&self.repo, filter, false, Some(MOST_RUNS + 1))?;
        let (look, curves) = (self.look, &mut self.curves);
        let (picture, version) = look_at(&self.repo, |snapshot| {
            let mut runs = Vec::with_capacity(answer.rows().len());
            for row in answer.rows().iter().take(MOST_RUNS) {
                runs.extend(line(&look, snapshot, &row.run)?);
            }
            let mut picture = Picture {
                total: snapshot.run_count()?,
                more: answer.rows().len() > MOST_RUNS,
                runs,
                ..Picture::default()
            };
            if answer.failures().count > 0 {
                let reason = answer.failures().first.as_deref().unwrap_or_default();
                let failed = crate::format::counted(answer.failures().count, "run");
                picture.error = Some(format!("left out {failed}: {reason}"));
            } else if let Some(line) = answer.warning().and_then(|w| w.lines().next()) {
                picture.error = Some(line.to_owned());
            }
            let shown = shown(&picture.runs, want);
            let selected = want
                .selected
                .as_ref()
                .and_then(|run| picture.runs.iter().find(|line| line.run == *run))
                .or(picture.runs.first());
            let curves_of = match (want.page, selected) {
                (page, Some(line)) if page.has_curves() => std::slice::from_ref(line),
                _ => &shown,
            };
            (picture.panels, picture.panel_count) =
                curves.panels(&look, snapshot, curves_of, want)?;
            if let Some(line) = selected {
                picture.machine = machine::read(&look, snapshot, &line.run)?;
                picture.log = log(&look, snapshot, &line.run, want.log_lines)?;
                picture.page = match want.page {
                    Page::Overview => Vec::new(),
                    Page::Compare => pages::compare(&look, snapshot, &shown)?,
                    page => pages::read(&look, snapshot, line, page)?,
                };
            }
            Ok((picture, snapshot.version()))
        })?;
        self.version = version;
        Ok(picture)
    }
}

/// Brings what is on the screen from the central store: the list without points, the runs whose curves, machine and log are
/// shown whole.
fn bring(live: &mut Live, look: &Look, filter: Option<&str>, want: &Want) -> Result<(), Failure> {
    live.outline(filter.unwrap_or_default())?;
    let answer = select(live.repo(), filter, false, Some(MOST_RUNS + 1))?;
    let runs = look_at(live.repo(), |snapshot| {
        let mut runs = Vec::new();
        for row in answer.rows().iter().take(MOST_RUNS) {
            runs.extend(line(look, snapshot, &row.run)?);
        }
        Ok(runs)
    })?;
    let shown = shown(&runs, want).into_iter().map(|line| line.run.hash);
    let selected = want.selected.as_ref().map(|run| run.hash);
    live.whole(shown.chain(selected))
}

fn line(look: &Look, snapshot: &Snapshot<'_>, run: &RunInfo) -> Result<Option<RunLine>, Failure> {
    Ok(snapshot.record(run)?.map(|record| RunLine {
        run: run.clone(),
        status: status::word(&record),
        name: record.name.as_deref().map(|name| visible(look, name)),
        experiment: visible(look, &record.experiment),
        created_at: record.created_at,
        finalized_at: record.finalized_at,
    }))
}

/// The runs whose curves are shown: the marked ones, else the selected one and the first of the list.
fn shown(runs: &[RunLine], want: &Want) -> Vec<RunLine> {
    if !want.marked.is_empty() {
        let marked = |line: &&RunLine| want.marked.contains(&line.run);
        return runs.iter().filter(marked).cloned().collect();
    }
    let mut shown: Vec<RunLine> = runs.iter().take(SHOWN).cloned().collect();
    let is_selected = |line: &&RunLine| want.selected.as_ref() == Some(&line.run);
    if let Some(selected) = runs.iter().find(is_selected)
        && !shown.iter().any(|line| line.run == selected.run)
    {
        shown.pop();
        shown.push(selected.clone());
    }
    shown
}

/// The last lines of a run's terminal, else of its log.
fn log(
    look: &Look,
    snapshot: &Snapshot<'_>,
    run: &RunInfo,
    lines: usize,
) -> Result<Vec<String>, Failure> {
    for stream in [Stream::Terminal, Stream::Records] {
        let (first, end) = snapshot.log_range(run, stream)?;
        if first < end {
            let from = end.saturating_sub(lines as u64).max(first);
            let records = snapshot.log(run, stream, from, lines as u64)?;
            let line = |text: &str| crate::terminal_text::line(&look.plain(), text, None);
            return Ok(records.iter().map(|(_, r)| line(&r.text)).collect());
        }
    }
    Ok(Vec::new())
}
