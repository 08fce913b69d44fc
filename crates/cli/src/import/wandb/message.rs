//! What W&B's records hold. The numbers of fields are those of wandb_internal.proto.

use crate::import::Time;
use crate::import::protobuf::{Field, Malformed, Message};
use aim_value::Tree;

pub const HISTORY: u32 = 2;
pub const SUMMARY: u32 = 3;
pub const CONFIG: u32 = 5;
pub const STATS: u32 = 7;
pub const ARTIFACT: u32 = 8;
pub const METRIC: u32 = 12;
pub const OUTPUT: u32 = 13;
pub const RUN: u32 = 17;
pub const EXIT: u32 = 18;

/// What kind of record it is, and what it holds.
pub fn record(bytes: &[u8]) -> Result<Option<(u32, Message<'_>)>, Malformed> {
    const KINDS: [u32; 9] = [
        HISTORY, SUMMARY, CONFIG, STATS, ARTIFACT, METRIC, OUTPUT, RUN, EXIT,
    ];
    for field in Message(bytes) {
        let (number, field) = field?;
        if let (true, Field::Bytes(bytes)) = (KINDS.contains(&number), field) {
            return Ok(Some((number, Message(bytes))));
        }
    }
    Ok(None)
}

pub fn part(message: Message<'_>, number: u32) -> String {
    message
        .get(number)
        .and_then(Field::text)
        .unwrap_or_default()
}

/// A moment of timestamp.proto.
pub fn moment(message: Message<'_>, number: u32) -> Option<Time> {
    let moment = Message(message.get(number)?.bytes()?);
    let seconds = moment.get(1).and_then(Field::int).unwrap_or(0);
    let nanos = moment.get(2).and_then(Field::int).unwrap_or(0);
    Time::new(seconds as f64 + nanos as f64 / 1e9)
}

/// An item of config, summary or history: its keys and its value.
pub fn item(bytes: &[u8]) -> Option<(Vec<String>, Tree)> {
    let item = Message(bytes);
    let mut keys: Vec<String> = item.every(2).filter_map(Field::text).collect();
    if keys.is_empty() {
        keys.push(item.get(1)?.text()?);
    }
    let json = item.get(16)?.bytes()?;
    Some((keys, Tree::from_json(std::str::from_utf8(json).ok()?).ok()?))
}

pub fn put(entries: &mut Vec<(String, Tree)>, keys: &[String], value: Tree) {
    let Some((first, rest)) = keys.split_first() else {
        return;
    };
    let at = match entries.iter().position(|(key, _)| key == first) {
        Some(at) => at,
        None => {
            entries.push((first.clone(), Tree::Null));
            entries.len() - 1
        }
    };
    if rest.is_empty() {
        entries[at].1 = value;
        return;
    }
    if !matches!(entries[at].1, Tree::Dict(_)) {
        entries[at].1 = Tree::Dict(Vec::new());
    }
    if let Tree::Dict(below) = &mut entries[at].1 {
        put(below, rest, value);
    }
}

pub fn update(entries: &mut Vec<(String, Tree)>, message: Message<'_>) {
    for bytes in message.every(1).filter_map(Field::bytes) {
        if let Some((keys, value)) = item(bytes) {
            put(entries, &keys, value);
        }
    }
    for bytes in message.every(2).filter_map(Field::bytes) {
        let key = Message(bytes).get(1).and_then(Field::text);
        entries.retain(|(k, _)| Some(k) != key.as_ref());
    }
}

pub fn seconds(value: &Tree) -> Option<Time> {
    match value {
        Tree::Int(i) => Time::new(*i as f64),
        Tree::Float(f) => Time::new(*f),
        _ => None,
    }
}
