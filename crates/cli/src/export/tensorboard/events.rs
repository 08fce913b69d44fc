//! Event files: records of protocol buffers with their checksums.

use crate::export::written;
use crate::failure::{Doing as _, Failure};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

pub fn varint(mut value: u64, to: &mut Vec<u8>) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

pub fn bytes(number: u8, value: &[u8], to: &mut Vec<u8>) {
    to.push(number << 3 | 2);
    varint(value.len() as u64, to);
    to.extend(value);
}

pub fn inner(number: u8, to: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let mut value = Vec::new();
    write(&mut value);
    bytes(number, &value, to);
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let crc = crc32c::crc32c(bytes);
    crc.rotate_right(15).wrapping_add(0xA282_EAD8).to_le_bytes()
}

/// One event file.
pub struct Events {
    to: BufWriter<File>,
    buffer: Vec<u8>,
}

impl Events {
    /// `at` is the time of the run's beginning in microseconds since 1970.
    pub fn create(directory: &Path, at: i64) -> Result<Events, Failure> {
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

    pub fn write(
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
    pub fn plugin(
        &mut self,
        time: f64,
        tag: &str,
        name: &str,
        content: &[u8],
    ) -> Result<(), Failure> {
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

    pub fn end(mut self) -> Result<(), Failure> {
        self.to.flush().map_err(written)
    }
}
