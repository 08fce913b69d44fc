//! `libaim artifacts`: what runs logged as files, and its way to stores and back.

use crate::artifacts::place::{Place, below};
use crate::artifacts::{pull, push};
use crate::context::{Context, look_at};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::selection::Selection;
use crate::table::{CYAN, Cell, Column, DIM, GREEN, PLAIN, RED, Table, YELLOW, visible};
use crate::{find, format};
use aim::artifacts::{Artifact, Checked, Reference, State};
use aim::error::Status;
use aim::repo::RepoRef;
use aim_value::Tree;
use std::path::PathBuf;

/// List, check, fetch, push and pull the files that runs logged
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
    /// Send the artifacts of runs to a store that speaks S3, or to a directory
    ///
    /// What is there already is left out; what was interrupted goes on where it was. Only bytes that are what was logged are
    /// sent. A bucket is reached as the environment says: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
    /// AWS_REGION, AWS_ENDPOINT_URL.
    Push {
        #[command(flatten)]
        selection: Selection,

        /// Where to: s3://BUCKET/PATH or file:///PATH; by default where the run says
        #[arg(long, value_name = "URI")]
        to: Option<String>,
    },
    /// Bring an artifact from where it was pushed, checked
    Pull {
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
                say(context, &path.display().to_string())
            }
            What::Push { selection, to } => push_all(context, &selection, to.as_deref()),
            What::Pull { one } => pull_one(context, &one),
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
        let reference = Reference::parse(&format!("{}/{name}", run.hash_text()))?;
        match repo.artifact(&reference) {
            Err(e) if e.status == Status::NotFound => Err(Failure::new(e).advice(format_args!(
                "libaim artifacts ls {} lists what there is",
                run.hash_text()
            ))),
            Err(e) => Err(e.into()),
            Ok(_) => Ok(reference),
        }
    }
}

/// Where something is now.
fn say(context: &Context, place: &str) -> Result<(), Failure> {
    let mut out = context.plain_out();
    match context.look.is_terminal {
        true => out.line(&visible(&context.look, place))?,
        false => out.line(place)?,
    }
    out.end()
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
                State::Stored if artifact.uri.is_some() => ("pushed".to_owned(), GREEN),
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
    say!("{} intact", format::counted(intact, "artifact"));
    match problems.is_empty() {
        true => Ok(()),
        false => {
            let count = format::counted(problems.len() as u64, "artifact");
            Err(Failure::new(format_args!("{count} not as logged")).why(problems.join("\n")))
        }
    }
}

fn push_all(context: &Context, selection: &Selection, to: Option<&str>) -> Result<(), Failure> {
    let repo = context.repo()?;
    let mut work = Vec::new();
    for (run, artifacts) in each(context, &repo, selection)? {
        let said = repo.artifacts(&run)?.uri().map(str::to_owned);
        let Some(base) = to.map(str::to_owned).or(said) else {
            if artifacts.is_empty() {
                continue;
            }
            return Err(Failure::usage(format_args!(
                "run {run} does not say where its artifacts go"
            ))
            .advice(
                "give --to s3://BUCKET/PATH, or let the program set it (aim_run_set_artifacts_uri)",
            ));
        };
        for artifact in artifacts {
            let begins = below(&base, &format!("{run}/"))?;
            let there = artifact
                .uri
                .as_ref()
                .is_some_and(|uri| uri.starts_with(&begins));
            if artifact.state == State::Stored && !there {
                work.push((run.clone(), base.clone(), artifact));
            }
        }
    }
    let total = work
        .iter()
        .map(|(.., artifact)| artifact.size.unwrap_or_default());
    let total = total.sum::<i64>().max(0) as u64;
    let mut progress = Progress::new(&context.messages, "pushing", "bytes", total);
    let mut place: Option<(String, Place)> = None;
    let mut pushed = 0;
    for (run, base, artifact) in &work {
        if place.as_ref().is_none_or(|(of, _)| of != base) {
            place = Some((base.clone(), Place::open(base)?));
        }
        let Some((_, place)) = &place else { continue };
        let keep = repo.keep(run);
        let mut told = |bytes| progress.add(bytes);
        let uri = push::push(place, base, run, &keep, artifact, &mut told)?;
        // A spool is not edited: there the address is only said.
        if !repo.is_spool() {
            repo.edit_artifacts(run, |book| {
                book.pushed(artifact, &uri);
                Ok(())
            })?;
        }
        say(context, &uri)?;
        pushed += 1;
    }
    progress.end();
    say!("pushed {}", format::counted(pushed, "artifact"));
    Ok(())
}

fn pull_one(context: &Context, one: &One) -> Result<(), Failure> {
    let repo = context.repo()?;
    let reference = one.reference(&repo)?;
    let artifact = repo.artifact(&reference)?;
    let Some(uri) = &artifact.uri else {
        return Err(
            Failure::new(format_args!("{} was not pushed", one.artifact))
                .advice("libaim artifacts fetch copies it from where it is on this machine"),
        );
    };
    let total = artifact.size.unwrap_or_default().max(0) as u64;
    let mut progress = Progress::new(&context.messages, "pulling", "bytes", total);
    let keep = repo.keep(&reference.run);
    let mut told = |bytes| progress.add(bytes);
    let path = pull::pull(&keep, &artifact, uri, &one.output, &mut told)?;
    progress.end();
    say(context, &path.display().to_string())
}
