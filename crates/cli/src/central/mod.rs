//! The central store: runs of many repositories in one database on the PostgreSQL wire.
//!
//! Bringing a run there compares states: what the repository has of it at one of its commits, told by sums over pieces,
//! with what the store has; what differs is sent. The transaction that does it moves the run's cursor to that commit, if it
//! is behind, so any number of processes may bring the same runs at once, and may be killed.
//!
//! | file | what |
//! |---|---|
//! | `settings`, `connect`, `tls` | where the server is, and a connection to it |
//! | `open` | a store that is there, or a new one |
//! | `schema`, `rows` | its tables, and what goes into which columns |
//! | `engine`, `shards` | stores that spread runs over several servers |
//! | `push` | runs of a repository into it |
//! | `pull` | runs out of it |
//! | `mirror`, `pushdown` | copies of what a command asks about, on which it then runs |
//! | `live` | the same for one that goes on looking |

mod connect;
mod engine;
mod live;
mod mirror;
mod open;
mod pull;
mod push;
mod pushdown;
mod rows;
mod schema;
mod settings;
mod shards;
mod tls;

pub use connect::Store;
pub use engine::Engine;
pub use live::Live;
pub use pull::pull;
pub use push::{Push, Settled, Tally, push};
pub use settings::is_url;

use crate::expression::warn;
use crate::failure::Failure;
use crate::look::Look;
use crate::progress::Progress;
use aim::query::{Options, Select, conditions, query};
use aim::repo::RepoRef;
use aim::repo::exchange::Extent;
use mirror::{Mirror, Others};
use pushdown::Superset;
use std::collections::HashSet;

/// Which runs a command is about, and how much of them it reads.
pub enum About<'a> {
    /// Runs that an expression selects, and their metrics without points.
    Selected(&'a str),
    /// The points of metrics that an expression selects.
    Points(&'a str),
    /// Everything of runs by what people call them.
    Called(&'a [&'a str]),
}

impl<'a> About<'a> {
    pub fn selected(expression: Option<&'a str>) -> About<'a> {
        About::Selected(expression.unwrap_or_default())
    }
}

/// Copies of runs of a central store.
pub fn copies(messages: &Look, url: &str, about: &About<'_>) -> Result<RepoRef, Failure> {
    let (which, extent) = match about {
        About::Selected(expression) | About::Points(expression) => {
            // What is no expression is an error before anything is fetched.
            (Superset::of(&conditions(expression)?), Extent::Outline)
        }
        About::Called(names) => (Superset::called(names), Extent::Whole),
    };
    let mut store = Store::open(url)?;
    let mirror = Mirror::open(&mut store)?;
    refresh(messages, &mut store, &mirror, &which, extent)?;
    if let About::Points(expression) = about {
        let selected = query(
            &mirror.repo,
            expression,
            Select::Metrics,
            Options::default(),
        )?;
        let runs: HashSet<[u8; 12]> = selected.rows().iter().map(|row| row.run.hash).collect();
        let which = Superset::these(runs.iter().map(|hash| hash.to_vec()).collect());
        refresh(messages, &mut store, &mirror, &which, Extent::Whole)?;
    }
    Ok(mirror.repo)
}

fn refresh(
    messages: &Look,
    store: &mut Store,
    mirror: &Mirror,
    which: &Superset,
    extent: Extent,
) -> Result<(), Failure> {
    let mut progress: Option<Progress> = None;
    mirror.refresh(store, which, extent, Others::Check, |more, total| {
        progress
            .get_or_insert_with(|| Progress::new(messages, "fetching", "runs", total))
            .add(more);
    })?;
    if let Some(progress) = progress {
        progress.end();
    }
    Ok(())
}

/// The runs that an expression selects, archived ones only if it speaks of them.
pub fn selected(
    messages: &Look,
    store: &mut Store,
    expression: &str,
) -> Result<HashSet<[u8; 12]>, Failure> {
    let mirror = Mirror::open(store)?;
    let which = Superset::of(&conditions(expression)?);
    refresh(messages, store, &mirror, &which, Extent::Outline)?;
    let found = query(&mirror.repo, expression, Select::Runs, Options::default())?;
    warn(messages, &found, "run");
    Ok(found.rows().iter().map(|row| row.run.hash).collect())
}
