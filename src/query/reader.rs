//! What all rows of one query share: cursors, decoded names and contexts, and which writers live.

use crate::error::{Error, Result};
use crate::repo::Repo;
use crate::store::keys::{JournalId, RunId, StringId};
use crate::store::{Kind, ReadTxn, RunState, RunView, Scan, encoded_param};
use aim_value::Tree;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// A context, as text and decoded.
pub struct Context {
    pub json: Arc<str>,
    pub tree: Tree,
}

/// One snapshot of a repository, read row by row.
pub struct Reader<'t> {
    pub txn: &'t ReadTxn<'t>,
    repo: &'t Repo,
    params: RefCell<Scan<'t>>,
    pub series: RefCell<Scan<'t>>,
    names: RefCell<FxHashMap<StringId, Arc<str>>>,
    contexts: RefCell<FxHashMap<StringId, Rc<Context>>>,
    /// Ids of the top-level keys and metric names that the expression asks for; there are few.
    keys: RefCell<Vec<(String, Option<StringId>)>>,
    metric_names: RefCell<Vec<(String, Option<StringId>)>>,
    alive: RefCell<FxHashMap<JournalId, bool>>,
}

impl<'t> Reader<'t> {
    pub fn new(repo: &'t Repo, txn: &'t ReadTxn<'t>) -> Result<Reader<'t>> {
        Ok(Reader {
            txn,
            repo,
            params: RefCell::new(txn.params_scan()?),
            series: RefCell::new(txn.series_scan()?),
            names: RefCell::default(),
            contexts: RefCell::default(),
            keys: RefCell::default(),
            metric_names: RefCell::default(),
            alive: RefCell::default(),
        })
    }

    pub fn repo(&self) -> &'t Repo {
        self.repo
    }

    pub fn name(&self, id: StringId) -> Result<Arc<str>> {
        if let Some(name) = self.names.borrow().get(&id) {
            return Ok(Arc::clone(name));
        }
        let name: Arc<str> = self.txn.string(Kind::Name, id)?.into();
        self.names.borrow_mut().insert(id, Arc::clone(&name));
        Ok(name)
    }

    pub fn context(&self, id: StringId) -> Result<Rc<Context>> {
        if let Some(context) = self.contexts.borrow().get(&id) {
            return Ok(Rc::clone(context));
        }
        let json = self.txn.string(Kind::Context, id)?;
        let tree = Tree::from_json(json)
            .map_err(|e| Error::corrupt(format!("a stored context is damaged: {e}")))?;
        let context = Rc::new(Context {
            json: json.into(),
            tree,
        });
        self.contexts.borrow_mut().insert(id, Rc::clone(&context));
        Ok(context)
    }

    /// The encoded value of a top-level param.
    pub fn param(&self, run: RunId, key: &str) -> Result<Option<&'t [u8]>> {
        let id = remembered(&self.keys, key, || self.txn.param_key(key))?;
        match id {
            Some(id) => encoded_param(&mut self.params.borrow_mut(), run, id),
            None => Ok(None),
        }
    }

    pub fn metric_name(&self, name: &str) -> Result<Option<StringId>> {
        remembered(&self.metric_names, name, || {
            self.txn.find_string(Kind::Name, name)
        })
    }

    /// The state of a run as it really is: one marked as running whose writers are dead has crashed.
    pub fn state(&self, run: RunId, record: &RunView<'_>) -> Result<RunState> {
        self.state_of(run, record.state())
    }

    /// The same for a stored state.
    pub fn state_of(&self, run: RunId, stored: RunState) -> Result<RunState> {
        if stored != RunState::Running {
            return Ok(stored);
        }
        for journal in self.txn.live_writers(run)? {
            if self.is_alive(journal)? {
                return Ok(RunState::Running);
            }
        }
        Ok(RunState::Crashed)
    }

    fn is_alive(&self, journal: JournalId) -> Result<bool> {
        if let Some(alive) = self.alive.borrow().get(&journal) {
            return Ok(*alive);
        }
        let alive = self.repo.is_alive(&journal)?;
        self.alive.borrow_mut().insert(journal, alive);
        Ok(alive)
    }
}

fn remembered(
    known: &RefCell<Vec<(String, Option<StringId>)>>,
    text: &str,
    find: impl FnOnce() -> Result<Option<StringId>>,
) -> Result<Option<StringId>> {
    if let Some((_, id)) = known.borrow().iter().find(|(t, _)| t == text) {
        return Ok(*id);
    }
    let id = find()?;
    known.borrow_mut().push((text.to_owned(), id));
    Ok(id)
}
