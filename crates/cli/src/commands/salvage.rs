//! `libaim salvage`: what is intact in a damaged repository, copied into a new one.

use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::text::shown;
use aim::repo::{Location, Repo, RepoOptions, merge_spool, salvage};
use std::path::PathBuf;

/// Copy what is intact in a damaged repository into a new one
#[derive(clap::Args)]
pub struct Salvage {
    /// The damaged repository; it stays as it is
    from: PathBuf,

    /// Where the new one is made
    into: PathBuf,
}

impl Salvage {
    pub fn run(self, _: &Context) -> Result<(), Failure> {
        let from = Location::find(Some(&self.from))?;
        let into = Location::find(Some(&self.into))?;
        if from.is_spool() {
            return self.of_spool(&from, into);
        }
        let salvaged = salvage(&from, into, &RepoOptions::default())
            .doing(|| format!("{} cannot be salvaged", self.from.display()))?;
        say!(
            "salvaged {} with {} and {}; {} and {} lost",
            format::counted(salvaged.runs, "run"),
            format::counted(salvaged.series, "metric"),
            format::counted(salvaged.points, "point"),
            format::counted(salvaged.lost_pages, "page"),
            format::counted(salvaged.lost_rows, "row"),
        );
        if salvaged.uncounted {
            say!(
                "more may be missing than is counted: a page that says where the newest state begins cannot be read"
            );
        }
        Ok(())
    }

    /// What is damaged in a spool keeps nothing else from being merged.
    fn of_spool(&self, from: &Location, into: Location) -> Result<(), Failure> {
        if into.exists() {
            return Err(Failure::new(format_args!(
                "{} holds a repository already",
                self.into.display()
            ))
            .advice("name a new one, or merge the spool into it: libaim merge SPOOL --repo REPO"));
        }
        let what = || format!("{} cannot be salvaged", self.from.display());
        let repo = Repo::open(into, &RepoOptions::default(), true).doing(what)?;
        let brought = merge_spool(from, &repo).doing(what)?;
        say!(
            "salvaged {} of {}; {} damaged",
            format::counted(brought.points, "point"),
            format::counted(brought.segments, "segment"),
            format::count(brought.problems.len() as u64),
        );
        for problem in &brought.problems {
            say!("{}", shown(problem));
        }
        Ok(())
    }
}
