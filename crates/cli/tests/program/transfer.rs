//! Runs that go from one repository into another.

use crate::common::{Sandbox, sample};

#[test]
fn runs_are_copied_moved_and_merged_once() {
    let s = Sandbox::new();
    sample(&s.repo("a"));
    let show = |name: &str, run: &str| s.out(name, &["show", run, "--json"]);
    let said = s.run("a", &["cp", "-t", "../b", "baseline", "wide"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.starts_with("copied 2 runs with "), "{said:?}");
    assert_eq!(show("a", "baseline"), show("b", "baseline"));
    assert_eq!(s.out("a", &["logs", "wide"]), s.out("b", &["logs", "wide"]));
    assert_eq!(s.out("a", &["note", "wide"]), s.out("b", &["note", "wide"]));
    let again = s.run("b", &["merge", "../a"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.err.contains("copied 3 runs") && again.err.contains("2 were there already"));
    let list = |name: &str| s.out(name, &["ls", "--json", "-s", "created"]);
    assert_eq!(list("a"), list("b"));
    // A new repository has to be named.
    let new = s.run("a", &["merge", "../a", "--repo", "../c"]);
    assert_eq!((new.code, s.out("c", &["ls"]).lines().count()), (0, 6));
    // What differs stays, on both sides, and says so.
    s.out("b", &["rename", "baseline", "other"]);
    let differs = s.run("a", &["mv", "-y", "-t", "../b", "baseline", "wide"]);
    assert_eq!(differs.code, 1, "{differs:?}");
    assert!(
        differs.err.contains("differs in its properties"),
        "{differs:?}"
    );
    assert!(s.out("a", &["ls"]).contains("baseline") && !s.out("a", &["ls"]).contains("  wide  "));
    assert!(s.out("b", &["ls"]).contains("other"));
    let itself = s.run("a", &["merge", "."]);
    assert!(itself.err.contains("into itself"), "{itself:?}");
}
