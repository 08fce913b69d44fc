use super::super::open::environment;
use super::super::{OpenOptions, Store};
use super::*;
use lmdb::{Environment, EnvironmentFlags};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

/// Asks for a lock of one open file (F_OFD_...), to which those of this process are a stranger's.
fn lock(file: &File, command: c_int, kind: c_int, start: c_int, len: c_int) -> libc::flock {
    // SAFETY: `flock` is a plain C struct; zero is a valid value of each field.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = kind as _;
    request.l_whence = libc::SEEK_SET as _;
    request.l_start = start.into();
    request.l_len = len.into();
    // SAFETY: the descriptor is open and the pointer refers to a `flock`, as these commands demand.
    let done = unsafe { libc::fcntl(file.as_raw_fd(), command, &raw mut request) };
    assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
    request
}

fn lock_file(directory: &Path) -> File {
    let mut options = File::options();
    let path = directory.join("lock.mdb");
    options.read(true).write(true).open(path).unwrap()
}

fn open(path: &Path) -> Environment {
    let flags = EnvironmentFlags::NO_TLS;
    Environment::new().set_flags(flags).open(path).unwrap()
}

/// Frees the slots of the dead and counts them.
fn dead(env: &Environment) -> c_int {
    let mut dead = 0;
    // SAFETY: the environment is open, and `dead` outlives the call.
    let rc = unsafe { lmdb_sys::mdb_reader_check(env.env(), &mut dead) };
    assert_eq!(rc, 0);
    dead
}

#[test]
fn numbers_are_positive_and_no_process_ids() {
    let limit = 4 << 20; // PID_MAX_LIMIT of the kernel
    for random in [0, 1, COUNT - 1, COUNT, COUNT + 1, u32::MAX - 1, u32::MAX] {
        let number = Number::from_random(random).0;
        assert!(number >= limit, "{random} gives {number}");
    }
    assert_eq!(Number::from_random(0).0, limit);
    assert_eq!(Number::from_random(COUNT - 1).0, c_int::MAX);
}

#[test]
fn each_is_drawn_anew() {
    let numbers: Vec<c_int> = (0..8).map(|_| Number::draw().unwrap().0).collect();
    // Two of eight agree once in 77 million times.
    assert!((1..8).all(|i| !numbers[..i].contains(&numbers[i])));
}

#[test]
fn an_open_store_locks_a_number_of_its_own() {
    let stores = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let open = stores
        .each_ref()
        .map(|path| Store::open(path.path(), &OpenOptions::default(), || true).unwrap());
    let locked = stores.each_ref().map(|path| {
        // Stays open: closing it ends the locks of this process.
        let file = std::mem::ManuallyDrop::new(lock_file(path.path()));
        let least = LEAST as c_int;
        let found = lock(
            &file,
            libc::F_OFD_GETLK,
            libc::F_WRLCK,
            least,
            c_int::MAX - least,
        );
        (found.l_type != libc::F_UNLCK as libc::c_short).then_some((found.l_start, found.l_len))
    });
    assert!(locked[0].is_some_and(|(_, len)| len == 1), "{locked:?}");
    assert_ne!(locked[0], locked[1]);
    drop(open);
}

#[test]
fn a_number_that_is_taken_is_drawn_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let (options, numbers) = (OpenOptions::default(), [7, 8].map(Number::from_random));
    drop(Store::open(path, &options, || true).unwrap());
    let other = lock_file(path);
    lock(&other, libc::F_OFD_SETLK, libc::F_WRLCK, numbers[0].0, 1);

    let mut next = numbers.into_iter();
    let draw = || Ok(next.next().unwrap());
    let (env, number) = environment(path, &options, EnvironmentFlags::empty(), draw).unwrap();
    assert_eq!(number, numbers[1]);
    number.during(|| drop(env));

    let mut drawn = 0;
    let draw = || {
        drawn += 1;
        Ok(numbers[0])
    };
    let error = environment(path, &options, EnvironmentFlags::empty(), draw).err();
    assert!(error.is_some_and(|e| e.message.contains("temporarily unavailable")));
    assert_eq!(drawn, 8);
}

#[test]
fn closing_frees_the_slots_of_that_number_only() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let numbers = [1, 2].map(Number::from_random);
    drop(open(path));
    // Another user of the lock file, or else each opening would begin by emptying it.
    let other = lock_file(path);
    lock(&other, libc::F_OFD_SETLK, libc::F_RDLCK, 0, 1);
    let leave_a_reader = |closing: Number| {
        let env = numbers[0].during(|| open(path));
        std::mem::forget(env.begin_ro_txn().unwrap());
        closing.during(|| drop(env));
        let env = open(path);
        dead(&env)
    };
    assert_eq!(leave_a_reader(numbers[0]), 0);
    assert_eq!(leave_a_reader(numbers[1]), 1);
}
