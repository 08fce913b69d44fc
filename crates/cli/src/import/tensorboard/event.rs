//! What TensorFlow's messages say: events, summaries and the hyperparameters of a session. The numbers of their
//! fields are those of event.proto, summary.proto and the plugin's own.

use super::tensor::Tensor;
use crate::import::protobuf::{Field, Malformed, Message};
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
    Image(Message<'b>),
    Histogram(Message<'b>),
    Audio(Message<'b>),
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
                (4, Field::Bytes(bytes)) => value.content = Content::Image(Message(bytes)),
                (5, Field::Bytes(bytes)) => value.content = Content::Histogram(Message(bytes)),
                (6, Field::Bytes(bytes)) => value.content = Content::Audio(Message(bytes)),
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
    use super::super::media;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_some_event(bytes: Vec<u8>) {
            if let Ok(event) = Event::parse(&bytes)
                && let What::Summary(summary) = event.what
            {
                for value in summary.every(1).filter_map(Field::bytes) {
                    if let Ok(value) = Value::parse(value) {
                        for plugin in [&b"images"[..], b"audio", b"histograms", b"text", b""] {
                            let _ = media::of(&value, plugin).map(|found| found.objects.len());
                        }
                    }
                }
            }
            let _ = Session::parse(&bytes);
        }
    }
}
