//! Bringing in what other tools recorded: `libaim import`.
//!
//! Each reader knows one tool's files and nothing of the repository; `target` knows the repository and no file. Whoever
//! reads names every run by an id that follows from its source, so that importing again goes on with the same run.

pub mod mlflow;
pub mod own;
mod protobuf;
mod report;
pub mod table;
mod target;
pub mod tensorboard;
pub mod wandb;
mod yaml;

pub use report::Report;
pub use target::{Identity, Series, Target, Time};

use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use aim::repo::{Location, Repo, RepoOptions, RepoRef};

/// What all importers take.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The experiment of new runs [default: what the source says]
    #[arg(short, long, env = "AIM_EXPERIMENT", hide_env_values = true)]
    pub experiment: Option<String>,

    /// A tag for every run
    #[arg(short, long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,

    /// Read everything and report, but store nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Options {
    /// The repository, made where there is none yet; `None` if nothing is stored.
    pub fn repository(&self, context: &Context) -> Result<Option<RepoRef>, Failure> {
        if self.dry_run {
            return Ok(None);
        }
        let location = Location::find(context.asked())?;
        let root = location.root.clone();
        Repo::open(location, &RepoOptions::default(), true)
            .doing(|| format!("the repository {} cannot be opened", root.display()))
            .map(Some)
    }
}
