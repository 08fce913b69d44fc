//! `libaim bring-in`: what journals hold that the database did not know, added to it.

use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::format;
use aim::repo::{bring_back, unknown_journals};
use std::path::PathBuf;

/// Bring in journals that were set aside since the database did not know them
#[derive(clap::Args)]
pub struct BringIn {
    /// Files `<id>.unknown`; none: all of the repository
    journals: Vec<PathBuf>,
}

impl BringIn {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.repo()?;
        let journals = match self.journals.is_empty() {
            true => unknown_journals(&repo)?,
            false => self.journals,
        };
        if journals.is_empty() {
            say!("no journal waits to be brought in");
        }
        for journal in journals {
            let brought = bring_back(&repo, &journal)
                .doing(|| format!("{} cannot be brought in", journal.display()))?;
            say!(
                "{}: {} added to {}, {} of them new; {} there already",
                journal.display(),
                format::counted(brought.points, "point"),
                format::counted(brought.runs, "run"),
                format::count(brought.new_runs),
                format::counted(brought.present, "point"),
            );
            if brought.nameless > 0 {
                say!(
                    "{} of them, of metrics whose names the journal does not hold any more, are in a run of their own",
                    format::counted(brought.nameless, "point")
                );
            }
            if brought.damaged > 0 {
                say!(
                    "{} damaged: the journal is kept as {}",
                    match brought.damaged {
                        1 => "1 record is".to_owned(),
                        n => format!("{} are", format::counted(n, "record")),
                    },
                    journal.with_extension("damaged").display()
                );
            }
        }
        Ok(())
    }
}
