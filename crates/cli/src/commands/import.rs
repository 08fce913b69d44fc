//! `libaim import`: what other tools recorded becomes runs.

use crate::context::Context;
use crate::failure::Failure;
use crate::import::{Options, tensorboard};
use std::path::PathBuf;

/// Bring in what other tools recorded
///
/// Steps, values, times, params and the runs' own beginnings and ends are kept. Importing again goes on with the runs that
/// are there. What cannot be represented is counted, and what is damaged is named; the rest is imported.
#[derive(clap::Args)]
pub struct Import {
    #[command(subcommand)]
    source: Source,
}

#[derive(clap::Subcommand)]
enum Source {
    Tensorboard(Tensorboard),
}

/// TensorBoard's event files, of TensorFlow 1 and 2, PyTorch and tensorboardX
///
/// A directory with event files is a run; directories below it are contexts of its metrics.
#[derive(clap::Args)]
struct Tensorboard {
    /// Log directories, or event files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Make a run of every directory with event files
    #[arg(long)]
    flat: bool,

    #[command(flatten)]
    options: Options,
}

impl Import {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self.source {
            Source::Tensorboard(Tensorboard {
                paths,
                flat,
                options,
            }) => tensorboard::import(
                context,
                &tensorboard::Plan {
                    paths,
                    flat,
                    options,
                },
            ),
        }
    }
}
