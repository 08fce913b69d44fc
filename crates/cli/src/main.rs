//! The program `libaim`.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod args;
#[allow(unused, reason = "the commands that draw come next")]
mod chart;
mod columns;
mod commands;
mod context;
mod failure;
mod find;
mod format;
mod look;
mod out;
mod status;
mod table;
mod text;

use clap::Parser as _;
use context::Context;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let context = Context::new(args.global);
    match args.command.run(&context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&context.messages),
    }
}
