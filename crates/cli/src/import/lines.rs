//! A file line by line, none longer than a bound: what is longer is one line that is passed over, to its end.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Result};
use std::path::Path;

pub struct Lines {
    reader: BufReader<File>,
    /// Bytes of the longest line, its end included.
    most: u64,
    bytes: Vec<u8>,
    number: u64,
}

pub struct Line<'l> {
    /// From 1 on.
    pub number: u64,
    /// How long it is in the file.
    pub size: u64,
    /// With its end, which the last line of a file may lack; `None` where it is too long.
    pub bytes: Option<&'l [u8]>,
}

impl Lines {
    pub fn open(path: &Path, most: u64) -> Result<Lines> {
        Ok(Lines {
            reader: BufReader::with_capacity(1 << 18, File::open(path)?),
            most,
            bytes: Vec::new(),
            number: 0,
        })
    }

    /// The next line; `None` at the end of the file.
    pub fn next(&mut self) -> Result<Option<Line<'_>>> {
        self.bytes.clear();
        let reader = self.reader.by_ref();
        let read = reader.take(self.most).read_until(b'\n', &mut self.bytes)? as u64;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let rest = match read == self.most && !self.bytes.ends_with(b"\n") {
            true => self.reader.skip_until(b'\n')? as u64,
            false => 0,
        };
        Ok(Some(Line {
            number: self.number,
            size: read + rest,
            bytes: (rest == 0).then_some(&self.bytes),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_bound_is_read_and_one_more_is_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lines");
        std::fs::write(&path, "123\n1234\n12345\n123456789\n\n12345").unwrap();
        let mut lines = Lines::open(&path, 5).unwrap();
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let text = line.bytes.map(|b| String::from_utf8(b.to_vec()).unwrap());
            found.push((line.number, line.size, text));
        }
        let whole = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                (1, 4, whole("123\n")),
                (2, 5, whole("1234\n")),
                (3, 6, None),
                (4, 10, None),
                (5, 1, whole("\n")),
                (6, 5, whole("12345")),
            ]
        );
    }
}
