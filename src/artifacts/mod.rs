//! Artifacts: files and directories that a run makes or uses, such as checkpoints.
//!
//! What is known of them is the run's param `__artifacts` ([`book`]), so that it travels as params do: through the journal,
//! spools, copies, exports. The files that are kept lie beside the database, in `PATH/.aim/artifacts/` ([`keep`]):
//!
//! | name | what | who removes it |
//! |---|---|---|
//! | `RUN/ID` | a kept file, or a directory of kept files | who deletes the run or the version |
//! | `RUN/ID.manifest` | the files of a directory, kept or not, with their sums ([`manifest`]) | the same |
//! | `RUN/ID.part` | being copied | `compact`, after a crash |
//! | `RUN/ID.push` | how far it is on its way to a store | who sent all of it; `compact` |
//! | `shared/SHA256` | another name of a copy, for the next run that copies the same bytes | who removes the last other name |
//!
//! A file is kept before anything refers to it, so a process that is killed leaves at most one to which nothing does.

mod artifact;
mod book;
mod check;
pub mod keep;
mod manifest;
mod reference;
mod settle;
mod sum;

pub use artifact::{Artifact, Mode, State};
pub use book::{Book, Finished, KEY};
pub use check::{Checked, check};
pub use keep::Keep;
pub use manifest::{Entry, Manifest, walk};
pub use reference::{Reference, Which, check_alias, check_artifact_name};
pub use settle::settle;
pub use sum::{Sha, Stamp, hex, sum};
