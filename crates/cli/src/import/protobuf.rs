//! Protocol buffers as they lie in files: fields one after the other. Lengths are checked, nothing is copied, and what is
//! not asked for is passed over.

/// What is wrong with a message.
pub type Malformed = &'static str;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field<'b> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'b [u8]),
    Fixed32(u32),
}

impl<'b> Field<'b> {
    pub fn bytes(self) -> Option<&'b [u8]> {
        match self {
            Field::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub fn int(self) -> Option<i64> {
        match self {
            Field::Varint(v) => Some(v as i64),
            _ => None,
        }
    }

    pub fn double(self) -> Option<f64> {
        match self {
            Field::Fixed64(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    pub fn float(self) -> Option<f64> {
        match self {
            Field::Fixed32(bits) => Some(f64::from(f32::from_bits(bits))),
            _ => None,
        }
    }

    pub fn text(self) -> Option<String> {
        let bytes = self.bytes()?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// The fields of a message. After an error there are no more.
#[derive(Clone, Copy)]
pub struct Message<'b>(pub &'b [u8]);

impl<'b> Message<'b> {
    /// The last field of this number, as readers of protocol buffers understand a field that is there twice.
    pub fn get(self, number: u32) -> Option<Field<'b>> {
        let found = self.flatten().filter(|(n, _)| *n == number);
        found.last().map(|(_, field)| field)
    }

    /// All fields of this number.
    pub fn every(self, number: u32) -> impl Iterator<Item = Field<'b>> {
        let found = self.flatten().filter(move |(n, _)| *n == number);
        found.map(|(_, field)| field)
    }

    fn read(&mut self) -> Result<(u32, Field<'b>), Malformed> {
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).map_err(|_| "a field's number is too large")?;
        let field = match key & 7 {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(u64::from_le_bytes(self.fixed()?)),
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                Field::Bytes(self.take(length)?)
            }
            5 => Field::Fixed32(u32::from_le_bytes(self.fixed()?)),
            _ => return Err("a field has a type that there is not"),
        };
        match number {
            0 => Err("a field has the number 0"),
            _ => Ok((number, field)),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], Malformed> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or("a field is longer than the message that it is in")?;
        self.0 = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut fixed = [0; N];
        fixed.copy_from_slice(self.take(N)?);
        Ok(fixed)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let (value, length) = varint(self.0)?;
        self.0 = &self.0[length..];
        Ok(value)
    }
}

impl<'b> Iterator for Message<'b> {
    type Item = Result<(u32, Field<'b>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.0 = &[];
        }
        Some(read)
    }
}

/// A number of one to ten bytes, and how many they are.
fn varint(bytes: &[u8]) -> Result<(u64, usize), Malformed> {
    let mut value = 0u64;
    for (i, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            return Ok((value, i + 1));
        }
    }
    Err(match bytes.len() {
        0..10 => "a number ends before its last byte",
        _ => "a number has more than ten bytes",
    })
}

/// Whole numbers that were packed into one field.
pub fn packed(mut bytes: &[u8]) -> Option<Vec<u64>> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (value, length) = varint(bytes).ok()?;
        values.push(value);
        bytes = &bytes[length..];
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_of_every_type() {
        let bytes = [
            0x08, 0x96, 0x01, 0x11, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x1A, 2, b'h', b'i', 0x25, 0, 0,
            0, 0x40, 0x08, 0x01,
        ];
        let fields: Vec<_> = Message(&bytes).map(Result::unwrap).collect();
        assert_eq!(fields[0], (1, Field::Varint(150)));
        assert_eq!(fields[1].1.double(), Some(1.0));
        assert_eq!(fields[2].1.text().as_deref(), Some("hi"));
        assert_eq!(fields[3].1.float(), Some(2.0));
        assert_eq!(Message(&bytes).get(1), Some(Field::Varint(1)));
        assert_eq!(Message(&bytes).every(1).count(), 2);
    }

    #[test]
    fn lengths_that_lie_are_told() {
        for (bytes, why) in [
            (&[0x0A, 5, 1][..], "longer than the message"),
            (
                &[
                    0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01,
                ],
                "longer",
            ),
            (&[0x09, 1], "longer"),
            (&[0x08, 0x80], "ends before"),
            (&[0x80; 12], "more than ten"),
            (&[0x0B], "a type that there is not"),
            (&[0x00, 0x00], "number 0"),
        ] {
            let last = Message(bytes).last().unwrap();
            assert!(last.unwrap_err().contains(why), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes: Vec<u8>) {
            let mut left = bytes.len() + 1;
            for field in Message(&bytes) {
                left -= 1;
                if let Ok((_, Field::Bytes(inner))) = field {
                    let _ = Message(inner).count();
                    let _ = packed(inner);
                }
            }
            prop_assert!(left > 0);
        }
    }
}
