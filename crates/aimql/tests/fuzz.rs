//! Whatever text comes in, compiling and evaluating it ends well. Over rows in memory.

#[path = "fixtures/memory.rs"]
mod memory;

use aimql::{Budget, Limits, MetricRow, Program};
use memory::{get, list, text};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const SPEC: &str = include_str!("fixtures/spec.json");
const CASES: &str = include_str!("fixtures/cases.json");

/// Pieces of expressions, well formed and not.
const PIECES: &[&str] = &[
    "run",
    "run.hparams.lr",
    "run.model",
    "run.hparams",
    "run.dataset.splits",
    "run.nope",
    "metric",
    "metric.context",
    "run.tags",
    "run.created_at",
    "run.metrics['loss', {'subset': 'val'}]",
    "x",
    "lambda x:",
    "lambda *a, **k:",
    "for x in",
    "for x, *y in",
    "if",
    "else",
    "and",
    "or",
    "not",
    "in",
    "is",
    ":=",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "..",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    "+",
    "-",
    "*",
    "**",
    "/",
    "//",
    "%",
    "@",
    "&",
    "|",
    "^",
    "~",
    "<<",
    ">>",
    "1",
    "0",
    "-1",
    "1.5",
    "1e999",
    "1j",
    "10**30",
    "'a'",
    "\"%s %d\"",
    "f'{run.seed:>{10}}'",
    "f'{",
    "b'\\xff'",
    "'{}{0[0]!r:>5}'",
    "None",
    "True",
    "...",
    "range(10)",
    "sorted",
    "str",
    "int",
    "len",
    "max",
    "datetime(2020, 1, 1)",
    "timedelta(days=1)",
    "math.nan",
    ".format(1, 2)",
    ".strftime('%c %j')",
    ".split('e', 1)",
    ".items()",
    ".append(1)",
    "[::-1]",
    "[1:]",
    "[0]",
    "await",
    "yield",
    "import",
    "\n",
    "\\\n",
    "#",
    "é",
    "\u{0}",
];

fn check(query: &str) {
    let Ok(program) = Program::compile(query) else {
        return;
    };
    let runs = memory::runs(&memory::parse(SPEC));
    let limits = Limits {
        row_steps: 20_000,
        row_bytes: 1 << 20,
        ..Limits::default()
    };
    let mut budget = Budget::new(limits, None);
    for run in runs.iter().take(3) {
        program
            .matches(run, None, &mut budget)
            .expect("rows in memory never fail");
        for metric in &run.metrics {
            let (name, context) = (&metric.name, &metric.context);
            let row = MetricRow {
                name,
                context,
                aggregates: &metric.aggregates,
            };
            let _ = program
                .explain(run, Some(&row), &mut budget)
                .expect("rows in memory");
        }
    }
}

fn queries() -> Vec<String> {
    let cases = memory::parse(CASES);
    let queries = list(Some(&cases))
        .iter()
        .filter_map(|case| text(get(case, "query")));
    queries.map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_text_ends_well(query in ".{0,60}") {
        check(&query);
    }

    #[test]
    fn any_bytes_end_well(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_pieces_end_well(pieces in prop::collection::vec(select(PIECES), 1..14)) {
        check(&pieces.join(" "));
        check(&pieces.concat());
    }

    #[test]
    fn damaged_queries_end_well(
        query in select(queries()),
        damage in prop::collection::vec((any::<Index>(), select(PIECES), any::<bool>()), 1..4),
    ) {
        let mut query: Vec<char> = query.chars().collect();
        for (at, piece, remove) in damage {
            let at = at.index(query.len() + 1);
            let end = if remove { (at + 1).min(query.len()) } else { at };
            query.splice(at..end, piece.chars());
        }
        check(&query.into_iter().collect::<String>());
    }
}
