//! Which runs are in which files, and in what state: a document in a folder that readers of Parquet pass over, since its name begins
//! with an underscore.

use super::make;
use super::month::Month;
use crate::export::written;
use crate::failure::{Doing as _, Failure};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

const FOLDER: &str = "_libaim";
const FORMAT: u32 = 1;

/// Files of one name, one in each table.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Group {
    pub name: String,
    pub month: Month,
    /// Its runs were being written.
    pub open: bool,
    pub points: u64,
    /// Hash and sum.
    pub runs: Vec<(String, u64)>,
}

#[derive(Deserialize, Serialize)]
struct Document {
    format: u32,
    groups: Vec<Group>,
}

pub struct Manifest {
    path: PathBuf,
    pub groups: Vec<Group>,
    /// Held: nobody else exports into the directory.
    _lock: File,
}

impl Manifest {
    /// That of a directory, which is new, empty, or was exported to before.
    pub fn open(to: &Path) -> Result<Manifest, Failure> {
        let what = || format!("{} cannot be read", to.display());
        let folder = to.join(FOLDER);
        if !folder.is_dir()
            && to.exists()
            && fs::read_dir(to)
                .map_err(written)
                .doing(what)?
                .next()
                .is_some()
        {
            return Err(Failure::new(format_args!("{} is not empty", to.display()))
                .why("what is in it was not exported by libaim export parquet")
                .advice(
                    "name a directory that is new or empty, or one that was exported to before",
                ));
        }
        make(&folder)?;
        let lock = File::create(folder.join("lock"))
            .map_err(written)
            .doing(what)?;
        if lock.try_lock().is_err() {
            return Err(
                Failure::new(format_args!("{} is being exported to", to.display()))
                    .advice("try again when that has ended"),
            );
        }
        let path = folder.join("manifest.json");
        let groups = match fs::read(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            read => {
                let bytes = read.map_err(written).doing(what)?;
                let document: Document = serde_json::from_slice(&bytes).map_err(|e| {
                    Failure::new(format_args!("{} is damaged", path.display()))
                        .why(e)
                        .advice("export into a new directory")
                })?;
                if document.format != FORMAT {
                    return Err(Failure::new(format_args!(
                        "{} is of format {}, and this program knows {FORMAT}",
                        path.display(),
                        document.format
                    ))
                    .advice("export into a new directory"));
                }
                document.groups
            }
        };
        let mut manifest = Manifest {
            path,
            groups,
            _lock: lock,
        };
        manifest.groups.retain(|group| group.is_there(to));
        Ok(manifest)
    }

    pub fn drop(&mut self, names: &[String]) {
        self.groups.retain(|group| !names.contains(&group.name));
    }

    pub fn save(self) -> Result<(), Failure> {
        let what = || format!("{} cannot be written", self.path.display());
        let document = Document {
            format: FORMAT,
            groups: self.groups,
        };
        let text = serde_json::to_vec(&document).map_err(|e| Failure::new(what()).why(e))?;
        let part = self.path.with_extension("part");
        let save = || -> std::io::Result<()> {
            let mut file = File::create(&part)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&part, &self.path)
        };
        save().map_err(written).doing(what)
    }
}

impl Group {
    /// Its files in the tables of a directory.
    pub fn files<'d>(&'d self, to: &'d Path) -> impl Iterator<Item = PathBuf> + 'd {
        let month = self.month.folder();
        let file = format!("{}.parquet", self.name);
        super::tables::NAMES
            .iter()
            .map(move |table| to.join(table).join(&month).join(&file))
    }

    fn is_there(&self, to: &Path) -> bool {
        self.files(to).all(|file| file.is_file())
    }
}
