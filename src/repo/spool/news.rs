//! What is new in a spool: which segments, and up to where.

use crate::error::Result;
use crate::journal::JournalId;
use crate::repo::Repo;
use crate::spool::{self, Files, SegmentReader};
use crate::store::Segment;
use crate::store::keys;
use std::collections::BTreeMap;
use std::path::Path;

/// Segments that stay open from the first look at them until they are read.
pub const HELD: usize = 256;
/// So many segments are always being written by somebody: it is not waited for a moment at which none is.
const MANY: usize = 256;
/// Nor longer than so many looks where they are fewer.
const LOOKS: usize = 8;

pub type Known = [(keys::JournalId, Segment)];
/// The segments that are there.
pub type Found = BTreeMap<JournalId, Files>;

fn place_of(known: &Known, id: JournalId) -> Option<usize> {
    known.binary_search_by(|(known, _)| known.cmp(&id.0)).ok()
}

fn segment_of(known: &Known, id: JournalId) -> Segment {
    place_of(known, id).map_or_else(Segment::default, |at| known[at].1)
}

/// Whether a segment may have something new.
pub fn has_news(known: &Known, id: JournalId, files: &Files) -> bool {
    let segment = segment_of(known, id);
    !segment.own && !segment.ended && files.end() > segment.offset
}

pub fn is_any_gone(known: &Known, files: &Found) -> bool {
    let mut known = known.iter();
    known.any(|(id, segment)| {
        (segment.ended || !segment.own) && !files.contains_key(&JournalId(*id))
    })
}

/// A segment with something new.
pub struct News {
    pub created: i64,
    /// When its writer began, or went on with, the run that what is new is of first.
    pub begun: i64,
    pub id: JournalId,
    pub files: Files,
    pub from: u64,
    pub end: u64,
    /// Where it had to be opened to be looked at.
    pub reader: Option<SegmentReader>,
}

/// What a look at a spool found.
#[derive(Default)]
pub struct Look {
    /// Segments that are there.
    pub segments: u64,
    /// In the order in which they were begun.
    pub news: Vec<News>,
    /// What could not be read, and why.
    pub problems: Vec<String>,
}

/// Which parts of which segments are new.
///
/// A writer begins with a run once what the one before it left is there. So whatever is seen of a segment, all that came before
/// it must be seen of the others: it is looked until there are no others with news, and none gets longer. In a job of many
/// ranks, of which one has always written something since the look before, that moment never comes: there it is looked once
/// more where a segment is met for the first time, how long segments are is looked at of the youngest first, and only of a
/// writer of long ago that goes on with a run in the very instant may the beginning come before the end of another.
pub fn look_for_news(into: &Repo, folder: &Path, mut all: Found) -> Result<Look> {
    let known = into.store.read()?.segments()?;
    let mut looked_at: Vec<JournalId> = Vec::new();
    let mut look = Look::default();
    let news = &mut look.news;
    loop {
        look.segments = all.len() as u64;
        let (before, few) = (news.len(), all.len() < MANY);
        let mut any_begun = false;
        for (id, files) in all {
            if !has_news(&known, id, &files) {
                continue;
            }
            let segment = segment_of(&known, id);
            let Err(place) = looked_at.binary_search(&id) else {
                continue;
            };
            looked_at.insert(place, id);
            let mut one = News {
                created: segment.created,
                begun: segment.created,
                id,
                files,
                from: segment.offset,
                end: 0,
                reader: None,
            };
            if one.created == 0 {
                match SegmentReader::open(folder, id, &one.files, one.from) {
                    Ok(Some(reader)) => {
                        one.created = reader.header().created;
                        one.begun = one.created;
                        one.reader = Some(reader).filter(|_| news.len() < HELD);
                        any_begun = true;
                    }
                    Ok(None) => continue,
                    Err(e) => {
                        look.problems.push(e.to_string());
                        continue;
                    }
                }
            }
            news.push(one);
        }
        let look_again = any_begun || (few && news.len() > before);
        if !look_again {
            break;
        }
        all = spool::scan(folder)?;
    }
    news.sort_unstable_by_key(|one| (one.created, one.id));
    let looks = if news.len() < MANY { LOOKS } else { 1 };
    for _ in 0..looks {
        let mut longer = false;
        for one in news.iter_mut().rev() {
            let end = spool::end_now(folder, one.id, &one.files)?;
            longer |= end != std::mem::replace(&mut one.end, end);
        }
        if !longer {
            break;
        }
    }
    Ok(look)
}
