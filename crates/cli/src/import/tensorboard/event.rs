//! What TensorFlow's messages say: events, summaries, tensors and the hyperparameters of a session. The numbers of their
//! fields are those of event.proto, summary.proto, tensor.proto and the plugin's own.

use crate::import::protobuf::{Field, Malformed, Message, packed};
use aim_value::Tree;

pub struct Event<'b> {
    /// Seconds since 1970 (UTC).
    pub time: f64,
    pub step: i64,
    pub what: What<'b>,
}

pub enum What<'b> {
    Summary(Message<'b>),
    /// The writer began, or began again: what it wrote before from this step on is void.
    Start,
    /// A graph of TensorFlow's operations.
    Graph,
    Other,
}

impl<'b> Event<'b> {
    pub fn parse(bytes: &'b [u8]) -> Result<Event<'b>, Malformed> {
        let mut event = Event {
            time: f64::NAN,
            step: 0,
            what: What::Other,
        };
        for field in Message(bytes) {
            match field? {
                (1, field) => event.time = field.double().ok_or("an event's time is no number")?,
                (2, field) => event.step = field.int().ok_or("an event's step is no number")?,
                (4 | 9, _) => event.what = What::Graph,
                (5, Field::Bytes(bytes)) => event.what = What::Summary(Message(bytes)),
                (7, Field::Bytes(bytes)) => {
                    let status = Message(bytes).get(1).and_then(Field::int);
                    if status == Some(1) {
                        event.what = What::Start;
                    }
                }
                _ => {}
            }
        }
        Ok(event)
    }
}

pub struct Value<'b> {
    pub tag: &'b [u8],
    pub content: Content<'b>,
    pub plugin: Option<Plugin<'b>>,
}

pub enum Content<'b> {
    Number(f64),
    Tensor(Tensor<'b>),
    Image,
    Histogram,
    Audio,
    None,
}

/// Which part of TensorBoard a value is for, and what that part keeps with it.
#[derive(Clone, Copy)]
pub struct Plugin<'b> {
    pub name: &'b [u8],
    pub content: &'b [u8],
}

impl<'b> Value<'b> {
    pub fn parse(bytes: &'b [u8]) -> Result<Value<'b>, Malformed> {
        let mut value = Value {
            tag: &[],
            content: Content::None,
            plugin: None,
        };
        for field in Message(bytes) {
            match field? {
                (1, Field::Bytes(tag)) => value.tag = tag,
                (2, field) => {
                    value.content = Content::Number(field.float().ok_or("a scalar is no number")?);
                }
                (4, _) => value.content = Content::Image,
                (5, _) => value.content = Content::Histogram,
                (6, _) => value.content = Content::Audio,
                (8, Field::Bytes(bytes)) => value.content = Content::Tensor(Tensor::parse(bytes)?),
                (9, Field::Bytes(bytes)) => {
                    let of_plugin = Message(bytes).get(1).and_then(Field::bytes);
                    let of_plugin = Message(of_plugin.unwrap_or_default());
                    let part = |n| of_plugin.get(n).and_then(Field::bytes).unwrap_or_default();
                    value.plugin = Some(Plugin {
                        name: part(1),
                        content: part(2),
                    });
                }
                _ => {}
            }
        }
        Ok(value)
    }
}

pub struct Tensor<'b> {
    kind: i64,
    pub dimensions: Vec<i64>,
    content: &'b [u8],
    /// Its values where they do not lie in `content`: number of the field and what it holds.
    fields: Message<'b>,
}

impl<'b> Tensor<'b> {
    fn parse(bytes: &'b [u8]) -> Result<Tensor<'b>, Malformed> {
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

    /// The value of a tensor that is one number.
    pub fn number(&self) -> Option<f64> {
        match self.dimensions.iter().all(|size| *size == 1) {
            true if self.content.is_empty() => self.field(),
            true => self.in_content(),
            false => None,
        }
    }

    fn in_content(&self) -> Option<f64> {
        let bytes = self.content;
        let two = || Some(u16::from_le_bytes(bytes.try_into().ok()?));
        let four = || Some(u32::from_le_bytes(bytes.try_into().ok()?));
        let eight = || Some(u64::from_le_bytes(bytes.try_into().ok()?));
        let one = || (bytes.len() == 1).then(|| bytes[0]);
        Some(match self.kind {
            1 => f64::from(f32::from_bits(four()?)),
            2 => f64::from_bits(eight()?),
            3 => f64::from(four()? as i32),
            4 | 10 => f64::from(one()?),
            5 => f64::from(two()? as i16),
            6 => f64::from(one()? as i8),
            9 => eight()? as i64 as f64,
            14 => bfloat(two()?),
            17 => f64::from(two()?),
            19 => half(two()?),
            22 => f64::from(four()?),
            23 => eight()? as f64,
            _ => return None,
        })
    }

    /// A number that lies in the field of its type.
    fn field(&self) -> Option<f64> {
        let fixed = |number, size: usize| match self.fields.get(number)? {
            Field::Bytes(bytes) if bytes.len() == size => match size {
                4 => Field::Fixed32(u32::from_le_bytes(bytes.try_into().ok()?)).float(),
                _ => Field::Fixed64(u64::from_le_bytes(bytes.try_into().ok()?)).double(),
            },
            field => field.float().or(field.double()),
        };
        let whole = |number| match self.fields.get(number)? {
            Field::Bytes(bytes) => packed(bytes)?.first().copied(),
            Field::Varint(value) => Some(value),
            _ => None,
        };
        Some(match self.kind {
            1 => fixed(5, 4)?,
            2 => fixed(6, 8)?,
            3..=6 | 17 => f64::from(whole(7)? as i32),
            9 => whole(10)? as i64 as f64,
            10 => f64::from(u8::from(whole(11)? != 0)),
            14 => bfloat(whole(13)? as u16),
            19 => half(whole(13)? as u16),
            22 => f64::from(whole(16)? as u32),
            23 => whole(17)? as f64,
            _ => return None,
        })
    }

    /// The texts of a tensor of texts; `None` of any other.
    pub fn texts(&self) -> Option<Vec<String>> {
        const TEXT: i64 = 7;
        let texts = self.fields.every(8).filter_map(Field::text);
        (self.kind == TEXT).then(|| texts.collect())
    }
}

fn bfloat(bits: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(bits) << 16))
}

fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f64::from(bits & 0x3FF));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        0x1F if fraction == 0.0 => f64::INFINITY,
        0x1F => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

/// What a session says of itself for TensorBoard's page of hyperparameters.
pub enum Session {
    Start(Vec<(String, Tree)>),
    /// Whether it failed.
    End(bool),
    Other,
}

impl Session {
    pub fn parse(content: &[u8]) -> Session {
        const FAILURE: i64 = 2;
        let content = Message(content);
        if let Some(start) = content.get(3).and_then(Field::bytes) {
            let entries = Message(start).every(1).filter_map(Field::bytes);
            return Session::Start(entries.filter_map(entry).collect());
        }
        match content.get(4).and_then(Field::bytes) {
            Some(end) => Session::End(Message(end).get(1).and_then(Field::int) == Some(FAILURE)),
            None => Session::Other,
        }
    }
}

fn entry(bytes: &[u8]) -> Option<(String, Tree)> {
    let entry = Message(bytes);
    let value = entry.get(2).and_then(Field::bytes).unwrap_or_default();
    Some((entry.get(1)?.text()?, value_tree(value, 0)))
}

/// A value of struct.proto.
fn value_tree(bytes: &[u8], depth: usize) -> Tree {
    if depth > aim_value::MAX_DEPTH / 2 {
        return Tree::Null;
    }
    let Some(Ok((number, field))) = Message(bytes).last() else {
        return Tree::Null;
    };
    match (number, field) {
        (2, field) => field.double().map_or(Tree::Null, whole_or_float),
        (3, field) => field.text().map_or(Tree::Null, Tree::Str),
        (4, Field::Varint(value)) => Tree::Bool(value != 0),
        (5, Field::Bytes(fields)) => {
            let entries = Message(fields).every(1).filter_map(Field::bytes);
            let entries = entries.filter_map(|bytes| {
                let entry = Message(bytes);
                let value = entry.get(2).and_then(Field::bytes).unwrap_or_default();
                Some((entry.get(1)?.text()?, value_tree(value, depth + 1)))
            });
            Tree::Dict(entries.collect())
        }
        (6, Field::Bytes(items)) => {
            let items = Message(items).every(1).filter_map(Field::bytes);
            Tree::List(items.map(|item| value_tree(item, depth + 1)).collect())
        }
        _ => Tree::Null,
    }
}

/// TensorBoard knows no whole numbers: 32.0 was 32.
fn whole_or_float(value: f64) -> Tree {
    const EXACT: f64 = (1u64 << 53) as f64;
    match value.fract() == 0.0
        && value.abs() <= EXACT
        && !(value == 0.0 && value.is_sign_negative())
    {
        true => Tree::Int(value as i64),
        false => Tree::Float(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_and_bfloats_are_exact() {
        for (bits, value) in [
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x0001, 2f64.powi(-24)),
            (0x7BFF, 65504.0),
            (0xFC00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7E00).is_nan());
        assert_eq!(bfloat(0x3F80), 1.0);
    }

    proptest! {
        #[test]
        fn any_bytes_are_some_event(bytes: Vec<u8>) {
            if let Ok(event) = Event::parse(&bytes)
                && let What::Summary(summary) = event.what
            {
                for value in summary.every(1).filter_map(Field::bytes) {
                    let _ = Value::parse(value).map(|value| match value.content {
                        Content::Tensor(tensor) => tensor.number(),
                        _ => None,
                    });
                }
            }
            let _ = Session::parse(&bytes);
            let _ = Tensor::parse(&bytes).map(|tensor| (tensor.number(), tensor.texts()));
        }
    }
}
