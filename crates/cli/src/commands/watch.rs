//! `libaim watch`: a live view of the repository.

use crate::context::Context;
use crate::failure::Failure;
use crate::watch::watch;

/// Watch runs live in the terminal: list, curves, machine and log
///
/// Follows runs that are being written. `?` shows the keys.
#[derive(clap::Args)]
pub struct Watch {
    /// Which runs, as in: run.hparams.lr > 1e-4 [default: what was watched here last]
    query: Option<String>,
}

impl Watch {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        watch(context, self.query)
    }
}
