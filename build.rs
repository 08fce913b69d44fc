//! Link arguments of the shared library.

/// Version of the binary interface, part of the SONAME; it changes only when the ABI breaks.
const ABI_VERSION: u32 = 0;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libaim.so.{ABI_VERSION}");
    // Threads and exit handlers of the library must not outlive its code.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
