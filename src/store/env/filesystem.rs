//! Which filesystems LMDB is safe on: it shares memory maps and locks between processes, which network filesystems
//! do not keep coherent.

use crate::error::{Error, Result, Status};
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Filesystem types by the magic number that `statfs` gives (linux/magic.h and the filesystems' own headers).
const NETWORK: [(u32, &str); 12] = [
    (0x6969, "NFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x1983_0326, "BeeGFS"),
    (0x00c3_6400, "CephFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9P"),
    (0x5346_414f, "AFS"),
    (0xaad7_aaea, "PanFS"),
];
const FUSE: u32 = 0x6573_5546;

/// FUSE filesystems that store locally; every other one may be a network mount.
const LOCAL_FUSE: [&str; 4] = [
    "fuseblk",
    "fuse.fuse-overlayfs",
    "fuse.ntfs-3g",
    "fuse.bindfs",
];

pub fn check(path: &Path, allow_network: bool) -> Result<()> {
    if allow_network {
        return Ok(());
    }
    match network(path)? {
        Some(name) => Err(Error::new(
            Status::UnsupportedFs,
            format!(
                "{} lies on {name}, where the database is unsafe: use a local disk, or a spool, which a new repository \
                 there becomes unless AIM_SPOOL=0, or set allow_network_fs (AIM_ALLOW_NETWORK_FS=1) if only one host \
                 uses the repository",
                path.display()
            ),
        )),
        None => Ok(()),
    }
}

/// The kind of the network filesystem on which a path lies, if it does.
pub fn network(path: &Path) -> Result<Option<&'static str>> {
    let c_path = CString::new(path.as_os_str().as_bytes())
        .map_err(|_| Error::invalid(format!("the path {path:?} holds a NUL byte")))?;
    // SAFETY: statfs is plain data, for which all zeros is a value; the call fills it.
    let mut fs: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: a NUL-terminated path and a struct to fill, both live through the call.
    if unsafe { libc::statfs(c_path.as_ptr(), &mut fs) } != 0 {
        return Err(Error::io(path.display(), &std::io::Error::last_os_error()));
    }
    let magic = fs.f_type as u32;
    Ok(match NETWORK.iter().find(|(m, _)| *m == magic) {
        Some((FUSE, _)) if is_local_fuse(path) => None,
        found => found.map(|(_, name)| *name),
    })
}

/// Looks the mount up in /proc/self/mountinfo: the longest mount point above `path` counts.
fn is_local_fuse(path: &Path) -> bool {
    let (Ok(path), Ok(mounts)) = (
        path.canonicalize(),
        std::fs::read_to_string("/proc/self/mountinfo"),
    ) else {
        return false;
    };
    mounts
        .lines()
        .filter_map(|line| {
            let (before, after) = line.split_once(" - ")?;
            Some((before.split(' ').nth(4)?, after.split(' ').next()?))
        })
        .filter(|(mount_point, _)| path.starts_with(mount_point))
        .max_by_key(|(mount_point, _)| mount_point.len())
        .is_some_and(|(_, kind)| LOCAL_FUSE.contains(&kind))
}
