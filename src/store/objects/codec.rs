//! Objects as bytes, in rows and in the journal.

use super::ObjectPoint;
use crate::blobs::Blob;
use crate::objects::ObjectKind;

/// One object of a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// What the bytes are: "png", "wav", "text".
    pub format: String,
    /// Empty where there is none.
    pub caption: String,
    /// A JSON object; empty where there is none.
    pub meta: String,
    /// Of images; else 0.
    pub width: u32,
    pub height: u32,
    pub stored: Stored,
}

/// Where an object's bytes are.
#[derive(Clone, Debug, PartialEq)]
pub enum Stored {
    Here(Box<[u8]>),
    Packed(Blob),
}

impl Object {
    pub fn size(&self) -> u64 {
        match &self.stored {
            Stored::Here(bytes) => bytes.len() as u64,
            Stored::Packed(blob) => blob.size,
        }
    }
}

const HERE: u8 = 0;
const PACKED: u8 = 1;

/// The content of a point's row.
pub struct Point {
    pub epoch: i64,
    pub time: i64,
    pub objects: Vec<Object>,
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// Takes so many bytes off the front.
fn take<'b, const N: usize>(bytes: &mut &'b [u8]) -> Option<&'b [u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(first)
}

fn take_bytes<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let size = u32::from_le_bytes(*take(bytes)?) as usize;
    let (taken, rest) = bytes.split_at_checked(size)?;
    *bytes = rest;
    Some(taken)
}

fn take_text(bytes: &mut &[u8]) -> Option<String> {
    String::from_utf8(take_bytes(bytes)?.to_vec()).ok()
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_bytes(out, text.as_bytes());
}

impl Point {
    pub fn encode(epoch: i64, time: i64, objects: &[Object], out: &mut Vec<u8>) {
        out.extend_from_slice(&epoch.to_le_bytes());
        out.extend_from_slice(&time.to_le_bytes());
        out.extend_from_slice(&(objects.len() as u32).to_le_bytes());
        for object in objects {
            put_text(out, &object.format);
            put_text(out, &object.caption);
            put_text(out, &object.meta);
            out.extend_from_slice(&object.width.to_le_bytes());
            out.extend_from_slice(&object.height.to_le_bytes());
            match &object.stored {
                Stored::Here(bytes) => {
                    out.push(HERE);
                    put_bytes(out, bytes);
                }
                Stored::Packed(blob) => {
                    out.push(PACKED);
                    blob.encode(out);
                }
            }
        }
    }

    pub fn decode(mut bytes: &[u8]) -> Option<Point> {
        let bytes = &mut bytes;
        let epoch = i64::from_le_bytes(*take(bytes)?);
        let time = i64::from_le_bytes(*take(bytes)?);
        let count = u32::from_le_bytes(*take(bytes)?);
        let mut objects = Vec::new();
        for _ in 0..count {
            objects.push(Object {
                format: take_text(bytes)?,
                caption: take_text(bytes)?,
                meta: take_text(bytes)?,
                width: u32::from_le_bytes(*take(bytes)?),
                height: u32::from_le_bytes(*take(bytes)?),
                stored: match take::<1>(bytes)? {
                    [HERE] => Stored::Here(take_bytes(bytes)?.into()),
                    [PACKED] => Stored::Packed(Blob::decode(take(bytes)?)),
                    _ => return None,
                },
            });
        }
        bytes.is_empty().then_some(Point {
            epoch,
            time,
            objects,
        })
    }
}

/// A point for a sequence. A step of `STEP_AUTO` is the one after the last.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPoint {
    pub kind: ObjectKind,
    pub name: String,
    /// Canonical JSON.
    pub context: String,
    pub point: ObjectPoint,
    /// Which points of the sequence stay. `None`: all.
    pub keep: Option<Keep>,
}

/// Of a sequence these points stay: the last ones, and those whose step is a multiple of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// At least 1.
    pub last: u32,
    /// 0: none.
    pub every: u32,
}

/// Beside a kind: what stays of the sequence is said behind it.
const KEEPS: u8 = 0x80;

impl NewPoint {
    pub fn blobs_mut(&mut self) -> impl Iterator<Item = &mut Blob> {
        let objects = self.point.objects.iter_mut();
        objects.filter_map(|object| match &mut object.stored {
            Stored::Packed(blob) => Some(blob),
            Stored::Here(_) => None,
        })
    }

    /// What of it lies in packs.
    pub fn blobs(&self) -> impl Iterator<Item = &Blob> {
        let objects = self.point.objects.iter();
        objects.filter_map(|object| match &object.stored {
            Stored::Packed(blob) => Some(blob),
            Stored::Here(_) => None,
        })
    }

    pub fn encode(&self, out: &mut Vec<u8>) {
        match self.keep {
            None => out.push(self.kind as u8),
            Some(keep) => {
                out.push(self.kind as u8 | KEEPS);
                out.extend_from_slice(&keep.last.to_le_bytes());
                out.extend_from_slice(&keep.every.to_le_bytes());
            }
        }
        put_text(out, &self.name);
        put_text(out, &self.context);
        out.extend_from_slice(&self.point.step.to_le_bytes());
        Point::encode(self.point.epoch, self.point.time, &self.point.objects, out);
    }

    pub fn decode(mut bytes: &[u8]) -> Option<NewPoint> {
        let [kind] = *take(&mut bytes)?;
        let keep = match kind & KEEPS {
            0 => None,
            _ => Some(Keep {
                last: u32::from_le_bytes(*take(&mut bytes)?),
                every: u32::from_le_bytes(*take(&mut bytes)?),
            }),
        };
        let (name, context) = (take_text(&mut bytes)?, take_text(&mut bytes)?);
        let step = i64::from_le_bytes(*take(&mut bytes)?);
        let point = Point::decode(bytes)?;
        Some(NewPoint {
            kind: ObjectKind::from_number(kind & !KEEPS)?,
            name,
            context,
            point: ObjectPoint {
                step,
                epoch: point.epoch,
                time: point.time,
                objects: point.objects,
            },
            keep,
        })
    }
}
