//! What the tests of several processes share: children that play a role of the test program, figures in shared
//! memory, and reading back.
// Each test program uses a part of it.
#![allow(dead_code)]

pub mod child;
pub mod crowd;
pub mod hold;
pub mod ledger;
pub mod load;
pub mod pictures;
pub mod random;
pub mod small_disk;
pub mod stored;
pub mod track;
