//! `libaim exec`: runs a program and tracks it.

use crate::context::Context;
use crate::exec::{Asked, Pattern, Plan, Relayed, run, track};
use crate::failure::{Doing as _, Failure};
use aim_value::Tree;
use std::ffi::OsString;
use std::path::PathBuf;

/// Run a program and track it: terminal, machine, outcome, and metrics that it prints
///
/// The program sees AIM_REPO and AIM_RUN_HASH, and gets the signals; the exit status is its own.
///
/// A metric is a regular expression whose named groups are metrics; step and epoch are what they say, context_KEY is a
/// part of the context, and the groups metric and value name the metric in the line itself:
///
///     libaim exec --metric 'step (?<step>\d+): loss (?<loss>\S+)' -- ./train --lr 0.1
#[derive(clap::Args)]
pub struct Exec {
    /// Metrics in what the program prints
    #[arg(short, long = "metric", value_name = "REGEX")]
    metrics: Vec<String>,

    /// Metrics that are offered to Prometheus: the address of an exporter, http://HOST:PORT/PATH, or a file of its format
    #[arg(long, value_name = "SOURCE")]
    prometheus: Vec<String>,

    /// Metrics, texts and hyperparameters that the program writes for TensorBoard into this directory
    #[arg(long, value_name = "DIR")]
    tensorboard: Vec<PathBuf>,

    /// A file into which an exporter of OpenTelemetry writes metrics, as OTLP in JSON, a message a line
    #[arg(long, value_name = "FILE")]
    otlp: Vec<PathBuf>,

    /// Ask what is offered to Prometheus every so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    every: f64,

    /// A param: a path with a value, which is JSON or else a text, as in: hparams.lr=1e-4
    #[arg(short, long = "param", value_name = "PATH=VALUE")]
    params: Vec<String>,

    /// Params out of a file that holds a JSON object
    #[arg(long = "params", value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The run's experiment
    #[arg(short, long, env = "AIM_EXPERIMENT", hide_env_values = true)]
    experiment: Option<String>,

    /// The run's name
    #[arg(short, long)]
    name: Option<String>,

    /// A tag of the run
    #[arg(short, long = "tag", value_name = "TAG")]
    tags: Vec<String>,

    /// Go on with the run of this id, or begin it; auto takes the batch system's
    #[arg(long, env = "AIM_RUN_ID", hide_env_values = true)]
    run_id: Option<String>,

    /// Read the machine every so many seconds; 0 for never
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    system: f64,

    /// Say nothing at the beginning and at the end
    #[arg(short, long)]
    quiet: bool,

    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<OsString>,
}

impl Exec {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if let Some(relayed) = Relayed::find()? {
            return track(context, self.plan()?, relayed);
        }
        match run(&self.program)? {
            0 => Ok(()),
            code => Err(Failure::silent(code)),
        }
    }

    fn plan(self) -> Result<Plan, Failure> {
        let mut params = Vec::new();
        for path in &self.files {
            params.extend(file(path)?);
        }
        for text in &self.params {
            params.push(param(text)?);
        }
        let metrics = self.metrics.iter().map(|text| Pattern::parse(text));
        Ok(Plan {
            metrics: metrics.collect::<Result<_, _>>()?,
            prometheus: Asked::parse(&self.prometheus, self.every)?,
            tensorboard: self.tensorboard,
            otlp: self.otlp,
            interval: aim::system::Options::parse_interval(self.system)?,
            program: self.program,
            experiment: self.experiment,
            name: self.name,
            run_id: self.run_id,
            tags: self.tags,
            params,
            quiet: self.quiet,
        })
    }
}

/// The params in a file.
fn file(path: &std::path::Path) -> Result<Vec<(String, Tree)>, Failure> {
    let what = || format!("the params in {} cannot be read", path.display());
    let text = std::fs::read_to_string(path)
        .map_err(Failure::new)
        .doing(what)?;
    let tree = Tree::from_json(&text).map_err(Failure::new).doing(what)?;
    match tree {
        Tree::Dict(entries) => Ok(entries),
        other => Err(Failure::new(what()).why(format_args!(
            "it holds a {}, not an object",
            other.type_name()
        ))),
    }
}

/// `hparams.lr=1e-4`: keys between dots, and a value that is JSON or else a text.
fn param(text: &str) -> Result<(String, Tree), Failure> {
    let Some((path, value)) = text.split_once('=').filter(|(path, _)| !path.is_empty()) else {
        return Err(
            Failure::usage(format_args!("--param {text:?} has no value"))
                .advice("write it as in: --param hparams.lr=1e-4"),
        );
    };
    let escaped = |key: &str| aim_value::escape(key);
    let pointer = match path.contains('.') {
        true => path
            .split('.')
            .map(|key| format!("/{}", escaped(key)))
            .collect(),
        false => format!("/{}", escaped(path)),
    };
    let value = Tree::from_json(value).unwrap_or_else(|_| Tree::Str(value.to_owned()));
    Ok((pointer, value))
}
