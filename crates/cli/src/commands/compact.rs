//! `libaim compact`: space that deleted runs left goes back to the filesystem.

use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::format;
use aim::repo::{RepoOptions, compact};

/// Give back the space that deleted runs left, while nobody has the repository open
#[derive(clap::Args)]
pub struct Compact {}

impl Compact {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let location = context.location()?;
        let compacted = compact(&location, &RepoOptions::default())
            .doing(|| format!("{} cannot be compacted", location.root.display()))?;
        let forgotten = match compacted.strings {
            0 => String::new(),
            n => format!("; {} of deleted runs forgotten", format::counted(n, "name")),
        };
        say!(
            "{} of {} are left{forgotten}",
            format::bytes(compacted.bytes_after),
            format::bytes(compacted.bytes_before),
        );
        Ok(())
    }
}
