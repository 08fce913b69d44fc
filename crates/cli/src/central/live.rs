//! Copies of a central store that are kept up to date while somebody looks at them.

use super::connect::Store;
use super::mirror::{Mirror, Others};
use super::pushdown::Superset;
use crate::failure::Failure;
use aim::query::conditions;
use aim::repo::RepoRef;
use aim::repo::exchange::Extent;
use std::time::{Duration, Instant};

/// The store is asked for news so often at most, and of all time only in this part.
const PAUSE: Duration = Duration::from_secs(1);
const SHARE: u32 = 20;

pub struct Live {
    store: Store,
    mirror: Mirror,
    /// What was brought up to date last, and when the next look is due.
    expression: Option<String>,
    due: Instant,
}

impl Live {
    pub fn open(url: &str) -> Result<Live, Failure> {
        let mut store = Store::open(url)?;
        let mirror = Mirror::open(&mut store)?;
        Ok(Live {
            store,
            mirror,
            expression: None,
            due: Instant::now(),
        })
    }

    /// The copies.
    pub fn repo(&self) -> &RepoRef {
        &self.mirror.repo
    }

    /// The store in words.
    pub fn shown(&self) -> &str {
        self.store.shown()
    }

    /// Brings what an expression may select up to date, without points; from time to time, however often it is called.
    pub fn outline(&mut self, expression: &str) -> Result<(), Failure> {
        if self.expression.as_deref() == Some(expression) && Instant::now() < self.due {
            return Ok(());
        }
        let which = match conditions(expression) {
            Ok(conditions) => Superset::of(&conditions),
            // Whoever evaluates it says what is wrong with it.
            Err(_) => return Ok(()),
        };
        let begun = Instant::now();
        self.refresh(&which, Extent::Outline, Others::Check)?;
        self.expression = Some(expression.to_owned());
        self.due = Instant::now() + PAUSE.max(begun.elapsed() * SHARE);
        Ok(())
    }

    /// Brings these runs up to date with all that they hold.
    pub fn whole(&mut self, runs: impl IntoIterator<Item = [u8; 12]>) -> Result<(), Failure> {
        let runs: Vec<Vec<u8>> = runs.into_iter().map(|run| run.to_vec()).collect();
        match runs.is_empty() {
            true => Ok(()),
            false => self.refresh(&Superset::these(runs), Extent::Whole, Others::Leave),
        }
    }

    fn refresh(&mut self, which: &Superset, extent: Extent, others: Others) -> Result<(), Failure> {
        if self.store.is_lost() {
            self.store.reconnect()?;
        }
        let mirror = &self.mirror;
        mirror.refresh(&mut self.store, which, extent, others, |_, _| {})
    }
}
