//! `docs/aimql.md` names everything that an expression may contain, and its examples mean what they say.

#[path = "fixtures/memory.rs"]
mod memory;

use aimql::{Budget, Limits, MAX_NESTING, MAX_SOURCE, MetricRow, Outcome, Program, vocabulary};

const PAGE: &str = include_str!("../../../docs/aimql.md");

/// The section under a heading, up to the next one of its level.
fn section(heading: &str) -> &'static str {
    let start = PAGE
        .find(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("docs/aimql.md has no section {heading:?}"));
    let rest = &PAGE[start + 4..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

/// The line of the page's list that begins with this name.
fn line_of(of: &str) -> &'static str {
    let start = format!("- **{of}**:");
    let at = PAGE
        .find(&start)
        .unwrap_or_else(|| panic!("no list of {of}"));
    let rest = &PAGE[at + start.len()..];
    rest.find("\n- ")
        .into_iter()
        .chain(rest.find("\n\n"))
        .min()
        .map_or(rest, |end| &rest[..end])
}

#[test]
fn every_name_of_the_language_is_listed_and_no_other() {
    for group in vocabulary() {
        let line = line_of(group.of);
        let mut listed: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
        let mut names = group.names;
        listed.sort_unstable();
        names.sort_unstable();
        names.dedup();
        assert_eq!(listed, names, "the list of {}", group.of);
    }
}

#[test]
fn the_limits_are_those_of_the_library() {
    let limits = section("Limits");
    let default = Limits::default();
    for number in [
        MAX_SOURCE as u64 / 1024,
        MAX_NESTING as u64,
        default.row_steps,
        default.row_bytes >> 20,
        default.query_steps,
    ] {
        let text = number.to_string();
        let grouped: String = text
            .chars()
            .enumerate()
            .flat_map(|(i, c)| {
                let comma = i > 0 && (text.len() - i) % 3 == 0;
                comma.then_some(',').into_iter().chain([c])
            })
            .collect();
        assert!(
            limits.contains(&grouped),
            "{grouped} in the section on limits"
        );
    }
}

#[test]
fn the_examples_are_thirty_and_fail_on_no_row() {
    let examples: Vec<&str> = section("Examples")
        .split("```python\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .flat_map(|block| block.split("\n\n"))
        .collect();
    assert!(examples.len() >= 30, "{} examples", examples.len());
    let runs = memory::runs(&memory::parse(include_str!("fixtures/spec.json")));
    for example in examples {
        let program = Program::compile(example).unwrap_or_else(|e| panic!("{example}:\n{e}"));
        assert_eq!(program.unknown_attribute(), None, "{example}");
        let mut budget = Budget::new(Limits::default(), None);
        for run in &runs {
            for metric in &run.metrics {
                let row = MetricRow {
                    name: &metric.name,
                    context: &metric.context,
                    aggregates: &metric.aggregates,
                };
                let outcome = program.matches(run, Some(&row), &mut budget);
                let outcome = outcome.expect("rows in memory never fail");
                assert!(
                    !matches!(outcome, Outcome::Failed(_)),
                    "{example}: {outcome:?}"
                );
            }
        }
    }
}
