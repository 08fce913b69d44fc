//! Files below `.aim`: opened without following links or waiting for a FIFO, and made with the modes that their
//! directory asks for.
//!
//! Modes follow the directory, as with git's `core.sharedRepository`: where the group may write the directory it may
//! write the files in it, whatever the umask; so may others where they may write the directory, unless it is one like
//! `/tmp`. Beyond that the umask counts. Files that serve as locks can be opened by nobody who may not write: who can
//! open a file can lock it.

use crate::error::{Error, Result};
use crate::own_file::OwnFile;
use std::ffi::{CString, OsStr};
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;
const SET_GROUP: u32 = 0o2000;
const PERMISSIONS: u32 = 0o7777;

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// Who can open a file that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Openers {
    /// Who the umask lets read it, and who may write the directory.
    Readers,
    /// Who may write the directory: the file is a lock.
    Writers,
}

/// A directory, the one that it was when it was opened, whatever happens to its name.
pub struct Folder {
    file: File,
    path: PathBuf,
}

impl Folder {
    /// The last component of `path` is no link.
    pub fn open(path: &Path) -> Result<Folder> {
        let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW;
        let file = open_at(libc::AT_FDCWD, path.as_os_str(), flags, 0).map_err(|e| {
            let refused = matches!(e.raw_os_error(), Some(libc::ELOOP | libc::ENOTDIR));
            match refused.then(|| fs::symlink_metadata(path)) {
                Some(Ok(about)) => unfit(path, &about, "a directory"),
                _ => Error::io(path.display(), &e),
            }
        })?;
        Ok(Folder {
            file,
            path: path.to_owned(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// To keep the directory's inode for long.
    pub fn keep(self) -> Result<OwnFile> {
        let kept = OwnFile::new(self.file, &self.path, OpenOptions::new().read(true));
        kept.map_err(|e| Error::io(self.path.display(), &e))
    }

    pub fn about(&self) -> Result<Metadata> {
        let about = self.file.metadata();
        about.map_err(|e| Error::io(self.path.display(), &e))
    }

    /// A file that may be missing. Anything but a regular file is refused.
    pub fn existing(&self, name: &str, access: Access) -> Result<Option<File>> {
        match self.open_at(name, flags(access), 0) {
            Err(e) if e.raw_os_error() == Some(libc::ENOENT) => Ok(None),
            opened => self.checked(name, opened).map(Some),
        }
    }

    /// A file to write to, made if it is missing. Its owner gives it the mode that it should have.
    pub fn made(&self, name: &str, openers: Openers) -> Result<File> {
        // Others cannot lock a new file before its maker does.
        let mode = match openers {
            Openers::Readers => 0o666,
            Openers::Writers => 0o600,
        };
        let flags = flags(Access::Write);
        let opened = match self.open_at(name, flags | libc::O_CREAT | libc::O_EXCL, mode) {
            Err(e) if e.raw_os_error() == Some(libc::EEXIST) => {
                // Without `O_CREAT`, which some systems refuse for files of others in a shared directory.
                self.open_at(name, flags, 0)
            }
            opened => opened,
        };
        let file = self.checked(name, opened)?;
        share(&file, &self.about()?, openers);
        Ok(file)
    }

    fn open_at(&self, name: &str, flags: libc::c_int, mode: libc::mode_t) -> io::Result<File> {
        open_at(self.file.as_raw_fd(), OsStr::new(name), flags, mode)
    }

    fn checked(&self, name: &str, opened: io::Result<File>) -> Result<File> {
        let path = self.path.join(name);
        match opened.and_then(|file| file.metadata().map(|about| (file, about))) {
            Ok((file, about)) if about.is_file() => Ok(file),
            Ok((_, about)) => Err(unfit(&path, &about, "a regular file")),
            // A link, or a FIFO or socket that is opened to write.
            Err(e)
                if matches!(
                    e.raw_os_error(),
                    Some(libc::ELOOP | libc::ENXIO | libc::EISDIR)
                ) =>
            {
                match fs::symlink_metadata(&path) {
                    Ok(about) if !about.is_file() => Err(unfit(&path, &about, "a regular file")),
                    _ => Err(Error::io(path.display(), &e)),
                }
            }
            Err(e) => Err(Error::io(path.display(), &e)),
        }
    }
}

/// Makes sure that no link below `base` leads from a path elsewhere. What is missing is none.
pub fn check_no_links(base: &Path, path: &Path) -> Result<()> {
    let below = |part: &&Path| part.starts_with(base) && *part != base;
    for part in path.ancestors().take_while(below) {
        match fs::symlink_metadata(part) {
            Ok(about) if about.is_symlink() => return Err(unfit(part, &about, "none")),
            _ => {}
        }
    }
    Ok(())
}

fn flags(access: Access) -> libc::c_int {
    let access = match access {
        Access::Read => libc::O_RDONLY,
        Access::Write => libc::O_RDWR,
    };
    access | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY
}

fn open_at(
    directory: libc::c_int,
    name: &OsStr,
    flags: libc::c_int,
    mode: libc::mode_t,
) -> io::Result<File> {
    let name = CString::new(name.as_bytes())?;
    loop {
        // SAFETY: a NUL-terminated name that lives through the call.
        let opened =
            unsafe { libc::openat(directory, name.as_ptr(), flags | libc::O_CLOEXEC, mode) };
        if opened >= 0 {
            // SAFETY: a descriptor that was just opened and that nobody else knows.
            return Ok(unsafe { File::from_raw_fd(opened) });
        }
        let e = io::Error::last_os_error();
        if e.raw_os_error() != Some(libc::EINTR) {
            return Err(e);
        }
    }
}

fn unfit(path: &Path, about: &Metadata, wanted: &str) -> Error {
    use std::os::unix::fs::FileTypeExt;
    let kind = about.file_type();
    let found = match () {
        () if kind.is_symlink() => "a symbolic link, and below .aim none is followed",
        () if kind.is_dir() => "a directory",
        () if kind.is_fifo() => "a FIFO",
        () if kind.is_socket() => "a socket",
        () if kind.is_file() => "a file",
        () => "a device",
    };
    Error::corrupt(format!(
        "{} is {found}: it must be {wanted}; remove it, or put the original in its place",
        path.display()
    ))
}

/// Bits that the directory's mode adds to those of a file in it.
fn added(file: &Metadata, directory: &Metadata) -> u32 {
    let mode = directory.mode();
    if mode & (STICKY | OTHERS_WRITE) == STICKY | OTHERS_WRITE {
        return 0;
    }
    // The bits of a file speak of its own group.
    let group = mode & GROUP_WRITES != 0 && file.gid() == directory.gid();
    let others = mode & OTHERS_WRITE != 0;
    (u32::from(group) * 0o060) | (u32::from(others) * 0o006)
}

/// Gives a file of this user's in a directory the mode that it should have there.
pub fn share(file: &File, directory: &Metadata, openers: Openers) {
    let Ok(about) = file.metadata() else { return };
    let added = added(&about, directory);
    let mode = about.mode() & PERMISSIONS;
    let wanted = match openers {
        Openers::Readers => mode | added,
        Openers::Writers => 0o600 | added,
    };
    if wanted != mode && about.uid() == effective_user() {
        // Where the filesystem refuses, the mode is what it was.
        let _ = file.set_permissions(Permissions::from_mode(wanted));
    }
}

/// Gives a file that was made for this user alone the mode that it would have had from the start.
pub fn open_up(file: &File, directory: &Metadata) {
    let readers = 0o666 & !umask().unwrap_or(0o077);
    let _ = file.set_permissions(Permissions::from_mode(readers));
    share(file, directory, Openers::Readers);
}

/// As the kernel tells it, since Linux 4.7; to ask by `umask` would change it for other threads.
fn umask() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("Umask:"))?;
    u32::from_str_radix(line.trim(), 8).ok()
}

/// Makes a directory unless there is one; false if there is. What is below it takes its group and its modes.
pub fn make_directory(path: &Path) -> io::Result<bool> {
    match fs::create_dir(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => return Ok(false),
        made => made?,
    }
    let above = match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    let (made, above) = (fs::symlink_metadata(path)?, fs::metadata(above)?);
    let added = added(&made, &above);
    if added != 0 {
        // Who may read and write may search.
        let search = (added >> 2) & 0o011;
        let group = u32::from(added & 0o060 != 0) * SET_GROUP;
        let mode = (made.mode() & PERMISSIONS) | added | search | group;
        let _ = fs::set_permissions(path, Permissions::from_mode(mode));
    }
    Ok(true)
}

/// The user whose rights this process has.
pub fn effective_user() -> u32 {
    // SAFETY: a call without arguments that always succeeds.
    unsafe { libc::geteuid() }
}

/// How large a file is, asked of its file server even where this host has an answer from a moment ago; no link is followed.
pub fn size_now(path: &Path) -> io::Result<u64> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: all bytes of it may be zero.
    let mut about: libc::statx = unsafe { std::mem::zeroed() };
    // By its number: old C libraries lack the function. SAFETY: the name ends with a zero, and `about` is as large as the kernel
    // writes.
    let outcome = unsafe {
        libc::syscall(
            libc::SYS_statx,
            libc::AT_FDCWD,
            name.as_ptr(),
            libc::AT_STATX_FORCE_SYNC | libc::AT_SYMLINK_NOFOLLOW,
            libc::STATX_SIZE,
            &raw mut about,
        )
    };
    if outcome == 0 {
        return Ok(about.stx_size);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        // Of an old kernel, or forbidden: what is opened is asked for anew, too.
        Some(libc::ENOSYS | libc::EPERM) => {
            let mut options = OpenOptions::new();
            options
                .read(true)
                .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
            Ok(options.open(path)?.metadata()?.len())
        }
        _ => Err(error),
    }
}
