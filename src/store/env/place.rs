//! The database's files as they were opened, and whether they still are the database: under a process that has them
//! open a directory may be removed, replaced or cut short.

use crate::error::{Error, Result, Status};
use crate::own_file::OwnFile;
use std::fs::{self, File, Metadata, OpenOptions};
use std::mem::ManuallyDrop;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

pub struct Place {
    data: OwnFile,
    path: PathBuf,
    /// LMDB's lock file, where this process uses it, and its size then: all of it is mapped.
    lock: Option<(OwnFile, u64)>,
    /// The data file never gets shorter than this.
    least_size: AtomicU64,
    moved: AtomicBool,
}

impl Place {
    pub fn new(data: File, directory: &Path, lock: Option<File>) -> Result<Place> {
        let path = directory.join("data.mdb");
        let failed = |e: std::io::Error| Error::io(path.display(), &e);
        let lock = match lock {
            Some(lock) => {
                let size = lock.metadata().map_err(failed)?.len();
                let path = path.with_file_name("lock.mdb");
                let options = OpenOptions::new().read(true).write(true).clone();
                let lock = OwnFile::new(lock, &path, &options).map_err(failed)?;
                Some((lock, size))
            }
            None => None,
        };
        let data = OwnFile::new(data, &path, OpenOptions::new().read(true)).map_err(failed)?;
        Ok(Place {
            data,
            path,
            lock,
            least_size: AtomicU64::new(0),
            moved: AtomicBool::new(false),
        })
    }

    pub fn data(&self) -> ManuallyDrop<File> {
        self.data.file()
    }

    /// Makes sure that the files are open, though the host may have closed their descriptors. True if the lock file had to
    /// be opened again.
    pub fn check_files(&self) -> Result<bool> {
        self.data.check()?;
        let lock = self.lock.as_ref().map(|(lock, _)| lock.check());
        lock.unwrap_or(Ok(false))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The data file's metadata, as of a file that has grown to its present size.
    pub fn about_data(&self) -> Result<Metadata> {
        let about = self.about_own()?;
        self.least_size.fetch_max(about.len(), Ordering::Relaxed);
        Ok(about)
    }

    fn about_own(&self) -> Result<Metadata> {
        let about = self.data.metadata();
        about.map_err(|e| Error::io(self.path.display(), &e))
    }

    /// Before a transaction: both files are mapped, and beyond the end of its file a map is SIGBUS. LMDB makes neither
    /// shorter.
    ///
    /// # Errors
    /// `NotFound` where the files were removed, `Corrupt` where one was cut short.
    pub fn check(&self) -> Result<()> {
        let about = self.about_own()?;
        if about.nlink() == 0 {
            return Err(self.removed());
        }
        let least = self.least_size.load(Ordering::Relaxed);
        self.check_size(&self.path, about.len(), least)?;
        let Some((lock, size)) = &self.lock else {
            return Ok(());
        };
        let path = self.path.with_file_name("lock.mdb");
        let about = lock.metadata().map_err(|e| Error::io(path.display(), &e))?;
        if about.nlink() == 0 {
            return Err(Error::new(
                Status::NotFound,
                format!(
                    "{} was removed while processes had the database open, which then do not see each other's locks: \
                     end them all, what they tracked waits in their journals",
                    path.display()
                ),
            ));
        }
        self.check_size(&path, about.len(), *size)
    }

    /// Whether LMDB's lock file, to which it writes even to close, has lost some of what is mapped.
    pub fn is_lock_cut(&self) -> bool {
        let lock = self.lock.as_ref();
        lock.is_some_and(|(lock, size)| lock.metadata().is_ok_and(|about| about.len() < *size))
    }

    /// Whether no other process has the environment open; if so, none opens it until this one closes it. LMDB holds a
    /// shared lock on the first byte of its lock file for as long as it has the environment open.
    pub fn exclude_others(&self) -> Result<bool> {
        use std::os::fd::AsRawFd;
        let Some((lock, _)) = &self.lock else {
            return Ok(false);
        };
        // SAFETY: `flock` is a plain C struct; zero is a valid value of each field.
        let mut request: libc::flock = unsafe { std::mem::zeroed() };
        request.l_type = libc::F_WRLCK as _;
        request.l_whence = libc::SEEK_SET as _;
        request.l_len = 1;
        let lock = lock.file();
        // SAFETY: the descriptor is open and the pointer refers to a `flock`, as this command demands.
        let rc = unsafe {
            libc::fcntl(
                lock.as_raw_fd(),
                libc::F_SETLK,
                std::ptr::from_ref(&request),
            )
        };
        if rc == 0 {
            return Ok(true);
        }
        let e = std::io::Error::last_os_error();
        match e.raw_os_error() {
            Some(libc::EAGAIN | libc::EACCES) => Ok(false),
            _ => Err(Error::io(
                self.path.with_file_name("lock.mdb").display(),
                &e,
            )),
        }
    }

    fn check_size(&self, path: &Path, size: u64, least: u64) -> Result<()> {
        if size >= least {
            return Ok(());
        }
        Err(Error::corrupt(format!(
            "{} was cut short while it was open: {size} of {least} bytes",
            path.display()
        )))
    }

    /// An error if the data file was removed. Data and maps stay until the process closes them.
    pub fn is_removed(&self) -> Option<Error> {
        let about = self.about_own().ok()?;
        (about.nlink() == 0).then(|| self.removed())
    }

    fn removed(&self) -> Error {
        let replaced = match fs::symlink_metadata(&self.path) {
            Ok(_) => "and another one put in its place ",
            Err(_) => "",
        };
        Error::new(
            Status::NotFound,
            format!(
                "the database {} was removed {replaced}while this process had it open: \
                 end the runs that write there and open it again",
                self.path.display()
            ),
        )
    }

    /// Before a write: where the files were moved to while they are open, the first time that this is seen.
    pub fn newly_moved(&self) -> Option<PathBuf> {
        let same = match (fs::symlink_metadata(&self.path), self.data.metadata()) {
            (Ok(named), Ok(open)) => (named.dev(), named.ino()) == (open.dev(), open.ino()),
            _ => false,
        };
        if same || self.moved.swap(true, Ordering::Relaxed) {
            return None;
        }
        use std::os::fd::AsRawFd;
        let link = format!("/proc/self/fd/{}", self.data().as_raw_fd());
        Some(fs::read_link(link).unwrap_or_default())
    }
}
