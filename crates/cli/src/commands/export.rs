//! `libaim export`: runs as files for other programs.

use crate::context::Context;
use crate::export::{Objects, directory, each, lines, parquet, points, tensorboard, written};
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::text::shown;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Write runs as files for other programs
///
/// QUERY selects runs, archived ones too; one that speaks of `metric` selects metrics, and only those are exported.
#[derive(clap::Args)]
pub struct Export {
    #[command(subcommand)]
    format: Format,
}

#[derive(clap::Subcommand)]
enum Format {
    /// Points as CSV: run, name, context, step, value, epoch, time
    Csv(ToFile),
    /// Everything of the runs but pictures and the like, an object a line; libaim import jsonl makes the same runs of it
    Jsonl(ToFile),
    /// Tables in Parquet for DuckDB, Spark, Trino and Hive, by month; again into the same directory, what is new
    Parquet(ToTables),
    /// Event files for TensorBoard: a directory for each run, and in it one for each context
    Tensorboard(ToDirectory),
    /// Everything of the runs in directories, for a paper's supplement; libaim import directory makes the same runs of it
    Directory(ToDirectory),
}

#[derive(clap::Args)]
struct ToFile {
    /// What is exported [default: everything]
    query: Option<String>,

    /// The file [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(clap::Args)]
struct ToTables {
    /// Which runs are exported [default: all]
    query: Option<String>,

    /// The directory: a new or an empty one, or one that was exported to before
    #[arg(short = 't', long, value_name = "DIR")]
    to: PathBuf,
}

#[derive(clap::Args)]
struct ToDirectory {
    /// What is exported [default: everything]
    query: Option<String>,

    /// The directory, a new or an empty one
    #[arg(short = 't', long, value_name = "DIR")]
    to: PathBuf,
}

impl ToFile {
    fn open(&self, context: &Context) -> Result<Box<dyn Write>, Failure> {
        if self.output.is_none() && context.look.is_terminal {
            return Err(Failure::usage("an export does not go to a terminal")
                .why("names and logs in it could control the terminal")
                .advice("give -o FILE; libaim query -p shows points"));
        }
        Ok(match &self.output {
            None => Box::new(BufWriter::with_capacity(1 << 16, std::io::stdout())),
            Some(path) => {
                let file = File::create(path).map_err(written);
                let file = file.doing(|| format!("{} cannot be written", path.display()))?;
                Box::new(BufWriter::with_capacity(1 << 16, file))
            }
        })
    }
}

/// Has a directory filled that is made if it is not there yet, and in which nothing may be that this would mix with. If
/// nothing was written, it is as it was before.
fn fill(directory: &Path, fill: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    let made = directory.ancestors().take_while(|path| !path.exists());
    let made: Vec<PathBuf> = made.map(Path::to_owned).collect();
    let outcome = make(directory).and_then(|()| fill());
    if outcome.is_err() {
        // In those that are not empty is what was written.
        for path in made {
            let _ = std::fs::remove_dir(path);
        }
    }
    outcome
}

fn make(directory: &Path) -> Result<(), Failure> {
    let what = || format!("{} cannot be made", directory.display());
    std::fs::create_dir_all(directory)
        .map_err(written)
        .doing(what)?;
    let mut entries = std::fs::read_dir(directory).map_err(written).doing(what)?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(
            Failure::new(format_args!("{} is not empty", directory.display()))
                .why("what is in it would be taken for a part of the export")
                .advice("name a directory that is new or empty"),
        ),
    }
}

impl Export {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self.format {
            Format::Csv(asked) => {
                let mut writer = points::writer(asked.open(context)?)?;
                each(context, asked.query.as_deref(), Objects::Left, |run| {
                    points::write(run, &mut writer)
                })?;
                writer.flush().map_err(written)
            }
            Format::Jsonl(asked) => {
                let mut to = asked.open(context)?;
                let mut left = lines::Left::default();
                each(context, asked.query.as_deref(), Objects::Written, |run| {
                    lines::write(run, &mut to, &mut left)
                })?;
                if left.large > 0 {
                    say!(
                        "not exported: {} of objects of more than 128 MiB, which export directory writes",
                        format::counted(left.large, "point")
                    );
                }
                to.flush().map_err(written)
            }
            Format::Parquet(asked) => parquet::export(context, asked.query.as_deref(), &asked.to),
            Format::Directory(asked) => fill(&asked.to, || {
                let mut about = directory::Crate::new();
                each(context, asked.query.as_deref(), Objects::Written, |run| {
                    directory::write(run, &asked.to, &mut about)
                })?;
                for artifact in &about.missing {
                    say!("not exported: the artifact {}", shown(artifact));
                }
                about.write(&asked.to)
            }),
            Format::Tensorboard(asked) => fill(&asked.to, || {
                let mut writer = tensorboard::Writer::new(&asked.to);
                each(context, asked.query.as_deref(), Objects::Written, |run| {
                    writer.write(run)
                })?;
                let lost = &writer.lost;
                let kinds = [
                    (lost.epochs, "epochs"),
                    (lost.rounded, "values in full, rounded to 32 bits"),
                    (lost.texts, "log records and lines of terminals"),
                ];
                let objects = lost.objects.iter().map(|(what, count)| (*count, *what));
                let kinds = kinds.into_iter().chain(objects);
                let kinds = kinds.filter(|(count, _)| *count > 0);
                let kinds: Vec<String> = kinds
                    .map(|(count, what)| format!("{what} ({})", format::count(count)))
                    .collect();
                if !kinds.is_empty() {
                    say!("not represented: {}", kinds.join(", "));
                }
                Ok(())
            }),
        }
    }
}
