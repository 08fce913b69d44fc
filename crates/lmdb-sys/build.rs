//! Compiles LMDB.

fn main() {
    println!("cargo:rerun-if-changed=embed.c");
    println!("cargo:rerun-if-changed=lmdb");
    cc::Build::new()
        .file("embed.c")
        .file("lmdb/midl.c")
        .include("lmdb")
        .warnings(false)
        .flag_if_supported("-fvisibility=hidden")
        // Nothing unwinds through C.
        .flag_if_supported("-fno-asynchronous-unwind-tables")
        .flag_if_supported("-fno-unwind-tables")
        .compile("aim_lmdb");
}
