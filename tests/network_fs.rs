//! Repositories on network filesystems become spools; databases are refused there, unless the user says that one host alone
//! uses them.
//!
//! The program's own `statfs` stands before that of the C library and names another filesystem for paths with a
//! telling name.

use aim::error::Status;
use aim::repo::{Location, Repo, RepoOptions};
use aim::store::OpenOptions;
use std::ffi::CStr;
use std::sync::atomic::{AtomicI64, Ordering};

/// What paths with `network` in them pretend to lie on; 0 for the truth.
static PRETENDED: AtomicI64 = AtomicI64::new(0);

#[unsafe(no_mangle)]
unsafe extern "C" fn statfs(path: *const libc::c_char, about: *mut libc::statfs) -> libc::c_int {
    // SAFETY: the caller's promises about `statfs`.
    unsafe {
        let done = libc::syscall(libc::SYS_statfs, path, about) as libc::c_int;
        let pretended = PRETENDED.load(Ordering::SeqCst);
        let telling = CStr::from_ptr(path).to_string_lossy().contains("network");
        if done == 0 && pretended != 0 && telling {
            (*about).f_type = pretended as _;
        }
        done
    }
}

// One test: what `statfs` pretends holds for the whole process.
#[test]
fn network_filesystems_get_spools_and_no_databases() {
    let directory = tempfile::tempdir().unwrap();
    // SAFETY: this process has one thread that looks at the environment.
    unsafe {
        std::env::set_var("XDG_CACHE_HOME", directory.path().join("cache"));
        std::env::set_var("AIM_SPOOL", "0");
    }
    let location = Location::find(Some(&directory.path().join("network"))).unwrap();
    let open = |allow_network_fs| {
        let store = OpenOptions {
            allow_network_fs,
            ..OpenOptions::default()
        };
        let options = RepoOptions {
            store,
            ..RepoOptions::default()
        };
        Repo::open(location.clone(), &options, true)
    };
    // linux/magic.h and the filesystems' own headers.
    for (magic, name) in [
        (0x6969, "NFS"),
        (0x0bd0_0bd0, "Lustre"),
        (0x4750_4653, "GPFS"),
        (0x1983_0326, "BeeGFS"),
        (0x00c3_6400, "Ceph"),
        (0xfe53_4d42, "SMB"),
        (0xff53_4d42, "CIFS"),
        (0x6573_5546, "FUSE"),
    ] {
        PRETENDED.store(magic, Ordering::SeqCst);
        let refused = open(false).err().unwrap();
        assert_eq!(refused.status, Status::UnsupportedFs, "{name}");
        for said in [
            name,
            "network",
            "allow_network_fs",
            "AIM_ALLOW_NETWORK_FS",
            "AIM_SPOOL",
        ] {
            assert!(refused.message.contains(said), "{said}: {refused}");
        }
        open(true).unwrap();
        // SAFETY: this process has one thread that looks at the environment.
        unsafe { std::env::set_var("AIM_ALLOW_NETWORK_FS", "1") };
        open(false).unwrap();
        // SAFETY: as above.
        unsafe { std::env::remove_var("AIM_ALLOW_NETWORK_FS") };
    }
    // A database that is there stays one, a new repository becomes a spool.
    // SAFETY: as above.
    unsafe { std::env::remove_var("AIM_SPOOL") };
    let refused = open(false).err().unwrap();
    assert_eq!(refused.status, Status::UnsupportedFs);
    let new = directory.path().join("new network");
    std::fs::create_dir(&new).unwrap();
    let new = Location::find(Some(&new)).unwrap();
    let spool = Repo::open(new.clone(), &RepoOptions::default(), true).unwrap();
    assert!(spool.spool().is_some() && new.is_spool() && !new.store().exists());
    std::fs::create_dir(directory.path().join("network cache")).unwrap();
    // No copy can be where all is shared.
    // SAFETY: as above.
    unsafe {
        std::env::set_var("XDG_CACHE_HOME", directory.path().join("network cache"));
        std::env::set_var("TMPDIR", directory.path().join("network"));
    }
    let refused = Repo::open(new, &RepoOptions::default(), true)
        .err()
        .unwrap();
    for said in ["TMPDIR", "XDG_CACHE_HOME", "local disk"] {
        assert!(refused.message.contains(said), "{said}: {refused}");
    }
    PRETENDED.store(0, Ordering::SeqCst);
    open(false).unwrap();
    // A local disk, whatever else is pretended.
    PRETENDED.store(0x6969, Ordering::SeqCst);
    let local = Location::find(Some(&directory.path().join("local"))).unwrap();
    Repo::open(local, &RepoOptions::default(), true).unwrap();
}
