//! Versions of the shared libraries that the program has loaded, CUDA's and MPI's among them, as their file names give
//! them: `libcudart.so.12.4.127` is version 12.4.127 of `libcudart`.

use super::{entry, text};
use aim_value::Tree;
use std::collections::BTreeMap;
use std::ffi::CStr;

/// Name and version by library; without those whose file names give none.
pub fn versions() -> Tree {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut found: BTreeMap<&str, &str> = maps
        .lines()
        .filter_map(|line| line.find('/').map(|at| &line[at..]))
        .filter_map(|path| name_and_version(path.rsplit('/').next()?))
        .collect();
    let glibc = glibc_version();
    // Its file name has the version of the interface only.
    found.extend(glibc.as_deref().map(|version| ("libc", version)));
    found.insert("libaim", env!("CARGO_PKG_VERSION"));
    let entries = found.into_iter().map(|(k, v)| entry(k, text(v)));
    Tree::Dict(entries.collect())
}

/// `libx.so.1.2` or `libx-1.2.so`.
fn name_and_version(file: &str) -> Option<(&str, &str)> {
    let is_version = |v: &str| v.starts_with(|c: char| c.is_ascii_digit());
    if let Some((name, version)) = file.split_once(".so.") {
        return is_version(version).then_some((name, version));
    }
    let (name, version) = file.strip_suffix(".so")?.rsplit_once('-')?;
    is_version(version).then_some((name, version))
}

fn glibc_version() -> Option<String> {
    // SAFETY: the function returns a constant, NUL-terminated string.
    let version = unsafe { CStr::from_ptr(libc::gnu_get_libc_version()) };
    Some(version.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::name_and_version;

    #[test]
    fn versions_are_in_file_names() {
        let cases = [
            ("libcudart.so.12.4.127", Some(("libcudart", "12.4.127"))),
            ("libnccl.so.2.21.5", Some(("libnccl", "2.21.5"))),
            ("libdb-5.3.so", Some(("libdb", "5.3"))),
            ("libplain.so", None),
            ("trainer", None),
        ];
        for (file, expected) in cases {
            assert_eq!(name_and_version(file), expected, "{file}");
        }
    }
}
