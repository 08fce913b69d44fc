//! The commands, one file each: its arguments and what it does.

mod artifacts;
mod bring_in;
mod compact;
mod compare;
mod completions;
mod doctor;
mod du;
mod edits;
mod exec;
mod export;
mod import;
mod logs;
mod ls;
mod man;
mod plot;
mod pull;
mod query;
mod rm;
mod salvage;
mod show;
pub mod spool;
mod sync;
mod transfer;
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
    Exec(exec::Exec),
    Import(import::Import),
    Export(export::Export),
    Artifacts(artifacts::Artifacts),
    Rm(rm::Rm),
    Archive(edits::Archive),
    Tag(edits::Tag),
    Rename(edits::Rename),
    Move(edits::Move),
    Note(edits::Note),
    Up(up::Up),
    Cp(transfer::Cp),
    Mv(transfer::Mv),
    Merge(transfer::Merge),
    Sync(sync::Sync),
    Pull(pull::Pull),
    Spool(spool::Spool),
    Rescue(spool::Rescue),
    Du(du::Du),
    Compact(compact::Compact),
    Doctor(doctor::Doctor),
    Salvage(salvage::Salvage),
    BringIn(bring_in::BringIn),
    Completions(completions::Completions),
    #[command(hide = true)]
    Man(man::Man),
}

impl Command {
    /// `whole` makes the command line as clap knows it, of which this is a part.
    pub fn run(self, context: &Context, whole: fn() -> clap::Command) -> Result<(), Failure> {
        match self {
            Command::Ls(command) => command.run(context),
            Command::Show(command) => command.run(context),
            Command::Query(command) => command.run(context),
            Command::Logs(command) => command.run(context),
            Command::Compare(command) => command.run(context),
            Command::Plot(command) => command.run(context),
            Command::Watch(command) => command.run(context),
            Command::Exec(command) => command.run(context),
            Command::Import(command) => command.run(context),
            Command::Export(command) => command.run(context),
            Command::Artifacts(command) => command.run(context),
            Command::Rm(command) => command.run(context),
            Command::Archive(command) => command.run(context),
            Command::Tag(command) => command.run(context),
            Command::Rename(command) => command.run(context),
            Command::Move(command) => command.run(context),
            Command::Note(command) => command.run(context),
            Command::Up(command) => command.run(context),
            Command::Cp(command) => command.run(context),
            Command::Mv(command) => command.run(context),
            Command::Merge(command) => command.run(context),
            Command::Sync(command) => command.run(context),
            Command::Pull(command) => command.run(context),
            Command::Spool(command) => command.run(context),
            Command::Rescue(command) => command.run(),
            Command::Du(command) => command.run(context),
            Command::Compact(command) => command.run(context),
            Command::Doctor(command) => command.run(context),
            Command::Salvage(command) => command.run(context),
            Command::BringIn(command) => command.run(context),
            Command::Completions(command) => command.run(context, whole()),
            Command::Man(command) => command.run(context, whole()),
        }
    }
}
