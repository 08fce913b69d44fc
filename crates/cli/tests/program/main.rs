//! The program as people use it: the real binary on real repositories.

mod artifacts;
mod commands;
mod common;
mod compact;
mod event_file;
mod exec;
mod exec_faults;
mod exec_programs;
mod export;
mod export_artifacts;
mod import;
mod import_damaged;
mod import_mlflow;
mod import_tables;
mod import_trackers;
mod import_wandb_artifacts;
mod otlp;
mod prometheus;
mod repositories;
mod screens;
mod spool;
mod states;
mod terminal;
mod transfer;
mod watch;
