//! Objects as bytes, in rows and in the journal.

use super::ObjectPoint;
use crate::blobs::Blob;
use crate::error::Result;
use crate::objects::ObjectKind;

/// One object of a point; of one that is borrowed the texts are `&str` and the bytes `&[u8]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Object<T = String, B = Box<[u8]>> {
    /// What the bytes are: "png", "wav", "text".
    pub format: T,
    /// Empty where there is none.
    pub caption: T,
    /// A JSON object; empty where there is none.
    pub meta: T,
    /// Of images; else 0.
    pub width: u32,
    pub height: u32,
    pub stored: Stored<B>,
}

/// Where an object's bytes are.
#[derive(Clone, Debug, PartialEq)]
pub enum Stored<B = Box<[u8]>> {
    Here(B),
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

impl Object<&str, &[u8]> {
    fn to_owned(&self) -> Object {
        Object {
            format: self.format.to_owned(),
            caption: self.caption.to_owned(),
            meta: self.meta.to_owned(),
            width: self.width,
            height: self.height,
            stored: match self.stored {
                Stored::Here(bytes) => Stored::Here(bytes.into()),
                Stored::Packed(blob) => Stored::Packed(blob),
            },
        }
    }
}

const HERE: u8 = 0;
const PACKED: u8 = 1;

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

fn take_text<'b>(bytes: &mut &'b [u8]) -> Option<&'b str> {
    std::str::from_utf8(take_bytes(bytes)?).ok()
}

fn take_object<'b>(bytes: &mut &'b [u8]) -> Option<Object<&'b str, &'b [u8]>> {
    Some(Object {
        format: take_text(bytes)?,
        caption: take_text(bytes)?,
        meta: take_text(bytes)?,
        width: u32::from_le_bytes(*take(bytes)?),
        height: u32::from_le_bytes(*take(bytes)?),
        stored: match take::<1>(bytes)? {
            [HERE] => Stored::Here(take_bytes(bytes)?),
            [PACKED] => Stored::Packed(Blob::decode(take(bytes)?)),
            _ => return None,
        },
    })
}

/// A point as bytes: epoch, time, and its objects. So it is in its row, and so it travels there from the call that tracks it,
/// through the journal or in frames.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodedPoint(Vec<u8>);

/// Bytes in front of the objects: epoch, time, and how many objects there are.
const HEAD: usize = 8 + 8 + 4;

impl EncodedPoint {
    /// Without objects.
    pub fn new(epoch: i64, time: i64) -> EncodedPoint {
        let (epoch, time) = (epoch.to_le_bytes(), time.to_le_bytes());
        EncodedPoint([&epoch[..], &time, &0u32.to_le_bytes()].concat())
    }

    pub fn push(&mut self, object: &Object<&str, &[u8]>) {
        let count = self.count() as u32 + 1;
        let EncodedPoint(out) = self;
        out[HEAD - 4..HEAD].copy_from_slice(&count.to_le_bytes());
        for text in [object.format, object.caption, object.meta] {
            put_bytes(out, text.as_bytes());
        }
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

    /// `None` where the bytes are none of a point.
    pub fn read(bytes: &[u8]) -> Option<EncodedPoint> {
        EncodedPoint::is_whole(bytes).then(|| EncodedPoint(bytes.to_vec()))
    }

    pub fn is_whole(bytes: &[u8]) -> bool {
        let Some((head, mut rest)) = bytes.split_at_checked(HEAD) else {
            return false;
        };
        let count = u32_at_end(head);
        (0..count).all(|_| take_object(&mut rest).is_some()) && rest.is_empty()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many objects it has.
    pub fn count(&self) -> usize {
        u32_at_end(&self.0[..HEAD]) as usize
    }

    /// Microseconds since 1970 (UTC).
    pub fn time(&self) -> i64 {
        i64::from_le_bytes(std::array::from_fn(|i| self.0[8 + i]))
    }

    fn objects(&self) -> impl Iterator<Item = Object<&str, &[u8]>> {
        let mut rest = &self.0[HEAD..];
        std::iter::from_fn(move || take_object(&mut rest))
    }

    /// What of it lies in packs.
    pub fn blobs(&self) -> impl Iterator<Item = Blob> {
        self.objects().filter_map(|object| match object.stored {
            Stored::Packed(blob) => Some(blob),
            Stored::Here(_) => None,
        })
    }

    /// What of it lies in packs, to be given another place.
    pub fn change_blobs(&mut self, mut change: impl FnMut(&mut Blob) -> Result<()>) -> Result<()> {
        let mut at = HEAD;
        loop {
            let mut rest = &self.0[at..];
            let Some(object) = take_object(&mut rest) else {
                return Ok(());
            };
            at = self.0.len() - rest.len();
            // It is the last of its object.
            if let Stored::Packed(mut blob) = object.stored {
                change(&mut blob)?;
                let mut bytes = Vec::with_capacity(Blob::BYTES);
                blob.encode(&mut bytes);
                self.0[at - Blob::BYTES..at].copy_from_slice(&bytes);
            }
        }
    }

    /// As who reads it has it.
    pub fn decode(&self, step: i64) -> ObjectPoint {
        ObjectPoint {
            step,
            epoch: i64::from_le_bytes(std::array::from_fn(|i| self.0[i])),
            time: self.time(),
            objects: self.objects().map(|object| object.to_owned()).collect(),
        }
    }
}

fn u32_at_end(head: &[u8]) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| head[head.len() - 4 + i]))
}

/// A point for a sequence. A step of `STEP_AUTO` is the one after the last.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPoint {
    pub kind: ObjectKind,
    pub name: String,
    /// Canonical JSON.
    pub context: String,
    pub step: i64,
    pub encoded: EncodedPoint,
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
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self.keep {
            None => out.push(self.kind as u8),
            Some(keep) => {
                out.push(self.kind as u8 | KEEPS);
                out.extend_from_slice(&keep.last.to_le_bytes());
                out.extend_from_slice(&keep.every.to_le_bytes());
            }
        }
        put_bytes(out, self.name.as_bytes());
        put_bytes(out, self.context.as_bytes());
        out.extend_from_slice(&self.step.to_le_bytes());
        out.extend_from_slice(self.encoded.bytes());
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
        Some(NewPoint {
            kind: ObjectKind::from_number(kind & !KEEPS)?,
            name: take_text(&mut bytes)?.to_owned(),
            context: take_text(&mut bytes)?.to_owned(),
            step: i64::from_le_bytes(*take(&mut bytes)?),
            encoded: EncodedPoint::read(bytes)?,
            keep,
        })
    }
}
