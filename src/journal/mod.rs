//! The journal: what a process has tracked and the store does not hold yet.
