//! What the bytes of an object are.

use super::ObjectKind;
use crate::error::{Error, Result};

/// Longest name of a format.
const MAX_NAME: usize = 32;

/// The format that a caller names, or the one that the first bytes tell.
pub fn of(kind: ObjectKind, given: Option<&str>, data: &[u8]) -> Result<String> {
    let known: &[&str] = match kind {
        ObjectKind::Image => &["png", "jpeg", "gif", "webp", "bmp", "svg"],
        ObjectKind::Text => &["text", "markdown", "html"],
        ObjectKind::Audio => &["wav", "flac", "mp3", "ogg"],
        ObjectKind::Distribution => &["histogram"],
        ObjectKind::Figure => &["plotly", "vega-lite", "html", "svg"],
        ObjectKind::Video => &["mp4", "webm", "gif"],
        ObjectKind::Table => &["arrow", "csv", "parquet"],
        ObjectKind::Array => &["npy", "pcd", "ply", "vtk"],
    };
    let found = match given {
        Some("jpg") => Some("jpeg"),
        Some(name) => Some(name),
        None => told(kind, data),
    };
    let what = kind.plural();
    match found {
        Some(format) if known.contains(&format) && format.len() <= MAX_NAME => {
            Ok(format.to_owned())
        }
        Some(format) => Err(Error::invalid(format!(
            "the format of {what} is {format:?}; it is one of {}",
            known.join(", ")
        ))),
        None => Err(Error::invalid(format!(
            "the bytes do not tell the format of {what}: give one of {}",
            known.join(", ")
        ))),
    }
}

fn told(kind: ObjectKind, data: &[u8]) -> Option<&'static str> {
    let at = |place: usize, text: &[u8]| data.get(place..).is_some_and(|d| d.starts_with(text));
    Some(match kind {
        ObjectKind::Text => "text",
        _ if at(0, b"\x89PNG\r\n\x1a\n") => "png",
        _ if at(0, b"\xff\xd8\xff") => "jpeg",
        _ if at(0, b"GIF8") => "gif",
        _ if at(0, b"RIFF") && at(8, b"WEBP") => "webp",
        _ if at(0, b"BM") => "bmp",
        _ if at(0, b"RIFF") && at(8, b"WAVE") => "wav",
        _ if at(0, b"fLaC") => "flac",
        _ if at(0, b"ID3") || at(0, b"\xff\xfb") => "mp3",
        _ if at(0, b"OggS") => "ogg",
        _ if at(4, b"ftyp") => "mp4",
        _ if at(0, b"\x1aE\xdf\xa3") => "webm",
        _ if at(0, b"\x93NUMPY") => "npy",
        _ if at(0, b"ARROW1") => "arrow",
        _ if at(0, b"PAR1") => "parquet",
        _ => return None,
    })
}

/// Width and height of an image whose header says them.
pub fn sides(format: &str, data: &[u8]) -> (u32, u32) {
    let big = |at: usize| {
        let bytes = data.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    };
    let little = |at: usize| {
        let bytes = data.get(at..at + 2)?.try_into().ok()?;
        Some(u32::from(u16::from_le_bytes(bytes)))
    };
    let found = match format {
        "png" => big(16).zip(big(20)),
        "gif" => little(6).zip(little(8)),
        "jpeg" => jpeg_sides(data),
        _ => None,
    };
    found.unwrap_or_default()
}

/// From the frame header: the first marker C0 to CF that is no table.
fn jpeg_sides(data: &[u8]) -> Option<(u32, u32)> {
    let short = |at: usize| {
        let bytes = data.get(at..at + 2)?.try_into().ok()?;
        Some(u16::from_be_bytes(bytes))
    };
    let mut at = 2;
    loop {
        let [0xff, marker] = short(at)?.to_be_bytes() else {
            return None;
        };
        match marker {
            0xff => at += 1,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some((short(at + 7)?.into(), short(at + 5)?.into()));
            }
            _ => at += 2 + usize::from(short(at + 2)?),
        }
    }
}
