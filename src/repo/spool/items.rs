//! What frames hold: changes, as the journal's records tell of them, and what else happens to runs.
//!
//! An item is its kind, the length of what follows as a varint, and that. Kinds below 64 are those of the journal's records.

use crate::error::Result;
use crate::repo::batch::Batch;
use crate::repo::op::Op;
use crate::spool::{MOST_BODY, decode_points, encode_points, put_varint, take_varint};
use crate::store::keys::RunId;
use crate::store::{Points, RunRecord};
use aim_value::Tree;

const POINTS: u8 = 64;
const ENTER: u8 = 65;
const REWIND: u8 = 66;
const END: u8 = 67;
const AGAIN: u8 = 68;

/// Points of one item: others can follow in a frame of their own.
const PIECE: usize = 1 << 13;

/// The writer begins, or goes on, with a run, to which its records give a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enter {
    pub run: RunId,
    pub hash: [u8; 12],
    pub created_at: i64,
    pub experiment: String,
    pub run_id: Option<String>,
    /// What is past is brought in: the run does not live by this writer.
    pub import: bool,
}

impl Enter {
    pub fn of(run: RunId, record: RunRecord, import: bool) -> Enter {
        Enter {
            run,
            hash: record.hash,
            created_at: record.created_at,
            experiment: record.experiment,
            run_id: record.run_id,
            import,
        }
    }

    fn tree(&self) -> Tree {
        Tree::List(vec![
            Tree::Bytes(self.hash.to_vec()),
            Tree::Int(self.created_at),
            Tree::Str(self.experiment.clone()),
            self.run_id.clone().map_or(Tree::Null, Tree::Str),
            Tree::Bool(self.import),
        ])
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Change(Op),
    Points(u32, Points),
    Enter(Enter),
    Rewind {
        run: RunId,
        step: i64,
        at: i64,
        names: Vec<String>,
    },
    /// What an item of a file before has told, which may not be there any more.
    EnterAgain(Enter),
    ChangeAgain(Op),
    /// Nothing more comes.
    End,
    /// Of a kind that this version does not know, or damaged before it was written.
    Unreadable(u8, Vec<u8>),
}

/// Takes the body of a frame.
type Taker<'t> = dyn FnMut(&[u8]) -> Result<()> + 't;

/// Bodies of frames that are being made, each taken as soon as it is done: memory that is used again for the next one costs
/// less than memory for all of them.
pub struct Bodies<'t> {
    at: i64,
    take: &'t mut Taker<'t>,
    /// Of the first that was not taken.
    failed: Result<()>,
    body: Vec<u8>,
    /// Points of an item on their way to the body.
    columns: Vec<u8>,
    /// Times of the sequence before in this body.
    before: Vec<i64>,
    ended: bool,
}

impl<'t> Bodies<'t> {
    pub fn new(at: i64, take: &'t mut Taker<'t>) -> Bodies<'t> {
        Bodies {
            at,
            take,
            failed: Ok(()),
            body: Vec::new(),
            columns: Vec::new(),
            before: Vec::new(),
            ended: false,
        }
    }

    fn put(&mut self, kind: u8, payload: &[u8]) {
        self.body.push(kind);
        put_varint(&mut self.body, payload.len() as u64);
        self.body.extend_from_slice(payload);
        if self.body.len() >= MOST_BODY {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.failed.is_ok() {
            self.failed = (self.take)(&self.body);
        }
        self.body.clear();
        self.before.clear();
    }

    fn put_tree(&mut self, kind: u8, run: RunId, tree: &Tree) {
        let mut payload = Vec::new();
        put_run(&mut payload, run, tree);
        self.put(kind, &payload);
    }

    pub fn change(&mut self, op: &Op) {
        let (kind, payload) = op.encode();
        self.put(kind, &payload);
    }

    /// All that a batch changes, in an order that holds wherever it is cut.
    pub fn batch(&mut self, batch: &Batch) {
        // Of a run there is an item of its own.
        let changes = batch
            .ops()
            .iter()
            .filter(|op| !matches!(op, Op::Run { .. }));
        let (ends, changes): (Vec<&Op>, Vec<&Op>) =
            changes.partition(|op| matches!(op, Op::Close { .. }));
        changes.into_iter().for_each(|op| self.change(op));
        for (local, points) in batch.points() {
            self.points(*local, points);
        }
        ends.into_iter().for_each(|op| self.change(op));
    }

    pub fn points(&mut self, local: u32, points: &Points) {
        for start in (0..points.len()).step_by(PIECE) {
            let end = points.len().min(start + PIECE);
            let mut columns = std::mem::take(&mut self.columns);
            columns.clear();
            put_varint(&mut columns, u64::from(local));
            let piece = points.slice(start..end);
            encode_points(piece, self.at, &self.before, &mut columns);
            self.before.clear();
            self.before.extend_from_slice(piece.times);
            self.put(POINTS, &columns);
            self.columns = columns;
        }
    }

    pub fn enter(&mut self, enter: &Enter) {
        self.put_tree(ENTER, enter.run, &enter.tree());
    }

    pub fn enter_again(&mut self, enter: &Enter) {
        let mut payload = vec![ENTER];
        put_run(&mut payload, enter.run, &enter.tree());
        self.put(AGAIN, &payload);
    }

    pub fn change_again(&mut self, op: &Op) {
        let (kind, payload) = op.encode();
        self.put(AGAIN, &[&[kind], &payload[..]].concat());
    }

    pub fn rewind(&mut self, run: RunId, step: i64, at: i64, names: &[String]) {
        let names = names.iter().cloned().map(Tree::Str).collect();
        let tree = Tree::List(vec![Tree::Int(step), Tree::Int(at), Tree::List(names)]);
        self.put_tree(REWIND, run, &tree);
    }

    /// In a body of its own, so that the last bytes of a segment tell.
    pub fn end(&mut self) {
        if !self.body.is_empty() {
            self.cut();
        }
        self.put(END, &[]);
        self.ended = true;
    }

    /// Gives the last body away; whether an end was among all of them.
    pub fn finish(mut self) -> Result<bool> {
        if !self.body.is_empty() {
            self.cut();
        }
        self.failed.map(|()| self.ended)
    }
}

/// Whether the body of a segment's last frame says that nothing more comes.
pub fn is_end(body: &[u8]) -> bool {
    body == [END, 0]
}

/// The items of a frame. Behind one whose length makes no sense nothing can be told apart: it is all unreadable.
pub struct Items<'b> {
    rest: &'b [u8],
    at: i64,
    before: Vec<i64>,
}

impl<'b> Items<'b> {
    pub fn new(body: &'b [u8], at: i64) -> Items<'b> {
        Items {
            rest: body,
            at,
            before: Vec::new(),
        }
    }

    fn take(&mut self) -> Option<(u8, &'b [u8])> {
        let (kind, rest) = self.rest.split_first()?;
        self.rest = rest;
        let length = usize::try_from(take_varint(&mut self.rest)?).ok()?;
        let (payload, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some((*kind, payload))
    }

    fn points(&mut self, mut payload: &[u8]) -> Option<Item> {
        let local = u32::try_from(take_varint(&mut payload)?).ok()?;
        let points = decode_points(payload, self.at, &self.before)?;
        self.before.clone_from(&points.times);
        Some(Item::Points(local, points))
    }
}

impl Iterator for Items<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let all = self.rest;
        if all.is_empty() {
            return None;
        }
        let Some((kind, payload)) = self.take() else {
            self.rest = &[];
            return Some(Item::Unreadable(all[0], all[1..].to_vec()));
        };
        let item = match kind {
            POINTS => self.points(payload),
            ENTER => enter(payload).map(Item::Enter),
            REWIND => rewind(payload),
            END => Some(Item::End),
            AGAIN => again(payload),
            _ => Op::decode(kind, payload).ok().map(Item::Change),
        };
        Some(item.unwrap_or_else(|| Item::Unreadable(kind, payload.to_vec())))
    }
}

fn fields<const N: usize>(payload: &[u8]) -> Option<(RunId, [Tree; N])> {
    let (run, tree) = payload.split_first_chunk()?;
    let Tree::List(fields) = Tree::decode(tree).ok()? else {
        return None;
    };
    Some((RunId::from_le_bytes(*run), fields.try_into().ok()?))
}

fn again(payload: &[u8]) -> Option<Item> {
    let (kind, payload) = payload.split_first()?;
    match *kind {
        ENTER => enter(payload).map(Item::EnterAgain),
        kind => Op::decode(kind, payload).ok().map(Item::ChangeAgain),
    }
}

fn put_run(out: &mut Vec<u8>, run: RunId, tree: &Tree) {
    out.extend_from_slice(&run.to_le_bytes());
    tree.encode(out);
}

fn enter(payload: &[u8]) -> Option<Enter> {
    let (run, fields) = fields(payload)?;
    let [
        Tree::Bytes(hash),
        Tree::Int(created_at),
        Tree::Str(experiment),
        run_id,
        Tree::Bool(import),
    ] = fields
    else {
        return None;
    };
    Some(Enter {
        run,
        hash: hash.try_into().ok()?,
        created_at,
        experiment,
        run_id: match run_id {
            Tree::Str(text) => Some(text),
            _ => None,
        },
        import,
    })
}

fn rewind(payload: &[u8]) -> Option<Item> {
    let (run, fields) = fields(payload)?;
    let [Tree::Int(step), Tree::Int(at), Tree::List(names)] = fields else {
        return None;
    };
    let text = |name| match name {
        Tree::Str(name) => Some(name),
        _ => None,
    };
    Some(Item::Rewind {
        run,
        step,
        at,
        names: names.into_iter().map(text).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn items_come_back_in_order() {
        let mut points = Points::default();
        for i in 0..PIECE as i64 + 10 {
            points.push(i, i as f64 / 3.0, i / 100, 1_700_000_000_000_000 + i);
        }
        let enter = Enter {
            run: 3,
            hash: [7; 12],
            created_at: 5,
            experiment: "digits".to_owned(),
            run_id: Some("job 1".to_owned()),
            import: false,
        };
        let op = Op::DefineSeries {
            local: 2,
            run: 3,
            name: "loss".to_owned(),
            context: "{}".to_owned(),
        };
        let mut done: Vec<Vec<u8>> = Vec::new();
        let mut take = |body: &[u8]| {
            done.push(body.to_vec());
            Ok(())
        };
        let mut bodies = Bodies::new(1_700_000_000_000_123, &mut take);
        bodies.enter(&enter);
        bodies.change(&op);
        bodies.points(2, &points);
        bodies.rewind(3, 10, 11, &["loss".to_owned()]);
        bodies.end();
        assert!(bodies.finish().unwrap());
        let items: Vec<Item> = done
            .iter()
            .flat_map(|body| Items::new(body, 1_700_000_000_000_123))
            .collect();
        let (first, rest) = (points.slice(0..PIECE), points.slice(PIECE..points.len()));
        let rewind = Item::Rewind {
            run: 3,
            step: 10,
            at: 11,
            names: vec!["loss".to_owned()],
        };
        let expected = [
            Item::Enter(enter),
            Item::Change(op),
            Item::Points(2, first.to_points()),
            Item::Points(2, rest.to_points()),
            rewind,
            Item::End,
        ];
        assert_eq!(items, expected);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for item in Items::new(&bytes, 0) {
                drop(item);
            }
        }
    }
}
