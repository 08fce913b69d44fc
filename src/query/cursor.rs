//! An answer page by page: what was read is given away before the next page is looked for, so that an answer may have more
//! rows than memory holds.

use super::bounds::Bounds;
use super::progress::Tell;
use super::result::{Failures, Query, QueryRow};
use super::{Options, OrderBy, RunId, Select, Summary, on_a_deep_stack, query, walk};
use crate::error::Result;
use crate::repo::RepoRef;

/// A page ends with the first run that brings it to this many rows.
const PAGE: usize = 16_384;

/// Hears, page by page, on what the expression failed, and of what else an answer is without: lines that each page may
/// repeat.
pub type Told = Box<dyn FnMut(&Failures, &[String]) + Send>;

/// Where an answer goes on.
pub struct Cursor {
    repo: RepoRef,
    expression: String,
    select: Select,
    bounds: Bounds,
    no_index: bool,
    offset: usize,
    left: usize,
    next: Next,
    told: Option<Told>,
}

enum Next {
    First(Option<(String, bool)>),
    /// Runs older than this one.
    Behind(RunId),
    /// Rows that were put in order, which took all of them.
    Ordered(std::vec::IntoIter<QueryRow>),
    Nothing,
}

impl Cursor {
    /// Begins; the first page is looked for when it is asked for. `options.progress` and `options.behind` do not count.
    pub fn new(repo: &RepoRef, expression: &str, select: Select, options: &Options<'_>) -> Cursor {
        let order = options.order.as_ref();
        Cursor {
            repo: repo.clone(),
            expression: expression.to_owned(),
            select,
            bounds: options.bounds,
            no_index: options.no_index,
            offset: options.offset,
            left: options.limit.unwrap_or(usize::MAX),
            next: Next::First(order.map(|by| (by.expression.to_owned(), by.descending))),
            told: None,
        }
    }

    /// Tells of each page what it is without.
    pub fn telling(self, told: Option<Told>) -> Cursor {
        Cursor { told, ..self }
    }

    /// The next rows, not in the order of an expression: as they are now. `None` after the last one. After an error there
    /// is nothing more. Bounds hold for each page.
    pub fn next(&mut self, tell: Option<&mut Tell<'_>>) -> Result<Option<Query>> {
        let mut tell = tell;
        let mut progress = |done, total| tell.as_mut().is_none_or(|tell| tell(done, total));
        let progress: &mut Tell<'_> = &mut progress;
        match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::First(Some((expression, descending))) => {
                let by = OrderBy {
                    expression: &expression,
                    descending,
                };
                self.ordered(by, progress).map(Some)
            }
            Next::First(None) => self.page(None, progress),
            Next::Behind(run) => self.page(Some(run), progress),
            Next::Ordered(rows) => Ok(self.some_of(rows, Summary::default())),
            Next::Nothing => Ok(None),
        }
    }

    fn ordered<'o>(&mut self, by: OrderBy<'o>, progress: &'o mut Tell<'o>) -> Result<Query> {
        let answer = query(
            &self.repo,
            &self.expression,
            self.select,
            Options {
                offset: self.offset,
                limit: (self.left < usize::MAX).then_some(self.left),
                order: Some(by),
                progress: Some(progress),
                no_index: self.no_index,
                bounds: self.bounds,
                ..Options::default()
            },
        )?;
        let (repo, rows, summary) = answer.into_parts();
        self.tell_of(&summary);
        self.repo = repo;
        let (repo, mut rows) = (self.repo.clone(), rows.into_iter());
        let first = rows.by_ref().take(PAGE).collect();
        self.next = Next::Ordered(rows);
        Ok(Query::new(repo, first, summary))
    }

    fn some_of(
        &mut self,
        mut rows: std::vec::IntoIter<QueryRow>,
        summary: Summary,
    ) -> Option<Query> {
        let page: Vec<QueryRow> = rows.by_ref().take(PAGE).collect();
        if page.is_empty() {
            return None;
        }
        self.next = Next::Ordered(rows);
        Some(Query::new(self.repo.clone(), page, summary))
    }

    fn tell_of(&mut self, summary: &Summary) {
        if let Some(told) = &mut self.told {
            told(&summary.failures, &summary.warnings);
        }
    }

    fn page<'o>(
        &mut self,
        behind: Option<RunId>,
        progress: &'o mut Tell<'o>,
    ) -> Result<Option<Query>> {
        let options = Options {
            offset: self.offset,
            limit: (self.left < usize::MAX).then_some(self.left),
            behind,
            progress: Some(progress),
            no_index: self.no_index,
            bounds: self.bounds,
            ..Options::default()
        };
        let mut rows: Vec<QueryRow> = Vec::new();
        let mut last = None;
        let mut more = false;
        // Rows of one run stay together: the run behind the last one is looked at once more.
        let mut take = |row: QueryRow| {
            let run = row.run.id;
            more = rows.len() >= PAGE && last != Some(run);
            if more {
                return Ok(false);
            }
            last = Some(run);
            rows.push(row);
            Ok(true)
        };
        let (repo, expression) = (self.repo.clone(), &self.expression);
        let walked = on_a_deep_stack(|| walk(&repo, expression, self.select, options, &mut take));
        let (repo, summary) = walked?;
        self.tell_of(&summary);
        self.repo = repo;
        self.left = self.left.saturating_sub(rows.len());
        if let Some(run) = last.filter(|_| more && self.left > 0) {
            self.offset = 0;
            self.next = Next::Behind(run);
        }
        let first = behind.is_none();
        let answer =
            (first || !rows.is_empty()).then(|| Query::new(self.repo.clone(), rows, summary));
        Ok(answer)
    }
}
