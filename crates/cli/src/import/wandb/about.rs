//! What a run of W&B's is.

use super::message::{
    CONFIG, EXIT, HISTORY, METRIC, OUTPUT, RUN, STATS, SUMMARY, item, moment, part, seconds, update,
};
use crate::import::protobuf::{Field, Message};
use crate::import::{Report, Target, Time};
use aim::run::{EPOCH_NONE, Outcome, RunState};
use aim_value::Tree;
use std::collections::BTreeMap;

/// What a run is, as far as records of it were read.
#[derive(Default)]
pub struct About {
    pub id: String,
    pub entity: String,
    pub project: String,
    pub group: String,
    pub job_type: String,
    pub name: String,
    pub notes: String,
    pub tags: Vec<String>,
    pub host: String,
    pub sweep: String,
    pub begun: Option<Time>,
    pub last: Option<Time>,
    pub exit_code: Option<i64>,
    pub config: Vec<(String, Tree)>,
    pub summary: Vec<(String, Tree)>,
    /// Metrics by name, or by the beginning of names that end in `*`, with the metric that is their step.
    pub steps: BTreeMap<String, String>,
}

impl About {
    pub fn see(&mut self, kind: u32, message: Message<'_>) {
        match kind {
            RUN => self.run(message),
            CONFIG => update(&mut self.config, message),
            SUMMARY => update(&mut self.summary, message),
            METRIC => {
                let name = [part(message, 1), part(message, 2)].concat();
                let step = part(message, 4);
                if !name.is_empty() && !step.is_empty() {
                    self.steps.insert(name, step);
                }
            }
            EXIT => self.exit_code = Some(message.get(1).and_then(Field::int).unwrap_or(0)),
            STATS | OUTPUT => self.seen(moment(message, 2)),
            HISTORY => {
                let items = message.every(1).filter_map(Field::bytes).filter_map(item);
                let time = items.into_iter().find(|(keys, _)| keys == &["_timestamp"]);
                self.seen(time.and_then(|(_, value)| seconds(&value)));
            }
            _ => {}
        }
    }

    fn run(&mut self, message: Message<'_>) {
        self.id = part(message, 1);
        self.entity = part(message, 2);
        self.project = part(message, 3);
        if let Some(config) = message.get(4).and_then(Field::bytes) {
            update(&mut self.config, Message(config));
        }
        self.group = part(message, 6);
        self.job_type = part(message, 7);
        self.name = part(message, 8);
        self.notes = part(message, 9);
        self.tags = message.every(10).filter_map(Field::text).collect();
        self.sweep = part(message, 12);
        self.host = part(message, 13);
        self.begun = moment(message, 17).or(self.begun);
        self.seen(self.begun);
    }

    fn seen(&mut self, time: Option<Time>) {
        let later = |time: &Time| self.last.is_none_or(|last| time.micros() > last.micros());
        if let Some(time) = time.filter(later) {
            self.last = Some(time);
        }
    }

    /// The epoch of a point, where W&B was told that epochs are the steps of its metric.
    pub fn epoch(&self, name: &str, items: &[(Vec<String>, Tree)]) -> i64 {
        let is_of = |rule: &str| match rule.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => rule == name,
        };
        let mut rules = self.steps.iter().filter(|(rule, _)| is_of(rule));
        if !rules.any(|(_, step)| step == "epoch") {
            return EPOCH_NONE;
        }
        let found = items.iter().find(|(keys, _)| keys == &["epoch"]);
        match found.map(|(_, value)| value) {
            Some(Tree::Int(epoch)) => *epoch,
            Some(Tree::Float(epoch)) if epoch.is_finite() => epoch.floor() as i64,
            _ => EPOCH_NONE,
        }
    }

    pub fn outcome(&self) -> Outcome {
        let state = match self.exit_code {
            Some(0) => RunState::Finished,
            Some(_) => RunState::Failed,
            None => RunState::Crashed,
        };
        Outcome {
            exit_code: self.exit_code.and_then(|code| i32::try_from(code).ok()),
            ..Outcome::of(state)
        }
    }

    pub fn params(&mut self, target: &mut Target, report: &mut Report) {
        for (key, value) in std::mem::take(&mut self.config) {
            if key != "_wandb" {
                target.param(report, &[&key], value);
            }
        }
        let texts = [
            ("id", &self.id),
            ("entity", &self.entity),
            ("project", &self.project),
            ("group", &self.group),
            ("job_type", &self.job_type),
            ("sweep", &self.sweep),
            ("host", &self.host),
        ];
        for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            target.param(report, &["wandb", key], Tree::Str(text.clone()));
        }
        let summary = std::mem::take(&mut self.summary).into_iter();
        let summary: Vec<_> = summary.filter(|(key, _)| !key.starts_with('_')).collect();
        if !summary.is_empty() {
            target.param(report, &["wandb", "summary"], Tree::Dict(summary));
        }
        if !self.steps.is_empty() {
            let steps = self.steps.iter();
            let steps = steps.map(|(name, step)| (name.clone(), Tree::Str(step.clone())));
            target.param(report, &["wandb", "metrics"], Tree::Dict(steps.collect()));
        }
    }
}
