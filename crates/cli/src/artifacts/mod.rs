//! Artifacts apart from params, as answers show them; on their way to and from stores; and whether they are what they were.
//!
//! | file | what |
//! |---|---|
//! | `bucket` | a bucket of a store that speaks S3: the requests that artifacts need |
//! | `health` | those that are not as they were logged |
//! | `place` | where artifacts are pushed: a bucket of a store that speaks S3, or a directory |
//! | `push`, `resume` | to there; after an interruption on from where it was |
//! | `pull` | from there |
//!
//! A version lies at `BASE/RUN/NAME/vN/FILE`; of a directory every file does, and its manifest is `BASE/RUN/NAME/vN.manifest`.

mod bucket;
pub mod health;
pub mod place;
pub mod pull;
pub mod push;
mod resume;

use crate::failure::Failure;
use aim::artifacts::{Artifact, Book, Entry, KEY, Keep, Manifest};
use aim_value::{Path as ParamPath, Tree};
use std::path::Path;

/// Takes what is known of artifacts out of the params, among which it is stored.
pub fn take(params: &mut Tree) -> Book {
    let path = ParamPath::from_tokens([KEY]);
    let book = Book::new(params.at(&path).cloned());
    params.remove(&path);
    book
}

/// Every version that a run logged, as `aim_repo_artifacts` tells of them.
pub fn logged(book: &Book) -> Tree {
    let all = book.all().into_iter();
    Tree::List(all.map(|artifact| artifact.to_tree(true)).collect())
}

/// What a run said that it uses.
pub fn used(book: &Book) -> Tree {
    Tree::List(book.used().to_vec())
}

/// The name that the artifact's file has.
pub fn file_name(artifact: &Artifact) -> &str {
    let name = Path::new(&artifact.path).file_name();
    name.and_then(|name| name.to_str()).unwrap_or(&artifact.id)
}

/// The files of an artifact, with their paths below the version.
fn entries(keep: &Keep, artifact: &Artifact) -> Result<Vec<Entry>, Failure> {
    match artifact.files {
        Some(_) => Ok(Manifest::read(&keep.manifest(artifact))?.0),
        None => Ok(vec![Entry {
            path: file_name(artifact).to_owned(),
            size: artifact.size.unwrap_or_default(),
            mtime: artifact.mtime.unwrap_or_default(),
            checksum: artifact.checksum.clone().unwrap_or_default(),
        }]),
    }
}
