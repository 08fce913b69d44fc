//! `libaim import`: what other tools recorded becomes runs.

use crate::context::Context;
use crate::failure::Failure;
use crate::import::{Options, Rewrites, mlflow, own, table, tensorboard, wandb};
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
    Csv(Csv),
    Jsonl(Jsonl),
    Directory(Directory),
    Wandb(Wandb),
    Mlflow(Mlflow),
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

/// CSV: a row for each step with a column for each metric, or a row for each point
///
/// What Lightning's CSVLogger and Keras' CSVLogger write is known as it is. A table with the columns name and value has a
/// row for each point; run, context, step, epoch and time are optional then.
#[derive(clap::Args)]
struct Csv {
    #[command(flatten)]
    table: Table,
}

/// JSON: an object a line, a list of objects, or the trainer_state.json of transformers
///
/// Keys of objects in objects are joined by `/`. Objects with the keys name and value are points. What libaim export jsonl
/// wrote becomes the runs that it was made of.
#[derive(clap::Args)]
struct Jsonl {
    #[command(flatten)]
    table: Table,
}

/// What libaim export directory wrote: the same runs
#[derive(clap::Args)]
struct Directory {
    /// The directory of an export, or of one run in it
    #[arg(required = true, value_name = "DIR")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    options: Options,
}

/// Run folders of W&B, offline or synced: config, history, summary, machine and terminal
#[derive(clap::Args)]
struct Wandb {
    /// The directory wandb, run folders, or .wandb files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    rewrites: Rewrites,

    #[command(flatten)]
    options: Options,
}

/// MLflow's runs, out of files, a database of SQLite or a server
///
/// A server that asks for it gets MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.
#[derive(clap::Args)]
struct Mlflow {
    /// The directory mlruns, or that of an experiment or a run; the file of a database; the URL of a server
    #[arg(required = true, value_name = "STORE")]
    stores: Vec<String>,

    /// Make numbers, True, False and None of params that look so; MLflow keeps texts alone
    #[arg(long)]
    typed: bool,

    #[command(flatten)]
    rewrites: Rewrites,

    #[command(flatten)]
    options: Options,
}

#[derive(clap::Args)]
struct Table {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    columns: table::Names,

    /// The name of the run [default: that of the file, or of its directory]
    #[arg(short, long)]
    name: Option<String>,

    #[command(flatten)]
    options: Options,
}

impl Jsonl {
    fn import(self, context: &Context) -> Result<(), Failure> {
        let Jsonl { table } = self;
        if table.paths.iter().all(|path| own::begins(path)) {
            let Table { paths, options, .. } = table;
            let plan = own::Plan { paths, options };
            let once = || own::import_lines(context, &plan);
            return plan.options.import(context, once);
        }
        table.import(context, table::Format::Json)
    }
}

impl Table {
    fn import(self, context: &Context, format: table::Format) -> Result<(), Failure> {
        let plan = table::Plan {
            format,
            paths: self.paths,
            columns: self.columns,
            name: self.name,
            options: self.options,
        };
        plan.options
            .import(context, || table::import(context, &plan))
    }
}

impl Import {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self.source {
            Source::Csv(csv) => csv.table.import(context, table::Format::Csv),
            Source::Jsonl(jsonl) => jsonl.import(context),
            Source::Tensorboard(Tensorboard {
                paths,
                flat,
                options,
            }) => {
                let plan = tensorboard::Plan {
                    paths,
                    flat,
                    options,
                };
                let once = || tensorboard::import(context, &plan);
                plan.options.import(context, once)
            }
            Source::Wandb(Wandb {
                paths,
                rewrites,
                options,
            }) => {
                let plan = wandb::Plan {
                    paths,
                    rewrites,
                    options,
                };
                plan.options
                    .import(context, || wandb::import(context, &plan))
            }
            Source::Mlflow(Mlflow {
                stores,
                typed,
                rewrites,
                options,
            }) => {
                let plan = mlflow::Plan {
                    stores,
                    typed,
                    rewrites,
                    options,
                };
                plan.options
                    .import(context, || mlflow::import(context, &plan))
            }
            Source::Directory(Directory { paths, options }) => {
                let plan = own::Plan { paths, options };
                let once = || own::import_directories(context, &plan);
                plan.options.import(context, once)
            }
        }
    }
}
