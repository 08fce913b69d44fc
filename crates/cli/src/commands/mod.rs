//! The commands, one file each: its arguments and what it does.

mod compare;
mod completions;
mod edits;
mod logs;
pub mod ls;
mod man;
mod plot;
mod query;
mod rm;
mod show;
mod up;
mod watch;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum Command {
    Ls(ls::Ls),
    Show(show::Show),
    Query(query::Query),
    Logs(logs::Logs),
    Compare(compare::Compare),
    Plot(plot::Plot),
    Watch(watch::Watch),
    Rm(rm::Rm),
    Archive(edits::Archive),
    Tag(edits::Tag),
    Rename(edits::Rename),
    Move(edits::Move),
    Note(edits::Note),
    Up(up::Up),
    Completions(completions::Completions),
    #[command(hide = true)]
    Man(man::Man),
}

impl Command {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Command::Ls(command) => command.run(context),
            Command::Show(command) => command.run(context),
            Command::Query(command) => command.run(context),
            Command::Logs(command) => command.run(context),
            Command::Compare(command) => command.run(context),
            Command::Plot(command) => command.run(context),
            Command::Watch(command) => command.run(context),
            Command::Rm(command) => command.run(context),
            Command::Archive(command) => command.run(context),
            Command::Tag(command) => command.run(context),
            Command::Rename(command) => command.run(context),
            Command::Move(command) => command.run(context),
            Command::Note(command) => command.run(context),
            Command::Up(command) => command.run(context),
            Command::Completions(command) => command.run(context),
            Command::Man(command) => command.run(context),
        }
    }
}
