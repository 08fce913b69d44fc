//! Samples as WAV.

use super::{Element, check_size};
use crate::error::{Error, Result};
use crate::memory;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const HEADER: usize = 44;

/// Bytes of samples, checked: `channels` of them interleaved in each frame.
pub fn size(frames: u64, channels: u32, rate: u32, element: Element) -> Result<usize> {
    if !(1..=64).contains(&channels) {
        return Err(Error::invalid(format!(
            "the clip has {channels} channels; it has 1 to 64"
        )));
    }
    if !(1..=1_000_000).contains(&rate) {
        return Err(Error::invalid(format!(
            "the clip's rate is {rate}; it is 1 to 1000000 frames a second"
        )));
    }
    if frames == 0 {
        return Err(Error::invalid("the clip has no frames"));
    }
    if !matches!(element, Element::I16 | Element::I32 | Element::F32) {
        return Err(Error::invalid(format!(
            "samples are AIM_I16, AIM_I32 or AIM_F32, not {element:?}"
        )));
    }
    let frame = u64::from(channels) * element.size() as u64;
    let all = frames.checked_mul(frame);
    check_size("the clip", all.and_then(|n| n.checked_add(HEADER as u64))).map(|size| size - HEADER)
}

/// Encodes samples whose size was checked, in this machine's byte order.
pub fn wav(data: &[u8], channels: u32, rate: u32, element: Element) -> Result<Vec<u8>> {
    let width = element.size();
    let frame = channels * width as u32;
    let format = if element == Element::F32 { FLOAT } else { PCM };
    let mut out = memory::room(HEADER + data.len() + 1)?;
    out.extend_from_slice(b"RIFF");
    // Chunks have an even length.
    let padded = data.len() as u32 + data.len() as u32 % 2;
    out.extend_from_slice(&(HEADER as u32 - 8 + padded).to_le_bytes());
    out.extend_from_slice(b"WAVEfmt ");
    out.extend_from_slice(&16u32.to_le_bytes());
    out.extend_from_slice(&format.to_le_bytes());
    out.extend_from_slice(&(channels as u16).to_le_bytes());
    out.extend_from_slice(&rate.to_le_bytes());
    out.extend_from_slice(&rate.wrapping_mul(frame).to_le_bytes());
    out.extend_from_slice(&(frame as u16).to_le_bytes());
    out.extend_from_slice(&(8 * width as u16).to_le_bytes());
    out.extend_from_slice(b"data");
    out.extend_from_slice(&(data.len() as u32).to_le_bytes());
    put_little_endian(data, width, &mut out);
    Ok(out)
}

/// Elements of so many bytes with the low byte first, whatever this machine's order is.
pub fn put_little_endian(data: &[u8], width: usize, out: &mut Vec<u8>) {
    let at = out.len();
    out.extend_from_slice(data);
    if cfg!(target_endian = "big") {
        out[at..].chunks_mut(width).for_each(<[u8]>::reverse);
    }
}
