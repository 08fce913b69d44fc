//! The command line.

use crate::commands::Command;
use crate::look::Colour;
use clap::{Args as ClapArgs, Parser};
use std::path::PathBuf;

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

/// What every command takes.
#[derive(ClapArgs)]
pub struct Global {
    /// The repository: the directory that holds `.aim` [default: the nearest one upwards], or the URL of a central
    /// store, postgres://...
    #[arg(
        long,
        global = true,
        env = "AIM_REPO",
        hide_env_values = true,
        value_name = "DIR"
    )]
    pub repo: Option<PathBuf>,

    /// When to use colours; NO_COLOR is heeded too
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Colour,

    /// Do not page long output
    #[arg(long, global = true)]
    pub no_pager: bool,
}
