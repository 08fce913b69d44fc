//! The program `libaim`, as a library: `main` is all of it, `inputs` and `web` what the fuzz targets ask.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

#[macro_use]
mod said;

mod answer;
mod args;
mod artifacts;
mod central;
mod chart;
mod child;
mod columnar;
mod columns;
mod commands;
mod context;
mod exec;
mod export;
mod expression;
mod failure;
mod figure;
mod find;
mod format;
mod import;
pub mod inputs;
mod labels;
mod look;
mod machine;
mod net;
mod out;
mod progress;
mod records;
mod selection;
mod spark;
mod status;
mod table;
mod terminal_text;
mod text;
mod watch;
pub mod web;

use clap::{CommandFactory as _, Parser as _};
use context::Context;
use std::process::ExitCode;

/// Does what the command line says.
pub fn main() -> ExitCode {
    let args = args::Args::parse();
    let context = Context::new(args.global);
    match args.command.run(&context, args::Args::command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&context.messages),
    }
}
