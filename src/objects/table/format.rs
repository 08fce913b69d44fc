//! Types of columns, as the C Data Interface names them.

use crate::error::{Error, Result};

/// A column of a table.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    pub nullable: bool,
    pub kind: Kind,
    /// What its values are numbers of a dictionary by.
    pub index: Option<Index>,
    pub children: Vec<Field>,
    pub metadata: Vec<(String, String)>,
}

/// A type, as Arrow's flatbuffers have it: its number, and what its table says.
#[derive(Debug)]
pub struct Kind {
    pub(super) number: u8,
    pub(super) said: Vec<(u16, Said)>,
    pub layout: Layout,
}

#[derive(Debug)]
pub(super) enum Said {
    Bool(bool),
    I16(i16),
    I32(i32),
    Text(String),
}

/// Numbers into a dictionary.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    pub width: usize,
    pub(super) signed: bool,
}

/// How values lie in buffers, behind the one that says which there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// No buffer at all.
    Null,
    Bits,
    Fixed(usize),
    /// Places of 32 bits, or 64, and bytes.
    Bytes {
        wide: bool,
    },
    /// 16 bytes each, and any number of others behind.
    Views,
    List {
        wide: bool,
    },
    FixedList(usize),
    Struct,
}

/// The slots of the tables `Int`, `Decimal`, ...: the first, the second, the third.
const FIRST: u16 = 4;
const SECOND: u16 = 6;
const THIRD: u16 = 8;

impl Kind {
    /// # Errors
    /// `InvalidArgument` for a type that is not stored: unions, run ends, views of lists.
    pub fn parse(format: &str, keys_sorted: bool) -> Result<Kind> {
        parse(format, keys_sorted).ok_or_else(|| {
            Error::invalid(format!(
                "the Arrow type {format:?} is not stored: cast the column to a plain, list or struct type"
            ))
        })
    }
}

impl Index {
    pub fn parse(format: &str) -> Result<Index> {
        let width = "csilCSIL".find(format).filter(|_| format.len() == 1);
        let width = width.ok_or_else(|| {
            Error::invalid(format!(
                "the Arrow type {format:?} cannot be a dictionary's index"
            ))
        })?;
        Ok(Index {
            width: 1 << (width % 4),
            signed: width < 4,
        })
    }
}

/// Seconds, milliseconds, microseconds, nanoseconds.
fn unit(letter: &str) -> Option<i16> {
    "smun".find(letter).map(|unit| unit as i16)
}

fn parse(format: &str, keys_sorted: bool) -> Option<Kind> {
    use Said::{Bool, I16, I32, Text};
    let one = |number, slot, said, layout| (number, vec![(slot, said)], layout);
    let plain = |number, layout| (number, Vec::new(), layout);
    let (name, more) = match format.split_once(':') {
        Some((name, more)) => (name, more),
        None => (format, ""),
    };
    let (number, said, layout) = match name {
        "n" => plain(1, Layout::Null),
        "c" | "s" | "i" | "l" | "C" | "S" | "I" | "L" => {
            let Index { width, signed } = Index::parse(name).ok()?;
            let said = vec![(FIRST, I32(8 * width as i32)), (SECOND, Bool(signed))];
            (2, said, Layout::Fixed(width))
        }
        "e" | "f" | "g" => {
            let precision = "efg".find(name)?;
            one(
                3,
                FIRST,
                I16(precision as i16),
                Layout::Fixed(2 << precision),
            )
        }
        "z" => plain(4, Layout::Bytes { wide: false }),
        "u" => plain(5, Layout::Bytes { wide: false }),
        "b" => plain(6, Layout::Bits),
        "d" => {
            let mut parts = more.split(',');
            let mut part = || parts.next()?.parse::<i32>().ok();
            let (precision, scale) = (part()?, part()?);
            let bits = part().unwrap_or(128);
            let said = vec![
                (FIRST, I32(precision)),
                (SECOND, I32(scale)),
                (THIRD, I32(bits)),
            ];
            let known = matches!(bits, 32 | 64 | 128 | 256);
            (7, said, known.then_some(Layout::Fixed(bits as usize / 8))?)
        }
        "tdD" => one(8, FIRST, I16(0), Layout::Fixed(4)),
        "tdm" => one(8, FIRST, I16(1), Layout::Fixed(8)),
        "tts" | "ttm" | "ttu" | "ttn" => {
            let unit = unit(&name[2..])?;
            let width = if unit < 2 { 4 } else { 8 };
            let said = vec![(FIRST, I16(unit)), (SECOND, I32(8 * width as i32))];
            (9, said, Layout::Fixed(width))
        }
        "tss" | "tsm" | "tsu" | "tsn" => {
            let mut said = vec![(FIRST, I16(unit(&name[2..])?))];
            if !more.is_empty() {
                said.push((SECOND, Text(more.to_owned())));
            }
            (10, said, Layout::Fixed(8))
        }
        "tiM" => one(11, FIRST, I16(0), Layout::Fixed(4)),
        "tiD" => one(11, FIRST, I16(1), Layout::Fixed(8)),
        "tin" => one(11, FIRST, I16(2), Layout::Fixed(16)),
        "+l" => plain(12, Layout::List { wide: false }),
        "+s" => plain(13, Layout::Struct),
        "w" => {
            let width: i32 = more.parse().ok()?;
            let bytes = usize::try_from(width).ok()?;
            one(15, FIRST, I32(width), Layout::Fixed(bytes))
        }
        "+w" => {
            let size: u32 = more.parse().ok()?;
            let said = I32(i32::try_from(size).ok()?);
            one(16, FIRST, said, Layout::FixedList(size as usize))
        }
        "+m" => one(17, FIRST, Bool(keys_sorted), Layout::List { wide: false }),
        "tDs" | "tDm" | "tDu" | "tDn" => one(18, FIRST, I16(unit(&name[2..])?), Layout::Fixed(8)),
        "Z" => plain(19, Layout::Bytes { wide: true }),
        "U" => plain(20, Layout::Bytes { wide: true }),
        "+L" => plain(21, Layout::List { wide: true }),
        "vz" => plain(23, Layout::Views),
        "vu" => plain(24, Layout::Views),
        _ => return None,
    };
    Some(Kind {
        number,
        said,
        layout,
    })
}
