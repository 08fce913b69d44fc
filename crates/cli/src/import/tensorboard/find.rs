//! Which directories hold event files, and which of them belong to one run.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

/// Directories that Keras and others make for the parts of one run.
const PARTS: [&str; 6] = ["train", "validation", "val", "valid", "eval", "test"];
/// Directories below one another that are looked into.
const DEPTH: usize = 64;

/// A run: directories with event files, by their place below that of the run.
#[derive(Debug, Default, PartialEq)]
pub struct Found {
    pub path: PathBuf,
    /// Below the log directory; that directory's name for itself.
    pub name: String,
    pub directories: BTreeMap<PathBuf, Vec<PathBuf>>,
}

/// What TensorBoard takes for an event file.
fn is_event_file(name: &str) -> bool {
    name.contains("tfevents")
}

/// All runs below a directory, or in one event file. `counts` says whether the files right in a directory hold anything
/// that makes it a run, if others lie below it. What cannot be looked into is given to `refused`.
pub fn find(
    root: &Path,
    flat: bool,
    counts: &mut dyn FnMut(&[PathBuf]) -> bool,
    refused: &mut dyn FnMut(&Path, io::Error),
) -> io::Result<Vec<Found>> {
    let mut all = BTreeMap::new();
    if root.is_file() {
        let directory = root.parent().unwrap_or(Path::new(""));
        all.insert(directory.to_owned(), vec![root.to_owned()]);
        return Ok(group(directory, all, true, counts));
    }
    let mut seen = HashSet::new();
    std::fs::read_dir(root)?;
    walk(root, DEPTH, &mut seen, &mut all, refused);
    Ok(group(root, all, flat, counts))
}

/// The event files below a directory, by the directories in which they are. What cannot be looked into has none.
pub fn files(root: &Path) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let mut all = BTreeMap::new();
    walk(root, DEPTH, &mut HashSet::new(), &mut all, &mut |_, _| {});
    all
}

/// Links are followed, each directory is looked into once.
fn walk(
    directory: &Path,
    depth: usize,
    seen: &mut HashSet<PathBuf>,
    all: &mut BTreeMap<PathBuf, Vec<PathBuf>>,
    refused: &mut dyn FnMut(&Path, io::Error),
) {
    let entries = directory
        .canonicalize()
        .and_then(|real| match seen.insert(real) {
            true => std::fs::read_dir(directory).map(Some),
            false => Ok(None),
        });
    let entries = match entries {
        Ok(Some(entries)) => entries,
        Ok(None) => return,
        Err(e) => return refused(directory, e),
    };
    let mut files = Vec::new();
    let mut below = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) if entry.path().is_dir() => below.push(entry.path()),
            Ok(entry) => {
                let is_event_file = is_event_file(&entry.file_name().to_string_lossy());
                if is_event_file && entry.path().is_file() {
                    files.push(entry.path());
                }
            }
            Err(e) => refused(directory, e),
        }
    }
    // Their names begin with the time at which they were made.
    files.sort();
    below.sort();
    if !files.is_empty() {
        all.insert(directory.to_owned(), files);
    }
    if depth > 0 {
        for directory in below {
            walk(&directory, depth - 1, seen, all, refused);
        }
    }
}

fn group(
    root: &Path,
    all: BTreeMap<PathBuf, Vec<PathBuf>>,
    flat: bool,
    counts: &mut dyn FnMut(&[PathBuf]) -> bool,
) -> Vec<Found> {
    let mut runs: Vec<Found> = Vec::new();
    let directories: Vec<&PathBuf> = all.keys().collect();
    let mut ignored = HashSet::new();
    for (i, directory) in directories.iter().enumerate() {
        let is_above = directories
            .get(i + 1)
            .is_some_and(|d| d.starts_with(directory));
        if is_above && !flat && !counts(&all[*directory]) {
            ignored.insert((*directory).clone());
        }
    }
    for (directory, files) in all {
        if ignored.contains(&directory) {
            continue;
        }
        let of = match flat {
            true => directory.clone(),
            false => run_of(root, &directory),
        };
        // A directory comes before all that lie below it, but others may come in between.
        let known = runs
            .iter_mut()
            .rev()
            .find(|run| !flat && of.starts_with(&run.path) || run.path == of);
        let run = match known {
            Some(run) => run,
            None => {
                runs.push(Found {
                    name: name(root, &of),
                    path: of,
                    ..Found::default()
                });
                let last = runs.len() - 1;
                &mut runs[last]
            }
        };
        let below = directory.strip_prefix(&run.path);
        let below = below.unwrap_or(Path::new("")).to_owned();
        run.directories.insert(below, files);
    }
    runs
}

/// The run that a directory is a part of by its name: `fit/train` is one of `fit`.
pub fn run_of(root: &Path, directory: &Path) -> PathBuf {
    let name = directory.file_name().and_then(|name| name.to_str());
    match (name, directory.parent()) {
        (Some(name), Some(parent)) if PARTS.contains(&name) && parent.starts_with(root) => {
            parent.to_owned()
        }
        _ => directory.to_owned(),
    }
}

fn name(root: &Path, directory: &Path) -> String {
    let below = directory.strip_prefix(root).unwrap_or(directory);
    match below.as_os_str().is_empty() {
        true => own_name(root),
        false => below.to_string_lossy().into_owned(),
    }
}

/// The name of a directory, `.` and links aside.
pub fn own_name(directory: &Path) -> String {
    let real = directory.canonicalize();
    let real = real.unwrap_or_else(|_| directory.to_owned());
    let name = real.file_name().unwrap_or(real.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The context of a directory of a run.
pub fn context(below: &Path) -> String {
    use aim_value::Tree;
    let text = below.to_string_lossy().into_owned();
    match text.as_str() {
        "" => return "{}".to_owned(),
        part if PARTS.contains(&part) => {
            let subset = match part {
                "validation" | "valid" => "val",
                other => other,
            };
            Tree::Dict(vec![("subset".to_owned(), Tree::Str(subset.to_owned()))])
        }
        _ => Tree::Dict(vec![("entry".to_owned(), Tree::Str(text))]),
    }
    .to_json()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs with their contexts, of directories that hold an event file each.
    fn found(directories: &[&str], flat: bool) -> Vec<(String, Vec<String>)> {
        let root = tempfile::tempdir().unwrap();
        for directory in directories {
            let directory = root.path().join(directory);
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(directory.join("events.out.tfevents.1.host"), "").unwrap();
            std::fs::write(directory.join("checkpoint"), "").unwrap();
        }
        let mut counts = |files: &[PathBuf]| !files[0].to_string_lossy().contains("/index/events");
        let found = find(root.path(), flat, &mut counts, &mut |_, e| panic!("{e}"));
        found
            .unwrap()
            .into_iter()
            .map(|run| {
                let contexts = run.directories.keys();
                (run.name, contexts.map(|below| context(below)).collect())
            })
            .collect()
    }

    fn expect(runs: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let run = |(name, contexts): &(&str, &[&str])| {
            let contexts = contexts.iter().map(|c| (*c).to_owned());
            ((*name).to_owned(), contexts.collect())
        };
        runs.iter().map(run).collect()
    }

    #[test]
    fn directories_below_a_run_are_contexts_of_it() {
        assert_eq!(
            found(
                &[
                    "a",
                    "a-b",
                    "a/group/x",
                    "a/hp",
                    "c/fit/train",
                    "c/fit/validation"
                ],
                false
            ),
            expect(&[
                ("a", &["{}", r#"{"entry":"group/x"}"#, r#"{"entry":"hp"}"#]),
                ("a-b", &["{}"]),
                ("c/fit", &[r#"{"subset":"train"}"#, r#"{"subset":"val"}"#]),
            ])
        );
    }

    #[test]
    fn flat_makes_a_run_of_each_directory() {
        assert_eq!(
            found(&["a", "a/hp", "c/train"], true),
            expect(&[("a", &["{}"]), ("a/hp", &["{}"]), ("c/train", &["{}"])])
        );
    }

    #[test]
    fn a_directory_that_only_describes_others_is_no_run() {
        assert_eq!(
            found(&["index", "index/run-0", "index/run-1"], false),
            expect(&[("index/run-0", &["{}"]), ("index/run-1", &["{}"])])
        );
    }

    #[test]
    fn links_that_go_round_end() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("events.out.tfevents.1"), "").unwrap();
        std::os::unix::fs::symlink(root.path(), root.path().join("again")).unwrap();
        let found = find(root.path(), false, &mut |_| true, &mut |_, e| panic!("{e}"));
        assert_eq!(found.unwrap().len(), 1);
    }
}
