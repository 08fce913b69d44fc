//! What travels through the journal besides points: changes to runs, as bytes.

use crate::error::{Error, Result};
use crate::store::keys::RunId;
use crate::store::{Leave, LogAppend, NewPoint, Outcome, Points, Records, RunState, Stream};
use aim_value::{Encoded, Path, Tree, encode_list, encode_text, list_items};

/// A change to a run, in the order of the calls that made it.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Which run has this number: for who finds the journal and not the database that it belongs to.
    Run {
        run: RunId,
        hash: [u8; 12],
        created_at: i64,
        experiment: String,
        run_id: Option<String>,
    },
    /// Gives the sequence (run, name, context) a number within this journal. The context is canonical JSON.
    DefineSeries {
        local: u32,
        run: RunId,
        name: String,
        context: String,
    },
    /// Points with times of their own, of the sequence with this number.
    Points {
        local: u32,
        points: Points,
    },
    SetParam {
        run: RunId,
        path: Path,
        value: Encoded,
    },
    DeleteParam {
        run: RunId,
        path: Path,
    },
    SetProperty {
        run: RunId,
        property: Property,
    },
    /// Adds to one of the run's logs.
    Log {
        run: RunId,
        stream: Stream,
        append: LogAppend,
    },
    /// A point of a sequence of objects.
    Objects {
        run: RunId,
        point: NewPoint,
    },
    /// The process is done with the run.
    Close {
        run: RunId,
        leave: Leave,
    },
}

/// A change to a run's record.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    Name(String),
    Description(String),
    Experiment(String),
    Archived(bool),
    AddTag(String),
    RemoveTag(String),
}

const DEFINE_SERIES: u8 = 1;
const SET_PARAM: u8 = 2;
const DELETE_PARAM: u8 = 3;
const CLOSE: u8 = 4;
const LOG: u8 = 5;
const POINTS: u8 = 6;
const OBJECTS: u8 = 7;
const RUN: u8 = 8;
const NAME: u8 = 16;
const DESCRIPTION: u8 = 17;
const EXPERIMENT: u8 = 18;
const ARCHIVED: u8 = 19;
const ADD_TAG: u8 = 20;
const REMOVE_TAG: u8 = 21;

impl Op {
    /// The record's kind and payload: the run, then a tree; for points the sequence, then columns; for objects the run,
    /// then a point.
    pub fn encode(&self) -> (u8, Vec<u8>) {
        let mut out = match (self, self.run()) {
            (Op::Points { local, .. }, _) => local.to_le_bytes().to_vec(),
            (_, run) => run.unwrap_or_default().to_le_bytes().to_vec(),
        };
        let kind = self.encode_body(&mut out);
        (kind, out)
    }

    fn encode_body(&self, out: &mut Vec<u8>) -> u8 {
        match self {
            Op::Points { points, .. } => {
                points.encode(out);
                POINTS
            }
            Op::Objects { point, .. } => {
                point.encode(out);
                OBJECTS
            }
            Op::Run {
                hash,
                created_at,
                experiment,
                run_id,
                ..
            } => {
                encode_list(out, |items| {
                    items.bytes(hash);
                    items.int(*created_at);
                    items.text(experiment);
                    items.tree(&run_id.clone().map_or(Tree::Null, Tree::Str));
                });
                RUN
            }
            Op::DefineSeries {
                local,
                name,
                context,
                ..
            } => {
                encode_list(out, |items| {
                    items.int(i64::from(*local));
                    items.text(name);
                    items.text(context);
                });
                DEFINE_SERIES
            }
            Op::SetParam { path, value, .. } => {
                encode_list(out, |items| {
                    items.texts(path.tokens());
                    items.encoded(value);
                });
                SET_PARAM
            }
            Op::DeleteParam { path, .. } => {
                encode_list(out, |items| {
                    path.tokens().iter().for_each(|t| items.text(t))
                });
                DELETE_PARAM
            }
            Op::Close { leave, .. } => {
                leave_tree(leave).encode(out);
                CLOSE
            }
            Op::Log { stream, append, .. } => {
                encode_list(out, |items| {
                    items.int(i64::from(*stream as u8));
                    items.int(append.author as i64);
                    items.int(append.skipped as i64);
                    for records in [&append.records, &append.open] {
                        items.int(i64::from(records.count));
                        items.bytes(&records.bytes);
                    }
                });
                LOG
            }
            Op::SetProperty { property, .. } => {
                let (kind, text) = match property {
                    Property::Name(text) => (NAME, text),
                    Property::Description(text) => (DESCRIPTION, text),
                    Property::Experiment(text) => (EXPERIMENT, text),
                    Property::AddTag(text) => (ADD_TAG, text),
                    Property::RemoveTag(text) => (REMOVE_TAG, text),
                    Property::Archived(flag) => {
                        Tree::Bool(*flag).encode(out);
                        return ARCHIVED;
                    }
                };
                encode_text(out, text);
                kind
            }
        }
    }

    /// As `encode`, of another run. Of what names none nothing changes.
    pub fn encode_of(&self, run: RunId) -> (u8, Vec<u8>) {
        let (kind, mut payload) = self.encode();
        if let (Some(_), Some(number)) = (self.run(), payload.first_chunk_mut()) {
            *number = run.to_le_bytes();
        }
        (kind, payload)
    }

    /// The run that it is about, if it names one.
    pub fn run(&self) -> Option<RunId> {
        match self {
            Op::Run { run, .. }
            | Op::DefineSeries { run, .. }
            | Op::SetParam { run, .. }
            | Op::DeleteParam { run, .. }
            | Op::SetProperty { run, .. }
            | Op::Log { run, .. }
            | Op::Objects { run, .. }
            | Op::Close { run, .. } => Some(*run),
            Op::Points { .. } => None,
        }
    }

    pub fn run_mut(&mut self) -> Option<&mut RunId> {
        match self {
            Op::Run { run, .. }
            | Op::DefineSeries { run, .. }
            | Op::SetParam { run, .. }
            | Op::DeleteParam { run, .. }
            | Op::SetProperty { run, .. }
            | Op::Log { run, .. }
            | Op::Objects { run, .. }
            | Op::Close { run, .. } => Some(run),
            Op::Points { .. } => None,
        }
    }

    pub fn decode(kind: u8, payload: &[u8]) -> Result<Op> {
        Op::try_decode(kind, payload)
            .ok_or_else(|| Error::corrupt(format!("a journal record of kind {kind} is damaged")))
    }

    fn try_decode(kind: u8, payload: &[u8]) -> Option<Op> {
        if kind == POINTS {
            let (local, points) = payload.split_first_chunk()?;
            return Some(Op::Points {
                local: u32::from_le_bytes(*local),
                points: Points::decode(points)?,
            });
        }
        let (run, body) = payload.split_at_checked(8)?;
        let run = RunId::from_le_bytes(run.try_into().ok()?);
        if kind == OBJECTS {
            let point = NewPoint::decode(body)?;
            return Some(Op::Objects { run, point });
        }
        if kind == SET_PARAM {
            let [path, value] = list_items(body).ok()?;
            return Some(Op::SetParam {
                run,
                path: path_of(Tree::decode(path).ok()?)?,
                value: Encoded::read(value),
            });
        }
        let body = Tree::decode(body).ok()?;
        let property = |property| Some(Op::SetProperty { run, property });
        match (kind, body) {
            (RUN, Tree::List(body)) => run_of(run, body),
            (DEFINE_SERIES, Tree::List(body)) => match <[Tree; 3]>::try_from(body).ok()? {
                [Tree::Int(local), Tree::Str(name), Tree::Str(context)] => Some(Op::DefineSeries {
                    local: u32::try_from(local).ok()?,
                    run,
                    name,
                    context,
                }),
                _ => None,
            },
            (DELETE_PARAM, path) => Some(Op::DeleteParam {
                run,
                path: path_of(path)?,
            }),
            (CLOSE, body) => Some(Op::Close {
                run,
                leave: leave_of(body)?,
            }),
            (LOG, Tree::List(body)) => log_of(run, body),
            (NAME, Tree::Str(text)) => property(Property::Name(text)),
            (DESCRIPTION, Tree::Str(text)) => property(Property::Description(text)),
            (EXPERIMENT, Tree::Str(text)) => property(Property::Experiment(text)),
            (ARCHIVED, Tree::Bool(flag)) => property(Property::Archived(flag)),
            (ADD_TAG, Tree::Str(text)) => property(Property::AddTag(text)),
            (REMOVE_TAG, Tree::Str(text)) => property(Property::RemoveTag(text)),
            _ => None,
        }
    }
}

fn run_of(run: RunId, body: Vec<Tree>) -> Option<Op> {
    let [
        Tree::Bytes(hash),
        Tree::Int(created_at),
        Tree::Str(experiment),
        run_id,
    ] = <[Tree; 4]>::try_from(body).ok()?
    else {
        return None;
    };
    Some(Op::Run {
        run,
        hash: hash.try_into().ok()?,
        created_at,
        experiment,
        run_id: match run_id {
            Tree::Null => None,
            Tree::Str(text) => Some(text),
            _ => return None,
        },
    })
}

fn leave_tree(leave: &Leave) -> Tree {
    let number = |n: Option<i32>| n.map_or(Tree::Null, |n| Tree::Int(i64::from(n)));
    Tree::List(vec![
        Tree::Int(leave.at),
        Tree::Int(i64::from(leave.outcome.state as u8)),
        number(leave.outcome.exit_code),
        number(leave.outcome.signal),
        Tree::Bool(leave.said),
        Tree::Bool(leave.recorded),
    ])
}

/// Before there were outcomes, the time alone was written.
fn leave_of(body: Tree) -> Option<Leave> {
    let number = |tree: &Tree| match tree {
        Tree::Null => Some(None),
        Tree::Int(n) => i32::try_from(*n).ok().map(Some),
        _ => None,
    };
    match body {
        Tree::Int(at) => Some(Leave {
            outcome: Outcome::FINISHED,
            at,
            said: false,
            recorded: true,
        }),
        Tree::List(body) => match body.as_slice() {
            [
                Tree::Int(at),
                Tree::Int(state),
                exit_code,
                signal,
                Tree::Bool(said),
                Tree::Bool(recorded),
            ] => Some(Leave {
                outcome: Outcome {
                    state: RunState::from_number(u8::try_from(*state).ok()?)?,
                    exit_code: number(exit_code)?,
                    signal: number(signal)?,
                },
                at: *at,
                said: *said,
                recorded: *recorded,
            }),
            _ => None,
        },
        _ => None,
    }
}

fn log_of(run: RunId, body: Vec<Tree>) -> Option<Op> {
    let [
        Tree::Int(stream),
        Tree::Int(author),
        Tree::Int(skipped),
        Tree::Int(count),
        Tree::Bytes(bytes),
        Tree::Int(open_count),
        Tree::Bytes(open),
    ] = <[Tree; 7]>::try_from(body).ok()?
    else {
        return None;
    };
    let records = |count: i64, bytes| {
        let count = u32::try_from(count).ok()?;
        Some(Records { count, bytes })
    };
    Some(Op::Log {
        run,
        stream: Stream::from_number(u8::try_from(stream).ok()?)?,
        append: LogAppend {
            author: author as u64,
            skipped: skipped as u64,
            records: records(count, bytes)?,
            open: records(open_count, open)?,
        },
    })
}

fn path_of(tree: Tree) -> Option<Path> {
    let Tree::List(tokens) = tree else {
        return None;
    };
    let tokens = tokens.into_iter().map(|t| match t {
        Tree::Str(token) => Some(token),
        _ => None,
    });
    tokens.collect::<Option<Vec<_>>>().map(Path::from_tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::Blob;
    use crate::objects::ObjectKind;
    use crate::store::{EncodedPoint, Keep, LogRecord, Object, Stored};
    use proptest::prelude::*;

    fn any_op() -> impl Strategy<Value = Op> {
        let text = ".{0,20}";
        let path = proptest::collection::vec(".{0,5}", 1..4).prop_map(Path::from_tokens);
        prop_oneof![
            (
                any::<u64>(),
                any::<[u8; 12]>(),
                any::<i64>(),
                text,
                proptest::option::of(text)
            )
                .prop_map(|(run, hash, created_at, experiment, run_id)| Op::Run {
                    run,
                    hash,
                    created_at,
                    experiment,
                    run_id,
                }),
            (any::<u32>(), any::<u64>(), text, text).prop_map(|(local, run, name, context)| {
                Op::DefineSeries {
                    local,
                    run,
                    name,
                    context,
                }
            }),
            (any::<u64>(), path.clone(), any::<i64>()).prop_map(|(run, path, v)| Op::SetParam {
                run,
                path,
                value: Encoded::of(&Tree::Int(v))
            }),
            (any::<u64>(), path).prop_map(|(run, path)| Op::DeleteParam { run, path }),
            (
                any::<u64>(),
                any::<i64>(),
                1..5u8,
                any::<Option<i32>>(),
                any::<bool>()
            )
                .prop_map(|(run, at, state, exit_code, said)| Op::Close {
                    run,
                    leave: Leave {
                        outcome: Outcome {
                            state: RunState::from_number(state).unwrap(),
                            exit_code,
                            signal: exit_code,
                        },
                        at,
                        said,
                        recorded: !said,
                    },
                }),
            (any::<u64>(), text).prop_map(|(run, t)| Op::SetProperty {
                run,
                property: Property::AddTag(t)
            }),
            (any::<u64>(), any::<u64>(), any::<u64>(), text, text).prop_map(
                |(run, author, skipped, text, open)| {
                    let records = |text| {
                        let mut records = Records::default();
                        records.push(&LogRecord {
                            text,
                            ..LogRecord::default()
                        });
                        records
                    };
                    Op::Log {
                        run,
                        stream: Stream::Terminal,
                        append: LogAppend {
                            author,
                            skipped,
                            records: records(text),
                            open: records(open),
                        },
                    }
                }
            ),
            (any::<u64>(), any::<i64>(), text, any::<[u8; 60]>()).prop_map(
                |(run, step, text, place)| {
                    let mut point = EncodedPoint::new(step, step);
                    let here = Stored::Here(text.as_bytes());
                    for stored in [here, Stored::Packed(Blob::decode(&place))] {
                        point.push(&Object {
                            format: "png",
                            caption: &text,
                            meta: "{}",
                            width: 3,
                            height: 4,
                            stored,
                        });
                    }
                    Op::Objects {
                        run,
                        point: NewPoint {
                            kind: ObjectKind::Image,
                            name: text.clone(),
                            context: text,
                            step,
                            encoded: point,
                            keep: (step % 2 == 0).then_some(Keep {
                                last: place[0].into(),
                                every: place[1].into(),
                            }),
                        },
                    }
                }
            ),
            (any::<u64>(), any::<bool>()).prop_map(|(run, b)| Op::SetProperty {
                run,
                property: Property::Archived(b)
            }),
        ]
    }

    proptest! {
        #[test]
        fn ops_round_trip(op in any_op()) {
            let (kind, payload) = op.encode();
            prop_assert_eq!(Op::decode(kind, &payload).unwrap(), op);
        }

        #[test]
        fn garbage_never_panics(kind in any::<u8>(), bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Op::decode(kind, &bytes);
        }
    }
}
