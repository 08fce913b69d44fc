//! What a run records of its machine: real programs in C, Fortran and shell link the shared library, and what they
//! recorded is read back. NVIDIA's library is a stub with scripted answers, loaded as the real one is.

mod election;
mod gpu;
mod host;
mod logs;
mod params;
mod terminal;
mod tools;
