//! The files of a segment: one that is full is followed by the next, which says again what whoever begins to read there must know.
//! So the first ones can go while their process goes on to write.

use super::items::{Bodies, Enter};
use crate::error::Result;
use crate::journal;
use crate::repo::Op;
use crate::spool::{FILE_BYTES, FRAME_BYTES, HEADER_BYTES, Header, behind, number, place};
use crate::spool::{head, padding, room, seal_last};
use crate::store::keys::{JournalId, SeriesKey};
use crate::store::{Kind, Segment, WriteTxn};
use std::collections::HashSet;

/// Puts the head of a segment on its way.
pub fn begin(txn: &mut WriteTxn<'_>, id: &JournalId, at: i64) -> Result<Segment> {
    let mut segment = Segment {
        own: true,
        created: at,
        ..Segment::default()
    };
    put_header(txn, id, &mut segment)?;
    Ok(segment)
}

/// Puts a frame on its way, in the next file where this one has no room for it.
pub fn append(
    txn: &mut WriteTxn<'_>,
    id: &JournalId,
    segment: &mut Segment,
    at: i64,
    body: &[u8],
) -> Result<()> {
    // With the frame that is the last.
    let end = place(segment.offset) + room(body) + FRAME_BYTES as u64;
    if end > FILE_BYTES && place(segment.offset) > HEADER_BYTES as u64 {
        let last = seal_last(journal::JournalId(*id), segment.offset, at)?;
        txn.put_outgoing(id, segment.offset, &[&last])?;
        segment.offset = behind(segment.offset);
        put_header(txn, id, segment)?;
        for body in again(txn, id, at)? {
            put_frame(txn, id, segment, at, &body)?;
        }
    }
    put_frame(txn, id, segment, at, body)
}

fn put_header(txn: &mut WriteTxn<'_>, id: &JournalId, segment: &mut Segment) -> Result<()> {
    let number = number(segment.offset);
    let header = Header::new(journal::JournalId(*id), number, segment.created);
    txn.put_outgoing(id, segment.offset, &[&header.encode()])?;
    segment.offset += HEADER_BYTES as u64;
    Ok(())
}

fn put_frame(
    txn: &mut WriteTxn<'_>,
    id: &JournalId,
    segment: &mut Segment,
    at: i64,
    body: &[u8],
) -> Result<()> {
    let head = head(journal::JournalId(*id), segment.offset, at, body)?;
    txn.put_outgoing(id, segment.offset, &[&head, body, padding(body)])?;
    segment.offset += room(body);
    Ok(())
}

/// Which runs the process writes, and which sequences of them it has named.
fn again(txn: &WriteTxn<'_>, id: &JournalId, at: i64) -> Result<Vec<Vec<u8>>> {
    let mut done = Vec::new();
    let mut take = |body: &[u8]| {
        done.push(body.to_vec());
        Ok(())
    };
    let mut bodies = Bodies::new(at, &mut take);
    let mut open = HashSet::new();
    for run in txn.journal_runs(id)? {
        if let Some(record) = txn.run(run)? {
            let import = !txn.live_writers(run)?.contains(id);
            bodies.enter_again(&Enter::of(run, record, import));
            open.insert(run);
        }
    }
    for (local, SeriesKey { run, name, context }) in txn.journal_series(id)? {
        if open.contains(&run) {
            bodies.change_again(&Op::DefineSeries {
                local,
                run,
                name: txn.string(Kind::Name, name)?.to_owned(),
                context: txn.string(Kind::Context, context)?.to_owned(),
            });
        }
    }
    bodies.finish()?;
    Ok(done)
}
