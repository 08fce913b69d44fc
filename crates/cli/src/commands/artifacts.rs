//! `libaim artifacts`: what runs logged as files.

use crate::context::{Context, look_at};
use crate::failure::Failure;
use crate::selection::Selection;
use crate::table::{CYAN, Cell, Column, DIM, PLAIN, RED, Table, YELLOW, visible};
use crate::{find, format};
use aim::artifacts::{Artifact, Checked, Reference, State};
use aim::repo::RepoRef;
use aim_value::Tree;
use std::path::PathBuf;

/// List, check and fetch the files that runs logged
#[derive(clap::Args)]
pub struct Artifacts {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// List the artifacts of runs, every version
    Ls {
        #[command(flatten)]
        selection: Selection,

        /// Print one object a line
        #[arg(long)]
        json: bool,
    },
    /// Read all artifacts of runs, and compare them with what was logged
    Verify {
        #[command(flatten)]
        selection: Selection,
    },
    /// Copy an artifact from where it is on this machine, checked
    Fetch {
        #[command(flatten)]
        one: One,
    },
}

#[derive(clap::Args)]
struct One {
    /// The artifact: RUN/NAME, RUN/NAME:v3 or RUN/NAME:ALIAS; the latest version if none is named
    artifact: String,

    /// The directory that it comes into
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    output: PathBuf,
}

impl Artifacts {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self.what {
            What::Ls { selection, json } => ls(context, &selection, json),
            What::Verify { selection } => verify(context, &selection),
            What::Fetch { one } => {
                let repo = context.repo()?;
                let reference = one.reference(&repo)?;
                let path = repo.fetch_artifact(&reference, &one.output)?;
                let path = path.display().to_string();
                let mut out = context.plain_out();
                out.line(&match context.look.is_terminal {
                    true => visible(&context.look, &path),
                    false => path,
                })?;
                out.end()
            }
        }
    }
}

impl One {
    /// The run may be called as anywhere else.
    fn reference(&self, repo: &RepoRef) -> Result<Reference, Failure> {
        let Some((run, name)) = self.artifact.split_once('/') else {
            return Err(
                Failure::usage(format_args!("\"{}\" names no artifact", self.artifact))
                    .why("it is RUN/NAME, RUN/NAME:v3 or RUN/NAME:ALIAS")
                    .advice("libaim artifacts ls RUN lists those of a run"),
            );
        };
        let run = look_at(repo, |snapshot| find::run(snapshot, run))?;
        Ok(Reference::parse(&format!("{}/{name}", run.hash_text()))?)
    }
}

/// The runs that are selected, and what each logged.
fn each(
    context: &Context,
    repo: &RepoRef,
    selection: &Selection,
) -> Result<Vec<(String, Vec<Artifact>)>, Failure> {
    let selected = selection.find(context, repo)?;
    let hashes = selected.runs.iter().map(|(run, _)| run.hash_text());
    hashes
        .map(|hash| {
            let all = repo.artifacts(&hash)?.all();
            Ok((hash, all))
        })
        .collect()
}

fn version(artifact: &Artifact) -> String {
    artifact
        .version
        .map_or_else(|| "-".to_owned(), |n| format!("v{n}"))
}

fn ls(context: &Context, selection: &Selection, json: bool) -> Result<(), Failure> {
    let repo = context.repo()?;
    let look = &context.look;
    let mut out = context.paged_out();
    let mut table = Table::new(vec![
        Column::left("RUN"),
        Column::left("NAME").least(8),
        Column::left("VERSION"),
        Column::left("TYPE").least(4),
        Column::right("SIZE"),
        Column::right("STEP"),
        Column::left("STATE").least(6),
        Column::left("ALSO").least(4),
    ]);
    for (run, artifacts) in each(context, &repo, selection)? {
        for artifact in artifacts {
            if json {
                let mut line = vec![("run".to_owned(), Tree::Str(run.clone()))];
                if let Tree::Dict(entries) = artifact.to_tree(true) {
                    line.extend(entries);
                }
                out.line(&Tree::Dict(line).to_json())?;
                continue;
            }
            let dash = || "-".to_owned();
            let size = artifact.size.and_then(|size| u64::try_from(size).ok());
            let (state, style) = match &artifact.state {
                State::Stored => (artifact.mode.text().to_owned(), PLAIN),
                State::Queued => ("not summed".to_owned(), YELLOW),
                State::Failed(why) => (format!("failed: {why}"), RED),
            };
            table.rows.push(vec![
                Cell::new(run.chars().take(8).collect::<String>(), CYAN),
                Cell::new(visible(look, &artifact.name), PLAIN),
                Cell::new(version(&artifact), PLAIN),
                Cell::new(visible(look, &artifact.kind), PLAIN),
                Cell::new(size.map_or_else(dash, format::bytes), PLAIN),
                Cell::new(
                    artifact.step.map_or_else(dash, |step| step.to_string()),
                    PLAIN,
                ),
                Cell::new(visible(look, &state), style),
                Cell::new(visible(look, &artifact.aliases.join(", ")), DIM),
            ]);
        }
    }
    if !json {
        for line in table.lines(look).0 {
            out.line(&line)?;
        }
    }
    out.end()
}

fn verify(context: &Context, selection: &Selection) -> Result<(), Failure> {
    let repo = context.repo()?;
    let (mut intact, mut problems) = (0, Vec::new());
    for (run, _) in each(context, &repo, selection)? {
        for (artifact, checked) in repo.verify_artifacts(&run)? {
            match checked {
                Checked::Intact => intact += 1,
                other => problems.push(format!(
                    "{}/{}:{} is {}: {}",
                    run,
                    artifact.name,
                    version(&artifact),
                    other.word(),
                    other.detail()
                )),
            }
        }
    }
    eprintln!("{} intact", format::counted(intact, "artifact"));
    match problems.is_empty() {
        true => Ok(()),
        false => {
            let count = format::counted(problems.len() as u64, "artifact");
            Err(Failure::new(format_args!("{count} not as logged")).why(problems.join("\n")))
        }
    }
}
