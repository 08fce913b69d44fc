//! W&B's files as records: blocks of 32 KiB, in them pieces of records, each with its checksum. Behind a damaged piece the
//! next block is read.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

const MAGIC: &[u8] = b":W&B\xE1\xBE";
/// The magic and a version.
const START: usize = 7;
const BLOCK: usize = 32 * 1024;
const HEADER: usize = 7;
/// Longest record.
const MOST: usize = 1 << 28;

const FULL: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;

#[derive(Debug, PartialEq)]
pub enum Next<'b> {
    Record(u64, &'b [u8]),
    /// From here on something cannot be read, and why.
    Damage(u64, &'static str),
    /// The file ends within a record.
    Cut(u64),
    End,
}

pub struct Records {
    file: BufReader<File>,
    block: Vec<u8>,
    /// Where the block begins in the file, and what of it was used.
    begin: u64,
    used: usize,
    /// A record, as far as its pieces were read, and where it begins.
    record: Vec<u8>,
    from: Option<u64>,
    /// That the file is none of W&B's was said.
    checked: bool,
}

impl Records {
    pub fn open(path: &Path) -> io::Result<Records> {
        Ok(Records {
            file: BufReader::new(File::open(path)?),
            block: Vec::new(),
            begin: 0,
            used: 0,
            record: Vec::new(),
            from: None,
            checked: false,
        })
    }

    pub fn offset(&self) -> u64 {
        self.begin + self.used as u64
    }

    pub fn next(&mut self) -> io::Result<Next<'_>> {
        loop {
            if self.block.len() - self.used < HEADER {
                let left = self.block.len() - self.used;
                let whole = self.block.len() == BLOCK;
                if !self.next_block()? {
                    return Ok(match self.from.take() {
                        Some(at) => Next::Cut(at),
                        None if left > 0 && !whole => Next::Cut(self.begin - left as u64),
                        None => Next::End,
                    });
                }
                if !self.checked {
                    self.checked = true;
                    if !self.block.starts_with(MAGIC) || self.block.len() < START {
                        self.used = self.block.len();
                        return Ok(Next::Damage(
                            0,
                            "it is no file of W&B: it does not begin with :W&B",
                        ));
                    }
                    self.used = START;
                }
                continue;
            }
            let at = self.offset();
            let piece = &self.block[self.used..];
            let length = usize::from(u16::from_le_bytes([piece[4], piece[5]]));
            let kind = piece[6];
            let Some(checked) = piece.get(6..HEADER + length) else {
                let is_last = self.block.len() < BLOCK;
                self.used = self.block.len();
                let from = self.from.take().unwrap_or(at);
                return Ok(match is_last {
                    true => Next::Cut(from),
                    false => Next::Damage(from, "a piece is longer than its block"),
                });
            };
            let crc = u32::from_le_bytes([piece[0], piece[1], piece[2], piece[3]]);
            if crc32fast::hash(checked) != crc {
                self.used = self.block.len();
                let from = self.from.take().unwrap_or(at);
                return Ok(Next::Damage(
                    from,
                    "a piece's checksum is wrong; the next block is read",
                ));
            }
            let data = self.used + HEADER..self.used + HEADER + length;
            self.used = data.end;
            if matches!(kind, FULL | FIRST) {
                self.record.clear();
                let lost = self.from.replace(at);
                self.record.extend(&self.block[data]);
                if let Some(from) = lost {
                    // Read again from here, once the loss is told.
                    self.used -= HEADER + length;
                    self.from = None;
                    return Ok(Next::Damage(from, "a record's last piece is missing"));
                }
            } else if matches!(kind, MIDDLE | LAST) && self.from.is_some() {
                self.record.extend(&self.block[data]);
            } else {
                return Ok(Next::Damage(at, "a piece is of no record"));
            }
            if self.record.len() > MOST {
                self.record = Vec::new();
                self.from = None;
                return Ok(Next::Damage(at, "a record is longer than 256 MiB"));
            }
            if matches!(kind, FULL | LAST) {
                let from = self.from.take().unwrap_or(at);
                return Ok(Next::Record(from, &self.record));
            }
        }
    }

    fn next_block(&mut self) -> io::Result<bool> {
        self.begin += self.block.len() as u64;
        self.used = 0;
        self.block.clear();
        let limit = BLOCK as u64;
        (&mut self.file).take(limit).read_to_end(&mut self.block)?;
        Ok(!self.block.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    /// A file as W&B writes it.
    fn file(records: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = [MAGIC, &[0]].concat();
        for record in records {
            let mut rest = &record[..];
            let mut first = true;
            loop {
                let left = BLOCK - bytes.len() % BLOCK;
                if left < HEADER {
                    bytes.extend(vec![0; left]);
                    continue;
                }
                let length = rest.len().min(left - HEADER);
                let last = length == rest.len();
                let kind = match (first, last) {
                    (true, true) => FULL,
                    (true, false) => FIRST,
                    (false, false) => MIDDLE,
                    (false, true) => LAST,
                };
                let checked = [&[kind][..], &rest[..length]].concat();
                bytes.extend(crc32fast::hash(&checked).to_le_bytes());
                bytes.extend((length as u16).to_le_bytes());
                bytes.extend(&checked);
                rest = &rest[length..];
                first = false;
                if last {
                    break;
                }
            }
        }
        bytes
    }

    fn read(bytes: &[u8]) -> (Vec<Vec<u8>>, usize, bool) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut records = Records::open(file.path()).unwrap();
        let (mut found, mut damage) = (Vec::new(), 0);
        loop {
            match records.next().unwrap() {
                Next::Record(_, data) => found.push(data.to_vec()),
                Next::Damage(..) => damage += 1,
                Next::Cut(_) => return (found, damage, true),
                Next::End => return (found, damage, false),
            }
        }
    }

    fn records() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let lengths = prop_oneof![0..50usize, 20_000..100_000usize];
        let record = (lengths, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]);
        prop::collection::vec(record, 1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn records_over_many_blocks_are_read(records in records()) {
            prop_assert_eq!(read(&file(&records)), (records, 0, false));
        }

        #[test]
        fn what_lies_in_front_of_a_cut_is_read(records in records(), place: prop::sample::Index) {
            let bytes = file(&records);
            let place = place.index(bytes.len());
            let (found, _, _) = read(&bytes[..place]);
            prop_assert_eq!(&found[..], &records[..found.len()]);
        }

        #[test]
        fn a_flipped_byte_invents_nothing(
            records in records(),
            place: prop::sample::Index,
            flip in 1u8..,
        ) {
            let mut bytes = file(&records);
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
            let (found, _, _) = read(&bytes);
            let mut from = records.iter();
            prop_assert!(found.iter().all(|record| from.any(|r| r == record)));
        }

        #[test]
        fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read(&[MAGIC, &[0], &bytes[..]].concat());
            let _ = read(&bytes);
        }
    }
}
