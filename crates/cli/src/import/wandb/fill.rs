//! What a run of W&B's recorded, brought into one of ours.

use super::about::About;
use super::media::{Media, Row};
use super::message::{item, moment, part, put, seconds};
use crate::failure::Failure;
use crate::import::protobuf::{Field, Message};
use crate::import::{Place, Report, Target, Time};
use aim::objects::ObjectKind;
use aim::query::Stream;
use aim::run::EPOCH_NONE;
use aim_value::Tree;
use std::collections::HashMap;
use std::path::PathBuf;

/// An object's own keys, and what it consists of.
type Whole<'k> = (&'k [String], Vec<(String, Tree)>);

/// The keys of an object whose type an item says.
fn above(keys: &[String]) -> Option<&[String]> {
    let (last, above) = keys.split_last()?;
    (last == "_type" && !above.is_empty()).then_some(above)
}

pub struct Filler<'f> {
    /// Where the files of its objects are.
    pub files: PathBuf,
    pub about: &'f About,
    pub target: &'f mut Target,
    /// How many points each figure of the machine has.
    pub stats: HashMap<String, i64>,
    /// Lines of standard error and of standard output that have no end yet.
    pub lines: [String; 2],
}

impl Filler<'_> {
    pub fn history(&mut self, message: Message<'_>, report: &mut Report) -> Result<(), Failure> {
        let mut items: Vec<(Vec<String>, Tree)> = Vec::new();
        for bytes in message.every(1).filter_map(Field::bytes) {
            match item(bytes) {
                Some(item) => items.push(item),
                None => report.lost("values that are no JSON", 1),
            }
        }
        let own = |key: &str| {
            let found = items
                .iter()
                .find(|(keys, _)| keys.len() == 1 && keys[0] == key);
            found.map(|(_, value)| value)
        };
        let in_front = message.get(2).and_then(Field::bytes);
        let in_front = in_front
            .and_then(|step| Message(step).get(1))
            .and_then(Field::int);
        let step = match own("_step") {
            Some(Tree::Int(step)) => *step,
            _ => in_front.unwrap_or(0),
        };
        let time = own("_timestamp").and_then(seconds);
        let Some(time) = time.or(self.about.begun) else {
            report.lost("rows without a time", 1);
            return Ok(());
        };
        // An object of W&B's is told by its type; what it consists of are items beside that.
        let mut objects: Vec<&[String]> =
            items.iter().filter_map(|(keys, _)| above(keys)).collect();
        objects.sort_unstable_by_key(|keys| keys.len());
        let mut whole: Vec<Whole<'_>> = Vec::new();
        for keys in objects {
            // Parts of an image, masks and the like, are objects too.
            if !whole.iter().any(|(outer, _)| keys.starts_with(outer)) {
                whole.push((keys, Vec::new()));
            }
        }
        for (keys, value) in &items {
            let is_own = keys.len() == 1 && keys[0].starts_with('_');
            let of = whole.iter_mut().find(|(outer, _)| keys.starts_with(outer));
            match of {
                Some((outer, parts)) => put(parts, &keys[outer.len()..], value.clone()),
                None if is_own => {}
                None => {
                    let name = keys.join(".");
                    let epoch = self.about.epoch(&name, &items);
                    let row = Row { step, time, epoch };
                    self.value(&name, value, &row, &items, report)?;
                }
            }
        }
        for (keys, parts) in whole {
            let name = keys.join(".");
            let epoch = self.about.epoch(&name, &items);
            let row = Row { step, time, epoch };
            self.object(&name, &Tree::Dict(parts), &row, report)?;
        }
        Ok(())
    }

    fn object(
        &mut self,
        name: &str,
        object: &Tree,
        row: &Row,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let mut media = Media {
            files: self.files.clone(),
            target: self.target,
            report,
        };
        media.object(name, object, row)
    }

    fn value(
        &mut self,
        name: &str,
        value: &Tree,
        row: &Row,
        items: &[(Vec<String>, Tree)],
        report: &mut Report,
    ) -> Result<(), Failure> {
        let number = match value {
            Tree::Int(i) => *i as f64,
            Tree::Float(f) => *f,
            Tree::Bool(b) => f64::from(u8::from(*b)),
            Tree::Null => return Ok(()),
            Tree::Str(text) => {
                let place = Place {
                    kind: ObjectKind::Text,
                    name,
                    context: "{}",
                    step: row.step,
                    epoch: row.epoch,
                    time: row.time,
                };
                return self.target.text(report, &place, text);
            }
            Tree::Dict(entries) => {
                if entries.iter().any(|(key, _)| key == "_type") {
                    return self.object(name, value, row, report);
                }
                for (key, value) in entries {
                    let name = format!("{name}.{key}");
                    let epoch = self.about.epoch(&name, items);
                    self.value(&name, value, &Row { epoch, ..*row }, items, report)?;
                }
                return Ok(());
            }
            Tree::List(_) => {
                report.lost("lists", 1);
                return Ok(());
            }
            Tree::BigInt(_) | Tree::Bytes(_) => {
                report.lost("numbers with more than 64 bits", 1);
                return Ok(());
            }
        };
        match self.target.series(name, "{}")? {
            Some(series) => self
                .target
                .point(report, series, row.step, number, row.epoch, row.time),
            None => {
                report.lost("points of metrics that libaim does not take", 1);
                Ok(())
            }
        }
    }

    /// Figures of the machine.
    pub fn stats(&mut self, message: Message<'_>, report: &mut Report) -> Result<(), Failure> {
        let Some(time) = moment(message, 2) else {
            report.lost("rows without a time", 1);
            return Ok(());
        };
        for bytes in message.every(3).filter_map(Field::bytes) {
            let number = item(bytes).and_then(|(keys, value)| match value {
                Tree::Int(i) => Some((keys, i as f64)),
                Tree::Float(f) => Some((keys, f)),
                _ => None,
            });
            let Some((keys, number)) = number else {
                report.lost("figures of the machine that are no numbers", 1);
                continue;
            };
            let name = format!("__system__{}", keys.join("."));
            let step = self.stats.entry(name.clone()).or_default();
            if let Some(series) = self.target.series(&name, "{}")? {
                self.target
                    .point(report, series, *step, number, EPOCH_NONE, time)?;
            }
            *step += 1;
        }
        Ok(())
    }

    /// What the program printed, in pieces.
    pub fn output(&mut self, message: Message<'_>, report: &mut Report) -> Result<(), Failure> {
        let Some(time) = moment(message, 2).or(self.about.begun) else {
            return Ok(());
        };
        let is_output = usize::from(message.get(1).and_then(Field::int) == Some(1));
        let text = part(message, 3);
        let mut lines = text.split('\n');
        self.lines[is_output].push_str(lines.next().unwrap_or_default());
        for next in lines {
            let line = std::mem::replace(&mut self.lines[is_output], next.to_owned());
            self.line(is_output, &line, time, report)?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        is_output: usize,
        line: &str,
        time: Time,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let descriptor = if is_output == 1 { 1 } else { 2 };
        // Of a progress bar the last state.
        let line = line.trim_end_matches('\r');
        let line = line.rsplit('\r').next().unwrap_or(line);
        self.target
            .record(report, Stream::Terminal, time, descriptor, line, None)
    }

    pub fn last_lines(&mut self, report: &mut Report) -> Result<(), Failure> {
        let Some(time) = self.about.last else {
            return Ok(());
        };
        for is_output in [0, 1] {
            let line = std::mem::take(&mut self.lines[is_output]);
            if !line.is_empty() {
                self.line(is_output, &line, time, report)?;
            }
        }
        Ok(())
    }
}
