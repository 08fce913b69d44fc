//! Inputs from outside, files and texts of other tools, as the fuzz targets ask for them: each is read, and nothing is stored.

use crate::context::{Context, Global};
use crate::exec::{read_otlp, read_prometheus};
use crate::import::{Options, Rewrites, mlflow, own, table, tensorboard, wandb};
use crate::look::Colour;
use std::path::{Path, PathBuf};

/// Whose files they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    TensorBoard,
    Wandb,
    Csv,
    Json,
    Mlflow,
    Own,
}

/// As `libaim import --dry-run`. Whether all of it could be read.
pub fn read(source: Source, path: &Path) -> bool {
    let context = Context::new(Global {
        repo: None,
        color: Colour::Never,
        no_pager: true,
    });
    let options = Options {
        dry_run: true,
        ..Options::default()
    };
    let paths = vec![path.to_owned()];
    let done = match source {
        Source::TensorBoard => tensorboard::import(
            &context,
            &tensorboard::Plan {
                paths,
                flat: false,
                options,
            },
        ),
        Source::Wandb => wandb::import(
            &context,
            &wandb::Plan {
                paths,
                rewrites: Rewrites::default(),
                options,
            },
        ),
        Source::Csv => rows(&context, table::Format::Csv, paths, options),
        Source::Json if own::begins(path) => {
            own::import_lines(&context, &own::Plan { paths, options })
        }
        Source::Json => rows(&context, table::Format::Json, paths, options),
        Source::Own => own::import_directories(&context, &own::Plan { paths, options }),
        Source::Mlflow => mlflow::import(
            &context,
            &mlflow::Plan {
                stores: vec![path.to_string_lossy().into_owned()],
                typed: true,
                rewrites: Rewrites::default(),
                options,
            },
        ),
    };
    done.is_ok()
}

fn rows(
    context: &Context,
    format: table::Format,
    paths: Vec<PathBuf>,
    options: Options,
) -> Result<(), crate::failure::Failure> {
    let plan = table::Plan {
        format,
        paths,
        columns: table::Names::default(),
        name: None,
        options,
    };
    table::import(context, &plan)
}

/// How many values a line of OpenTelemetry tells.
pub fn otlp(line: &str) -> usize {
    read_otlp(line)
}

/// How many values a page of an exporter for Prometheus tells.
pub fn prometheus(page: &str) -> usize {
    read_prometheus(page)
}
