//! Telling journals whose owners live from those of the dead.

use super::JournalId;
use super::claims::Claim;
use super::clock;
use super::layout::{self, Fixed};
use super::lock::{self, Holder};
use super::owner::Owner;
use super::read::{open, read_header};
use crate::error::{Error, Result};
use std::fs::File;
use std::path::Path;

/// How old the heartbeat of a journal from another host must be before its owner is taken for dead:
/// milliseconds.
const HEARTBEAT_LIMIT: u64 = 60_000;

/// Whether the journal exists and its owner lives.
pub fn is_alive(directory: &Path, id: JournalId) -> Result<bool> {
    let Some(claim) = Claim::take(id) else {
        return Ok(true);
    };
    let path = directory.join(id.to_string());
    let file = match open(&path, false) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        file => file.map_err(|e| Error::io(path.display(), &e))?,
    };
    let holder = match lock::holder(&file).map_err(|e| Error::io(path.display(), &e))? {
        Some(Holder::Writer(process)) => Some(process),
        Some(Holder::Reader(_)) | None => None,
    };
    let header = read_header(&file).map_err(|e| e.context(path.display()))?;
    match (Fixed::decode(&header), holder) {
        (Ok(fixed), Some(holder)) => Ok(!fixed.owner.is_recovered_by(holder, &Owner::current())),
        (Ok(fixed), None) => Ok(owner_seems_dead(&fixed, &header, file, claim).is_none()),
        (Err(_), holder) => Ok(holder.is_some()),
    }
}

/// Gives file and claim back if nothing but the free lock speaks about the owner.
pub(super) fn owner_seems_dead(
    fixed: &Fixed,
    header: &[u8],
    file: File,
    claim: Claim,
) -> Option<(File, Claim)> {
    if layout::word(header, layout::CLOSED) == Some(layout::LEFT) {
        return Some((file, claim));
    }
    let here = Owner::current();
    if fixed.owner.seen_writing(&here, &file, fixed.id) {
        if fixed.owner.process == here.process {
            // Ours, by another copy of this library in the same process: closing the file would take that
            // copy's lock away.
            std::mem::forget(file);
            claim.keep_forever();
        }
        return None;
    }
    // Within one boot, in whatever container, the free lock says enough.
    if fixed.owner.host != here.host && !fixed.owner.same_boot(&here) {
        let heartbeat = layout::word(header, layout::HEARTBEAT).unwrap_or(0);
        let now = (clock::unix_nanos() / 1_000_000) as u64;
        if now.saturating_sub(heartbeat) < HEARTBEAT_LIMIT {
            return None;
        }
    }
    Some((file, claim))
}
