//! Which runs the store does not have as they are, and what becomes of their cursors.

use super::Push;
use super::parts::{Parts, Sight};
use crate::central::connect::Store;
use crate::failure::Failure;
use aim::query::RunId;
use aim::repo::exchange::{Moment, Outline};
use postgres::Row;
use std::collections::HashMap;

/// What the store knows of a run.
pub(super) struct Known {
    source: Vec<u8>,
    sum: i64,
    deleted: bool,
    pos: i64,
    /// Where it came from a spool.
    parts: Option<Parts>,
    /// Host and path of the repository that it came from.
    place: Option<String>,
}

/// What the cursor of a run becomes.
pub(super) struct Cursor {
    pub pos: i64,
    pub parts: Option<Vec<u8>>,
}

pub(super) type Wanted = HashMap<[u8; 12], Cursor>;

#[derive(Default)]
pub(super) struct Changed {
    pub wanted: Wanted,
    /// Those that are there as they are.
    pub there: Vec<RunId>,
    pub present: u64,
    pub deleted: u64,
    pub wrong: Vec<String>,
}

pub(super) fn known(
    store: &mut Store,
    outlines: &[Outline],
) -> Result<HashMap<Vec<u8>, Known>, postgres::Error> {
    let hashes: Vec<&[u8]> = outlines.iter().map(|o| &o.record.hash[..]).collect();
    let sql = "SELECT c.run, c.source, c.sum, c.deleted, c.pos, c.parts, s.host || ':' || s.path FROM aim_cursor c \
               LEFT JOIN aim_source s USING (source) WHERE c.run = ANY($1)";
    let rows = store.client.query(sql, &[&hashes])?;
    let known = |row: &Row| Known {
        source: row.get(1),
        sum: row.get(2),
        deleted: row.get(3),
        pos: row.get(4),
        parts: row.get::<_, Option<&[u8]>>(5).and_then(Parts::from_bytes),
        place: row.get(6),
    };
    Ok(rows.iter().map(|row| (row.get(0), known(row))).collect())
}

pub(super) fn changed(
    push: &Push<'_>,
    present: &Moment<'_>,
    outlines: &[Outline],
    known: &HashMap<Vec<u8>, Known>,
) -> Result<Changed, Failure> {
    let mut changed = Changed::default();
    for outline in outlines {
        let hash = outline.record.hash;
        let known = known.get(&hash[..]);
        let parts = match push.repo.spool() {
            Some(_) => Some(Parts::of(present, outline)?),
            None => None,
        };
        let standing = match parts.is_some() && !push.take && present.is_late(outline.run)? {
            true => Standing::Wrong(
                "began in a part that this spool has no more: sync the repository that it was merged into; --take brings what is \
                 left"
                    .to_owned(),
            ),
            false => standing(push, outline, known, parts.as_ref()),
        };
        match standing {
            Standing::New => {
                let pos = match parts {
                    Some(_) => known.map_or(1, |known| known.pos.wrapping_add(1)),
                    None => present.commit_number() as i64,
                };
                let parts = parts.map(|parts| parts.to_bytes());
                changed.wanted.insert(hash, Cursor { pos, parts });
            }
            Standing::There => {
                changed.present += 1;
                changed.there.push(outline.run);
            }
            Standing::Seen => changed.present += 1,
            Standing::Deleted => changed.deleted += 1,
            Standing::Wrong(why) => changed
                .wrong
                .push(format!("{} {why}", outline.record.hash_text())),
        }
    }
    Ok(changed)
}

/// How the store's run stands to the one that is here.
enum Standing {
    /// It is not there, or this one takes its place.
    New,
    /// It is the same.
    There,
    /// Another host has seen as much of it, or more.
    Seen,
    Deleted,
    Wrong(String),
}

fn standing(
    push: &Push<'_>,
    outline: &Outline,
    known: Option<&Known>,
    parts: Option<&Parts>,
) -> Standing {
    let Some(known) = known else {
        return Standing::New;
    };
    match () {
        () if push.take && (known.deleted || push.repair) => return Standing::New,
        () if known.deleted => return Standing::Deleted,
        () if known.sum == outline.sum as i64 && !push.repair => return Standing::There,
        () if push.take => return Standing::New,
        () => {}
    }
    match (push.repo.spool(), parts, &known.parts) {
        (Some(spool), Some(here), Some(there)) => match here.against(there) {
            Sight::Newer => Standing::New,
            Sight::Same if push.repair => Standing::New,
            Sight::Same | Sight::Behind => Standing::Seen,
            Sight::Without(segments) if segments.iter().all(|id| spool.has(*id)) => Standing::Seen,
            Sight::Without(_) => Standing::Wrong(
                "is there with parts that this spool has no more; --take replaces it by what is left"
                    .to_owned(),
            ),
        },
        (None, _, None) if known.source == push.source => Standing::New,
        _ => {
            let place = known.place.as_ref().map(|at| format!(", {at},"));
            Standing::Wrong(format!(
                "came from another repository{} and differs; --take replaces it",
                place.unwrap_or_default()
            ))
        }
    }
}
