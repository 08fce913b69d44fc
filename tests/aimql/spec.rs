//! The runs of the specification of the query language, and its cases.

use aim::repo::{Property, RepoRef};
use aim::run::{EPOCH_NONE, Run};
use aim_value::Tree;
use std::collections::HashMap;

pub fn file(name: &str) -> Tree {
    // From the root package, and from another one of the workspace.
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = ["crates", ".."].map(|crates| here.join(crates).join("aimql/tests/fixtures"));
    let place = places.iter().find(|place| place.is_dir()).unwrap();
    let path = place.join(name);
    Tree::from_json(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn get<'t>(tree: &'t Tree, key: &str) -> Option<&'t Tree> {
    let Tree::Dict(entries) = tree else {
        panic!("{key} of {}", tree.to_json())
    };
    entries.iter().find(|(k, _)| k == key).map(|(_, v)| v)
}

pub fn list(tree: &Tree) -> &[Tree] {
    let Tree::List(items) = tree else {
        panic!("{}", tree.to_json())
    };
    items
}

pub fn text(tree: &Tree) -> &str {
    let Tree::Str(s) = tree else {
        panic!("{}", tree.to_json())
    };
    s
}

pub fn int(tree: &Tree) -> i64 {
    let Tree::Int(i) = tree else {
        panic!("{}", tree.to_json())
    };
    *i
}

pub fn float(tree: &Tree) -> f64 {
    match tree {
        Tree::Int(i) => *i as f64,
        Tree::Float(f) => *f,
        _ => panic!("{}", tree.to_json()),
    }
}

/// Writes the runs of the specification. Runs that are to be active are returned open.
pub fn build(repo: &RepoRef) -> (HashMap<String, i64>, Vec<Run>) {
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
