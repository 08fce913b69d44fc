//! Every listed AimQL case against a real repository, with and without indexes.

use aim::query::{Options, Query, Select, query};
use aim::repo::{Location, Property, Repo, RepoOptions, RepoRef};
use aim::run::{EPOCH_NONE, Run};
use aim::store::tree::Tree;
use std::collections::HashMap;

fn file(name: &str) -> Tree {
    let path = format!("{}/tests/aimql/{name}", env!("CARGO_MANIFEST_DIR"));
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
