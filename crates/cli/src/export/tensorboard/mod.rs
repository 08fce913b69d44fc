//! TensorBoard's event files: a directory for each run, and below it one for each context.

mod events;
mod objects;

use super::Exported;
use super::names::directory_name;
use super::objects::Sequence;
use crate::failure::Failure;
use aim::query::MetricInfo;
use aim::run::RunState;
use aim_value::Tree;
use events::{Events, bytes, inner};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// What event files cannot hold.
#[derive(Default)]
pub struct Lost {
    pub epochs: u64,
    /// Values that are not those of a float of 32 bits.
    pub rounded: u64,
    pub texts: u64,
    /// By what they are.
    pub objects: BTreeMap<&'static str, u64>,
}

pub struct Writer<'d> {
    directory: &'d Path,
    /// Directories that are taken by a run.
    taken: HashSet<String>,
    pub lost: Lost,
}

/// The directory of a context. `import tensorboard` finds subset and entry again.
fn of_context(context: &str) -> String {
    let Ok(Tree::Dict(entries)) = Tree::from_json(context) else {
        return String::new();
    };
    let text = |value: &Tree| match value {
        Tree::Str(text) => text.clone(),
        other => other.to_json(),
    };
    if let [(key, value)] = entries.as_slice()
        && matches!(key.as_str(), "subset" | "entry")
    {
        return directory_name(&text(value));
    }
    let parts = entries
        .iter()
        .map(|(key, value)| format!("{key}={}", text(value)));
    match entries.is_empty() {
        true => String::new(),
        false => directory_name(&parts.collect::<Vec<_>>().join(",")),
    }
}

/// What goes into one directory.
#[derive(Default)]
struct Content<'r> {
    metrics: Vec<&'r MetricInfo>,
    sequences: Vec<&'r Sequence>,
}

impl<'d> Writer<'d> {
    pub fn new(directory: &'d Path) -> Writer<'d> {
        Writer {
            directory,
            taken: HashSet::new(),
            lost: Lost::default(),
        }
    }

    pub fn write(&mut self, run: &Exported<'_>) -> Result<(), Failure> {
        let hash = run.hash();
        let named = run.record.name.as_deref().map(directory_name);
        let mut name = named.unwrap_or_else(|| hash.clone());
        if !self.taken.insert(name.clone()) {
            name = format!("{name}-{}", &hash[..8]);
            self.taken.insert(name.clone());
        }
        let root = self.directory.join(name);
        let sequences = run.sequences()?;
        let mut by_directory: BTreeMap<String, Content<'_>> = BTreeMap::new();
        for metric in &run.metrics {
            let content = by_directory.entry(of_context(&metric.context));
            content.or_default().metrics.push(metric);
        }
        for sequence in &sequences {
            let content = by_directory.entry(of_context(&sequence.info.context));
            content.or_default().sequences.push(sequence);
        }
        // The run itself, where its params are.
        by_directory.entry(String::new()).or_default();
        for (below, content) in by_directory {
            let mut events = Events::create(&root.join(&below), run.record.created_at)?;
            if below.is_empty() {
                session(run, &mut events)?;
            }
            for metric in content.metrics {
                self.metric(run, metric, &mut events)?;
            }
            for sequence in content.sequences {
                run.objects(sequence, |shown| {
                    objects::write(shown, &mut events, &mut self.lost)
                })?;
            }
            events.end()?;
        }
        for stream in [aim::query::Stream::Records, aim::query::Stream::Terminal] {
            run.log(stream, |_| {
                self.lost.texts += 1;
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl Writer<'_> {
    fn metric(
        &mut self,
        run: &Exported<'_>,
        metric: &MetricInfo,
        events: &mut Events,
    ) -> Result<(), Failure> {
        for (step, value, epoch, time) in run.points(metric)? {
            let single = value as f32;
            self.lost.epochs += u64::from(epoch.is_some());
            let exact = f64::from(single).to_bits() == value.to_bits() || value.is_nan();
            self.lost.rounded += u64::from(!exact);
            events.write(time, step, |event| {
                inner(5, event, |summary| {
                    inner(1, summary, |value| {
                        bytes(1, metric.name.as_bytes(), value);
                        value.push(0x15);
                        value.extend(single.to_le_bytes());
                    });
                });
            })?;
        }
        Ok(())
    }
}

/// Params as the hyperparameters of a session, and how it ended.
fn session(run: &Exported<'_>, events: &mut Events) -> Result<(), Failure> {
    let Tree::Dict(params) = &run.params else {
        return Ok(());
    };
    let mut leaves = Vec::new();
    for (key, value) in params.iter().filter(|(key, _)| !key.starts_with("__")) {
        match (key.as_str(), value) {
            // What the importer puts below `hparams` goes back under its own name.
            ("hparams", Tree::Dict(entries)) => {
                entries
                    .iter()
                    .for_each(|(key, value)| flatten(key, value, &mut leaves));
            }
            _ => flatten(key, value, &mut leaves),
        }
    }
    let begun = run.record.created_at as f64 / 1e6;
    if !leaves.is_empty() {
        let mut content = Vec::new();
        inner(3, &mut content, |start| {
            for (key, value) in &leaves {
                inner(1, start, |entry| {
                    bytes(1, key.as_bytes(), entry);
                    bytes(2, value, entry);
                });
            }
            start.push(0x29);
            start.extend(begun.to_le_bytes());
        });
        events.plugin(begun, "_hparams_/session_start_info", "hparams", &content)?;
    }
    let Some(ended) = run.record.finalized_at else {
        return Ok(());
    };
    let ended = ended as f64 / 1e6;
    let mut content = Vec::new();
    inner(4, &mut content, |end| {
        let finished = run.record.state == RunState::Finished;
        end.extend([0x08, if finished { 1 } else { 2 }, 0x11]);
        end.extend(ended.to_le_bytes());
    });
    events.plugin(ended, "_hparams_/session_end_info", "hparams", &content)
}

/// Leaves with their keys joined by dots, as values of struct.proto.
fn flatten(key: &str, value: &Tree, leaves: &mut Vec<(String, Vec<u8>)>) {
    let number = |number: f64| [&[0x11][..], &number.to_le_bytes()].concat();
    let text = |text: &str| {
        let mut value = Vec::new();
        bytes(3, text.as_bytes(), &mut value);
        value
    };
    let leaf = match value {
        Tree::Dict(entries) => {
            for (below, value) in entries {
                flatten(&format!("{key}.{below}"), value, leaves);
            }
            return;
        }
        Tree::Int(i) => number(*i as f64),
        Tree::Float(f) => number(*f),
        Tree::Bool(b) => vec![0x20, u8::from(*b)],
        Tree::Str(s) => text(s),
        other => text(&other.to_json()),
    };
    leaves.push((key.to_owned(), leaf));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_directories() {
        assert_eq!(of_context("{}"), "");
        assert_eq!(of_context(r#"{"subset":"val"}"#), "val");
        assert_eq!(of_context(r#"{"a":1,"b":"x/y"}"#), "a=1,b=x_y");
    }
}
