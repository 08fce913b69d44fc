//! TensorFlow's tensors. The numbers of their fields are those of tensor.proto.

use crate::import::protobuf::{Field, Malformed, Message, packed};
use aim::objects::{Element, array};

/// The type of texts.
const TEXT: i64 = 7;
/// Elements up to which a tensor of one value all over is written out.
const MAX_REPEATED: usize = 1 << 20;

pub struct Tensor<'b> {
    kind: i64,
    pub dimensions: Vec<i64>,
    content: &'b [u8],
    /// Its values where they do not lie in `content`: number of the field and what it holds.
    fields: Message<'b>,
}

impl<'b> Tensor<'b> {
    pub fn parse(bytes: &'b [u8]) -> Result<Tensor<'b>, Malformed> {
        let mut tensor = Tensor {
            kind: 0,
            dimensions: Vec::new(),
            content: &[],
            fields: Message(bytes),
        };
        for field in Message(bytes) {
            match field? {
                (1, Field::Varint(kind)) => tensor.kind = kind as i64,
                (2, Field::Bytes(shape)) => {
                    let sizes = Message(shape).every(2).filter_map(Field::bytes);
                    let size = |of| Message(of).get(1).and_then(Field::int).unwrap_or(0);
                    tensor.dimensions = sizes.map(size).collect();
                }
                (4, Field::Bytes(content)) => tensor.content = content,
                _ => {}
            }
        }
        Ok(tensor)
    }

    /// The type of its elements, and the field in which they lie one by one.
    fn element(&self) -> Option<(Element, u32)> {
        Some(match self.kind {
            1 => (Element::F32, 5),
            2 => (Element::F64, 6),
            3 => (Element::I32, 7),
            4 => (Element::U8, 7),
            5 => (Element::I16, 7),
            6 => (Element::I8, 7),
            9 => (Element::I64, 10),
            10 => (Element::Bool, 11),
            14 => (Element::Bf16, 13),
            17 => (Element::U16, 7),
            19 => (Element::F16, 13),
            22 => (Element::U32, 16),
            23 => (Element::U64, 17),
            _ => return None,
        })
    }

    /// The elements as they lie in this machine's memory; `None` if they are not as many as the dimensions say.
    fn elements(&self) -> Option<(Element, Vec<u8>)> {
        let (element, field) = self.element()?;
        let size = element.size();
        let count = self.dimensions.iter().try_fold(1, |all: usize, side| {
            all.checked_mul(usize::try_from(*side).ok()?)
        })?;
        let mut bytes = match self.content {
            [] => self.one_by_one(element, field)?,
            content => content.to_vec(),
        };
        if bytes.len() == size && count > 1 && count <= MAX_REPEATED {
            bytes = bytes.repeat(count);
        }
        if count.checked_mul(size) != Some(bytes.len()) {
            return None;
        }
        if cfg!(target_endian = "big") {
            bytes.chunks_mut(size).for_each(<[u8]>::reverse);
        }
        Some((element, bytes))
    }

    fn one_by_one(&self, element: Element, number: u32) -> Option<Vec<u8>> {
        let size = element.size();
        let mut bytes = Vec::new();
        for field in self.fields.every(number) {
            match (field, number) {
                (Field::Bytes(packed), 5 | 6) => bytes.extend_from_slice(packed),
                (Field::Fixed32(bits), 5) => bytes.extend_from_slice(&bits.to_le_bytes()),
                (Field::Fixed64(bits), 6) => bytes.extend_from_slice(&bits.to_le_bytes()),
                (Field::Varint(value), _) => bytes.extend_from_slice(&value.to_le_bytes()[..size]),
                (Field::Bytes(several), _) => {
                    for value in packed(several)? {
                        bytes.extend_from_slice(&value.to_le_bytes()[..size]);
                    }
                }
                _ => return None,
            }
        }
        Some(bytes)
    }

    /// The value of a tensor that is one number.
    pub fn number(&self) -> Option<f64> {
        let is_one = self.dimensions.iter().all(|size| *size == 1);
        let numbers = if is_one { self.numbers()? } else { return None };
        numbers.first().copied()
    }

    /// All elements as numbers.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        let (element, bytes) = self.elements()?;
        let mut numbers = Vec::with_capacity(bytes.len() / element.size());
        element.read(&bytes, &mut numbers);
        Some(numbers)
    }

    /// The tensor as NPY.
    pub fn npy(&self) -> Option<Vec<u8>> {
        let sides = self.dimensions.iter().map(|side| u64::try_from(*side).ok());
        let sides: Vec<u64> = sides.collect::<Option<_>>()?;
        let (element, bytes) = self.elements()?;
        let shape = array::shape(&sides, None, element).ok()?;
        array::npy(&bytes, &shape, element).ok()
    }

    /// The texts, or whatever bytes, of a tensor of texts; `None` of any other.
    pub fn texts(&self) -> Option<Vec<&'b [u8]>> {
        let texts = self.fields.every(8).filter_map(Field::bytes);
        (self.kind == TEXT).then(|| texts.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_number_of_every_type() {
        // The type, then what the field holds.
        for (bytes, value) in [
            (&[0x08, 1, 0x2A, 4, 0, 0, 0x80, 0x3F][..], 1.0),
            (&[0x08, 1, 0x2D, 0, 0, 0x80, 0x3F], 1.0),
            (&[0x08, 1, 0x22, 4, 0, 0, 0x80, 0x3F], 1.0),
            (&[0x08, 19, 0x6A, 2, 0x80, 0x78], 1.0),
            (&[0x08, 19, 0x68, 1], 2f64.powi(-24)),
            (&[0x08, 14, 0x6A, 2, 0x80, 0x7F], 1.0),
            (&[0x08, 10, 0x58, 1], 1.0),
            (
                &[
                    0x08, 3, 0x38, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1,
                ],
                -1.0,
            ),
        ] {
            assert_eq!(
                Tensor::parse(bytes).unwrap().number(),
                Some(value),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn dimensions_that_lie_take_no_memory() {
        let large = [0x12, 7, 0x12, 5, 0x08, 0x80, 0x80, 0x80, 0x40];
        let one = [0x08, 1, 0x2D, 0, 0, 0x80, 0x3F];
        let bytes = [&one[..], &large].concat();
        let tensor = Tensor::parse(&bytes).unwrap();
        assert_eq!(tensor.dimensions, [1 << 27]);
        assert_eq!((tensor.npy(), tensor.numbers()), (None, None));
        let few = [0x12, 4, 0x12, 2, 0x08, 3];
        let bytes = [&one[..], &few].concat();
        let numbers = Tensor::parse(&bytes).unwrap().numbers();
        assert_eq!(numbers, Some(vec![1.0; 3]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_some_tensor(bytes: Vec<u8>) {
            let _ = Tensor::parse(&bytes).map(|t| (t.number(), t.numbers(), t.npy(), t.texts().map(|t| t.len())));
        }
    }
}
