//! The command line.

use clap::Parser;

/// Looks at, edits and moves the runs that programs tracked with libaim.
#[derive(Parser)]
#[command(name = "libaim", version)]
pub struct Args {}
