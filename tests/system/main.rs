//! What a run records of its machine: real programs in C, Fortran and shell link the shared library, and what they
//! recorded is read back. The libraries of NVIDIA and AMD are stubs with scripted answers, loaded as the real ones are.

mod election;
mod gpu;
mod host;
mod logs;
mod params;
mod rocm;
mod terminal;
mod tools;
