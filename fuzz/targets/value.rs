//! Any bytes as JSON and as a stored value.
#![no_main]

use aim_value::{NonFinite, Path, Tree, count, follow};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(tree) = Tree::from_json(text) {
            // What is written reads back as it was, and strict text is JSON to others.
            let again = Tree::from_json(&tree.to_json()).expect("what was written");
            assert_eq!(again.to_json(), tree.to_json());
            let strict = tree.to_json_as(NonFinite::Strings);
            jiter::JsonValue::parse(strict.as_bytes(), false).expect("strict JSON");
            assert_eq!(Tree::decode(&tree.to_bytes()).expect("what was encoded").to_json(), tree.to_json());
        }
        let _ = Path::parse(text);
    }
    let counted = count(bytes);
    if let Ok(tree) = Tree::decode(bytes) {
        assert!(counted.is_ok());
        let _ = tree.to_json();
    }
    let _ = follow::<aim_value::Error>(bytes, &["a", "b"], |_| Ok(()));
});
