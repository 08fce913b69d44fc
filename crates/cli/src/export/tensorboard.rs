//! TensorBoard's event files: a directory for each run, and below it one for each context.

use super::{Exported, written};
use crate::failure::{Doing as _, Failure};
use aim::run::RunState;
use aim_value::Tree;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// What event files cannot hold.
#[derive(Default)]
pub struct Lost {
    pub epochs: u64,
    /// Values that are not those of a float of 32 bits.
    pub rounded: u64,
    pub texts: u64,
}

pub struct Writer<'d> {
    directory: &'d Path,
    /// Directories that are taken by a run.
    taken: HashSet<String>,
    pub lost: Lost,
}

/// Longest name of a directory that is made.
const NAME: usize = 120;

/// A text as the name of one directory: never a path, never hidden.
fn directory_name(text: &str) -> String {
    let plain = |c: char| match c {
        c if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | ',' | '+' | ' ') => c,
        _ => '_',
    };
    let mut name: String = text.chars().map(plain).collect();
    while name.len() > NAME {
        name.pop();
    }
    match name.trim_start_matches(['.', ' ']) {
        "" => "_".to_owned(),
        rest => rest.to_owned(),
    }
}

/// The directory of a context. `import tensorboard` finds subset and entry again.
fn of_context(context: &str) -> String {
    let Ok(Tree::Dict(entries)) = Tree::from_json(context) else {
        return String::new();
    };
    let text = |value: &Tree| match value {
        Tree::Str(text) => text.clone(),
        other => other.to_json(),
    };
    if let [(key, value)] = entries.as_slice()
        && matches!(key.as_str(), "subset" | "entry")
    {
        return directory_name(&text(value));
    }
    let parts = entries
        .iter()
        .map(|(key, value)| format!("{key}={}", text(value)));
    match entries.is_empty() {
        true => String::new(),
        false => directory_name(&parts.collect::<Vec<_>>().join(",")),
    }
}

fn varint(mut value: u64, to: &mut Vec<u8>) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

fn bytes(number: u8, value: &[u8], to: &mut Vec<u8>) {
    to.push(number << 3 | 2);
    varint(value.len() as u64, to);
    to.extend(value);
}

fn inner(number: u8, to: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let mut value = Vec::new();
    write(&mut value);
    bytes(number, &value, to);
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let crc = crc32c::crc32c(bytes);
    crc.rotate_right(15).wrapping_add(0xA282_EAD8).to_le_bytes()
}

/// One event file.
struct Events {
    to: BufWriter<File>,
    buffer: Vec<u8>,
}

impl Events {
    /// `at` is the time of the run's beginning in microseconds since 1970.
    fn create(directory: &Path, at: i64) -> Result<Events, Failure> {
        std::fs::create_dir_all(directory)
            .map_err(written)
            .doing(|| format!("{} cannot be made", directory.display()))?;
        let seconds = at.div_euclid(1_000_000);
        let path = directory.join(format!("events.out.tfevents.{seconds:010}.libaim"));
        let file = File::create(&path)
            .map_err(written)
            .doing(|| format!("{} cannot be written", path.display()))?;
        let mut events = Events {
            to: BufWriter::with_capacity(1 << 18, file),
            buffer: Vec::new(),
        };
        events.write(at as f64 / 1e6, 0, |event| {
            bytes(3, b"brain.Event:2", event)
        })?;
        Ok(events)
    }

    fn write(
        &mut self,
        time: f64,
        step: i64,
        what: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), Failure> {
        let event = &mut self.buffer;
        event.clear();
        event.push(0x09);
        event.extend(time.to_le_bytes());
        event.push(0x10);
        varint(step as u64, event);
        what(event);
        let length = (event.len() as u64).to_le_bytes();
        let parts = [&length[..], &checksum(&length), event, &checksum(event)];
        parts
            .iter()
            .try_for_each(|part| self.to.write_all(part))
            .map_err(written)
    }

    /// What a plugin keeps in the metadata of a value without one.
    fn plugin(&mut self, time: f64, tag: &str, name: &str, content: &[u8]) -> Result<(), Failure> {
        self.write(time, 0, |event| {
            inner(5, event, |summary| {
                inner(1, summary, |value| {
                    bytes(1, tag.as_bytes(), value);
                    inner(9, value, |metadata| {
                        inner(1, metadata, |plugin| {
                            bytes(1, name.as_bytes(), plugin);
                            bytes(2, content, plugin);
                        });
                    });
                    // A float tensor without an element, as TensorBoard writes it.
                    bytes(8, &[0x08, 1, 0x12, 4, 0x12, 2, 0x08, 0], value);
                });
            });
        })
    }

    fn end(mut self) -> Result<(), Failure> {
        self.to.flush().map_err(written)
    }
}

impl<'d> Writer<'d> {
    pub fn new(directory: &'d Path) -> Writer<'d> {
        Writer {
            directory,
            taken: HashSet::new(),
            lost: Lost::default(),
        }
    }

    pub fn write(&mut self, run: &Exported<'_>) -> Result<(), Failure> {
        let hash = run.hash();
        let named = run.record.name.as_deref().map(directory_name);
        let mut name = named.unwrap_or_else(|| hash.clone());
        if !self.taken.insert(name.clone()) {
            name = format!("{name}-{}", &hash[..8]);
            self.taken.insert(name.clone());
        }
        let root = self.directory.join(name);
        let mut by_directory: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for metric in &run.metrics {
            by_directory
                .entry(of_context(&metric.context))
                .or_default()
                .push(metric);
        }
        // The run itself, where its params are.
        by_directory.entry(String::new()).or_default();
        for (below, metrics) in by_directory {
            let mut events = Events::create(&root.join(&below), run.record.created_at)?;
            if below.is_empty() {
                session(run, &mut events)?;
            }
            for metric in metrics {
                for (step, value, epoch, time) in run.points(metric)? {
                    let single = value as f32;
                    self.lost.epochs += u64::from(epoch.is_some());
                    let exact = f64::from(single).to_bits() == value.to_bits() || value.is_nan();
                    self.lost.rounded += u64::from(!exact);
                    events.write(time, step, |event| {
                        inner(5, event, |summary| {
                            inner(1, summary, |value| {
                                bytes(1, metric.name.as_bytes(), value);
                                value.push(0x15);
                                value.extend(single.to_le_bytes());
                            });
                        });
                    })?;
                }
            }
            events.end()?;
        }
        for stream in [aim::query::Stream::Records, aim::query::Stream::Terminal] {
            run.log(stream, |_| {
                self.lost.texts += 1;
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Params as the hyperparameters of a session, and how it ended.
fn session(run: &Exported<'_>, events: &mut Events) -> Result<(), Failure> {
    let Tree::Dict(params) = &run.params else {
        return Ok(());
    };
    let mut leaves = Vec::new();
    for (key, value) in params.iter().filter(|(key, _)| !key.starts_with("__")) {
        match (key.as_str(), value) {
            // What the importer puts below `hparams` goes back under its own name.
            ("hparams", Tree::Dict(entries)) => {
                entries
                    .iter()
                    .for_each(|(key, value)| flatten(key, value, &mut leaves));
            }
            _ => flatten(key, value, &mut leaves),
        }
    }
    let begun = run.record.created_at as f64 / 1e6;
    if !leaves.is_empty() {
        let mut content = Vec::new();
        inner(3, &mut content, |start| {
            for (key, value) in &leaves {
                inner(1, start, |entry| {
                    bytes(1, key.as_bytes(), entry);
                    bytes(2, value, entry);
                });
            }
            start.push(0x29);
            start.extend(begun.to_le_bytes());
        });
        events.plugin(begun, "_hparams_/session_start_info", "hparams", &content)?;
    }
    let Some(ended) = run.record.finalized_at else {
        return Ok(());
    };
    let ended = ended as f64 / 1e6;
    let mut content = Vec::new();
    inner(4, &mut content, |end| {
        let finished = run.record.state == RunState::Finished;
        end.extend([0x08, if finished { 1 } else { 2 }, 0x11]);
        end.extend(ended.to_le_bytes());
    });
    events.plugin(ended, "_hparams_/session_end_info", "hparams", &content)
}

/// Leaves with their keys joined by dots, as values of struct.proto.
fn flatten(key: &str, value: &Tree, leaves: &mut Vec<(String, Vec<u8>)>) {
    let number = |number: f64| [&[0x11][..], &number.to_le_bytes()].concat();
    let text = |text: &str| {
        let mut value = Vec::new();
        bytes(3, text.as_bytes(), &mut value);
        value
    };
    let leaf = match value {
        Tree::Dict(entries) => {
            for (below, value) in entries {
                flatten(&format!("{key}.{below}"), value, leaves);
            }
            return;
        }
        Tree::Int(i) => number(*i as f64),
        Tree::Float(f) => number(*f),
        Tree::Bool(b) => vec![0x20, u8::from(*b)],
        Tree::Str(s) => text(s),
        other => text(&other.to_json()),
    };
    leaves.push((key.to_owned(), leaf));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_a_path() {
        for (text, name) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..", "_"),
            ("", "_"),
            ("warm start", "warm start"),
            ("a/b\0\n", "a_b__"),
        ] {
            assert_eq!(directory_name(text), name);
        }
        assert!(directory_name(&"ü".repeat(200)).len() <= NAME);
    }

    #[test]
    fn contexts_are_directories() {
        assert_eq!(of_context("{}"), "");
        assert_eq!(of_context(r#"{"subset":"val"}"#), "val");
        assert_eq!(of_context(r#"{"a":1,"b":"x/y"}"#), "a=1,b=x_y");
    }
}
