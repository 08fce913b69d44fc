//! `libaim sync`: runs of a repository into a central store.

use crate::central::{Push, Store, Tally, is_url, push};
use crate::commands::ls;
use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::progress::Progress;
use aim::query::RunId;
use aim::repo::{Location, Repo, RepoOptions, RepoRef};
use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

/// Bring the runs of a repository into a central store on PostgreSQL
///
/// What the store has already stays, so a sync that was interrupted goes on where it was, and several at once do no harm.
/// Password and the like come from where psql finds them: PGPASSFILE, PGSERVICE.
#[derive(clap::Args)]
pub struct Sync {
    /// The repository, if not the one of --repo, then the store: postgres://USER@HOST/DATABASE
    #[arg(required = true, num_args = 1..=2, value_name = "REPO] [URL")]
    what: Vec<String>,

    /// Make the store, or bring it to this version; with a URL alone, that is all
    #[arg(long)]
    init: bool,

    /// Only the runs that an expression selects
    #[arg(short, long, value_name = "QUERY")]
    query: Option<String>,

    /// Replace runs that are there from another repository, or were deleted there
    #[arg(long)]
    take: bool,

    /// Bring everything anew, whatever the store says that it has: mends what was changed or damaged there
    #[arg(long)]
    repair: bool,
}

impl Sync {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let (path, url) = match self.what.as_slice() {
            [path, url] => (Some(Path::new(path)), url),
            [url] => (None, url),
            _ => {
                return Err(Failure::usage(
                    "a repository and the URL of a store are needed",
                ));
            }
        };
        if !is_url(url) {
            return Err(
                Failure::usage(format_args!("{url} is not the URL of a central store"))
                    .advice("write libaim sync REPO postgres://USER@HOST/DATABASE"),
            );
        }
        let mut store = match self.init {
            true => Store::prepare(url)?,
            false => Store::open(url)?,
        };
        if self.init && path.is_none() {
            eprintln!("{} is a central store", store.shown());
            return Ok(());
        }
        let repo = match path {
            None => context.repo()?,
            Some(path) => {
                Repo::open(Location::find(Some(path))?, &RepoOptions::default(), false)
                    .doing(|| format!("the repository {} cannot be opened", path.display()))?
            }
        };
        let source = identity(&repo)?;
        let begun = Instant::now();
        let only = match &self.query {
            Some(query) => Some(selected(context, &repo, query)?),
            None => None,
        };
        let count = match &only {
            Some(only) => only.len() as u64,
            None => crate::context::look_at(&repo, |snapshot| Ok(snapshot.run_count()?))?,
        };
        let mut progress = Progress::new(context, "syncing", "runs", count);
        let what = Push {
            repo: &repo,
            source,
            only: only.as_ref(),
            take: self.take,
            repair: self.repair,
        };
        let tally = push(&mut store, &what, |more| progress.add(more))?;
        progress.end();
        eprintln!("{}", words(&tally, begun.elapsed().as_secs_f64()));
        Failure::left_out(tally.wrong)
    }
}

fn selected(context: &Context, repo: &RepoRef, query: &str) -> Result<HashSet<RunId>, Failure> {
    let answer = ls::select(repo, Some(query), true, None)?;
    ls::warn(context, &answer);
    Ok(answer.rows().iter().map(|row| row.run.id).collect())
}

fn words(tally: &Tally, seconds: f64) -> String {
    let mut text = format!(
        "brought {} with {} in {}",
        format::counted(tally.brought, "run"),
        format::counted(tally.points, "point"),
        format::duration(seconds)
    );
    if tally.present > 0 {
        text.push_str(&format!(
            "; {} were there already",
            format::count(tally.present)
        ));
    }
    if tally.deleted > 0 {
        text.push_str(&format!(
            "; {} were deleted there and stay so",
            format::count(tally.deleted)
        ));
    }
    text
}

/// The number by which central stores know the repository: drawn once, and kept in it.
fn identity(repo: &RepoRef) -> Result<[u8; 16], Failure> {
    const PLACE: (&str, &str) = ("central", "source");
    if let Some(text) = repo.document(PLACE.0, PLACE.1)?
        && let Ok(id) = uuid::Uuid::parse_str(&text)
    {
        return Ok(id.into_bytes());
    }
    let new = uuid::Uuid::new_v4();
    let id = repo
        .edit_documents(|edit| {
            if let Some(text) = edit.get(PLACE.0, PLACE.1)?
                && let Ok(id) = uuid::Uuid::parse_str(&text)
            {
                return Ok(id);
            }
            edit.put(PLACE.0, PLACE.1, &new.to_string())?;
            Ok(new)
        })
        .doing(|| {
            format!(
                "{} cannot be marked as one that is brought to a central store",
                repo.root().display()
            )
        })?;
    Ok(id.into_bytes())
}
