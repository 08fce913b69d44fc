//! Link arguments of the shared library, and its one C file.

/// Version of the binary interface, part of the SONAME; it changes only when the ABI breaks.
const ABI_VERSION: u32 = 0;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libaim.so.{ABI_VERSION}");
    // Threads and exit handlers of the library must not outlive its code.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");

    const NUMBER: &str = "src/store/env/number.c";
    println!("cargo:rerun-if-changed={NUMBER}");
    cc::Build::new()
        .file(NUMBER)
        // The C libraries that call it may stand behind it on the linker's command line.
        .link_lib_modifier("+whole-archive")
        .compile("aim_store_number");
}
