//! Names that fit what is being typed.

use crate::context::look_at;
use crate::failure::Failure;
use crate::labels;
use aim::repo::RepoRef;

/// Properties of a run that an expression can name.
const PROPERTIES: [&str; 12] = [
    "run.name",
    "run.hash",
    "run.experiment",
    "run.description",
    "run.tags",
    "run.archived",
    "run.active",
    "run.status",
    "run.duration",
    "run.created_at",
    "run.finalized_at",
    "run.metrics",
];
/// Params that are offered.
const MOST_PARAMS: usize = 1000;

/// Everything that the repository lets an expression name.
pub fn names(repo: &RepoRef) -> Result<Vec<String>, Failure> {
    look_at(repo, |snapshot| {
        let mut names: Vec<String> = PROPERTIES.iter().map(|&p| p.to_owned()).collect();
        let mut paths = snapshot.param_paths(MOST_PARAMS)?;
        paths.retain(|path| !labels::leads_to_artifacts(path));
        names.extend(paths.iter().map(|path| param(path.tokens())));
        for (metric, contexts) in snapshot.metric_names()? {
            for context in contexts {
                let metric = quoted(&metric);
                names.push(match context.as_str() {
                    "{}" => format!("run.metrics[{metric}].last"),
                    context => format!("run.metrics[{metric}, {context}].last"),
                });
            }
        }
        Ok(names)
    })
}

/// `run.hparams.lr`, or `run['odd key']` where a key is no name.
fn param(keys: &[String]) -> String {
    let is_name = |key: &String| {
        let mut characters = key.chars();
        characters
            .next()
            .is_some_and(|c| c.is_alphabetic() || c == '_')
            && characters.all(|c| c.is_alphanumeric() || c == '_')
    };
    match keys.iter().all(is_name) {
        true => format!("run.{}", keys.join(".")),
        false => {
            let keys: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
            format!("run[{}]", keys.join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{escaped}'")
}

/// The names that fit a word, and which of them stands in its place.
#[derive(Clone, Debug)]
pub struct Completion {
    start: usize,
    fitting: Vec<String>,
    at: usize,
}

impl Completion {
    /// Completes the last word of a text.
    pub fn of(text: &str, names: &[String]) -> Option<Completion> {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | '\'');
        let start = text
            .char_indices()
            .rev()
            .take_while(|(_, c)| is_part(*c))
            .last()
            .map_or(text.len(), |(at, _)| at);
        let word = &text[start..];
        let mut fitting: Vec<String> = names
            .iter()
            .filter(|name| name.starts_with(word))
            .cloned()
            .collect();
        if fitting.is_empty() && !word.is_empty() {
            let holds = |name: &&String| name.contains(word);
            fitting = names.iter().filter(holds).cloned().collect();
        }
        (!fitting.is_empty()).then_some(Completion {
            start,
            fitting,
            at: 0,
        })
    }

    pub fn next(mut self) -> Completion {
        self.at = (self.at + 1) % self.fitting.len();
        self
    }

    /// Where the word begins, in bytes.
    pub fn start(&self) -> usize {
        self.start
    }

    pub fn name(&self) -> &str {
        &self.fitting[self.at]
    }

    /// The names that fit, from the chosen one on.
    pub fn offers(&self) -> impl Iterator<Item = &str> {
        let turned = self.fitting.iter().cycle().skip(self.at);
        turned.take(self.fitting.len()).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_completed_where_they_stand() {
        let names = ["run.name", "run.hparams.lr", "run.hparams.layers"].map(str::to_owned);
        let first = Completion::of("not run.hp", &names).unwrap();
        assert_eq!((first.start(), first.name()), (4, "run.hparams.lr"));
        assert_eq!(first.next().name(), "run.hparams.layers");
        let inner = Completion::of("layers", &names).unwrap();
        assert_eq!((inner.start(), inner.name()), (0, "run.hparams.layers"));
        assert!(Completion::of("nothing", &names).is_none());
        assert_eq!(
            param(&["a b".into(), "it's".into()]),
            r"run['a b', 'it\'s']"
        );
    }
}
