//! Places in a segment, whose bytes lie in files one behind the other: which file it is, and where in it.

/// A file is not larger, unless a single frame is.
pub const FILE_BYTES: u64 = 64 << 20;

/// A frame has less than 4 GiB, so a file less than this many bytes.
const SHIFT: u32 = 40;

pub fn at(number: u32, place: u64) -> u64 {
    u64::from(number) << SHIFT | place
}

/// Which file it is.
pub fn number(offset: u64) -> u32 {
    (offset >> SHIFT) as u32
}

/// Where in it.
pub fn place(offset: u64) -> u64 {
    offset & ((1 << SHIFT) - 1)
}

/// Where the file behind begins.
pub fn behind(offset: u64) -> u64 {
    at(number(offset) + 1, 0)
}

/// The files of a segment that are there, by their numbers, with their sizes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(Vec<(u32, u64)>);

impl Files {
    pub fn add(&mut self, number: u32, size: u64) {
        let at = self.0.partition_point(|(known, _)| *known < number);
        self.0.insert(at, (number, size));
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.0.iter().copied()
    }

    /// The bytes of all.
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|(_, size)| size).sum()
    }

    /// Where the first file begins.
    pub fn start(&self) -> u64 {
        at(self.0.first().map_or(0, |(number, _)| *number), 0)
    }

    /// Where the last file ends.
    pub fn end(&self) -> u64 {
        self.0.last().map_or(0, |(number, size)| at(*number, *size))
    }

    /// The first file that is there from one on.
    pub fn from(&self, number: u32) -> Option<u32> {
        let at = self.0.partition_point(|(known, _)| *known < number);
        self.0.get(at).map(|(number, _)| *number)
    }
}
