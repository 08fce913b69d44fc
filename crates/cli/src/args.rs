//! The command line.

use crate::commands::Command;
use crate::context::Global;
use clap::Parser;

/// Looks at, edits and moves the runs that programs tracked with libaim.
///
/// A run is named by its hash, a unique beginning of it, or its name. A QUERY is a Python expression over `run` and
/// `metric`, such as: run.experiment == 'digits' and run.hparams.lr > 1e-4
#[derive(Parser)]
#[command(name = "libaim", version, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 done, 1 it failed, 2 the command line or the query is wrong."
)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,

    #[command(subcommand)]
    pub command: Command,
}
