//! Expressions that select runs: what they speak of, what they select, and where they failed.

use crate::failure::Failure;
use crate::format;
use crate::look::Look;
use crate::table::{YELLOW, styled};
use crate::text::shown;
use aim::error::Status;
use aim::query::{Failures, Options, Query, Select, Told, query};
use aim::repo::RepoRef;
use std::sync::{Arc, Mutex, PoisonError};

/// The runs that an expression selects; archived ones only if it speaks of them, or with `all`.
pub fn select(
    repo: &RepoRef,
    expression: Option<&str>,
    all: bool,
    most: Option<usize>,
) -> Result<Query, Failure> {
    let options = || Options {
        limit: most,
        ..Options::default()
    };
    let asked = expression.unwrap_or_default();
    let wider = match asked.trim() {
        _ if !all => asked.to_owned(),
        // What speaks of archived runs is asked about them too.
        "" => "run.archived or True".to_owned(),
        _ => format!("({asked}\n) and (run.archived or True)"),
    };
    match query(repo, &wider, Select::Runs, options()) {
        // The message is about what was asked.
        Err(e) if e.status == Status::Syntax => Ok(query(repo, asked, Select::Runs, options())?),
        answer => Ok(answer?),
    }
}

/// What an answer is without, collected while it is read.
#[derive(Clone, Default)]
pub struct Doubts(Arc<Mutex<Missing>>);

#[derive(Default)]
struct Missing {
    failures: Failures,
    warnings: Vec<String>,
}

impl Doubts {
    /// For an answer that is read page by page.
    pub fn collect(&self) -> Told {
        let doubts = Arc::clone(&self.0);
        Box::new(move |failures, warnings| {
            let mut missing = doubts.lock().unwrap_or_else(PoisonError::into_inner);
            missing.failures.count += failures.count;
            if missing.failures.first.is_none() {
                missing.failures.first.clone_from(&failures.first);
            }
            if missing.warnings.is_empty() {
                missing.warnings = warnings.to_vec();
            }
        })
    }

    /// Says it, once the answer is read.
    pub fn warn(&self, messages: &Look, what: &str) {
        let missing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let warnings = missing.warnings.iter().map(String::as_str);
        say_what_misses(messages, &missing.failures, warnings, what);
    }
}

/// Says on which runs, or on which else of `what`, the expression failed, and what may be wrong with it.
pub fn warn(messages: &Look, answer: &Query, what: &str) {
    let warnings = answer.warning().unwrap_or_default().lines();
    say_what_misses(messages, answer.failures(), warnings, what);
}

fn say_what_misses<'w>(
    messages: &Look,
    failures: &Failures,
    warnings: impl Iterator<Item = &'w str>,
    what: &str,
) {
    let word = styled(messages, YELLOW, "warning:");
    if failures.count > 0 {
        let reason = failures.first.as_deref().unwrap_or_default();
        say!(
            "{word} left out {} on which the query failed; the first: {}",
            format::counted(failures.count, what),
            shown(reason)
        );
    }
    for warning in warnings {
        say!("{word} {}", shown(warning));
    }
}

/// Whether `metric` stands in an expression by itself, texts in quotes aside.
pub fn speaks_of_metrics(expression: &str) -> bool {
    let mut quote = None;
    let mut word = String::new();
    let mut before = ' ';
    for c in expression.chars().chain([' ']) {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c.is_alphanumeric() || c == '_' => word.push(c),
            None => {
                if word == "metric" && before != '.' {
                    return true;
                }
                if !word.is_empty() {
                    word.clear();
                }
                before = c;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::speaks_of_metrics;

    #[test]
    fn what_is_selected_follows_from_the_expression() {
        for (expression, metrics) in [
            ("metric.name == 'loss'", true),
            ("run.x > 1 and metric.last < 2", true),
            ("run.name == 'metric.name'", false),
            ("run.metric.name == 'a'", false),
            ("run.metrics['loss'].last < 1", false),
            ("", false),
        ] {
            assert_eq!(speaks_of_metrics(expression), metrics, "{expression}");
        }
    }
}
