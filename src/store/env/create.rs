//! Making a new database: under another name, and whole on the disk before it gets its own. A kill or a power loss at
//! any instant leaves no database or one that opens.

use super::{LEAST_MAP_SIZE, error, preflight};
use crate::error::{Error, Result};
use crate::files::{Access, Folder, Openers, share};
use crate::store::tables::Tables;
use lmdb::{Environment, EnvironmentFlags};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What a database takes that holds next to nothing.
const LEAST_FILE: usize = 1 << 20;

/// Directories in which databases are made, one per process; what a killed one left is removed by the next.
pub const UNFINISHED: &str = "new.";

/// Puts an empty database into the directory unless there is one. The caller has the turn to open it.
pub fn database(folder: &Folder) -> Result<()> {
    let directory = folder.path();
    let data = directory.join("data.mdb");
    let failed = |e: std::io::Error| Error::io(format_args!("creating {}", data.display()), &e);
    if folder.existing("data.mdb", Access::Read)?.is_some() {
        return Ok(());
    }
    preflight::check_size_limit(&data, LEAST_FILE)?;
    remove_unfinished(directory);
    let place = directory.join(format!("{UNFINISHED}{}", std::process::id()));
    fs::create_dir(&place).map_err(failed)?;
    let made = fill(&place).and_then(|file| {
        let made = fs::File::open(&file).map_err(failed)?;
        share(&made, &folder.about()?, Openers::Readers);
        publish(&file, &data).map_err(failed)
    });
    let _ = fs::remove_dir_all(&place);
    made?;
    // Some filesystems know no such call.
    let _ = fs::File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

/// Makes the file; the commit of its tables syncs it.
fn fill(place: &Path) -> Result<PathBuf> {
    let failed = |e| error(e).context(format_args!("database {}", place.display()));
    let env = Environment::new()
        .set_flags(EnvironmentFlags::NO_LOCK | EnvironmentFlags::NO_TLS)
        .set_max_dbs(Tables::COUNT)
        .set_map_size(LEAST_MAP_SIZE)
        .open_with_permissions(place, 0o666)
        .map_err(failed)?;
    Tables::create(&env).map_err(|e| e.context(format_args!("database {}", place.display())))?;
    Ok(place.join("data.mdb"))
}

/// Gives the file its name. A link refuses a name that is taken, where no lock kept another process from being faster.
fn publish(file: &Path, data: &Path) -> std::io::Result<()> {
    match fs::hard_link(file, data) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        // A filesystem without hard links.
        Err(_) if !data.try_exists()? => fs::rename(file, data),
        linked => linked,
    }
}

pub fn remove_unfinished(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
