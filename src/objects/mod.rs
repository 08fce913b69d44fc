//! Raw values as encoded objects: pixels as PNG, samples as WAV, arrays as NPY, values as histograms. Knows neither store nor
//! run.

pub mod array;
pub mod audio;
pub mod distribution;
mod element;
pub mod format;
pub mod image;
mod kind;
#[cfg(feature = "arrow")]
pub mod table;

pub use element::Element;
pub use kind::ObjectKind;

use crate::error::{Error, Result, Status};
use std::borrow::Cow;

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

/// What a caller hands over, its shape checked.
#[derive(Debug)]
pub enum Raw<'r> {
    /// In a format of its own.
    Encoded(&'r [u8]),
    Pixels(image::Pixels<'r>),
    Samples {
        data: &'r [u8],
        channels: u32,
        rate: u32,
        element: Element,
    },
    Array {
        data: &'r [u8],
        shape: array::Shape,
        element: Element,
    },
}

impl<'r> Raw<'r> {
    pub fn encode(&self) -> Result<Cow<'r, [u8]>> {
        Ok(match self {
            Raw::Encoded(data) => Cow::Borrowed(data),
            Raw::Pixels(pixels) => image::png(pixels)?.into(),
            Raw::Samples {
                data,
                channels,
                rate,
                element,
            } => audio::wav(data, *channels, *rate, *element)?.into(),
            Raw::Array {
                data,
                shape,
                element,
            } => array::npy(data, shape, *element)?.into(),
        })
    }

    /// What `encode` makes; `None` where the bytes are what they are.
    pub fn format(&self) -> Option<&'static str> {
        match self {
            Raw::Encoded(_) => None,
            Raw::Pixels(_) => Some("png"),
            Raw::Samples { .. } => Some("wav"),
            Raw::Array { .. } => Some("npy"),
        }
    }
}
