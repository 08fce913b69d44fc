//! Repositories on filesystems where no database may be: what is written there is a spool, segments that every process
//! makes for itself, and each host has a copy, an ordinary repository on a local disk.
//!
//! Programs write to the copy, through journal and database as everywhere. The transactions that change it also put the
//! frames that tell of the change on their way to the spool, as rows (`store::segments`), which a thread then brings to the
//! process's segment and syncs. A row says where its bytes belong, so that they are written once, however often they are:
//! by a process that was killed in between and by whoever finds what it left. Segments of others are applied to the copy
//! before it is read, each with its place in the same transaction; so they are to the repository that a spool is merged
//! into.

mod bring;
mod care;
mod items;
mod news;
mod packs;
mod place;
mod room;
mod rotate;
mod send;
mod target;

pub use bring::{Brought, merge_spool};
pub use care::{
    Checked, SegmentAbout, Standing, check_segments, collect_segments, list_segments, rescue,
};
pub use items::{Bodies, Enter};
pub use place::{CENTRAL, Spool, local_cache};
pub use room::{make_room, mark};
pub use send::Sender;

use super::{Repo, now_micros};
use crate::error::{Error, Result, Status};
use crate::store::WriteTxn;
use crate::store::keys::{JournalId, RunId};

/// A writer that has said nothing for so long has died, as far as others can see.
pub const SILENCE: i64 = 600_000_000;

impl Repo {
    /// In the copy of a spool: puts what a transaction changes on its way there, as of this journal. Elsewhere nothing.
    pub fn emit(
        &self,
        txn: &mut WriteTxn<'_>,
        journal: &JournalId,
        write: &dyn Fn(&mut Bodies<'_>),
    ) -> Result<()> {
        if self.spool.is_none() {
            return Ok(());
        }
        let at = now_micros();
        let mut segment = match txn.segment(journal)? {
            Some(segment) if segment.ended => return Ok(()),
            Some(segment) => segment,
            None => rotate::begin(txn, journal, at)?,
        };
        let mut take = |body: &[u8]| rotate::append(txn, journal, &mut segment, at, body);
        let mut bodies = Bodies::new(at, &mut take);
        write(&mut bodies);
        let ended = bodies.finish()?;
        (segment.at, segment.ended) = (at, ended);
        txn.put_segment(journal, segment)
    }

    /// In the copy of a spool: a process begins, or goes on, with a run, which is returned.
    pub fn emit_enter(
        &self,
        txn: &mut WriteTxn<'_>,
        journal: &JournalId,
        run: RunId,
        import: bool,
    ) -> Result<RunId> {
        let Some(record) = txn.run(run)? else {
            return Ok(run);
        };
        let enter = Enter::of(run, record, import);
        self.emit(txn, journal, &|bodies| bodies.enter(&enter))?;
        if self.spool.is_some() {
            txn.put_part(run, journal)?;
        }
        Ok(run)
    }

    /// What is stored can be edited here: a spool is written by runs alone.
    pub(super) fn check_editable(&self) -> Result<()> {
        match &self.spool {
            None => Ok(()),
            Some(spool) => Err(Error::new(
                Status::ReadOnly,
                format!(
                    "{} is a spool, in which nothing is edited but by a run that is open: merge it into a repository on a \
                     local disk (libaim merge) and edit it there",
                    spool.root.display()
                ),
            )),
        }
    }

    /// Says on a spool that a process lives which has had nothing to say for long.
    pub fn beat(&self, journal: &JournalId) -> Result<bool> {
        const OFTEN: i64 = SILENCE / 2;
        if self.spool.is_none() {
            return Ok(false);
        }
        let segment = self.store.read()?.segment(journal)?;
        if segment.is_none_or(|segment| now_micros() - segment.at < OFTEN) {
            return Ok(false);
        }
        self.store.write(|txn| {
            let Some(mut segment) = txn.segment(journal)?.filter(|segment| !segment.ended) else {
                return Ok(false);
            };
            segment.at = now_micros();
            let at = segment.at;
            rotate::append(txn, journal, &mut segment, at, &[])?;
            txn.put_segment(journal, segment)?;
            Ok(true)
        })
    }

    /// Whether the writer of a segment that was brought in lives, as far as it has said so.
    pub(super) fn segment_lives(&self, segment: &JournalId) -> Result<bool> {
        let segment = self.store.read()?.segment(segment)?;
        Ok(segment.is_some_and(|segment| {
            !segment.own && !segment.ended && now_micros() - segment.at < SILENCE
        }))
    }

    /// Brings what dead processes of this host left on its way to where it belongs, and the news of all others into the
    /// copy.
    pub(super) fn follow_spool(&self) -> Result<()> {
        let Some(spool) = &self.spool else {
            return Ok(());
        };
        let sent = send::send_left(self, spool);
        sent.and(bring::follow(self, spool))
    }

    /// In the copy of a spool: what a process put into its packs is all with the segments, and need not be here, too.
    pub fn clear_packs(&self, journal: &JournalId) -> Result<()> {
        match self.spool {
            Some(_) => crate::blobs::remove_all(&self.location.blobs(), journal),
            None => Ok(()),
        }
    }

    pub(super) fn send_what_is_left(&self) -> Result<()> {
        match &self.spool {
            Some(spool) => send::send_left(self, spool),
            None => Ok(()),
        }
    }
}
