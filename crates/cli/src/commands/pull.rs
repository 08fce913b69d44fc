//! `libaim pull`: runs of a central store into a repository.

use crate::central::{self, Store, is_url};
use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::progress::Progress;
use aim::repo::{Location, Repo, RepoOptions};
use std::path::PathBuf;
use std::time::Instant;

/// Bring runs of a central store into a repository, exactly as they are
///
/// Runs that are here already are left alone, so a pull that was interrupted goes on where it was.
#[derive(clap::Args)]
pub struct Pull {
    /// The store: postgres://USER@HOST/DATABASE
    url: String,

    /// The repository; one that is new is made [default: the one of --repo, or the nearest one upwards]
    #[arg(value_name = "REPO")]
    into: Option<PathBuf>,

    /// Only the runs that an expression selects
    #[arg(short, long, value_name = "QUERY")]
    query: Option<String>,
}

impl Pull {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if !is_url(&self.url) {
            return Err(Failure::usage(format_args!(
                "{} is not the URL of a central store",
                self.url
            ))
            .advice("write libaim pull postgres://USER@HOST/DATABASE REPO"));
        }
        let begun = Instant::now();
        let mut store = Store::open(&self.url)?;
        let only = match &self.query {
            Some(query) => Some(central::selected(&context.messages, &mut store, query)?),
            None => None,
        };
        let repo = match &self.into {
            None => context.repo_or_new()?,
            Some(path) => Repo::open(Location::find(Some(path))?, &RepoOptions::default(), true)
                .doing(|| format!("the repository {} cannot be opened", path.display()))?,
        };
        let mut progress: Option<Progress> = None;
        let pulled = central::pull(&mut store, &repo, only.as_ref(), |more, total| {
            progress
                .get_or_insert_with(|| Progress::new(&context.messages, "pulling", "runs", total))
                .add(more);
        })?;
        if let Some(progress) = progress {
            progress.end();
        }
        let mut text = format!(
            "pulled {} with {} in {}",
            format::counted(pulled.copied, "run"),
            format::counted(pulled.points, "point"),
            format::duration(begun.elapsed().as_secs_f64())
        );
        if pulled.present > 0 {
            text.push_str(&format!(
                "; {} were here already",
                format::count(pulled.present)
            ));
        }
        say!("{text}");
        Failure::left_out(pulled.wrong)
    }
}
