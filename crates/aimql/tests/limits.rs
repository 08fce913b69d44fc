//! What the language refuses: text that is no expression, and work and memory without bound. Over rows in memory.

#[path = "fixtures/memory.rs"]
mod memory;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use aimql::{Budget, Error, Limits, MAX_SOURCE, Outcome, Program, SyntaxError};
use memory::Run;

const SPEC: &str =
    r#"{"runs": [{"index": 0, "params": {"lr": 0.1, "s": "abc", "l": [1, 2, 3]}, "metrics": []}]}"#;

fn run() -> Run {
    memory::runs(&memory::parse(SPEC)).remove(0)
}

fn ask(query: &str) -> Outcome {
    let program = Program::compile(query).unwrap_or_else(|error| panic!("{query}:\n{error}"));
    let mut budget = Budget::new(Limits::default(), None);
    program
        .matches(&run(), None, &mut budget)
        .expect("rows in memory never fail")
}

fn reason(query: &str) -> String {
    match ask(query) {
        Outcome::Failed(reason) => reason,
        other => panic!("{query}: {other:?}"),
    }
}

fn syntax_error(query: &str) -> SyntaxError {
    Program::compile(query).expect_err(query)
}

#[test]
fn a_syntax_error_tells_line_column_and_text() {
    let error = syntax_error("run.lr > 0.1 and\n  run.name == == 3");
    assert_eq!((error.line, error.column), (2, 15));
    assert_eq!(error.text, "  run.name == == 3");
    assert_eq!(
        &"run.lr > 0.1 and\n  run.name == == 3"[error.offset..],
        "== 3"
    );
    assert_eq!(
        error.to_string(),
        format!(
            "line 2, column 15: {}\n      run.name == == 3\n                  ^",
            error.message
        )
    );
}

#[test]
fn a_syntax_error_is_found_behind_other_scripts_and_select() {
    let error = syntax_error("run.note == \"päper ✓\" && run.lr");
    assert_eq!((error.line, error.column), (1, 24));
    let error = syntax_error("SELECT metric IF run.lr >");
    assert_eq!((error.line, error.column, error.offset), (1, 26, 25));
    let error = syntax_error("   run.archived or )");
    assert_eq!((error.line, error.column), (1, 20));
}

#[test]
fn what_is_not_an_expression_of_the_language_is_a_syntax_error() {
    for query in [
        "import os",
        "x = 1",
        "run.lr; run.lr",
        "(yield 1)",
        "lambda: (yield)",
        "[await x for x in y]",
        "[_ for _ in range(3)]",
        "(_x := 3)",
        "[(x := 1) for x in range(3)]",
        "[x for y in (z := [1])]",
        "lambda a, a: 1",
        "f(a=1, a=2)",
        "[x async for x in y]",
        "[0 for run.lr in [1]]",
        "'\0'",
        "1".repeat(5000).as_str(),
        "\"unterminated",
        "f'{'",
    ] {
        syntax_error(query);
    }
}

#[test]
fn a_keyword_among_attributes_is_told_with_what_to_write() {
    for (query, column, wanted) in [
        (
            "run.problem.class == 3",
            13,
            "write run['problem', 'class']",
        ),
        ("run.lr > 1 and run.class", 20, "write run['class']"),
        (
            "run.lambda > 0.5",
            5,
            "'lambda' is a keyword of Python and no attribute: write run['lambda']",
        ),
        ("run.from.to", 5, "write run['from', 'to']"),
    ] {
        let error = syntax_error(query);
        assert!(error.message.contains(wanted), "{query}: {error}");
        assert_eq!(error.column, column, "{query}: {error}");
    }
    assert!(!syntax_error("run.lr >").message.contains("keyword"));
}

#[test]
fn an_attribute_that_nothing_has_is_noted() {
    let unknown = |query: &str| {
        let program = Program::compile(query).expect("an expression");
        program
            .unknown_attribute()
            .map(|e| (e.column, e.message.clone()))
    };
    let (column, message) = unknown("run.lr and metric.lats > 0").expect("noted");
    assert_eq!(column, 19);
    assert_eq!(
        message,
        "metric has no attribute \"lats\"; did you mean \"last\"?"
    );
    for query in [
        "math.sqroot(2)",
        "str.foo",
        "'a'.foo()",
        "run.metrics['loss'].naem",
        "run.metrics[run.x].naem",
        "len.foo",
        "run.tags.push(1)",
        "metric.name.foo",
        "datetime.nwo()",
    ] {
        assert!(unknown(query).is_some(), "{query}");
    }
    for query in [
        "run.anything.at.all",
        "metric.context.foo",
        "metric.count",
        "run.metrics['loss'].items()",
        "math.sqrt(2)",
        "datetime.min",
        "run.created_at.year",
        "(lambda metric: metric.foo)(run)",
        "run.metrics['loss', {}].count",
    ] {
        assert_eq!(unknown(query), None, "{query}");
    }
}

#[test]
fn what_a_query_names_is_known() {
    let program =
        Program::compile("run.a.b > run['a', 'b'] or run.c.real or run.name or run.get('d')");
    let named = program.expect("an expression").params().to_vec();
    assert_eq!(
        named,
        [vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()]]
    );
}

#[test]
fn text_methods_work_on_the_largest_param() {
    let text = "x".repeat(64 << 20);
    let spec =
        format!(r#"{{"runs": [{{"index": 0, "params": {{"big": "{text}"}}, "metrics": []}}]}}"#);
    let run = memory::runs(&memory::parse(&spec)).remove(0);
    for query in [
        "run.big.startswith('xx')",
        "run.big.endswith('x')",
        "len(run.big) == 67108864",
        "'y' not in run.big",
        "run.big.upper().count('X') > 9",
        "run.big == run.big",
        "run.big[-1] == 'x'",
    ] {
        let program = Program::compile(query).expect("an expression");
        let mut budget = Budget::new(Limits::default(), None);
        let outcome = program
            .matches(&run, None, &mut budget)
            .expect("rows in memory");
        assert_eq!(outcome, Outcome::Selected, "{query}");
    }
}

#[test]
fn long_and_deep_text_is_refused() {
    let long = format!("'{}' == run.s", "x".repeat(MAX_SOURCE));
    assert!(syntax_error(&long).message.contains("longer than"));
    let deep = [
        format!("{}1{}", "(".repeat(5000), ")".repeat(5000)),
        format!("{}1{}", "[".repeat(5000), "]".repeat(5000)),
        format!("{}1{}", "f(".repeat(5000), ")".repeat(5000)),
        format!("{}1", "not ".repeat(5000)),
        format!("{}1", "-".repeat(5000)),
        format!("{}1", "lambda: ".repeat(5000)),
        format!("{}1", "lambda a, b: ".repeat(5000)),
        format!("1{}", " + 1".repeat(5000)),
        format!("1{}", " ** 1".repeat(5000)),
        format!("run{}", ".a".repeat(5000)),
        format!("run{}", "[0]".repeat(5000)),
        format!("run{}", "()".repeat(5000)),
        format!("{}2", "1 if 0 else ".repeat(5000)),
        format!("{}1{}", "{1: ".repeat(5000), "}".repeat(5000)),
        format!("{}1{}", "(a := ".repeat(5000), ")".repeat(5000)),
        format!("{}[1]{}", "[x for x in ".repeat(5000), "]".repeat(5000)),
    ];
    on_a_small_stack(move || {
        for query in &deep {
            let error = syntax_error(query);
            assert!(
                error.message.contains("nests deeper"),
                "{}: {}",
                &query[..20],
                error.message
            );
        }
    });
}

#[test]
fn wide_text_is_not_deep() {
    let any = (0..2000)
        .map(|i| format!("run.lr == {i}"))
        .collect::<Vec<_>>()
        .join(" or ");
    assert_eq!(ask(&any), Outcome::NotSelected);
    let hashes = (0..5000)
        .map(|i| format!("'{i:024x}'"))
        .collect::<Vec<_>>()
        .join(", ");
    assert_eq!(
        ask(&format!("run.hash not in [{hashes}]")),
        Outcome::Selected
    );
}

/// Hosts may ask from threads with little stack.
fn on_a_small_stack(f: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(f)
        .expect("a thread");
    thread.join().expect("the thread ends well");
}

#[test]
fn the_deepest_expressions_fit_a_small_stack() {
    // The shapes of recursion, each as deep as is let through.
    let shapes: [(&str, &str, &str); 12] = [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("-", "run.lr", ""),
        ("not ", "run.lr", ""),
        ("[x for x in ", "[1]", "]"),
        ("str(", "run.lr", ")"),
        ("lambda: ", "1", ""),
        ("(lambda: ", "run", ")()"),
        ("{1: ", "run.lr", "}"),
        ("f'{", "1", "}'"),
        ("1 if run.lr else ", "run", ""),
        ("sorted([1, 2], key=lambda v: ", "1", ")"),
    ];
    on_a_small_stack(move || {
        for (before, middle, after) in shapes {
            let deepest = (1..1000)
                .map(|n| format!("{}{middle}{}", before.repeat(n), after.repeat(n)))
                .take_while(|query| match Program::compile(query) {
                    Ok(_) => true,
                    Err(error) => {
                        // Only so many strings nest before their quotes run out.
                        assert!(
                            error.message.contains("nests") || before == "f'{",
                            "{error}"
                        );
                        false
                    }
                })
                .last()
                .expect("one level is fine");
            ask(&deepest);
        }
    });
}

#[test]
fn values_that_nest_and_turn_in_circles_do_no_harm() {
    on_a_small_stack(|| {
        for query in [
            "(x := []) == [] and [x := [x] for i in range(100000)] and False",
            "(x := ()) == () and [x := (x,) for i in range(100000)] and hash(x)",
            "(x := []) == [] and [x := [x] for i in range(100000)] and str(x)",
            "(x := []) == [] and [x := [x] for i in range(10000)] and x == [y := [x]] and x < [x]",
            "(x := [1]) and [x := zip(x) for i in range(10000)] and list(x)",
            "(x := [1]) and [x := (i for i in x) for j in range(10000)] and list(x)",
            "(x := {}) == {} and [x := {1: x} for i in range(10000)] and run.get('no', x)",
            "(x := int) and [x := (x,) for i in range(10000)] and isinstance(1, x)",
            "(lambda f: f(f))(lambda f: f(f))",
            "(lambda f, n: f(f, n))(lambda f, n: 0 if n == 0 else f(f, n - 1), 10000)",
            "sorted([1, 2], key=lambda v: (lambda f: f(f))(lambda f: sorted([1], key=lambda w: f(f))))",
        ] {
            let outcome = ask(query);
            assert_ne!(outcome, Outcome::Selected, "{query}");
        }
        assert_eq!(
            ask("((x := []), x.append(x), x.append(x)) and str(x) == '[[...], [...]]'"),
            Outcome::Selected
        );
        assert!(
            reason("((x := []), x.append(x), (y := []), y.append(y)) and x == y")
                .starts_with("RecursionError")
        );
    });
}

#[test]
fn work_without_bound_fails_the_row() {
    for query in [
        "9**9**9",
        "'a'*10**10",
        "[0]*10**9",
        "(0,)*10**9",
        "b'a'*10**10",
        "sum(range(10**12))",
        "[x for x in range(10**12)]",
        "all(True for a in range(10**6) for b in range(10**6))",
        "max(i for i in range(10**15) if i < 0)",
        "list(zip(range(10**12), range(10**12)))",
        "f'{1:>1000000000}'",
        "f'{1.5:.1000000000f}'",
        "'%1000000000d' % 1",
        "'%.*f' % (10**9, 1.5)",
        "'{:>1000000000}'.format(1)",
        "'a'.ljust(10**10)",
        "'a'.zfill(10**10)",
        "'\\t'.expandtabs(10**10)",
        "'a'.join(['b' * 10**6] * 10**3)",
        "('a' * 10**5).replace('a', 'b' * 10**5)",
        "1 << 10**10",
        "2 ** 10**7",
        "10 ** 5000 ** 2",
        "math.factorial(10**7)",
        "math.comb(10**9, 10**8)",
        "math.perm(10**9)",
        "pow(3, 10**4000, 10**4000)",
        "(x := 3) and [x := x * x for i in range(100)]",
        "(x := 'a') and [x := x + x for i in range(100)]",
        "(x := [1]) and [x := x + x for i in range(100)]",
        "[x.extend(x) for x in [[1]] for i in range(100)]",
        "[x.append(y) for x in [[1]] for y in x]",
        "(x := 'a') and [x := f'{x}{x}' for i in range(100)]",
        "(x := 'a') and [x := x.encode().hex() for i in range(100)]",
        "{i: i for i in range(10**9)}",
        "{i for i in range(10**9)}",
        "set(range(10**9))",
        "sorted(range(10**9))",
        "bytes(10**10)",
        "(1).to_bytes(10**10, 'big')",
        "10**8 in (x for x in range(10**9) if x < 0)",
        "str(10**5000)",
        "int('9' * 5000)",
        "str(list(range(10**7)))",
        "('a' * 10**6).split('a') == [('a' * 10**6).split('a') for i in range(100)]",
        "[('a' * 10**6).count('b') for i in range(10**6)]",
        "[c for c in ['x' * 10**5 for i in range(1000)]]",
        "('%s' * 1000) % tuple(['a' * 10**5] * 1000)",
        "math.prod([10**3000] * 1000)",
        "math.lcm(*range(1, 100000))",
        "sum([[1]] * 100000, [])",
        "range(10**30)[::2] and [x for x in range(10**30)]",
    ] {
        let reason = reason(query);
        let kinds = ["LimitError", "OverflowError", "ValueError"];
        assert!(
            kinds.iter().any(|kind| reason.starts_with(kind)),
            "{query}: {reason}"
        );
    }
}

#[test]
fn reasons_read_as_python_puts_them() {
    for (query, wanted) in [
        ("1/0", "ZeroDivisionError: division by zero"),
        (
            "run.lr.foo",
            "AttributeError: 'float' object has no attribute 'foo'",
        ),
        ("nope == 3", "NameError: name 'nope' is not defined"),
        (
            "run.nope + 1",
            "TypeError: unsupported operand type(s) for +: 'missing value' and 'int'",
        ),
        ("[1][5]", "IndexError: list index out of range"),
        ("{}['a']", "KeyError: 'a'"),
        (
            "int('x')",
            "ValueError: invalid literal for int() with base 10: 'x'",
        ),
        ("metric.name", "NameError: name 'metric' is not defined"),
    ] {
        assert_eq!(reason(query), wanted, "{query}");
    }
    let steps = reason("sum(range(10**9))");
    assert_eq!(
        steps,
        "LimitError: the row needs more than its bound of 1000000 steps"
    );
    let bytes = reason("'a' * 10**9");
    assert_eq!(
        bytes,
        "LimitError: the row needs more than its bound of 16777216 bytes"
    );
}

#[test]
fn nothing_but_data_can_be_reached() {
    for query in [
        "().__class__",
        "run.__class__.__mro__",
        "(lambda: 1).__globals__",
        "'{0.__class__}'.format(1)",
        "'{0.lr.__class__}'.format(run)",
        "(x for x in [1]).gi_frame",
        "math.__loader__",
        "__import__('os')",
        "open('/etc/passwd')",
        "exec('1')",
        "globals()",
        "type(1)",
        "getattr(run, 'lr')",
        "dict(a=1)",
        "print(1)",
    ] {
        assert!(!matches!(ask(query), Outcome::Selected), "{query}");
    }
}

#[test]
fn a_cancelled_query_ends_at_once() {
    let flag = AtomicBool::new(true);
    let program = Program::compile("run.lr > 0").expect("an expression");
    let mut budget = Budget::new(Limits::default(), Some(&flag));
    let error = program
        .matches(&run(), None, &mut budget)
        .expect_err("cancelled");
    assert!(matches!(error, Error::Cancelled), "{error}");
    flag.store(false, Ordering::Relaxed);
    let outcome = program.matches(&run(), None, &mut budget).expect("goes on");
    assert_eq!(outcome, Outcome::Selected);
}

#[test]
fn a_row_under_way_is_cancelled() {
    static FLAG: AtomicBool = AtomicBool::new(false);
    let limits = Limits {
        row_steps: u64::MAX,
        query_steps: u64::MAX,
        ..Limits::default()
    };
    let thread = thread::spawn(move || {
        let program = Program::compile("sum(range(10**15))").expect("an expression");
        let mut budget = Budget::new(limits, Some(&FLAG));
        program.matches(&run(), None, &mut budget)
    });
    FLAG.store(true, Ordering::Relaxed);
    let error = thread
        .join()
        .expect("the thread ends")
        .expect_err("cancelled");
    assert!(matches!(error, Error::Cancelled), "{error}");
}

#[test]
fn a_query_has_a_bound_over_all_its_rows() {
    let program = Program::compile("sum(range(5000)) > 0").expect("an expression");
    let limits = Limits {
        query_steps: 20_000,
        ..Limits::default()
    };
    let mut budget = Budget::new(limits, None);
    let mut answered = 0;
    let error = loop {
        match program.matches(&run(), None, &mut budget) {
            Ok(outcome) => assert_eq!(outcome, Outcome::Selected),
            Err(error) => break error,
        }
        answered += 1;
    };
    assert!(matches!(error, Error::Steps(_)), "{error}");
    assert!((2..=4).contains(&answered), "{answered}");
}

#[test]
fn cheap_rows_cost_the_query_nothing() {
    let program = Program::compile("run.lr * 2 > 0.01").expect("an expression");
    let mut budget = Budget::new(
        Limits {
            query_steps: 10,
            ..Limits::default()
        },
        None,
    );
    for _ in 0..1000 {
        let outcome = program
            .matches(&run(), None, &mut budget)
            .expect("within the bound");
        assert_eq!(outcome, Outcome::Selected);
    }
}
