//! The store: everything that is on disk for good, in one LMDB environment.
//!
//! # Layout (format 3)
//! Integers in keys are big-endian, so that byte order is number order. Every row carries a checksum over key and value
//! (`checked`, `block`), but for `format`. Strings are interned (`strings`), values of
//! params are trees in bytes (`tree`), points are column blocks (`block`).
//!
//! | table | key | value | rows |
//! |---|---|---|---|
//! | `meta` | `format`, `oldest`, `next_run` | u32, u32, u64 | up to 3 |
//! | `meta` | `j`, journal, kind, … | cursor (twice), series ids, runs, rewinds of these by others | per live journal |
//! | `meta` | `j`, journal, done | when | per journal that was finished a moment ago |
//! | `meta` | `w`, run, journal | – | 1 per writer of a run |
//! | `meta` | `s`, segment | how far it is written, or applied | 1 per segment of a spool that was met |
//! | `meta` | `s`, segment, number in it | run | 1 per run of a segment of others that has not ended |
//! | `meta` | `o`, segment, offset | frame | per frame on its way to a spool |
//! | `meta` | `d`, collection, id | text | 1 per document |
//! | `meta` | `a`, kind, hash128 of the name | name, description, colour | 1 per experiment or tag that is described |
//! | `strings` | kind, hash128 or kind, id | id or text | 2 per distinct name, context, param path |
//! | `runs` | run | record: hash, state, times, exit code, experiment, name, description, tags | 1 per run |
//! | `params` | run, top-level key | ordinal, tree | 1 per top-level param |
//! | `series` | run, name, context | aggregates: count, first, last, min, max | 1 per sequence |
//! | `chunks` | run, name, context, first step | block of up to 8192 points | 1 per block |
//! | `index` | field, value, run | – | 1 per indexed value of a run |
//! | `logs` | run, stream, number of the first | block of log records, lines or revisions of notes | 1 per block |
//! | `logs` | run, 0x20 + kind, name, context | points, first and last step, longest list | 1 per sequence of objects |
//! | `logs` | run, 0x40 + kind, name, context, step | epoch, time, objects: format, caption, meta, bytes or their place | 1 per point of objects |
//! | `index` | 10, hash128 of the content, run | place in a pack, references | 1 per larger object of a run |
//! | `damaged` | table, key there | value there | rows that a writer could not read and had to move out of its way |
//! | `damaged` | 4, journal, number | kind, payload | records of journals that could not be applied |
//!
//! # Cost, with n the rows of a table
//! | operation | cost |
//! |---|---|
//! | open | constant |
//! | create a run | O(log n), one synced commit |
//! | set a param | O(log n) for each node of its top-level tree |
//! | add a batch of points | O(log n) a sequence; a full block is compressed once |
//! | add or replace points at any steps | O(log n) a touched block, which is written back |
//! | read a sequence | O(log n) + its blocks |
//! | runs by an indexed value | O(log n) + the rows found |
//! | delete a run | its own rows |
//!
//! # Damage
//! What could harm the process is found when the database is opened (`env`). A value that does not decode is `Corrupt`
//! to who reads it and to nobody else; it does not stop writers, who move it to the table `damaged` and go on without
//! it (`repair`). From a file that cannot be opened, `salvage` copies what is intact into a new one.
//!
//! Ten thousand runs or a hundred million points use the same layout: no row grows with the repository, and none
//! holds more than a block of points or one top-level param.

mod about;
mod block;
mod checked;
mod copy;
mod documents;
mod env;
pub mod index;
mod journals;
pub mod keys;
mod late;
mod lmdb_error;
mod logs;
mod notes;
mod objects;
mod params;
mod parts;
mod points;
mod range;
mod repair;
mod rewinds;
mod row_bytes;
mod runs;
mod salvage;
mod scan;
mod segments;
mod series;
mod strings;
mod tables;
mod unused;
mod usage;
mod writers;
mod written;

pub use crate::point::EPOCH_NONE;
pub use about::{About, Subject};
pub use block::decode as decode_block;
pub use copy::{CopiedRows, Digest, digest};
pub use env::{Compacted, OpenOptions, ReadTxn, Store, Turn, Txn, WriteTxn, network_filesystem};
pub use index::{Indexed, Range};
pub use journals::Progress;
pub use logs::{LogAppend, LogRecord, Records, SourceLocation, Stream, TERMINAL_BYTES};
pub use notes::{Note, NoteEdit};
pub use objects::{
    EncodedPoint, Keep, NewPoint, Object, ObjectPoint, Sequence, SequenceKey, Stored,
    sequence_prefix,
};
pub use params::encoded_param;
pub use parts::{Extent, LogPart, Outline, Parcel, Piece, SeriesOutline, SeriesParcel};
pub use points::{Points, PointsSlice};
pub use rewinds::Rewind;
pub use runs::{Outcome, RunRecord, RunState, RunView, default_name, hash_text, parse_hash};
pub use salvage::{Salvaged, check_format, salvage};
pub use scan::Scan;
pub use segments::Segment;
pub use series::{Aggregates, visit_series};
pub use strings::Kind;
pub use tables::FORMAT;
pub use usage::RunBytes;
pub use writers::{ELSEWHERE, Leave};
