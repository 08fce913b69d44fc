//! Reading the files of journals, which others may write to, cut off or replace.

use super::layout;
use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

pub(super) fn open(path: &Path, write: bool) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(write)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
}

pub(super) fn read_header(file: &File) -> Result<Vec<u8>> {
    let mut header = vec![0; layout::HEADER_BYTES];
    let got = read_up_to(file, &mut header, 0).map_err(|e| Error::io("reading the header", &e))?;
    header.truncate(got);
    Ok(header)
}

/// Fills the buffer as far as the file reaches; returns the bytes read.
pub(super) fn read_up_to(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(&mut buffer[done..], at + done as u64) {
            Ok(0) => break,
            Ok(got) => done += got,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}
