//! One rule for nesting, whichever way a tree comes: up to `MAX_DEPTH` lists and dicts in one another.

use aim_value::{ErrorKind, MAX_DEPTH, Path, Tree};

fn lists(levels: usize, inside: Tree) -> Tree {
    (0..levels).fold(inside, |tree, _| Tree::List(vec![tree]))
}

fn dicts(levels: usize, inside: Tree) -> Tree {
    (0..levels).fold(inside, |tree, _| Tree::Dict(vec![("k".into(), tree)]))
}

/// Trees with so many levels.
fn trees(levels: usize) -> [Tree; 4] {
    [
        lists(levels, Tree::Int(1)),
        dicts(levels, Tree::Bytes(vec![1])),
        lists(levels - 1, Tree::List(Vec::new())),
        dicts(levels - 1, Tree::Dict(Vec::new())),
    ]
}

#[test]
fn json_and_bytes_agree_on_how_deep_a_tree_may_be() {
    for levels in [1, MAX_DEPTH - 1, MAX_DEPTH] {
        for tree in trees(levels) {
            assert_eq!(tree.depth(), levels);
            assert_eq!(Tree::from_json(&tree.to_json()).unwrap(), tree);
            assert_eq!(Tree::decode(&tree.to_bytes()).unwrap(), tree);
        }
    }
    for levels in [MAX_DEPTH + 1, MAX_DEPTH + 2, 3 * MAX_DEPTH] {
        for tree in trees(levels) {
            assert_eq!(tree.depth(), MAX_DEPTH + 1);
            let error = Tree::from_json(&tree.to_json()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Limit, "{error}");
            let error = Tree::decode(&tree.to_bytes()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Corrupt, "{error}");
        }
    }
}

#[test]
fn a_pointer_reaches_all_that_may_be_stored_and_its_levels_count() {
    let pointer = |levels: usize| Path::parse(&"/k".repeat(levels));
    for at in [1, 2, 64, MAX_DEPTH, MAX_DEPTH + 1] {
        let path = pointer(at).unwrap();
        let room = MAX_DEPTH + 1 - at;
        assert!(path.check_depth(&dicts(room, Tree::Null)).is_ok());
        let error = path.check_depth(&dicts(room + 1, Tree::Null)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Limit);
        assert!(error.message.contains("more than 128 levels"), "{error}");

        let mut run = Tree::Dict(Vec::new());
        run.set(&path, dicts(room, Tree::Int(7))).unwrap();
        let deepest = pointer(MAX_DEPTH + 1).unwrap();
        assert_eq!(run.at(&deepest), Some(&Tree::Int(7)));
    }
    assert_eq!(pointer(MAX_DEPTH + 2).unwrap_err().kind, ErrorKind::Limit);
}
