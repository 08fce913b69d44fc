//! The program `libaim`.

mod args;

use clap::Parser as _;

fn main() {
    args::Args::parse();
}
