//! The bytes of objects on their way to a spool: what a process puts into its packs, beside this host's copy, is brought to
//! packs of the same names beside the segments, before the frames that refer to it. Once all is there the ones on this host
//! go, and who reads finds the others.

use super::Spool;
use super::target::{MOST, Target};
use crate::blobs::{self, Pack, Packs};
use crate::error::{Error, Result};
use crate::journal::JournalId;
use crate::memory;
use crate::repo::Repo;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// The packs of one process.
pub struct Mirror {
    from: PathBuf,
    into: PathBuf,
    journal: JournalId,
    /// The pack that is being brought, and how much of it is there for good.
    current: Option<(Pack, Target, u64)>,
    /// The packs before it are there.
    number: u32,
}

impl Mirror {
    pub fn new(repo: &Repo, spool: &Spool, journal: JournalId) -> Mirror {
        Mirror {
            from: repo.location.blobs(),
            into: spool.packs(),
            journal,
            current: None,
            number: 0,
        }
    }

    /// Brings there what a process that lives has put into its packs.
    pub fn send(&mut self, packs: &Packs) -> Result<()> {
        let Some((last, end)) = packs.end() else {
            return Ok(());
        };
        for number in self.number..=last {
            let pack = self.pack(number);
            // What is being written now is for another time.
            let most = if number == last { end } else { u64::MAX };
            self.send_pack(pack, most)?;
            self.number = number;
        }
        Ok(())
    }

    /// Brings there what a process left that died. What had come with its last, unfinished write comes once more.
    pub fn send_left(&mut self) -> Result<()> {
        for pack in blobs::packs_of(&self.from, &self.journal.0)? {
            let there = self.into.join(pack.name()).metadata();
            let there = there.map_or(0, |about| about.len());
            let target = Target::new(self.into.join(pack.name()));
            self.current = Some((pack, target, there.saturating_sub(MOST as u64)));
            self.send_pack(pack, u64::MAX)?;
        }
        Ok(())
    }

    fn pack(&self, number: u32) -> Pack {
        Pack {
            journal: self.journal.0,
            number,
        }
    }

    fn send_pack(&mut self, pack: Pack, most: u64) -> Result<()> {
        let path = self.from.join(pack.name());
        let failed = |e: std::io::Error| Error::io(path.display(), &e);
        let (mut target, mut at) = match self.current.take() {
            Some((of, target, at)) if of == pack => (target, at),
            _ => (Target::new(self.into.join(pack.name())), 0),
        };
        let sent = (|| {
            let Some(file) = blobs::open(&self.from, pack)? else {
                return Ok(());
            };
            let end = file.metadata().map_err(failed)?.len().min(most);
            if at < end {
                blobs::make(&self.into)?;
            }
            while at < end {
                let piece = read(&file, at, end).map_err(failed)??;
                target.write(&piece, at)?;
                at += piece.len() as u64;
            }
            Ok(())
        })();
        self.current = Some((pack, target, at));
        sent
    }
}

/// A piece of a file for one write.
fn read(file: &File, at: u64, end: u64) -> std::io::Result<Result<Vec<u8>>> {
    let size = (end - at).min(MOST as u64);
    let mut piece = Vec::new();
    if piece.try_reserve_exact(size as usize).is_err() {
        return Ok(Err(memory::lacking(size)));
    }
    piece.resize(size as usize, 0);
    file.read_exact_at(&mut piece, at)?;
    Ok(Ok(piece))
}
