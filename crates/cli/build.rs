//! What the program holds besides code, as small as it goes.

#[path = "build/font.rs"]
mod font;

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    let out = std::env::var_os("OUT_DIR").expect("cargo names OUT_DIR");
    std::fs::write(Path::new(&out).join("font"), font::packed()).expect("OUT_DIR can be written");
}
