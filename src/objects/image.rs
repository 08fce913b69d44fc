//! Pixels as PNG, lossless and fast: rows as differences from the row above, and `fdeflate`, a deflate for just that.

use super::{Element, check_size};
use crate::error::{Error, Result};
use crate::memory;

/// Pixels that a caller has.
#[derive(Clone, Copy, Debug)]
pub struct Pixels<'p> {
    /// All memory between its least and its greatest address.
    pub data: &'p [u8],
    pub width: u32,
    pub height: u32,
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    pub channels: u32,
    pub element: Element,
    /// Whether each channel is a plane of its own.
    pub planar: bool,
    pub shape: Shape,
    /// What becomes black and white, of floats.
    pub range: (f64, f64),
}

/// The largest that PNG and its readers agree on.
const MAX_SIDE: u32 = 1 << 20;

/// How pixels lie in memory, checked.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Between the beginnings of two rows that follow each other.
    distance: usize,
    /// Whether the rows go from the last address to the first.
    bottom_up: bool,
    /// Bytes before the first pixel, top left, and of all.
    pub before: usize,
    pub extent: usize,
}

/// Checks what a caller says of pixels.
pub fn shape(
    (width, height, channels): (u32, u32, u32),
    element: Element,
    planar: bool,
    row_stride: i64,
) -> Result<Shape> {
    for (what, side) in [("width", width), ("height", height)] {
        if !(1..=MAX_SIDE).contains(&side) {
            return Err(Error::invalid(format!(
                "the image's {what} is {side}; it is 1 to {MAX_SIDE}"
            )));
        }
    }
    if !(1..=4).contains(&channels) {
        return Err(Error::invalid(format!(
            "the image has {channels} channels; it has 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA)"
        )));
    }
    use Element::{Bf16, F16, F32, F64, U8, U16};
    if !matches!(element, U8 | U16 | F16 | Bf16 | F32 | F64) {
        return Err(Error::invalid(format!(
            "pixels are AIM_U8, AIM_U16, AIM_F16, AIM_BF16, AIM_F32 or AIM_F64, not {element:?}"
        )));
    }
    let (in_row, planes) = if planar { (1, channels) } else { (channels, 1) };
    let row = u64::from(width) * u64::from(in_row) * element.size() as u64;
    let distance = match row_stride.unsigned_abs() {
        0 => row,
        distance if distance < row => {
            return Err(Error::invalid(format!(
                "row_stride is {row_stride}: less than the {row} bytes of a row"
            )));
        }
        distance => distance,
    };
    let rows = u64::from(planes) * u64::from(height) - 1;
    let extent = rows
        .checked_mul(distance)
        .and_then(|all| all.checked_add(row));
    let extent = check_size("the image's memory", extent)?;
    let bottom_up = row_stride < 0;
    let distance = distance as usize;
    Ok(Shape {
        distance,
        bottom_up,
        before: if bottom_up {
            (height as usize - 1) * distance
        } else {
            0
        },
        extent,
    })
}

/// Encodes pixels whose shape was checked.
pub fn png(pixels: &Pixels<'_>) -> Result<Vec<u8>> {
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let channels = pixels.channels as usize;
    let depth = if pixels.element == Element::U16 { 2 } else { 1 };
    let row = width * channels * depth;
    let size = (row as u64 + 1).checked_mul(height as u64);
    let mut rows = memory::room(check_size("the image", size)?)?;
    let (mut above, mut present) = (vec![0; row], Vec::with_capacity(row));
    let mut numbers = Vec::new();
    for y in 0..height {
        present.clear();
        pixels.row(y, &mut numbers, &mut present);
        // The filter "up".
        rows.push(2);
        rows.extend(present.iter().zip(&above).map(|(a, b)| a.wrapping_sub(*b)));
        std::mem::swap(&mut above, &mut present);
    }
    // Noise gets that long.
    let mut out = memory::room(rows.len() + rows.len() / 512 + 4096)?;
    out.extend_from_slice(b"\x89PNG\r\n\x1a\n");
    let colour = [0, 4, 2, 6][channels - 1];
    let mut head = [0; 13];
    head[..4].copy_from_slice(&pixels.width.to_be_bytes());
    head[4..8].copy_from_slice(&pixels.height.to_be_bytes());
    head[8..10].copy_from_slice(&[8 * depth as u8, colour]);
    chunk(&mut out, b"IHDR", |out| out.extend_from_slice(&head));
    let mut written = Ok(());
    chunk(&mut out, b"IDAT", |out| written = compress(&rows, out));
    written.map_err(|e| Error::io("encoding an image", &e))?;
    chunk(&mut out, b"IEND", |_| {});
    Ok(out)
}

/// Pieces of an image that tell whether it is noise.
const PROBES: usize = 3;
const PROBE: usize = 512;
/// Tables and checksum that come with what is compressed, however short.
const HEAD_OF_DEFLATE: usize = 58;

fn deflate(rows: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
    let mut compressor = fdeflate::Compressor::new(out)?;
    compressor.write_data(rows)?;
    compressor.finish()?;
    Ok(())
}

/// Whether pieces at the beginning, in the middle and at the end all get longer by compression.
fn is_noise(rows: &[u8]) -> std::io::Result<bool> {
    if rows.len() < 4 * PROBES * PROBE {
        return Ok(false);
    }
    let mut out = Vec::with_capacity(2 * PROBE);
    for k in 0..PROBES {
        let at = (rows.len() - PROBE) / (PROBES - 1) * k;
        out.clear();
        deflate(&rows[at..at + PROBE], &mut out)?;
        if out.len() <= PROBE + HEAD_OF_DEFLATE {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compress(rows: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
    let at = out.len();
    let noise = is_noise(rows)?;
    if !noise {
        deflate(rows, out)?;
    }
    // Noise gets longer by it, and is stored as it is.
    if noise || out.len() - at > rows.len() + rows.len() / 1024 {
        out.truncate(at);
        let mut whole = std::io::Cursor::new(std::mem::take(out));
        whole.set_position(at as u64);
        let mut stored = fdeflate::StoredOnlyCompressor::new(whole)?;
        stored.write_data(rows)?;
        *out = stored.finish()?.into_inner();
    }
    Ok(())
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], fill: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(name);
    fill(out);
    let length = (out.len() - at - 8) as u32;
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
    let check = crc32fast::hash(&out[at + 4..]);
    out.extend_from_slice(&check.to_be_bytes());
}

impl Pixels<'_> {
    /// Appends row `y` as PNG has it: channels beside each other, 16 bits with the high byte first.
    fn row(&self, y: usize, numbers: &mut Vec<f64>, out: &mut Vec<u8>) {
        let size = self.element.size();
        let (width, channels) = (self.width as usize, self.channels as usize);
        let (in_row, planes) = if self.planar {
            (1, channels)
        } else {
            (channels, 1)
        };
        let length = width * in_row * size;
        let height = self.height as usize;
        let y = if self.shape.bottom_up {
            height - 1 - y
        } else {
            y
        };
        let plane = |p: usize| {
            let at = (p * height + y) * self.shape.distance;
            &self.data[at..at + length]
        };
        if planes == 1 && self.element == Element::U8 {
            out.extend_from_slice(plane(0));
            return;
        }
        numbers.clear();
        for p in 0..planes {
            self.element.read(plane(p), numbers);
        }
        let (low, high) = self.range;
        let scale = 255.0 / (high - low);
        for x in 0..width * in_row {
            for p in 0..planes {
                let value = numbers[p * width + x];
                match self.element {
                    Element::U8 => out.push(value as u8),
                    Element::U16 => out.extend_from_slice(&(value as u16).to_be_bytes()),
                    // A cast keeps to the range; NaN becomes 0.
                    _ => out.push(((value - low) * scale).round() as u8),
                }
            }
        }
    }
}
