//! `libaim rm`: deletes runs.

use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::progress::Progress;
use crate::selection::{Selection, Yes, confirm};

/// Runs that are deleted between two looks at the bar.
const AT_ONCE: usize = 256;

/// Delete runs with all that belongs to them
#[derive(clap::Args)]
pub struct Rm {
    #[command(flatten)]
    selection: Selection,

    #[command(flatten)]
    yes: Yes,
}

impl Rm {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.repo()?;
        let selected = self.selection.find(context, &repo)?;
        let what = format!("delete {} for good", selected.words());
        if !confirm(context, &selected, &what, self.yes.yes)? {
            return Ok(());
        }
        let ids = selected.ids();
        let mut progress = Progress::new(&context.messages, "deleting", "runs", ids.len() as u64);
        let (mut gone, mut busy) = (0, Vec::new());
        for some in ids.chunks(AT_ONCE) {
            let deleted = repo.delete_runs(some)?;
            gone += deleted.runs;
            busy.extend(deleted.busy);
            progress.add(some.len() as u64);
        }
        progress.end();
        say!("deleted {}", format::counted(gone, "run"));
        if let Some(first) = busy.first() {
            return Err(Failure::new(format_args!(
                "{} being written and still there, {first} among them",
                match busy.len() {
                    1 => "1 run is".to_owned(),
                    n => format!("{} are", format::counted(n as u64, "run")),
                }
            ))
            .advice("wait until the programs that write them have ended"));
        }
        Ok(())
    }
}
