//! Metrics that a program prints, found by regular expressions in its lines.

use crate::failure::Failure;
use aim::run::{EPOCH_NONE, Metric, Run, STEP_AUTO};
use aim_value::Tree;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// What named groups mean: `step` and `epoch` are what they say, `context_KEY` is a part of the context, `metric` with
/// `value` names the metric in the line itself, and any other group is a metric of that name.
pub struct Pattern {
    regex: Regex,
    step: Option<Group>,
    epoch: Option<Group>,
    /// Groups that are metrics themselves, with their names.
    metrics: Vec<(String, Group)>,
    /// Where a line names a metric, and its value.
    named: Option<(Group, Group)>,
    /// Keys of the context with their groups.
    context: Vec<(String, Group)>,
}

/// The number of a group of a regular expression.
type Group = usize;

const CONTEXT: &str = "context_";

impl Pattern {
    pub fn parse(text: &str) -> Result<Pattern, Failure> {
        let regex = Regex::new(text).map_err(|e| {
            Failure::usage(format_args!(
                "--metric {text:?} is not a regular expression"
            ))
            .why(e)
        })?;
        let (mut step, mut epoch, mut metric, mut value) = (None, None, None, None);
        let (mut metrics, mut context) = (Vec::new(), Vec::new());
        for (group, name) in regex.capture_names().enumerate() {
            match name {
                None => {}
                Some("step") => step = Some(group),
                Some("epoch") => epoch = Some(group),
                Some("metric") => metric = Some(group),
                Some("value") => value = Some(group),
                Some(name) => match name.strip_prefix(CONTEXT) {
                    Some(key) => context.push((key.to_owned(), group)),
                    None => metrics.push((name.to_owned(), group)),
                },
            }
        }
        let named = metric.zip(value);
        if metrics.is_empty() && named.is_none() {
            return Err(
                Failure::usage(format_args!("--metric {text:?} names no metric"))
                    .why("a named group is a metric, or the groups metric and value name one")
                    .advice(r"write it as in: --metric 'loss: (?<loss>\S+)'"),
            );
        }
        Ok(Pattern {
            regex,
            step,
            epoch,
            metrics,
            named,
            context,
        })
    }

    /// Gives each value in a line to `found`: name, context as JSON, value, step, epoch.
    fn read(&self, line: &str, found: &mut impl FnMut(&str, &str, f64, i64, i64)) {
        for captures in self.regex.captures_iter(line) {
            let text = |group: Group| captures.get(group).map(|m| m.as_str().trim());
            let whole = |group: Option<Group>| text(group?)?.parse::<i64>().ok();
            let step = whole(self.step).unwrap_or(STEP_AUTO);
            let epoch = whole(self.epoch).unwrap_or(EPOCH_NONE);
            let context = self.context(&captures);
            let mut add = |name: &str, value: Option<&str>| {
                if let Some(value) = value.and_then(number) {
                    found(name, &context, value, step, epoch);
                }
            };
            for (name, group) in &self.metrics {
                add(name, text(*group));
            }
            if let Some((metric, value)) = self.named
                && let Some(name) = text(metric)
            {
                add(name, text(value));
            }
        }
    }

    fn context(&self, captures: &Captures<'_>) -> Cow<'static, str> {
        if self.context.is_empty() {
            return Cow::Borrowed("{}");
        }
        let entry = |(key, group): &(String, Group)| {
            let value = captures.get(*group)?.as_str();
            Some((key.clone(), Tree::Str(value.to_owned())))
        };
        Cow::Owned(Tree::Dict(self.context.iter().filter_map(entry).collect()).to_json())
    }
}

/// A number as programs print it: `0.5`, `1e-3`, `nan`, `95.2%`, `1,024`.
fn number(text: &str) -> Option<f64> {
    let text = text.trim_end_matches(['%', ',', ';', ')']);
    let plain = || text.replace([',', '_'], "").parse().ok();
    text.parse().ok().or_else(plain)
}

/// Tracks what the patterns find.
pub struct Lines {
    run: Arc<Run>,
    patterns: Vec<Pattern>,
    /// By context and name; `None` for a name that no metric can have, to which no line gives a value.
    metrics: HashMap<String, HashMap<String, Option<Metric>>>,
}

impl Lines {
    pub fn new(run: Arc<Run>, patterns: Vec<Pattern>) -> Lines {
        Lines {
            run,
            patterns,
            metrics: HashMap::new(),
        }
    }

    /// A line of the program, printed at that time, in microseconds since 1970.
    pub fn line(&mut self, time: i64, line: &str) {
        let line = match line.contains('\x1b') {
            true => Cow::Owned(anstream::adapter::strip_str(line).to_string()),
            false => Cow::Borrowed(line),
        };
        let (run, metrics) = (&self.run, &mut self.metrics);
        for pattern in &self.patterns {
            pattern.read(&line, &mut |name, context, value, step, epoch| {
                if let Some(metric) = known(metrics, run, name, context) {
                    let seconds = [time as f64 / 1e6];
                    let (step, epoch) = ([step], [epoch]);
                    // What the journal does not take, the run's own messages tell of.
                    let _ =
                        metric.track_many_at(&[value], Some(&step), Some(&epoch), Some(&seconds));
                }
            });
        }
    }
}

/// A metric, which is opened when it comes first.
fn known<'m>(
    metrics: &'m mut HashMap<String, HashMap<String, Option<Metric>>>,
    run: &Arc<Run>,
    name: &str,
    context: &str,
) -> Option<&'m Metric> {
    if !metrics.contains_key(context) {
        metrics.insert(context.to_owned(), HashMap::new());
    }
    let named = metrics.get_mut(context)?;
    if !named.contains_key(name) {
        let metric = run.metric(name, Some(context)).ok();
        named.insert(name.to_owned(), metric);
    }
    named.get(name)?.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, line: &str) -> Vec<String> {
        let mut all = Vec::new();
        Pattern::parse(pattern)
            .unwrap()
            .read(line, &mut |name, context, value, step, epoch| {
                let step = if step == STEP_AUTO { -1 } else { step };
                let epoch = if epoch == EPOCH_NONE { -1 } else { epoch };
                all.push(format!("{name} {context} {value} {step} {epoch}"));
            });
        all
    }

    #[test]
    fn groups_give_metric_step_epoch_and_context() {
        assert_eq!(
            found(
                r"epoch (?<epoch>\d+) step (?<step>\d+): loss (?<loss>\S+) acc (?<acc>\S+)",
                "epoch 3 step 120: loss 1.5e-2 acc 95.5%"
            ),
            [r"loss {} 0.015 120 3", "acc {} 95.5 120 3"]
        );
        assert_eq!(
            found(
                r"(?<context_subset>train|val)_(?<metric>\w+)=(?<value>\S+)",
                "train_loss=nan, val_loss=1,024"
            ),
            [
                r#"loss {"subset":"train"} NaN -1 -1"#,
                r#"loss {"subset":"val"} 1024 -1 -1"#
            ]
        );
        assert!(found(r"loss (?<loss>\S+)", "loss high").is_empty());
    }

    #[test]
    fn a_pattern_without_a_metric_is_refused() {
        assert!(Pattern::parse(r"(?<step>\d+)").is_err());
        assert!(Pattern::parse(r"loss (\d+)").is_err());
        assert!(Pattern::parse(r"loss (?<loss>").is_err());
    }
}
