//! Spools: what programs on a cluster write, brought into a repository.

use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::text::shown;
use aim::repo::{
    Location, Repo, RepoOptions, RepoRef, Standing, check_segments, collect_segments,
    list_segments, merge_spool, now_micros, rescue,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Look after a spool, which programs write on filesystems of many hosts
#[derive(clap::Args)]
pub struct Spool {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// List its segments: who writes them, how large they are, whether they have ended
    Status,
    /// Read all of every segment
    Check,
    /// Remove what is in a repository: segments that have ended, and full files of others
    Gc {
        /// The repository that they were merged into
        #[arg(long, value_name = "DIR")]
        into: PathBuf,

        /// Only those that ended, or were full, so many days ago
        #[arg(long, default_value_t = 7.0, value_name = "DAYS")]
        older: f64,

        /// Only say how many they are
        #[arg(short = 'n', long)]
        dry_run: bool,
    },
}

impl Spool {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let location = context.location()?;
        match self.what {
            What::Status => status(context, &location),
            What::Check => check(&location),
            What::Gc {
                into,
                older,
                dry_run,
            } => collect(&location, &into, older, !dry_run),
        }
    }
}

fn status(context: &Context, location: &Location) -> Result<(), Failure> {
    let mut out = context.paged_out();
    let (mut problems, mut bytes, mut files) = (Vec::new(), 0, 0);
    let all = list_segments(location)?;
    for (_, about) in &all {
        let about = match about {
            Ok(about) => about,
            Err(e) => {
                problems.push(e.to_string());
                continue;
            }
        };
        bytes += about.bytes;
        files += about.files;
        let standing = match about.standing {
            Standing::Written => "written",
            Standing::Ended => "ended",
            Standing::Silent => "silent",
        };
        out.line(&format!(
            "{}  {standing:7}  {:>9}  {} {}",
            about.id,
            format::bytes(about.bytes),
            shown(&about.host),
            about.process
        ))?;
    }
    let count = format::counted(all.len() as u64, "segment");
    let of = match files > all.len() as u64 {
        true => format!(" of {}", format::counted(files, "file")),
        false => String::new(),
    };
    out.line(&format!("{count}{of}, {}", format::bytes(bytes)))?;
    out.end()?;
    report(problems)
}

fn check(location: &Location) -> Result<(), Failure> {
    let (mut problems, mut segments, mut frames, mut objects) = (Vec::new(), 0, 0, 0);
    check_segments(location, |path, checked| {
        segments += 1;
        match checked {
            Err(e) => problems.push(e.to_string()),
            Ok(checked) => {
                frames += checked.frames;
                if checked.damaged > 0 {
                    let damaged = format::bytes(checked.damaged);
                    problems.push(format!("{}: {damaged} are damaged", path.display()));
                }
                if checked.gone > 0 {
                    let gone = format::counted(checked.gone, "file");
                    problems.push(format!("{}: {gone} behind it are missing", path.display()));
                }
                objects += checked.objects;
                if checked.lost > 0 {
                    let lost = format::counted(checked.lost, "object");
                    problems.push(format!(
                        "{}: {lost} to which it refers cannot be read",
                        path.display()
                    ));
                }
                if checked.unfinished > 0 {
                    let end = format::bytes(checked.unfinished);
                    problems.push(format!(
                        "{}: the last {end} are not written to their end, or damaged",
                        path.display()
                    ));
                }
            }
        }
    })?;
    let counted = format::counted(segments, "segment");
    let frames = format::counted(frames, "frame");
    match objects {
        0 => say!("{counted} with {frames}"),
        _ => say!(
            "{counted} with {frames} and {} in packs",
            format::counted(objects, "object")
        ),
    }
    report(problems)
}

fn collect(location: &Location, into: &Path, days: f64, remove: bool) -> Result<(), Failure> {
    let to = Location::find(Some(into))?;
    let repo = Repo::open(to, &RepoOptions::default(), false)
        .doing(|| format!("the repository {} cannot be opened", into.display()))?;
    let before = now_micros() - (days * 86_400e6) as i64;
    let (files, bytes) = collect_segments(location, &repo, before, remove)?;
    let counted = format::counted(files, "file");
    let bytes = format::bytes(bytes);
    match remove {
        true => say!("removed {counted}, {bytes}"),
        false => say!("would remove {counted}, {bytes}"),
    }
    Ok(())
}

/// Bring to spools what killed processes left on this host
///
/// A process that is killed leaves what was not yet sent in this host's copy of the spool. The next program that opens the
/// spool on this host sends it; this command does nothing else. For the end of batch scripts, and for epilogs.
#[derive(clap::Args)]
pub struct Rescue {
    /// The spools; all that this user has written from this host if none is named
    #[arg(value_name = "SPOOL")]
    spools: Vec<PathBuf>,
}

impl Rescue {
    pub fn run(self) -> Result<(), Failure> {
        let named = !self.spools.is_empty();
        let spools = match named {
            true => self.spools,
            false => aim::repo::Spool::all()?,
        };
        let mut problems = Vec::new();
        for path in spools {
            let rescued = Location::find(Some(&path)).and_then(|location| {
                // One that was removed since has left nothing to anybody.
                match named || location.is_spool() {
                    true => rescue(&location),
                    false => Ok(0),
                }
            });
            match rescued {
                Ok(0) => say!("{}: nothing was left", path.display()),
                Ok(count) => say!(
                    "{}: brought in what {} left",
                    path.display(),
                    format::counted(count, "killed program")
                ),
                Err(e) => problems.push(format!("{}: {e}", path.display())),
            }
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Failure::new("not all that was left could be brought in")
                .why(shown(&problems.join("; ")))),
        }
    }
}

/// Between two looks at spools that are followed: twice that where there was nothing new, up to the most.
const PAUSE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));

/// Those of several repositories that are spools.
pub struct Spools {
    all: Vec<(PathBuf, Location)>,
}

impl Spools {
    pub fn among(paths: &[PathBuf]) -> Result<Spools, Failure> {
        let mut all = Vec::new();
        for path in paths {
            let location = Location::find(Some(path))?;
            if location.is_spool() {
                all.push((path.clone(), location));
            }
        }
        Ok(Spools { all })
    }

    pub fn has(&self, path: &Path) -> bool {
        self.all.iter().any(|(spool, _)| spool == path)
    }

    pub fn first(&self) -> Option<&Path> {
        self.all.first().map(|(path, _)| path.as_path())
    }

    /// Brings in what is new; with `follow` again and again.
    pub fn merge(&self, into: &RepoRef, follow: bool) -> Result<(), Failure> {
        let mut told = BTreeSet::new();
        let mut pause = PAUSE.0;
        loop {
            let (mut news, mut problems) = (0, Vec::new());
            for (path, location) in &self.all {
                let begun = Instant::now();
                let brought = merge_spool(location, into)
                    .doing(|| format!("{} cannot be merged", path.display()))?;
                if brought.news > 0 || !follow {
                    let counted = |n, what| format::counted(n, what);
                    say!(
                        "{}: brought in {} from {} of {} in {}",
                        path.display(),
                        counted(brought.points, "point"),
                        format::count(brought.news),
                        counted(brought.segments, "segment"),
                        format::duration(begun.elapsed().as_secs_f64())
                    );
                }
                news += brought.news;
                problems.extend(brought.problems);
            }
            if !follow {
                return report(problems);
            }
            for problem in problems {
                if told.insert(problem.clone()) {
                    say!("warning: {}", shown(&problem));
                }
            }
            pause = match news {
                0 => (2 * pause).min(PAUSE.1),
                _ => PAUSE.0,
            };
            std::thread::sleep(pause);
        }
    }
}

fn report(problems: Vec<String>) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    let count = format::counted(problems.len() as u64, "segment");
    let why: Vec<_> = problems.iter().map(|problem| shown(problem)).collect();
    Err(Failure::new(format_args!(
        "{count} could not be brought in, or not whole"
    ))
    .why(why.join("\n")))
}
