//! Event files as TensorBoard's writers make them, and as they should not.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

pub struct EventFile(File);

/// As TensorFlow stores it.
pub fn checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xA282_EAD8)
}

fn varint(mut value: u64, to: &mut Vec<u8>) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

fn bytes(number: u8, value: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    varint(value.len() as u64, &mut field);
    field.extend(value);
    field
}

/// A value of a summary.
pub fn scalar(tag: &str, value: f32) -> Vec<u8> {
    let mut field = bytes(1, tag.as_bytes());
    field.push(0x15);
    field.extend(value.to_le_bytes());
    field
}

/// An image of so many bytes a side as its header says, which is all that there is of it.
pub fn image(tag: &str, width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
    png.extend(b"\x08\x02\0\0\0");
    [bytes(1, tag.as_bytes()), bytes(4, &bytes(4, &png))].concat()
}

fn metadata(plugin: &str, content: &[u8]) -> Vec<u8> {
    let plugin = [bytes(1, plugin.as_bytes()), bytes(2, content)].concat();
    bytes(9, &bytes(1, &plugin))
}

impl EventFile {
    /// A file in a directory that is made.
    pub fn new(directory: &Path) -> EventFile {
        EventFile::named(directory, "events.out.tfevents.1")
    }

    pub fn named(directory: &Path, name: &str) -> EventFile {
        std::fs::create_dir_all(directory).unwrap();
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(directory.join(name));
        EventFile(file.unwrap())
    }

    pub fn record(mut self, data: &[u8]) -> EventFile {
        let length = (data.len() as u64).to_le_bytes();
        let mut record = length.to_vec();
        record.extend(checksum(&length).to_le_bytes());
        record.extend(data);
        record.extend(checksum(data).to_le_bytes());
        self.0.write_all(&record).unwrap();
        self
    }

    fn with(self, time: f64, step: i64, field: &[u8]) -> EventFile {
        let mut event = vec![0x09];
        event.extend(time.to_le_bytes());
        event.push(0x10);
        varint(step as u64, &mut event);
        event.extend(field);
        self.record(&event)
    }

    pub fn event(self, time: f64, step: i64, values: &[Vec<u8>]) -> EventFile {
        let values: Vec<u8> = values.iter().flat_map(|value| bytes(1, value)).collect();
        self.with(time, step, &bytes(5, &values))
    }

    pub fn text(self, time: f64, step: i64, tag: &str, text: &str) -> EventFile {
        let tensor = [vec![0x08, 7], bytes(8, text.as_bytes())].concat();
        let tag = bytes(1, format!("{tag}/text_summary").as_bytes());
        let value = [tag, bytes(8, &tensor), metadata("text", b"")].concat();
        self.event(time, step, &[value])
    }

    /// The writer begins again.
    pub fn start(self, time: f64, step: i64) -> EventFile {
        self.with(time, step, &bytes(7, &[0x08, 1]))
    }

    pub fn session_end(self, time: f64, failed: bool) -> EventFile {
        let end = bytes(4, &[0x08, if failed { 2 } else { 1 }]);
        let tag = bytes(1, b"_hparams_/session_end_info");
        let value = [tag, metadata("hparams", &end)].concat();
        self.event(time, 0, &[value])
    }
}
