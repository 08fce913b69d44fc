//! What every command gets: the options for all, the repository, and where its output goes.

use crate::central::{self, About, Live, is_url};
use crate::failure::{Doing as _, Failure};
use crate::look::{Colour, Look};
use crate::out::Out;
use aim::query::Snapshot;
use aim::repo::{Location, Repo, RepoOptions, RepoRef};
use std::path::{Path, PathBuf};

/// What every command takes.
#[derive(clap::Args)]
pub struct Global {
    /// The repository: the directory that holds `.aim` [default: the nearest one upwards], or the URL of a central
    /// store, postgres://...
    #[arg(
        long,
        global = true,
        env = "AIM_REPO",
        hide_env_values = true,
        value_name = "DIR"
    )]
    pub repo: Option<PathBuf>,

    /// When to use colours; NO_COLOR is heeded too
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Colour,

    /// Do not page long output
    #[arg(long, global = true)]
    pub no_pager: bool,
}

pub struct Context {
    repo: Option<PathBuf>,
    no_pager: bool,
    /// Standard output.
    pub look: Look,
    /// Standard error.
    pub messages: Look,
}

impl Context {
    pub fn new(global: Global) -> Context {
        Context {
            repo: global.repo.filter(|path| !path.as_os_str().is_empty()),
            no_pager: global.no_pager,
            look: Look::of(&std::io::stdout(), global.color),
            messages: Look::of(&std::io::stderr(), global.color),
        }
    }

    /// The central store that was asked for.
    fn central(&self) -> Option<&str> {
        self.repo.as_deref()?.to_str().filter(|text| is_url(text))
    }

    /// The repository for a command that reads: of a central store, copies of the runs that it is about.
    pub fn reading(&self, about: &About<'_>) -> Result<RepoRef, Failure> {
        match self.central() {
            None => self.repo(),
            Some(url) => central::copies(&self.messages, url, about),
        }
    }

    /// The repository for a command that goes on looking: of a central store, copies with what keeps them up to date.
    pub fn watching(&self) -> Result<(RepoRef, Option<Live>), Failure> {
        match self.central() {
            None => Ok((self.repo()?, None)),
            Some(url) => {
                let live = Live::open(url)?;
                Ok((live.repo().clone(), Some(live)))
            }
        }
    }

    /// Where the repository is, or would be made.
    pub fn place(&self) -> Result<Location, Failure> {
        place(self.repo.as_deref())
    }

    /// Where the repository is that the command is about.
    pub fn location(&self) -> Result<Location, Failure> {
        let location = self.place()?;
        if location.exists() {
            return Ok(location);
        }
        Err(missing(&location, self.repo.as_deref()))
    }

    /// The repository that the command is about. There must be one.
    pub fn repo(&self) -> Result<RepoRef, Failure> {
        self.open(self.location()?)
    }

    /// The repository that is named, made if it is new; or the nearest one upwards.
    pub fn repo_or_new(&self) -> Result<RepoRef, Failure> {
        match &self.repo {
            None => self.repo(),
            Some(path) => Repo::open(self.place()?, &RepoOptions::default(), true)
                .doing(|| format!("the repository {} cannot be opened", path.display())),
        }
    }

    pub fn open(&self, location: Location) -> Result<RepoRef, Failure> {
        let root = location.root.clone();
        Repo::open(location, &RepoOptions::default(), false)
            .doing(|| format!("the repository {} cannot be opened", root.display()))
    }

    /// Standard output, through a pager if it is a terminal.
    pub fn paged_out(&self) -> Out {
        Out::new(self.look.is_terminal && !self.no_pager)
    }

    pub fn plain_out(&self) -> Out {
        Out::new(false)
    }
}

/// Where a repository is, or would be made: the path is none of a central store.
pub fn place(path: Option<&Path>) -> Result<Location, Failure> {
    if path.and_then(Path::to_str).is_some_and(is_url) {
        return Err(Failure::usage("this is not for a central store")
            .why("it has copies of runs, which are followed and changed in their repositories")
            .advice("ls, query, show, plot, logs, compare, watch and up read it; libaim sync brings runs to it, libaim pull from it"));
    }
    Ok(Location::find(path)?)
}

/// Looks at one moment of a repository.
pub fn look_at<T>(
    repo: &RepoRef,
    look: impl FnOnce(&Snapshot<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    aim::query::read(repo, |snapshot| Ok(look(snapshot)))?
}

fn missing(location: &Location, asked: Option<&Path>) -> Failure {
    let root = location.root.display();
    let directory = location.root.join(".aim");
    let failure = match asked {
        Some(path) => Failure::new(format_args!("there is no repository at {}", path.display())),
        None => Failure::new("there is no repository here"),
    };
    if directory.is_dir() {
        return failure
            .why(format_args!(
                "{} holds nothing that libaim wrote; Python's Aim may have",
                directory.display()
            ))
            .advice("track a run with libaim, or name another directory with --repo");
    }
    let why = match asked {
        Some(_) => format!("{} does not exist", directory.display()),
        None => format!("neither {root} nor a directory above it holds .aim"),
    };
    failure
        .why(why)
        .advice("name the directory that holds .aim with --repo or AIM_REPO")
}
