//! The language's published cases, over rows in memory: this tests the language. The same cases over a repository
//! test the store and the planner.

#[path = "fixtures/memory.rs"]
mod memory;

use aim_value::Tree;
use aimql::{Budget, Limits, MetricRow, Outcome, Program};
use memory::{get, list, text};

const SPEC: &str = include_str!("fixtures/spec.json");
const CASES: &str = include_str!("fixtures/cases.json");

#[derive(Debug, PartialEq)]
struct Answer {
    runs: Vec<i64>,
    /// Run, name, and context as debug text of its sorted entries.
    metrics: Vec<(i64, String, String)>,
}

fn context_key(context: &Tree) -> String {
    match context {
        Tree::Dict(entries) => {
            let mut entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{key}={}", context_key(value)))
                .collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        other => format!("{other:?}"),
    }
}

/// None for a syntax error.
fn ask(runs: &[memory::Run], query: &str) -> Option<Answer> {
    let program = Program::compile(query).ok()?;
    let mut budget = Budget::new(Limits::default(), None);
    let mut answer = Answer {
        runs: Vec::new(),
        metrics: Vec::new(),
    };
    for run in runs {
        let outcome = program
            .matches(run, None, &mut budget)
            .expect("rows in memory never fail");
        if outcome == Outcome::Selected {
            answer.runs.push(run.index);
        }
        for metric in &run.metrics {
            let row = MetricRow {
                name: &metric.name,
                context: &metric.context,
                aggregates: &metric.aggregates,
            };
            let outcome = program
                .matches(run, Some(&row), &mut budget)
                .expect("rows in memory");
            if outcome == Outcome::Selected {
                let context = context_key(&metric.context);
                answer
                    .metrics
                    .push((run.index, metric.name.clone(), context));
            }
        }
    }
    answer.metrics.sort();
    Some(answer)
}

fn expected(case: &Tree) -> Option<Answer> {
    if get(case, "runs")
        .and_then(|runs| get(runs, "error"))
        .is_some()
    {
        return None;
    }
    let index = |tree: &Tree| memory::number(Some(tree)).expect("an index") as i64;
    let mut metrics: Vec<_> = list(get(case, "metrics"))
        .iter()
        .map(|metric| {
            let parts = list(Some(metric));
            let name = text(parts.get(1)).expect("a name").to_owned();
            (index(&parts[0]), name, context_key(&parts[2]))
        })
        .collect();
    metrics.sort();
    Some(Answer {
        runs: list(get(case, "runs")).iter().map(index).collect(),
        metrics,
    })
}

#[test]
fn every_case_selects_the_runs_and_metrics_it_should() {
    let runs = memory::runs(&memory::parse(SPEC));
    assert_eq!(runs.len(), 24);
    let cases = memory::parse(CASES);
    let cases = list(Some(&cases));
    assert_eq!(cases.len(), 139);
    let mut wrong = Vec::new();
    for case in cases {
        let query = text(get(case, "query")).expect("a query");
        let (found, wanted) = (ask(&runs, query), expected(case));
        if found != wanted {
            wrong.push(format!("{query}\n  found  {found:?}\n  wanted {wanted:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
