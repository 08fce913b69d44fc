//! Every listed AimQL case against a real repository, with and without indexes.

use aim::query::{Options, Query, Select, query};
use aim::repo::{Location, Property, Repo, RepoOptions, RepoRef};
use aim::run::{EPOCH_NONE, Run};
use aim_value::Tree;
use std::collections::HashMap;

fn file(name: &str) -> Tree {
    let path = format!(
        "{}/crates/aimql/tests/fixtures/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    Tree::from_json(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn get<'t>(tree: &'t Tree, key: &str) -> Option<&'t Tree> {
    let Tree::Dict(entries) = tree else {
        panic!("{key} of {}", tree.to_json())
    };
    entries.iter().find(|(k, _)| k == key).map(|(_, v)| v)
}

fn list(tree: &Tree) -> &[Tree] {
    let Tree::List(items) = tree else {
        panic!("{}", tree.to_json())
    };
    items
}

fn text(tree: &Tree) -> &str {
    let Tree::Str(s) = tree else {
        panic!("{}", tree.to_json())
    };
    s
}

fn int(tree: &Tree) -> i64 {
    let Tree::Int(i) = tree else {
        panic!("{}", tree.to_json())
    };
    *i
}

fn float(tree: &Tree) -> f64 {
    match tree {
        Tree::Int(i) => *i as f64,
        Tree::Float(f) => *f,
        _ => panic!("{}", tree.to_json()),
    }
}

/// Writes the runs of the specification. Runs that are to be active are returned open.
fn build(repo: &RepoRef) -> (HashMap<String, i64>, Vec<Run>) {
    let spec = file("spec.json");
    let mut open = Vec::new();
    let mut index_of = HashMap::new();
    for row in list(get(&spec, "runs").unwrap()) {
        let run = Run::create(repo.clone(), get(row, "experiment").map(text)).unwrap();
        let index = get(row, "index").unwrap();
        index_of.insert(run.hash().to_owned(), int(index));
        let Tree::Dict(params) = get(row, "params").unwrap() else {
            panic!()
        };
        for (key, value) in params {
            run.set_param(key, value.clone()).unwrap();
        }
        run.set_param("run_index", index.clone()).unwrap();
        let set = |p| run.set(p).unwrap();
        get(row, "name")
            .into_iter()
            .for_each(|t| set(Property::Name(text(t).into())));
        get(row, "description")
            .into_iter()
            .for_each(|t| set(Property::Description(text(t).into())));
        if get(row, "archived") == Some(&Tree::Bool(true)) {
            set(Property::Archived(true));
        }
        for tag in get(row, "tags").map(list).unwrap_or_default() {
            set(Property::AddTag(text(tag).into()));
        }
        for metric in list(get(row, "metrics").unwrap()) {
            let context = get(metric, "context").unwrap().to_json();
            let handle = run
                .metric(text(get(metric, "name").unwrap()), Some(&context))
                .unwrap();
            for point in list(get(metric, "points").unwrap()) {
                let [step, value, epoch] = list(point) else {
                    panic!()
                };
                let epoch = if *epoch == Tree::Null {
                    EPOCH_NONE
                } else {
                    int(epoch)
                };
                handle.track(float(value), int(step), epoch).unwrap();
            }
        }
        if get(row, "active") == Some(&Tree::Bool(true)) {
            open.push(run);
        } else {
            run.close().unwrap();
        }
    }
    (index_of, open)
}

fn ask(repo: &RepoRef, expression: &str, select: Select, no_index: bool) -> Option<Query> {
    match query(
        repo,
        expression,
        select,
        Options {
            no_index,
            ..Options::default()
        },
    ) {
        Ok(answer) => Some(answer),
        Err(e) => {
            assert_eq!(e.status, aim::error::Status::Syntax, "{expression}: {e}");
            None
        }
    }
}

#[test]
fn the_listed_cases() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::find(Some(directory.path())).unwrap();
    let repo = Repo::open(location, &RepoOptions::default(), true).unwrap();
    let (index_of, open) = build(&repo);
    let cases = file("cases.json");
    assert!(list(&cases).len() >= 139);
    for case in list(&cases) {
        let expression = text(get(case, "query").unwrap());
        for no_index in [true, false] {
            let runs = ask(&repo, expression, Select::Runs, no_index).map(|answer| {
                let mut found: Vec<i64> = answer
                    .rows()
                    .iter()
                    .map(|r| index_of[&r.run.hash_text()])
                    .collect();
                assert!(
                    found.windows(2).all(|w| w[0] > w[1]),
                    "newest first: {expression}"
                );
                found.reverse();
                Tree::List(found.into_iter().map(Tree::Int).collect())
            });
            let expected = get(case, "runs").filter(|t| matches!(t, Tree::List(_)));
            assert_eq!(
                runs.as_ref(),
                expected,
                "{expression} (no_index {no_index})"
            );
            let metrics = ask(&repo, expression, Select::Metrics, no_index).map(|answer| {
                let mut found: Vec<(i64, String, Tree)> = answer
                    .rows()
                    .iter()
                    .map(|r| {
                        let m = r.metric.as_ref().unwrap();
                        let context = Tree::from_json(&m.context).unwrap();
                        (index_of[&r.run.hash_text()], m.name.to_string(), context)
                    })
                    .collect();
                found.sort_by(|a, b| (a.0, &a.1, a.2.to_json()).cmp(&(b.0, &b.1, b.2.to_json())));
                found
            });
            let expected = get(case, "metrics")
                .filter(|t| matches!(t, Tree::List(_)))
                .map(|t| {
                    list(t)
                        .iter()
                        .map(|m| {
                            let [run, name, context] = list(m) else {
                                panic!()
                            };
                            let mut context = context.clone();
                            context.sort_keys();
                            (int(run), text(name).to_owned(), context)
                        })
                        .collect::<Vec<_>>()
                });
            assert_eq!(metrics, expected, "{expression} (no_index {no_index})");
        }
    }
    open.iter().for_each(|run| run.close().unwrap());
}

/// Conditions that an index may answer, and some that none can.
fn condition() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    use proptest::sample::select;
    let number = select(vec![
        "run.hparams.lr",
        "run.hparams.batch_size",
        "run.seed",
        "run['seed']",
        "run.neg",
        "run.big",
        "run.inf",
        "run.nan",
        "run.zero",
        "run.hparams.dropout",
        "run.dataset.size",
        "run.nope",
        "run.nope.deeper",
        "run.creation_time",
        "run.seed.real",
        "run.metrics['loss', {'subset': 'val'}].last",
        "run.amp",
        "metric.context.group",
        "run.extra.deep.er.est",
        "run.hparams.layers[0]",
    ]);
    let string = select(vec![
        "run.model",
        "run.hparams.optimizer.name",
        "run.experiment",
        "run.name",
        "run.note",
        "run.hash",
        "metric.name",
        "metric.context.subset",
        "run.dataset.name",
        "run.nope",
        "run.description",
    ]);
    let constant = select(vec![
        "0",
        "1",
        "4",
        "7",
        "16",
        "0.1",
        "0.01",
        "10",
        "True",
        "False",
        "None",
        "1e308",
        "9007199254740993",
        "10**400",
        "float('nan')",
        "'4'",
    ]);
    let text = select(vec![
        "'mlp'",
        "'resnet18'",
        "'adam'",
        "'baseline'",
        "'default'",
        "'loss'",
        "'val'",
        "'Run # 5'",
        "'Run: '",
        "''",
        "'Run'",
        "'res'",
        "None",
        "3",
    ]);
    let compare = select(vec!["==", "!=", "<", "<=", ">", ">=", "is", "is not"]);
    let leaf = prop_oneof![
        (number.clone(), compare.clone(), constant.clone())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (constant.clone(), compare.clone(), number.clone())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (constant.clone(), number.clone(), constant.clone())
            .prop_map(|(a, x, b)| format!("{a} < {x} <= {b}")),
        (number.clone(), compare.clone(), number.clone())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (string.clone(), compare, text.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (string.clone(), text.clone(), text.clone())
            .prop_map(|(a, b, c)| format!("{a} in ({b}, {c})")),
        (string.clone(), text.clone(), text.clone())
            .prop_map(|(a, b, c)| format!("{a} not in [{b}, {c}]")),
        (number.clone(), constant.clone(), constant)
            .prop_map(|(a, b, c)| format!("{a} in {{{b}, {c}}}")),
        (string.clone(), text.clone()).prop_map(|(a, b)| format!("{a}.startswith({b})")),
        (string.clone(), text.clone(), text.clone())
            .prop_map(|(a, b, c)| format!("{a}.startswith(({b}, {c}))")),
        (text.clone(), string.clone()).prop_map(|(a, b)| format!("{a} in {b}")),
        text.prop_map(|a| format!("{a} in run.tags")),
        prop_oneof![number, string].prop_map(str::to_owned),
        select(vec![
            "run.archived",
            "run.active",
            "run.tags",
            "run.archived == True",
            "run.active == False",
            "run.created_at > datetime(2022, 2, 2)",
            "datetime(2030, 1, 1) > run.created_at",
            "metric.context == {}",
            "run.hparams.items",
            "run.metrics['accuracy'].last > 0.25"
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.clone().prop_map(|a| format!("(not {a})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a} if {b} else {c})")),
        ]
    })
}

#[test]
fn the_plan_never_changes_the_answer() {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;
    let directory = tempfile::tempdir().unwrap();
    let location = Location::find(Some(directory.path())).unwrap();
    let repo = Repo::open(location, &RepoOptions::default(), true).unwrap();
    let (_, open) = build(&repo);
    let mut runner = TestRunner::deterministic();
    let mut narrowed = 0;
    for _ in 0..4000 {
        let expression = condition().new_tree(&mut runner).unwrap().current();
        for select in [Select::Runs, Select::Metrics] {
            let rows = |no_index| -> Vec<_> {
                let answer = ask(&repo, &expression, select, no_index).expect(&expression);
                let name = |r: &aim::query::QueryRow| r.metric.as_ref().map(|m| m.key);
                answer.rows().iter().map(|r| (r.run.id, name(r))).collect()
            };
            assert_eq!(rows(false), rows(true), "{expression} ({select:?})");
        }
        let plan = aim::query::explain(&repo, &expression).unwrap();
        narrowed += usize::from(plan.contains("the index names the runs"));
    }
    // The test is of use only where plans do narrow.
    assert!(narrowed > 400, "{narrowed} plans used an index");
    open.iter().for_each(|run| run.close().unwrap());
}
