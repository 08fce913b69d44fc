//! Raw values as encoded objects: pixels as PNG, samples as WAV, arrays as NPY, values as histograms. Knows neither store nor
//! run.

pub mod array;
pub mod audio;
pub mod distribution;
mod element;
pub mod format;
pub mod image;
mod kind;

pub use element::Element;
pub use kind::ObjectKind;

use crate::error::{Error, Result, Status};

/// Largest object: 1 GiB.
pub const MAX_SIZE: u64 = crate::blobs::MAX_SIZE as u64;

/// So many bytes, if an object may have them. `None` is more than can be counted.
fn check_size(what: &str, bytes: Option<u64>) -> Result<usize> {
    let size = bytes.filter(|size| *size <= MAX_SIZE);
    size.and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| {
            let bytes = bytes.map_or("more than 2^64".to_owned(), |b| b.to_string());
            Error::new(
                Status::Limit,
                format!("{what} takes {bytes} bytes, more than {MAX_SIZE}"),
            )
        })
}
