//! Options of repositories and runs: structs that grow, read and filled.

use super::strings::optional;
use super::time::time;
use crate::environment;
use crate::error::{Error, Result};
use crate::repo::RepoOptions;
use crate::run::{Mode, RunOptions, Which, auto_id};
use crate::system;
use std::ffi::c_char;
use std::time::Duration;

/// Settings of a repository. They count when the process first opens it; handles that join later share them.
/// Initialise with `AIM_REPO_OPTIONS_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_repo_options {
    /// `sizeof(aim_repo_options)`; set by the initialiser.
    pub struct_size: usize,
    /// Bytes of address space to reserve for the database at first; it takes more when it needs more. 0: the environment variable
    /// `AIM_MAP_SIZE`, else 1 TiB, or a quarter of what `ulimit -v` leaves.
    pub map_size: u64,
    /// Seconds that a tracked value may wait before it is committed, 0.001 to 3600. 0: one second.
    pub flush_interval: f64,
    /// Bytes of the journal that takes up tracked values, a file of its own for each process. 0: 6 MiB.
    pub journal_size: u64,
    /// Open a database on a network filesystem too, and make a new repository there one, instead of a spool, which any
    /// number of hosts may use. Safe only while one host uses it. The environment variable `AIM_ALLOW_NETWORK_FS=1` does the
    /// same.
    pub allow_network_fs: bool,
    /// 1: without a path the search upwards takes a `.aim` of any user. 0: only of this one, since others could have put
    /// theirs there for it to find, or in directories that the environment variable `AIM_SAFE_DIRECTORY` names (separated
    /// by colons; `*` for all).
    pub any_owner: u64,
}

/// How a run is opened. Initialise with `AIM_RUN_OPTIONS_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_run_options {
    /// `sizeof(aim_run_options)`; set by the initialiser.
    pub struct_size: usize,
    /// Directory of the repository, made if missing. NULL: the nearest directory upwards from the working directory
    /// that holds `.aim`, else the working directory; before these the environment variable `AIM_REPO`.
    pub repo: *const c_char,
    /// Name of the experiment. NULL: "default", or what a continued run has.
    pub experiment: *const c_char,
    /// NULL: a new run. Else 24 hex digits: continues that run, finished, crashed or being written by others.
    pub run_hash: *const c_char,
    /// Settings of the repository; NULL for the defaults.
    pub repo_options: *const aim_repo_options,
    /// Seconds between two readings of what the process, the host and its GPUs use, 0.1 to 86400. 0: none. They go
    /// into sequences called `__system__...`; docs/system.md lists them.
    pub system_tracking_interval: f64,
    /// Of the processes on this host that give the same name here, one at a time reads the system; the others record
    /// nothing of it. Good for the ranks of one job: give the job's id. NULL: this process reads for itself.
    pub system_tracking_group: *const c_char,
    /// Record what the program and the machine are, as the param `__system_params`: arguments, environment, git, host,
    /// GPUs, libraries, batch system, MPI rank. Values with a secret name, like `*TOKEN*`, and what looks like a secret
    /// are masked; docs/system.md has the list. Nobody may call `setenv` meanwhile. May take half a second.
    pub log_system_params: bool,
    /// More names to mask, separated by commas; `*` stands for anything: "*_LICENCE,SITE_*". NULL: none. The environment
    /// variable `AIM_MASK_NAMES` adds to them.
    pub mask_names: *const c_char,
    /// Record what the process and its children write to file descriptors 1 and 2, in the run's `AIM_LOGS_TERMINAL`;
    /// it still reaches the terminal. docs/system.md says what that changes for the program.
    pub capture_terminal_logs: bool,
    /// The only variables of the environment that `log_system_params` records, separated by commas; `*` stands for
    /// anything: "OMP_*,SLURM_*". "": none. NULL: all. Where the environment variable `AIM_ENV_NAMES` is such a list
    /// too, what is recorded is in both. Their values are masked as ever.
    pub env_names: *const c_char,
    /// The run is found by this text, up to 255 bytes, from which its hash is made: the id of a job, for one. "auto": what
    /// the batch system calls the job (Slurm, PBS, LSF, Kubernetes, torchrun), so that all its ranks, and the job when it is
    /// queued again, have one run. NULL: not so.
    pub run_id: *const c_char,
    /// With `run_id`: `AIM_OPEN_OR_CREATE`, `AIM_CREATE` (`AIM_ERR_EXISTS` if there is one) or `AIM_OPEN`
    /// (`AIM_ERR_NOT_FOUND` if there is none). Processes that open one id at once get one run.
    pub run_id_mode: i32,
    /// 24 hex digits that a new run gets as its hash; `AIM_ERR_EXISTS` if there is one. NULL: drawn at random.
    pub new_hash: *const c_char,
    /// When a new run was created, in seconds since 1970-01-01 UTC; 0: now.
    pub created_at: f64,
    /// Nobody writes the run live: what is past is brought in. It does not run and does not crash with the process; a new
    /// one counts as finished, one that exists keeps status and end, unless `aim_run_close_as` gives others.
    pub no_lease: bool,
    /// Continue the run from `resume_step`: what its metrics and sequences of objects have from there on is dropped, as by `aim_run_rewind`. Where
    /// several processes go on with a run, the first one does so, and the others join.
    pub resume: bool,
    /// The first step that will be tracked again; counts if `resume` is set.
    pub resume_step: i64,
    /// With `system_tracking_interval`: read what the processes below this one use, too, its children, theirs, and so on, as
    /// sequences `__system__children_...`.
    pub system_tracking_children: bool,
    /// Whether anything is tracked: `AIM_MODE_AS_SET`, `AIM_MODE_ENABLED` or `AIM_MODE_DISABLED`, where calls succeed and do
    /// nothing, no file is made and no thread started.
    pub mode: i32,
}

/// As the environment variable `AIM_MODE` says: `disabled`, or, where it is not set, enabled.
pub const AIM_MODE_AS_SET: i32 = 0;
/// What the program tracks is stored, whatever `AIM_MODE` says.
pub const AIM_MODE_ENABLED: i32 = 1;
/// Nothing is tracked, whatever `AIM_MODE` says.
pub const AIM_MODE_DISABLED: i32 = 2;

/// Opens the run with that `run_id`, or creates it.
pub const AIM_OPEN_OR_CREATE: i32 = 0;
/// Creates a run with that `run_id`.
pub const AIM_CREATE: i32 = 1;
/// Opens the run with that `run_id`.
pub const AIM_OPEN: i32 = 2;

/// A struct that may grow: plain data that starts with its size as the caller knows it.
///
/// # Safety
/// The type is `repr(C)`, starts with `struct_size: usize`, and all zeros is a value of it.
pub(super) unsafe trait Options: Copy {
    const NAME: &'static str;
}

// SAFETY: integers, floats, a bool and a size in front.
unsafe impl Options for aim_repo_options {
    const NAME: &'static str = "aim_repo_options";
}
// SAFETY: pointers, numbers, bools and a size in front.
unsafe impl Options for aim_run_options {
    const NAME: &'static str = "aim_run_options";
}

/// The size of the caller's struct, checked. One that ends inside a field would take half of a pointer or number: a size
/// in C is a multiple of the alignment, 8, and no field crosses such a boundary.
///
/// # Safety
/// `options` points to a size.
unsafe fn size<T: Options>(options: *const T) -> Result<usize> {
    // SAFETY: the struct starts with its size, by the trait.
    let given = unsafe { options.cast::<usize>().read() };
    let least = std::mem::size_of::<usize>();
    if !(least..=1 << 16).contains(&given) || given % std::mem::align_of::<T>() != 0 {
        return Err(Error::invalid(format!(
            "{}.struct_size is {given}, which no version has: initialise with the _INIT macro",
            T::NAME
        )));
    }
    Ok(given)
}

/// Copies what the caller's version of a struct has; fields that it does not know are zero, their default.
///
/// # Safety
/// `options` is NULL or points to a struct of the size that its first field gives.
pub(super) unsafe fn read<T: Options>(options: *const T) -> Result<T> {
    // SAFETY: all zeros is a value, by the trait.
    let mut copy: T = unsafe { std::mem::zeroed() };
    if options.is_null() {
        return Ok(copy);
    }
    let own = std::mem::size_of::<T>();
    // SAFETY: not NULL, and so a struct.
    let given = unsafe { size(options) }?;
    // SAFETY: the caller's struct has `given` bytes.
    let bytes = unsafe { std::slice::from_raw_parts(options.cast::<u8>(), given) };
    if bytes.iter().skip(own).any(|b| *b != 0) {
        return Err(Error::invalid(format!(
            "{}.struct_size is {given}, of a newer version, and sets fields that this library does not know",
            T::NAME
        )));
    }
    // SAFETY: both have that many bytes and do not overlap.
    unsafe {
        std::ptr::copy_nonoverlapping(
            bytes.as_ptr(),
            std::ptr::from_mut(&mut copy).cast::<u8>(),
            given.min(own),
        );
    }
    Ok(copy)
}

/// Fills the caller's struct, as much of it as the caller's version has; its size stays.
///
/// # Safety
/// `out` points to a struct of the size that its first field gives.
pub(super) unsafe fn fill<T: Options>(out: *mut T, filled: T) -> Result<()> {
    // SAFETY: promised by the caller.
    let given = unsafe { size(out) }?;
    let first = std::mem::size_of::<usize>();
    // SAFETY: both have that many bytes and do not overlap.
    unsafe {
        std::ptr::copy_nonoverlapping(
            std::ptr::from_ref(&filled).cast::<u8>().add(first),
            out.cast::<u8>().add(first),
            given.min(std::mem::size_of::<T>()) - first,
        );
    }
    Ok(())
}

/// # Safety
/// As for `read`.
pub(super) unsafe fn repo_options(options: *const aim_repo_options) -> Result<RepoOptions> {
    // SAFETY: promised by the caller.
    let given = unsafe { read(options) }?;
    let mut repo = RepoOptions::default();
    let flush_interval = match given.flush_interval == 0.0 {
        true => environment::number("AIM_FLUSH_INTERVAL")?.unwrap_or_default(),
        false => given.flush_interval,
    };
    if flush_interval != 0.0 {
        // Written so that NaN fails too.
        if !(0.001..=3600.0).contains(&flush_interval) {
            return Err(Error::invalid(format!(
                "flush_interval is {flush_interval}; it is 0, or 0.001 to 3600 seconds"
            )));
        }
        repo.flush_interval = Some(Duration::from_secs_f64(flush_interval));
    }
    repo.store.map_size = match given.map_size {
        0 => map_size_from_environment()?,
        size => Some(usize::try_from(size).unwrap_or(usize::MAX)),
    };
    repo.store.allow_network_fs = given.allow_network_fs;
    repo.any_owner = match given.any_owner {
        0 | 1 => given.any_owner == 1,
        other => {
            return Err(Error::invalid(format!(
                "any_owner is {other}; it is 0 or 1"
            )));
        }
    };
    repo.journal_size = (given.journal_size != 0).then_some(given.journal_size);
    Ok(repo)
}

/// Calls `open` with the options of the run that is meant.
///
/// # Safety
/// The strings of `options` are NULL or NUL-terminated.
pub(super) unsafe fn with_run_options<T>(
    options: &aim_run_options,
    open: impl FnOnce(&RunOptions<'_>) -> Result<T>,
) -> Result<T> {
    // SAFETY: promised by the caller.
    let text = |text, name| unsafe { optional(text, name) };
    let run_hash = text(options.run_hash, "run_hash")?;
    let new_hash = text(options.new_hash, "new_hash")?;
    let given = text(options.run_id, "run_id")?.map(str::to_owned);
    let run_id = match (given, run_hash.or(new_hash)) {
        (None, None) => environment::text("AIM_RUN_ID")?,
        (given, _) => given,
    };
    let run_id = match run_id.as_deref() {
        Some("auto") => Some(auto_id()?),
        _ => run_id,
    };
    let run_id = run_id.as_deref();
    let mode = match options.run_id_mode {
        AIM_OPEN_OR_CREATE => Mode::OpenOrCreate,
        AIM_CREATE => Mode::Create,
        AIM_OPEN => Mode::Open,
        mode => {
            return Err(Error::invalid(format!(
                "run_id_mode is {mode}; it is AIM_OPEN_OR_CREATE, AIM_CREATE or AIM_OPEN"
            )));
        }
    };
    let which = match (run_hash, new_hash, run_id) {
        (None, None, None) => Which::New,
        (Some(hash), None, None) => Which::Existing(hash),
        (None, Some(hash), None) => Which::NewHash(hash),
        (None, None, Some(id)) => Which::Id(id, mode),
        _ => {
            return Err(Error::invalid(
                "more than one of run_hash, new_hash and run_id is set: each names a run",
            ));
        }
    };
    open(&RunOptions {
        which,
        experiment: text(options.experiment, "experiment")?,
        created_at: time(options.created_at)?,
        import: options.no_lease,
        resume_step: options.resume.then_some(options.resume_step),
    })
}

/// What the program says of the off switch.
pub(super) fn disabled(options: &aim_run_options) -> Result<Option<bool>> {
    match options.mode {
        AIM_MODE_AS_SET => Ok(None),
        AIM_MODE_ENABLED => Ok(Some(false)),
        AIM_MODE_DISABLED => Ok(Some(true)),
        mode => Err(Error::invalid(format!(
            "mode is {mode}; it is AIM_MODE_AS_SET, AIM_MODE_ENABLED or AIM_MODE_DISABLED"
        ))),
    }
}

/// # Safety
/// The strings of `options` are NULL or NUL-terminated.
pub(super) unsafe fn system_options(options: &aim_run_options) -> Result<system::Options> {
    // SAFETY: promised by the caller.
    let group = unsafe { optional(options.system_tracking_group, "system_tracking_group") }?;
    // SAFETY: promised by the caller.
    let masks = unsafe { optional(options.mask_names, "mask_names") }?.unwrap_or_default();
    // SAFETY: promised by the caller.
    let variables = unsafe { optional(options.env_names, "env_names") }?;
    let list = |text: &str| text.split(',').map(str::to_owned).collect();
    let interval = match options.system_tracking_interval == 0.0 {
        true => environment::number("AIM_SYSTEM_TRACKING_INTERVAL")?.unwrap_or_default(),
        false => options.system_tracking_interval,
    };
    Ok(system::Options {
        interval: system::Options::parse_interval(interval)?,
        group: group.map(str::to_owned),
        children_of: options.system_tracking_children.then(std::process::id),
        params: options.log_system_params,
        masks: list(masks),
        variables: variables.map(list),
        terminal: system::Options::parse_terminal(options.capture_terminal_logs)?,
    })
}

fn map_size_from_environment() -> Result<Option<usize>> {
    match std::env::var("AIM_MAP_SIZE") {
        Err(_) => Ok(None),
        Ok(text) => text.parse().map(Some).map_err(|_| {
            Error::invalid(format!("AIM_MAP_SIZE is {text:?}; it is a number of bytes"))
        }),
    }
}
