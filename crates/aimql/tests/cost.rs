//! What is paid is what it costs: programs over the whole language, steps held against processor time and memory.
//!
//! Every operator, builtin, method, type, format and display meets large operands of every type. Memory is counted by
//! the allocator; time is that of the processor, the best of some rounds, against that of a bare loop in the same
//! process. `AIM_TEST_ROUNDS` is how many times as many programs run, `AIM_TEST_SEED` chooses them.

#[path = "fixtures/memory.rs"]
mod memory;

use aimql::{Budget, Limits, Program, vocabulary};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

/// A step of any program takes at most this many times as long as a step of a bare loop.
const RATIO: f64 = 20.0;
/// Steps that a program may seem to have taken more: what starting a row and failing costs.
const FREE_STEPS: f64 = 20_000.0;
/// Live bytes of a row in proportion to its bound: buffers grow by doubling, what is paid for when it is done is there twice
/// for a moment, and before a row gets more it is tried whether there is as much.
const MEMORY: usize = 4;
const LIMITS: Limits = Limits {
    row_steps: 100_000,
    row_bytes: 4 << 20,
    query_steps: u64::MAX,
};

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// Counts the bytes that this thread holds.
struct Counting;

fn count(change: impl Fn(usize) -> usize) {
    let _ = LIVE.try_with(|live| {
        live.set(change(live.get()));
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(|live| live.wrapping_add(layout.size()));
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(|live| live.wrapping_sub(layout.size()));
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Processor time of this thread.
fn cpu() -> Duration {
    // SAFETY: the call fills the struct.
    let time = unsafe {
        let mut time = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time);
        time
    };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

struct Cost {
    steps: f64,
    time: f64,
    peak: usize,
}

fn cost(program: &Program, run: &memory::Run) -> Cost {
    let mut budget = Budget::new(LIMITS, None);
    let before = LIVE.get();
    PEAK.set(before);
    let start = cpu();
    let outcome = program.matches(run, None, &mut budget);
    let time = (cpu() - start).as_secs_f64();
    drop(outcome.expect("rows in memory never fail"));
    Cost {
        steps: budget.spent() as f64,
        time,
        peak: PEAK.get() - before,
    }
}

/// Operands of every type, large where the bounds let them be.
const OPERANDS: &[&str] = &[
    "'a' * 60000",
    "'é' * 30000",
    "'Σ.' * 20000",
    "'9' * 4000",
    "'9' * 60000",
    "'\\0' * 30000",
    "'{}' * 2000",
    "'{k5!r:>3}' * 500",
    "'%s%d%5.3f' * 500",
    "'%c %j %A' * 500",
    "'٣' * 1000",
    "' ' * 60000",
    "'a b\\n' * 10000",
    "''",
    "b'a' * 60000",
    "b'a\\xff\\n' * 20000",
    "list(range(6000))",
    "[[i] for i in range(2000)]",
    "[0.1] * 3000",
    "['ab'] * 4000",
    "tuple(range(6000))",
    "tuple('abc') * 2000",
    "{i: i for i in range(4000)}",
    "{'k%d' % i: i for i in range(2000)}",
    "(lambda d: [[d.pop(i) for i in range(2999)], d][1])({i: 0 for i in range(3000)})",
    "{i * (2**61 - 1): i for i in range(300)}",
    "set(range(4000))",
    "(lambda s: [[s.discard(i) for i in range(2999)], s][1])(set(range(3000)))",
    "frozenset(range(4000))",
    "{i * (2**61 - 1) for i in range(300)}",
    "frozenset([frozenset(range(2000))])",
    "{i: i for i in range(3000)}.keys()",
    "{i: i for i in range(3000)}.items()",
    "range(10**18)",
    "1 << 100000",
    "3 ** 20000",
    "10 ** 4000",
    "-(7 ** 3000)",
    "2**63",
    "5e-324",
    "1.7976931348623157e308",
    "0.1",
    "1j",
    "3",
    "-1",
    "True",
    "None",
    "datetime(2026, 1, 1)",
    "timedelta(days=1, seconds=1)",
    "int",
    "str",
    "slice(None, None, -1)",
    "(lambda x: x)",
    "(lambda *a, **k: len(a))",
    "run.hparams",
    "run",
    "run.metrics",
];

const BINARY: &[&str] = &[
    "+", "-", "*", "/", "//", "%", "**", "<<", ">>", "|", "^", "&", "==", "!=", "<", "<=", ">",
    ">=", "in", "not in", "is",
];

/// Everything that is neither an operator nor a named function: displays, formats, calls, loops.
const SHAPES: &[&str] = &[
    "-a",
    "~a",
    "not a",
    "a[b]",
    "a[-1]",
    "a[0]",
    "a[::2]",
    "a[1:]",
    "a[b:c]",
    "f'{a}'",
    "f'{a!r}'",
    "f'{a!a}'",
    "f'{a:>40000}'",
    "f'{a:040000,d}'",
    "f'{a:.1000f}'",
    "f'{a:{b}}'",
    "'%s' % a",
    "'%r' % (a,)",
    "'%(k5)s' % a",
    "'%.1000f' % a",
    "'%*d' % (40000, a)",
    "'{}'.format(a)",
    "'{0[1]}'.format(a)",
    "'{k5}'.format(**a)",
    "a.format(*b)",
    "a.format(**b)",
    "a % b",
    "[*a]",
    "(*a, *b)",
    "{*a}",
    "{**a}",
    "{a: 1}",
    "{1: a, **b}",
    "[x for x in a]",
    "{x for x in a}",
    "{x: x for x in a}",
    "list(x for x in a)",
    "[x for x in a if x in b]",
    "(lambda *v: 0)(*a)",
    "(lambda **v: 0)(**a)",
    "(lambda k5=1, **v: k5)(**a)",
    "(lambda x, *y: y)(*a)",
    "[y for x, *y in [a]]",
    "a()",
    "a(b)",
    "a(*b)",
    "sorted(a, key=lambda x: -x)",
    "max(a, key=str)",
    "a if b else c",
    "a and b",
    "a or b",
    "a < b < c",
    "run.get('no', a)",
    "run[a]",
    "run.metrics[a]",
    "run.metrics['loss', a]",
    "run.metrics['loss', {'x': a}]",
    "a == [*a]",
    "(a, b) < (a, c)",
    "hash((a, b))",
    "(x := a) and x",
];

/// A small generator of random numbers.
struct Random(u64);

impl Random {
    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        from[(self.0 % from.len() as u64) as usize]
    }
}

/// Operations on `a`, `b` and `c`.
fn operations() -> Vec<String> {
    let mut all: Vec<String> = SHAPES.iter().map(|s| (*s).to_owned()).collect();
    all.extend(BINARY.iter().map(|op| format!("a {op} b")));
    for group in vocabulary() {
        for name in group.names {
            let calls: &[&str] = match group.of {
                "builtins" | "types" => &["(a)", "(a, b)", "(a, b, c)"],
                "math" => &["(a)", "(a, b)", "(*a)"],
                "run" | "run.metrics[…]" => &["", " == a", "[b]"],
                // Those of its sequence, which the group above has, and of its run.
                "metric" => continue,
                _ => &["()", "(b)", "(b, c)", "(b, c, 5)"],
            };
            let owner = match group.of {
                "builtins" | "types" => "",
                "math" => "math.",
                "run" => "run.",
                "run.metrics[…]" => "run.metrics['loss', {'subset': 'train'}].",
                _ => "a.",
            };
            all.extend(calls.iter().map(|call| format!("{owner}{name}{call}")));
        }
    }
    all.sort();
    all.dedup();
    all
}

/// The operation again and again, on operands that are made once.
fn program(operation: &str, operands: [&str; 3]) -> String {
    let [a, b, c] = operands;
    format!("(lambda a, b, c: all([{operation}] for n in range(10**9)))({a}, {b}, {c})")
}

/// What is wrong with the costs of a program.
fn fault(text: &str, run: &memory::Run, step: f64) -> Option<String> {
    let program = Program::compile(text).unwrap_or_else(|e| panic!("{text}:\n{e}"));
    let allowed = |cost: &Cost| (cost.steps + FREE_STEPS) * step * RATIO;
    let mut found = cost(&program, run);
    // Somebody else may have had the caches.
    for _ in 0..4 {
        if found.time <= allowed(&found) {
            break;
        }
        let again = cost(&program, run);
        found.time = found.time.min(again.time);
    }
    let ratio = found.time / ((found.steps + FREE_STEPS) * step);
    if found.time > allowed(&found) {
        return Some(format!(
            "{ratio:.0} times the time of {} steps: {text}",
            found.steps
        ));
    }
    let bound = LIMITS.row_bytes as usize * MEMORY;
    (found.peak > bound).then(|| format!("{} bytes: {text}", found.peak))
}

/// Seconds that a step of a bare loop takes.
fn bare_step(run: &memory::Run) -> f64 {
    let bare = Program::compile("all(True for n in range(10**9))").expect("an expression");
    let costs = (0..10).map(|_| cost(&bare, run));
    costs
        .map(|cost| cost.time / cost.steps)
        .fold(f64::INFINITY, f64::min)
}

fn rounds() -> usize {
    std::env::var("AIM_TEST_ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1)
}

#[test]
fn every_primitive_pays_for_what_it_touches() {
    let run = memory::runs(&memory::parse(include_str!("fixtures/spec.json"))).remove(0);
    let step = bare_step(&run);
    let seed = std::env::var("AIM_TEST_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(1);
    println!("AIM_TEST_SEED={seed}, a step takes {:.1} ns", step * 1e9);
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ seed);
    let mut faults = Vec::new();
    for operation in operations() {
        for _ in 0..rounds() {
            let mut operand = || random.pick(OPERANDS);
            let text = program(&operation, [operand(), operand(), operand()]);
            faults.extend(fault(&text, &run, step));
        }
    }
    assert!(
        faults.is_empty(),
        "{} programs:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn what_once_was_free_is_paid_for() {
    let run = memory::runs(&memory::parse(include_str!("fixtures/spec.json"))).remove(0);
    let step = bare_step(&run);
    let texts = [
        "(lambda d: any(d.copy() is None for i in range(1000)))((lambda d: [[d.pop(i) for i in range(59999)],d][1])({i:0 for i in range(60000)}))",
        "(lambda d: any((d|d) is None for i in range(1000)))((lambda d: [[d.pop(i) for i in range(59999)],d][1])({i:0 for i in range(60000)}))",
        "{i*(2**61-1) for i in range(60000)}",
        "{i*(2**61-1): i for i in range(60000)}",
        "(lambda t: all(t[-1] for i in range(10**6)))('é' * 4000000)",
        "(lambda t: all(len(t) for i in range(10**6)))('é' * 1000000)",
        "(lambda a, b: all(a == b for i in range(10**6)))('a' * 1000000, 'a' * 1000000)",
        "(lambda a, b: all(a < b for i in range(10**6)))('a' * 1000000, 'a' * 1000001)",
        "(lambda b: all(98 not in b for i in range(10**6)))(b'a' * 1000000)",
        "(lambda d: all(d.popitem() for i in range(10**6)))({i: i for i in range(20000)})",
        "(lambda d: all(d.setdefault(i, i) is None or d.popitem() for i in range(10**6)))({i: i for i in range(2000)})",
        "(lambda s: all(s.pop() is not None for i in range(10**6)))(set(range(20000)))",
        "all(complex('9'*39000) for i in range(10**6))",
        "all(float('0.' + '9'*39000) for i in range(10**6))",
        "(lambda x: all('{k5}'.format(**x) for i in range(10**6)))({'k%d' % i: i for i in range(10000)})",
        "(lambda a, b: all(a / b for i in range(10**6)))(3**80000, 3**79990)",
        "(lambda a, b: all(a % b for i in range(10**6)))(3**80000, 3**40000)",
        "(lambda x: [x := (x, x) for i in range(100)] and hash(x))(1)",
        "(lambda x: [x := [x, x] for i in range(100)] and x == [x[0], x[1]])(1)",
        "all(f'{5e-324:.1074f}' for i in range(10**6))",
        "all(str(0.1) for i in range(10**6))",
        "all(datetime(2026, 1, 1).strftime('%c' * 1000) for i in range(10**6))",
    ];
    let faults: Vec<String> = texts
        .iter()
        .filter_map(|text| fault(text, &run, step))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_long_body_of_a_loop_is_paid_for() {
    let run = memory::runs(&memory::parse(include_str!("fixtures/spec.json"))).remove(0);
    let step = bare_step(&run);
    let sum = vec!["i"; 100].join(" + ");
    let body = vec![format!("({sum})"); 100].join(", ");
    let texts = [
        format!("all(({body}) for i in range(10**9))"),
        format!("(lambda f: all(f(1) for n in range(10**9)))(lambda i: ({body}))"),
    ];
    let faults: Vec<String> = texts
        .iter()
        .filter_map(|text| fault(text, &run, step))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
