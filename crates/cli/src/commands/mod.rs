//! The commands, one file each: its arguments and what it does.

mod completions;
mod ls;
mod man;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum Command {
    Ls(ls::Ls),
    Completions(completions::Completions),
    #[command(hide = true)]
    Man(man::Man),
}

impl Command {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Command::Ls(command) => command.run(context),
            Command::Completions(command) => command.run(context),
            Command::Man(command) => command.run(context),
        }
    }
}
