//! Bringing in what other tools recorded: `libaim import`.
//!
//! Each reader knows one tool's files and nothing of the repository; `target` knows the repository and no file. Whoever
//! reads names every run by an id that follows from its source, so that importing again goes on with the same run.

mod beside;
mod histogram;
mod lines;
pub mod mlflow;
pub mod own;
mod protobuf;
mod report;
mod rewrite;
pub mod table;
mod target;
pub mod tensorboard;
pub mod wandb;
mod yaml;

pub use report::Report;
pub use rewrite::Rewrites;
pub use target::{Identity, Place, Series, Target, Time};

use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use aim::objects::ObjectKind;
use aim::repo::{Repo, RepoOptions, RepoRef};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What all importers take.
#[derive(Clone, Debug, Default, clap::Args)]
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

    /// Go on with what is written later, until this program is ended
    #[arg(long, conflicts_with = "dry_run")]
    pub follow: bool,

    /// How many points of each run's metrics were brought in already by this process.
    #[arg(skip)]
    pub seen: Seen,
}

/// What a sequence holds, if that is objects; its name and its context.
pub type SequenceKey = (Option<ObjectKind>, String, String);
/// Points by hash, then by sequence.
pub type Seen = Rc<RefCell<HashMap<String, HashMap<SequenceKey, u64>>>>;

impl Options {
    /// Imports once, or again and again. What is wrong the first time ends it.
    pub fn import(
        &self,
        context: &Context,
        once: impl Fn() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        /// A pass that takes long is followed by a pause that is longer.
        const PAUSE: u32 = 4;
        let mut begun = Instant::now();
        once()?;
        if !self.follow {
            return Ok(());
        }
        loop {
            std::thread::sleep((begun.elapsed() * PAUSE).max(Duration::from_secs(1)));
            begun = Instant::now();
            if let Err(failure) = once() {
                failure.report(&context.messages);
            }
        }
    }

    /// The repository, made where there is none yet; `None` if nothing is stored.
    pub fn repository(&self, context: &Context) -> Result<Option<RepoRef>, Failure> {
        if self.dry_run {
            return Ok(None);
        }
        let location = context.place()?;
        let root = location.root.clone();
        Repo::open(location, &RepoOptions::default(), true)
            .doing(|| format!("the repository {} cannot be opened", root.display()))
            .map(Some)
    }
}
