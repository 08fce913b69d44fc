//! Random queries over random runs, held against the reference: this tests the language, over rows in memory.
//!
//! `AIMQL_SEED` and `AIMQL_COUNT` choose other queries and more of them, `AIMQL_KIND` a part of the grammar.

#[path = "fixtures/memory.rs"]
mod memory;

use std::env;
use std::path::Path;
use std::process::Command;

use aim_value::Tree;
use aimql::{Budget, Limits, MetricRow, Outcome, Program};
use memory::{Run, get, list, text};

fn generated() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/differential.py");
    let variable = |name: &str, default: &str| env::var(name).unwrap_or(default.to_owned());
    let output = Command::new(variable("AIMQL_PYTHON", "python3.11"))
        .arg(script)
        .args(["--seed", &variable("AIMQL_SEED", "1")])
        .args(["--count", &variable("AIMQL_COUNT", "4000")])
        .args(["--kind", &variable("AIMQL_KIND", "all")])
        .output()
        .expect("Python 3.11 runs the reference");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("JSON is UTF-8")
}

/// What a row gave, to be compared with the reference's `values` and selections.
struct Found {
    selected: bool,
    /// As in the reference's answers: the repr, or `!` and the exception.
    value: String,
}

fn evaluate(program: &Program, run: &Run, metric: Option<&MetricRow<'_>>) -> Found {
    let mut budget = Budget::new(Limits::default(), None);
    let outcome = program
        .matches(run, metric, &mut budget)
        .expect("rows in memory never fail");
    let value = match program
        .explain(run, metric, &mut budget)
        .expect("rows in memory")
    {
        Ok(value) => value,
        Err(reason) => format!("!{}", reason.split(':').next().unwrap_or("")),
    };
    Found {
        selected: outcome == Outcome::Selected,
        value,
    }
}

/// The difference between what was found and what the reference says.
fn check(case: &Tree, runs: &[Run]) -> Option<String> {
    let query = text(get(case, "query")).expect("a query");
    let program = match (Program::compile(query), get(case, "error")) {
        (Err(_), Some(_)) => return None,
        (Err(error), None) => return Some(format!("does not compile:\n{error}")),
        (Ok(_), Some(_)) => return Some("compiles".to_owned()),
        (Ok(program), None) => program,
    };
    let mut values = list(get(case, "values")).iter();
    let mut metric_values = list(get(case, "metric_values")).iter();
    let selected = |key: &str, row: &Tree| list(get(case, key)).contains(row);
    for (i, run) in runs.iter().enumerate() {
        let index = Tree::Int(i as i64);
        let found = evaluate(&program, run, None);
        let difference = compare(&found, values.next(), selected("runs", &index));
        if let Some(difference) = difference {
            return Some(format!("run {i}: {difference}"));
        }
        for (j, metric) in run.metrics.iter().enumerate() {
            let row = MetricRow {
                name: &metric.name,
                context: &metric.context,
                aggregates: &metric.aggregates,
            };
            let found = evaluate(&program, run, Some(&row));
            let index = Tree::List(vec![index.clone(), Tree::Int(j as i64)]);
            let difference = compare(&found, metric_values.next(), selected("metrics", &index));
            if let Some(difference) = difference {
                return Some(format!("run {i}, metric {j}: {difference}"));
            }
        }
    }
    None
}

fn compare(found: &Found, wanted: Option<&Tree>, selected: bool) -> Option<String> {
    let wanted_value = text(wanted);
    if found.selected == selected && wanted_value.is_none_or(|value| value == found.value) {
        return None;
    }
    let Found {
        selected: did,
        value,
    } = found;
    let wanted_value = wanted_value.unwrap_or("(not shown)");
    Some(format!(
        "found {value} ({did}), wanted {wanted_value} ({selected})"
    ))
}

#[test]
fn random_queries_mean_what_the_reference_says() {
    let lines = generated();
    let mut runs = Vec::new();
    let mut differences = Vec::new();
    let (mut cases, mut errors) = (0, 0);
    for line in lines.lines() {
        let line = memory::parse(line);
        if get(&line, "query").is_none() {
            runs = memory::runs(&line);
            continue;
        }
        cases += 1;
        errors += usize::from(get(&line, "error").is_some());
        if let Some(difference) = check(&line, &runs) {
            let query = text(get(&line, "query")).expect("a query");
            differences.push(format!("{query}\n    {difference}"));
        }
    }
    let wanted = env::var("AIMQL_COUNT")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(4000);
    // The reference gives up on a few.
    assert!(
        cases * 10 > wanted * 9,
        "only {cases} of {wanted} cases have answers"
    );
    assert!(errors * 4 < cases, "{errors} of {cases} cases do not parse");
    let shown = differences
        .iter()
        .take(100)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        differences.is_empty(),
        "{} of {cases} differ:\n{shown}",
        differences.len()
    );
}
