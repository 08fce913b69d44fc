//! Runs that a query selects, and those that are being written.

use crate::artifacts;
use crate::web::entities::Known;
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Query, TimeZone};
use crate::web::local_time::in_utc;
use crate::web::pieces::{Pieces, pieces};
use crate::web::props::{Contexts, overview, props, without_system};
use crate::web::rows::Rows;
use crate::web::stream::progress;
use crate::web::tree::dict;
use crate::web::{App, answer};
use aim::query::{QueryRow, RunId, RunInfo, RunState, Select, Snapshot, read};
use aim::repo::RepoRef;
use aim_stream::{Encoder, Piece};
use aim_value::Tree;
use axum::extract::State;
use axum::response::Response;
use std::sync::atomic::AtomicBool;

/// Runs of one piece of an answer.
const RUNS: usize = 64;

/// What of each run is sent.
#[derive(Clone, Copy)]
pub struct Parts {
    pub params: bool,
    pub system: bool,
    pub traces: bool,
}

pub async fn runs(State(app): State<App>, query: Query, zone: TimeZone) -> Answer {
    let limit = query.number("limit", 0, 0..=u64::from(u32::MAX))? as usize;
    let parts = Parts {
        params: !query.flag("exclude_params", false)?,
        system: !query.flag("skip_system", true)?,
        traces: !query.flag("exclude_traces", false)?,
    };
    let tells = query.flag("report_progress", true)?;
    let expression = in_utc(query.text("q"), &zone);
    let offset = query.text("offset");
    let (behind, known) = app
        .work(move |repo| Ok((behind(repo, &offset)?, Known::load(repo)?)))
        .await?;
    let limit = Some(limit).filter(|limit| *limit > 0);
    let repo = app.repo().clone();
    let mut contexts = Contexts::default();
    let search = Search {
        rows: Rows::new(repo, expression, Select::Runs, behind, limit),
        told: Told::new(tells),
        at_once: RUNS,
        tree: move |snapshot: &Snapshot<'_>, rows: &[QueryRow]| {
            tree(snapshot, &rows[0].run, parts, &known, &mut contexts)
        },
    };
    pieces(app, search).await
}

/// The run with which a page before ended.
fn behind(repo: &RepoRef, hash: &str) -> Answer<Option<RunId>> {
    if hash.is_empty() {
        return Ok(None);
    }
    let run = read(repo, |snapshot| snapshot.find(hash))?;
    run.map(|run| Some(run.id)).ok_or_else(Refusal::no_run)
}

/// The progress records of an answer.
pub struct Told {
    wanted: bool,
    number: u64,
    ended: bool,
}

impl Told {
    pub fn new(wanted: bool) -> Told {
        Told {
            wanted,
            number: 0,
            ended: false,
        }
    }

    pub fn tell(&mut self, out: &mut Encoder, rows: &Rows) {
        if self.wanted {
            let (looked_at, total) = rows.progress();
            progress(out, self.number, looked_at, total);
            self.number += 1;
        }
    }

    /// The record at the end of an answer; `None` once it was sent, or where none is wanted.
    pub fn end(&mut self, rows: &Rows) -> Option<Encoder> {
        let ended = std::mem::replace(&mut self.ended, true);
        if ended || !self.wanted {
            return None;
        }
        let mut out = Encoder::default();
        let total = rows.total.unwrap_or(0);
        progress(&mut out, self.number, total, total);
        Some(out)
    }
}

/// The runs that a query selects, each with what `tree` makes of its rows; `None` where it was deleted meanwhile, or is
/// damaged.
pub struct Search<T> {
    pub rows: Rows,
    pub told: Told,
    /// Runs of one piece of the answer.
    pub at_once: usize,
    pub tree: T,
}

impl<T> Pieces for Search<T>
where
    T: FnMut(&Snapshot<'_>, &[QueryRow]) -> Option<Tree> + Send + 'static,
{
    fn next(&mut self, cancelled: &AtomicBool) -> Answer<Option<Encoder>> {
        let rows = self.rows.next(self.at_once, cancelled)?;
        if rows.is_empty() {
            return Ok(self.told.end(&self.rows));
        }
        let mut out = Encoder::default();
        read(&self.rows.repo, |snapshot| {
            for rows in rows.chunk_by(|a, b| a.run.id == b.run.id) {
                if let Some(tree) = (self.tree)(snapshot, rows) {
                    out.record(Piece::Text(&rows[0].run.hash_text()), &tree);
                }
            }
            Ok(())
        })?;
        self.told.tell(&mut out, &self.rows);
        Ok(Some(out))
    }
}

/// The params of a run, with or without those that the system recorded.
pub fn params(snapshot: &Snapshot<'_>, run: &RunInfo, system: bool) -> Tree {
    let mut params = snapshot.params(run).unwrap_or(Tree::Dict(Vec::new()));
    artifacts::take(&mut params);
    match system {
        true => params,
        false => without_system(params),
    }
}

fn tree(
    snapshot: &Snapshot<'_>,
    run: &RunInfo,
    parts: Parts,
    known: &Known,
    contexts: &mut Contexts,
) -> Option<Tree> {
    let record = snapshot.record(run).ok()??;
    let mut entries = vec![("props".to_owned(), props(&record, known))];
    if parts.params {
        entries.push(("params".to_owned(), params(snapshot, run, parts.system)));
    }
    if parts.traces {
        let metrics = snapshot.metrics(run).unwrap_or_default();
        let metrics = metrics.iter().map(|metric| overview(metric, contexts));
        let traces = dict([("metric", Tree::List(metrics.collect()))]);
        entries.push(("traces".to_owned(), traces));
    }
    Some(Tree::Dict(entries))
}

pub async fn active(State(app): State<App>, query: Query) -> Answer<Response> {
    let tells = query.flag("report_progress", true)?;
    let bytes = app
        .work(move |repo| {
            let known = Known::load(repo)?;
            let mut out = Encoder::default();
            read(repo, |snapshot| {
                let mut running = Vec::new();
                snapshot.runs(|summary| {
                    if summary.state == RunState::Running {
                        running.push(summary.run);
                    }
                    Ok(true)
                })?;
                let parts = Parts {
                    params: false,
                    system: false,
                    traces: true,
                };
                let mut contexts = Contexts::default();
                for (number, run) in running.iter().enumerate() {
                    if let Some(tree) = tree(snapshot, run, parts, &known, &mut contexts) {
                        out.record(Piece::Text(&run.hash_text()), &tree);
                    }
                    if tells {
                        let number = number as u64;
                        progress(&mut out, number, number + 1, running.len() as u64);
                    }
                }
                Ok(())
            })?;
            Ok(out.finish())
        })
        .await?;
    Ok(answer::octets(bytes))
}
