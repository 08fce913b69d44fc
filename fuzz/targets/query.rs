//! Any text as a query, compiled and evaluated on rows in memory.
#![no_main]

#[path = "../../crates/aimql/tests/fixtures/memory.rs"]
mod memory;

use aimql::{Budget, Limits, MetricRow, Program};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

static RUNS: OnceLock<Vec<memory::Run>> = OnceLock::new();

fuzz_target!(|text: &str| {
    let Ok(program) = Program::compile(text) else {
        return;
    };
    let _ = program.conditions();
    let spec = include_str!("../../crates/aimql/tests/fixtures/spec.json");
    let runs = RUNS.get_or_init(|| memory::runs(&memory::parse(spec)));
    let limits = Limits {
        row_steps: 20_000,
        row_bytes: 1 << 20,
        ..Limits::default()
    };
    let mut budget = Budget::new(limits, None);
    for run in runs.iter().take(2) {
        let row = run.metrics.first().map(|metric| MetricRow {
            name: &metric.name,
            context: &metric.context,
            aggregates: &metric.aggregates,
        });
        let _ = program.explain(run, row.as_ref(), &mut budget).expect("rows in memory never fail");
    }
});
