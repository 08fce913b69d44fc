//! Event files as records: a length with a checksum of its own, that many bytes, and their checksum. So a record whose
//! bytes are damaged is passed over, and behind a damaged length the next record is searched for.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

const HEADER: usize = 12;
const FOOTER: usize = 4;
/// Longest record that is read; what TensorBoard's writers make is far smaller.
const MOST: u64 = 1 << 28;
const BUFFER: usize = 1 << 18;

/// What lies at one place of a file.
#[derive(Debug, PartialEq)]
pub enum Next<'b> {
    Record(u64, &'b [u8]),
    /// From one byte to another there is nothing that can be read, and why.
    Damage(u64, u64, &'static str),
    /// A record begins here and is not complete, or not yet: asked again, what was written meanwhile is found.
    Cut(u64),
    End,
}

pub struct Records {
    file: File,
    buffer: Vec<u8>,
    /// What of the buffer is read and not used yet.
    filled: std::ops::Range<usize>,
    /// Where in the file the used part ends.
    offset: u64,
    /// As long as the file was when it was last looked at.
    length: u64,
}

/// As TensorFlow stores it.
fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xA282_EAD8)
}

fn checksum(bytes: &[u8]) -> u32 {
    masked(crc32c::crc32c(bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

/// The length in a header, if that is sound.
fn length(header: &[u8]) -> Option<u64> {
    let mut word = [0; 8];
    word.copy_from_slice(&header[..8]);
    (checksum(&word) == u32_at(header, 8)).then(|| u64::from_le_bytes(word))
}

impl Records {
    pub fn open(path: &Path) -> io::Result<Records> {
        Ok(Records {
            file: File::open(path)?,
            buffer: vec![0; BUFFER],
            filled: 0..0,
            offset: 0,
            length: 0,
        })
    }

    /// Bytes behind which all was read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    pub fn next(&mut self) -> io::Result<Next<'_>> {
        let begin = self.offset;
        if !self.fill(HEADER)? {
            return Ok(match self.filled.is_empty() {
                true => Next::End,
                false => Next::Cut(begin),
            });
        }
        let header = &self.buffer[self.filled.clone()][..HEADER];
        let Some(length) = length(header) else {
            self.resynchronize()?;
            return Ok(Next::Damage(
                begin,
                self.offset,
                "the checksum of a record's length is wrong",
            ));
        };
        let whole = length.saturating_add((HEADER + FOOTER) as u64);
        if whole > self.length.saturating_sub(begin) && whole > self.look()?.saturating_sub(begin) {
            return Ok(Next::Cut(begin));
        }
        if length > MOST {
            self.go_to(begin + whole)?;
            return Ok(Next::Damage(
                begin,
                self.offset,
                "a record is longer than 256 MiB",
            ));
        }
        let length = length as usize;
        if !self.fill(HEADER + length + FOOTER)? {
            return Ok(Next::Cut(begin));
        }
        let start = self.filled.start + HEADER;
        self.consume(HEADER + length + FOOTER);
        let data = &self.buffer[start..start + length];
        Ok(
            match checksum(data) == u32_at(&self.buffer, start + length) {
                true => Next::Record(begin, data),
                false => Next::Damage(begin, self.offset, "a record's checksum is wrong"),
            },
        )
    }

    /// Goes on to the next sound header, or to the end.
    fn resynchronize(&mut self) -> io::Result<()> {
        self.consume(1);
        while self.fill(HEADER)? {
            let left = self.look()?.saturating_sub(self.offset);
            let bytes = &self.buffer[self.filled.clone()];
            let sound = |header: &[u8]| length(header).is_some_and(|length| length <= left);
            let found = bytes.windows(HEADER).position(sound);
            self.consume(found.unwrap_or(bytes.len() - HEADER + 1));
            if found.is_some() {
                return Ok(());
            }
        }
        self.consume(self.filled.len());
        Ok(())
    }

    fn consume(&mut self, bytes: usize) {
        self.filled.start += bytes;
        self.offset += bytes as u64;
    }

    /// Whether so many bytes are there.
    fn fill(&mut self, bytes: usize) -> io::Result<bool> {
        if self.filled.len() >= bytes {
            return Ok(true);
        }
        self.buffer.copy_within(self.filled.clone(), 0);
        self.filled = 0..self.filled.len();
        if self.buffer.len() < bytes {
            self.buffer.resize(bytes, 0);
        }
        while self.filled.len() < bytes {
            match self.file.read(&mut self.buffer[self.filled.end..]) {
                Ok(0) => return Ok(false),
                Ok(read) => self.filled.end += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(true)
    }

    fn look(&mut self) -> io::Result<u64> {
        self.length = self.file.metadata()?.len();
        Ok(self.length)
    }

    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        self.filled = 0..0;
        self.offset = offset;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn framed(data: &[u8]) -> Vec<u8> {
        let length = (data.len() as u64).to_le_bytes();
        let mut bytes = length.to_vec();
        bytes.extend(checksum(&length).to_le_bytes());
        bytes.extend(data);
        bytes.extend(checksum(data).to_le_bytes());
        bytes
    }

    /// From one byte to another.
    type Places = Vec<(u64, u64)>;

    /// All records of a file, and where it is damaged or cut.
    fn read(bytes: &[u8]) -> (Vec<Vec<u8>>, Places, Option<u64>) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut records = Records::open(file.path()).unwrap();
        let (mut found, mut damage) = (Vec::new(), Vec::new());
        loop {
            match records.next().unwrap() {
                Next::Record(_, data) => found.push(data.to_vec()),
                Next::Damage(from, to, _) => damage.push((from, to)),
                Next::Cut(at) => return (found, damage, Some(at)),
                Next::End => return (found, damage, None),
            }
        }
    }

    #[test]
    fn what_is_written_later_is_read_later() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let (first, second) = (framed(b"first"), framed(&[7; 3 * BUFFER]));
        file.write_all(&first).unwrap();
        file.write_all(&second[..second.len() - 1]).unwrap();
        let mut records = Records::open(file.path()).unwrap();
        assert_eq!(records.next().unwrap(), Next::Record(0, b"first"));
        let at = first.len() as u64;
        assert_eq!(records.next().unwrap(), Next::Cut(at));
        file.write_all(&second[second.len() - 1..]).unwrap();
        assert_eq!(records.next().unwrap(), Next::Record(at, &[7; 3 * BUFFER]));
        assert_eq!(records.next().unwrap(), Next::End);
    }

    #[test]
    fn a_length_that_lies_takes_no_memory() {
        let length = u64::MAX.to_le_bytes();
        let mut bytes = length.to_vec();
        bytes.extend(checksum(&length).to_le_bytes());
        bytes.extend([0; 100]);
        assert_eq!(read(&bytes), (vec![], vec![], Some(0)));
    }

    proptest! {
        /// Whatever one changed byte hits, every other record is read.
        #[test]
        fn a_flipped_byte_costs_one_record(
            texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..8),
            place: prop::sample::Index,
            flip in 1u8..,
        ) {
            let mut bytes: Vec<u8> = texts.iter().flat_map(|text| framed(text)).collect();
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
            let mut end = 0;
            let hit = texts.iter().position(|text| {
                end += text.len() + HEADER + FOOTER;
                place < end
            }).unwrap();
            let (found, damage, cut) = read(&bytes);
            let mut want = texts.clone();
            want.remove(hit);
            prop_assert_eq!(found, want);
            prop_assert_eq!((damage.len(), cut), (1, None));
        }

        #[test]
        fn a_cut_file_gives_what_is_whole(
            texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..8),
            place: prop::sample::Index,
        ) {
            let bytes: Vec<u8> = texts.iter().flat_map(|text| framed(text)).collect();
            let place = place.index(bytes.len());
            let (found, damage, cut) = read(&bytes[..place]);
            prop_assert_eq!(&found[..], &texts[..found.len()]);
            let whole: usize = found.iter().map(|text| text.len() + HEADER + FOOTER).sum();
            prop_assert_eq!(cut, (whole < place).then_some(whole as u64));
            prop_assert!(damage.is_empty());
        }

        #[test]
        fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let (found, damage, _) = read(&bytes);
            prop_assert!(found.len() + damage.len() <= bytes.len());
        }
    }
}
