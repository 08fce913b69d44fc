//! Files beside a source that it names: read only if they are below a directory, regular, and no larger than an object.

use aim::objects::MAX_SIZE;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

/// Where `name` leads below `directory`, which it does not leave, or why it leads nowhere.
pub fn find(directory: &Path, name: &str) -> Result<PathBuf, String> {
    let relative = Path::new(name);
    let is_plain = |part| matches!(part, Component::Normal(_));
    if name.is_empty() || !relative.components().all(is_plain) {
        return Err(format!(
            "{name:?} names no file below {}",
            directory.display()
        ));
    }
    let path = directory.join(relative);
    let shown = path.display();
    let real = |path: &Path| path.canonicalize().map_err(|e| format!("{shown}: {e}"));
    // Links count where they lead.
    let (real, directory) = (real(&path)?, real(directory)?);
    if !real.starts_with(&directory) {
        return Err(format!("{shown} leads out of {}", directory.display()));
    }
    Ok(real)
}

/// The bytes of the file `name` below `directory`, or why it is not read.
pub fn read(directory: &Path, name: &str) -> Result<Vec<u8>, String> {
    let real = find(directory, name)?;
    let shown = real.display();
    let about = real.metadata().map_err(|e| format!("{shown}: {e}"))?;
    if !about.is_file() {
        return Err(format!("{shown} is no file"));
    }
    if about.len() > MAX_SIZE {
        return Err(format!(
            "{shown} has {} bytes, more than {MAX_SIZE}",
            about.len()
        ));
    }
    let file = std::fs::File::open(&real).map_err(|e| format!("{shown}: {e}"))?;
    let mut bytes = Vec::new();
    let read = file.take(MAX_SIZE).read_to_end(&mut bytes);
    read.map_err(|e| format!("{shown}: {e}"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_is_read() {
        let d = tempfile::tempdir().unwrap();
        let inside = d.path().join("files");
        std::fs::create_dir_all(inside.join("a")).unwrap();
        std::fs::write(inside.join("a/b"), "good").unwrap();
        std::fs::write(d.path().join("secret"), "bad").unwrap();
        std::os::unix::fs::symlink("../secret", inside.join("link")).unwrap();
        std::os::unix::fs::symlink("a/b", inside.join("good link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(inside.join("socket")).unwrap();
        assert_eq!(read(&inside, "a/b").unwrap(), b"good");
        assert_eq!(read(&inside, "good link").unwrap(), b"good");
        let absolute = d.path().join("secret");
        let absolute = absolute.to_str().unwrap();
        for name in [
            "../secret",
            "a/../../secret",
            absolute,
            "",
            ".",
            "link",
            "a",
            "socket",
            "none",
            "a\0b",
        ] {
            assert!(read(&inside, name).is_err(), "{name:?}");
        }
    }
}
