//! How far the uploads of an artifact are: a line of JSON for each step, in a file beside what its run keeps.
//!
//! `["begin", ADDRESS, ID, BYTES OF A PART]`, `["part", ADDRESS, NUMBER, ID]`, `["done", ADDRESS]`, of a bucket's key. Whoever goes on reads it; a last line that
//! was not written whole does not count.

use crate::failure::{Doing as _, Failure};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

/// An upload in parts.
#[derive(Clone, Default)]
pub struct Upload {
    pub id: String,
    pub part_size: u64,
    /// By number, what the store calls them.
    pub parts: BTreeMap<usize, String>,
}

pub struct Resume {
    path: PathBuf,
    /// Of the bucket.
    address: String,
    file: File,
    uploads: BTreeMap<String, Upload>,
    done: Vec<String>,
}

impl Resume {
    pub fn open(path: PathBuf, address: &str) -> Result<Resume, Failure> {
        let what = || format!("{} cannot be written", path.display());
        let io = |e: std::io::Error| Failure::new(e);
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above).map_err(io).doing(what)?;
        }
        let (mut uploads, mut done) = (BTreeMap::<String, Upload>::new(), Vec::new());
        let known = std::fs::read(&path).unwrap_or_default();
        let known = String::from_utf8_lossy(&known);
        for line in known
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
        {
            let Ok(Value::Array(words)) = serde_json::from_str(line) else {
                continue;
            };
            let text = |i: usize| words.get(i).and_then(Value::as_str);
            let number = |i: usize| words.get(i).and_then(Value::as_u64);
            match (text(0), text(1)) {
                (Some("begin"), Some(key)) => {
                    let upload = Upload {
                        id: text(2).unwrap_or_default().to_owned(),
                        part_size: number(3).unwrap_or_default(),
                        parts: BTreeMap::new(),
                    };
                    uploads.insert(key.to_owned(), upload);
                }
                (Some("part"), Some(key)) => {
                    if let (Some(upload), Some(n), Some(id)) =
                        (uploads.get_mut(key), number(2), text(3))
                    {
                        upload.parts.insert(n as usize, id.to_owned());
                    }
                }
                (Some("done"), Some(key)) => done.push(key.to_owned()),
                _ => {}
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let mut file = file.map_err(io).doing(what)?;
        if !known.is_empty() && !known.ends_with('\n') {
            file.write_all(b"\n").map_err(io).doing(what)?;
        }
        Ok(Resume {
            path,
            address: address.to_owned(),
            file,
            uploads,
            done,
        })
    }

    fn of(&self, key: &str) -> String {
        format!("{}/{key}", self.address)
    }

    pub fn is_done(&self, key: &str) -> bool {
        self.done.contains(&self.of(key))
    }

    pub fn upload(&self, key: &str) -> Option<Upload> {
        self.uploads.get(&self.of(key)).cloned()
    }

    pub fn begin(&mut self, key: &str, id: &str, part_size: u64) -> Result<(), Failure> {
        self.write(&json!(["begin", self.of(key), id, part_size]))
    }

    pub fn part(&mut self, key: &str, number: usize, id: &str) -> Result<(), Failure> {
        self.write(&json!(["part", self.of(key), number, id]))
    }

    pub fn end(&mut self, key: &str) -> Result<(), Failure> {
        self.write(&json!(["done", self.of(key)]))
    }

    fn write(&mut self, line: &Value) -> Result<(), Failure> {
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        written
            .map_err(Failure::new)
            .doing(|| format!("{} cannot be written", self.path.display()))
    }

    /// All is there: nothing is to be gone on with.
    pub fn remove(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
