//! Which process writes a journal, and whether it still runs.

use super::JournalId;
use once_cell::race::OnceBox;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;

/// Identity of a process, unique across hosts, boots and reuse of process ids. Zero or empty: unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    pub host: String,
    pub boot: [u8; 16],
    pub process: u32,
    /// Inode of the process id namespace in which `process` counts.
    pub namespace: u64,
    /// Start of the process in clock ticks since boot.
    pub start: u64,
}

impl Owner {
    /// This process. Asked once; a forked child asks for itself.
    pub fn current() -> Self {
        static CURRENT: OnceBox<Owner> = OnceBox::new();
        let process = std::process::id();
        let current = CURRENT.get_or_init(|| Box::new(Owner::of_this_process(process)));
        match current.process == process {
            true => current.clone(),
            false => Owner::of_this_process(process),
        }
    }

    fn of_this_process(process: u32) -> Self {
        Self {
            host: host(),
            boot: boot().unwrap_or_default(),
            process,
            namespace: fs::metadata("/proc/self/ns/pid").map_or(0, |m| m.ino()),
            start: start(process).unwrap_or(0),
        }
    }

    /// Whether the boot on which the owner ran lasts until now.
    pub fn same_boot(&self, other: &Self) -> bool {
        self.boot != [0; 16] && self.boot == other.boot
    }

    /// Whether process ids mean the same to both.
    fn same_namespace(&self, other: &Self) -> bool {
        self.same_boot(other) && self.namespace != 0 && self.namespace == other.namespace
    }

    /// Whether the owner is seen running from the process `observer`, and as the program that made the journal `id`:
    /// one that replaced itself by another (exec) has the file neither open nor mapped any longer. A backstop beside the
    /// lock, which the owner loses if anything in its process opens and closes the journal (a copy of the directory,
    /// say) or closes all descriptors that it does not know, as daemons do.
    pub fn seen_writing(&self, observer: &Self, file: &File, id: JournalId) -> bool {
        self.same_namespace(observer)
            && self.start != 0
            && start(self.process) == Some(self.start)
            && (has_open(self.process, file) || has_mapped(self.process, file, id))
    }

    /// Whether `process`, which holds the lock, is somebody else: he is recovering the journal.
    pub fn is_recovered_by(&self, process: u32, observer: &Self) -> bool {
        self.same_namespace(observer) && process != 0 && process != self.process
    }
}

/// Whether a process has the file open, through another descriptor than `file` itself. True if that cannot be seen.
fn has_open(process: u32, file: &File) -> bool {
    let (Ok(about), Ok(open)) = (file.metadata(), fs::read_dir(format!("/proc/{process}/fd")))
    else {
        return true;
    };
    let own = (process == std::process::id()).then(|| file.as_raw_fd().to_string());
    open.flatten()
        .filter(|entry| Some(entry.file_name().as_os_str()) != own.as_ref().map(AsRef::as_ref))
        .filter_map(|entry| fs::metadata(entry.path()).ok())
        .any(|other| (other.dev(), other.ino()) == (about.dev(), about.ino()))
}

/// Whether a process has the journal mapped. The kernel lists the device of a mapping in other ways than that of a file,
/// so it is the name that tells, which no other file has, beside the inode.
fn has_mapped(process: u32, file: &File, id: JournalId) -> bool {
    let (Ok(about), Ok(maps)) = (file.metadata(), fs::read(format!("/proc/{process}/maps"))) else {
        return true;
    };
    let (inode, name) = (about.ino().to_string(), format!("/{id}"));
    String::from_utf8_lossy(&maps).lines().any(|line| {
        let mut fields = line.split_ascii_whitespace();
        fields.nth(4) == Some(&inode) && line.trim_end_matches(" (deleted)").ends_with(&name)
    })
}

fn host() -> String {
    let mut name = [0_u8; 65];
    // SAFETY: the call writes at most the given number of bytes into the buffer.
    if unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) } != 0 {
        return String::new();
    }
    let end = name.iter().position(|b| *b == 0).unwrap_or(0);
    String::from_utf8_lossy(&name[..end]).into_owned()
}

/// The kernel's random number of this boot.
fn boot() -> Option<[u8; 16]> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let hex: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    u128::from_str_radix(&hex, 16).ok().map(u128::to_be_bytes)
}

/// Start time of a process that has not ended. A zombie counts as ended.
fn start(process: u32) -> Option<u64> {
    let stat = fs::read(format!("/proc/{process}/stat")).ok()?;
    // The second field is the command in parentheses and may contain anything.
    let after = stat.iter().rposition(|b| *b == b')')? + 1;
    let rest = String::from_utf8_lossy(&stat[after..]);
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}
