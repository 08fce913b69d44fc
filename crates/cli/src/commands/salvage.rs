//! `libaim salvage`: what is intact in a damaged repository, copied into a new one.

use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::format;
use aim::repo::{Location, RepoOptions, salvage};
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
        let salvaged = salvage(&from, into, &RepoOptions::default())
            .doing(|| format!("{} cannot be salvaged", self.from.display()))?;
        eprintln!(
            "salvaged {} with {} and {}; {} lost",
            format::counted(salvaged.runs, "run"),
            format::counted(salvaged.series, "metric"),
            format::counted(salvaged.points, "point"),
            format::counted(salvaged.lost_rows, "row"),
        );
        Ok(())
    }
}
