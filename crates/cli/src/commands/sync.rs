//! `libaim sync`: runs of a repository, or of a spool, into a central store.

use crate::central::{Engine, Push, Settled, Store, Tally, is_url, push};
use crate::context::Context;
use crate::expression::{select, warn};
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::progress::Progress;
use crate::text::shown;
use aim::error::Status;
use aim::query::RunId;
use aim::repo::exchange::moment;
use aim::repo::{Location, RepoRef};
use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Bring the runs of a repository or a spool into a central store on PostgreSQL
///
/// What the store has already stays, so a sync that was interrupted goes on where it was, and several at once do no harm.
/// Password and the like come from where psql finds them: PGPASSFILE, PGSERVICE.
#[derive(clap::Args)]
pub struct Sync {
    /// The repository, if not the one of --repo, then the store: postgres://USER@HOST/DATABASE
    #[arg(required = true, num_args = 1..=2, value_name = "REPO] [URL")]
    what: Vec<String>,

    /// Make the store, or bring it to this version; with a URL alone, that is all. A new one may be spread over several servers
    #[arg(long, value_name = "KIND", num_args = 0..=1, require_equals = true, default_missing_value = "plain")]
    init: Option<Engine>,

    /// Go on with what is new, until interrupted
    #[arg(short, long)]
    follow: bool,

    /// Only the runs that an expression selects
    #[arg(short, long, value_name = "QUERY")]
    query: Option<String>,

    /// Replace runs that are there from another repository, or were deleted there
    #[arg(long)]
    take: bool,

    /// Bring everything anew, whatever the store says that it has: mends what was changed or damaged there
    #[arg(long, conflicts_with = "follow")]
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
            Some(engine) => Store::prepare(url, engine)?,
            None => Store::open(url)?,
        };
        if self.init.is_some() && path.is_none() {
            say!("{} is a central store", store.shown());
            return Ok(());
        }
        let location = match path {
            None => context.location()?,
            Some(path) => Location::find(Some(path))?,
        };
        let repo = context.open(location)?;
        let source = identity(&repo)?;
        match self.follow {
            false => {
                let tally = self.pass(context, &mut store, &repo, source, &mut Settled::new())?;
                Failure::left_out(tally.wrong)?;
                match unreadable(&repo)? {
                    None => Ok(()),
                    Some(why) => Err(Failure::new("not all of the spool can be read")
                        .why(shown(&why))
                        .advice("libaim spool check reads every frame")),
                }
            }
            true => self.follow(context, &mut store, &repo, source),
        }
    }

    /// Brings what there is now.
    fn pass(
        &self,
        context: &Context,
        store: &mut Store,
        repo: &RepoRef,
        source: [u8; 16],
        settled: &mut Settled,
    ) -> Result<Tally, Failure> {
        let begun = Instant::now();
        let only = match &self.query {
            Some(query) => Some(selected(context, repo, query)?),
            None => None,
        };
        let count = match &only {
            Some(only) => only.len() as u64,
            None => crate::context::look_at(repo, |snapshot| Ok(snapshot.run_count()?))?,
        };
        let mut progress = Progress::new(&context.messages, "syncing", "runs", count);
        let what = Push {
            repo,
            source,
            only: only.as_ref(),
            take: self.take,
            repair: self.repair,
        };
        let tally = push(store, &what, settled, |more| progress.add(more))?;
        progress.end();
        if tally.brought > 0 || !self.follow {
            say!("{}", words(&tally, begun.elapsed().as_secs_f64()));
        }
        Ok(tally)
    }

    /// Brings what is new again and again. A server that is gone for a while is waited for.
    fn follow(
        &self,
        context: &Context,
        store: &mut Store,
        repo: &RepoRef,
        source: [u8; 16],
    ) -> Result<(), Failure> {
        let mut settled = Settled::new();
        let mut looked = Instant::now();
        let mut told = HashSet::new();
        let (mut seen, mut pause) = (None, PAUSE);
        let mut lost = false;
        loop {
            if looked.elapsed() > FULL {
                // What changed in the store, and what a glance does not tell.
                (looked, seen) = (Instant::now(), None);
                settled.clear();
            }
            if seen != Some(moment(repo)?.commit_number()) {
                match self.pass(context, store, repo, source, &mut settled) {
                    Ok(tally) => {
                        (seen, pause) = (Some(tally.commit), PAUSE);
                        if std::mem::take(&mut lost) {
                            say!("{} is back", store.shown());
                        }
                        for wrong in tally.wrong.into_iter().chain(unreadable(repo)?) {
                            if told.insert(wrong.clone()) {
                                say!("warning: {}", shown(&wrong));
                            }
                        }
                    }
                    Err(failure) if store.is_lost() => {
                        if !std::mem::replace(&mut lost, true) {
                            say!("warning: {failure}; it is tried again until it is back");
                        }
                        // What does not come about is tried again with the next pass.
                        let _ = store.reconnect();
                        pause = (2 * pause).min(LONGEST);
                    }
                    Err(failure) => return Err(failure),
                }
            }
            std::thread::sleep(pause);
            if repo.is_spool() && !lost {
                // Each look asks the file server about every segment.
                pause = (2 * pause).min(LONGEST);
            }
        }
    }
}

/// Between two looks at a repository that is followed; more while the server is gone, up to the most.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// How often everything is looked at, whether a glance says that it is as it was or not.
const FULL: Duration = Duration::from_secs(300);

fn selected(context: &Context, repo: &RepoRef, query: &str) -> Result<HashSet<RunId>, Failure> {
    let answer = select(repo, Some(query), true, None)?;
    warn(&context.messages, &answer, "run");
    Ok(answer.rows().iter().map(|row| row.run.id).collect())
}

fn words(tally: &Tally, seconds: f64) -> String {
    let mut text = format!(
        "brought {} with {} in {}",
        format::counted(tally.brought, "run"),
        format::counted(tally.points, "point"),
        format::duration(seconds)
    );
    if tally.objects > 0 {
        text.push_str(&format!(
            ", without {} of objects",
            format::counted(tally.objects, "point")
        ));
    }
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

/// What of a spool cannot be read; nothing else waits for it.
fn unreadable(repo: &RepoRef) -> Result<Option<String>, Failure> {
    match repo.recover() {
        Err(e) if repo.is_spool() && e.status == Status::Corrupt => Ok(Some(e.message)),
        outcome => Ok(outcome.map(|()| None)?),
    }
}

/// The number by which central stores know the repository: drawn once, and kept in it. In a spool nothing can be kept, and
/// its segments tell which runs are its own: where it lies is enough.
fn identity(repo: &RepoRef) -> Result<[u8; 16], Failure> {
    const PLACE: (&str, &str) = ("central", "source");
    if repo.is_spool() {
        let path = repo.root().as_os_str().as_bytes();
        return Ok(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, path).into_bytes());
    }
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
