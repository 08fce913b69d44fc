//! Spools: what programs on a cluster write, brought into a repository.

use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::text::shown;
use aim::repo::{Location, RepoRef, merge_spool};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

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
                    eprintln!(
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
                    eprintln!("warning: {}", shown(&problem));
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
