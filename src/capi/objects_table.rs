//! Tracking tables of Arrow streams.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle};
use super::handed::words;
use super::sequence::{aim_sequence, moment};
use crate::error::{Error, Result};
use crate::objects::ObjectKind;
use crate::objects::table::{Column, Field, Index, Kind, Layout, Table, place};
use crate::run::objects::NewObject;
use crate::shield;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use std::ffi::{CStr, c_char, c_int};

/// Tracks a table as a point of a sequence of tables: all rows of a stream (Arrow's C Stream Interface), stored as a file of
/// Arrow's IPC format, "arrow", at most 1 GiB. Cells may be images: encoded ones, in a column of bytes. The stream is read to
/// its end and released, whatever the call answers. Columns with a dictionary are stored as the values that it says; unions,
/// run ends and views of lists are not stored. `caption` and `meta` are as in `aim_object`. Else as `aim_sequence_track`.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold tables; `AIM_ERR_INVALID_ARGUMENT` for an error
/// of the stream, whose message is told, or a type that is not stored; `AIM_ERR_UNSUPPORTED` in a build without Arrow, which
/// leaves the stream alone. Thread-safe; the stream is read by the calling thread. Since 0.1.
///
/// # Safety
/// `sequence` is NULL or one that was not freed; `rows` is NULL or a stream that was not released; the strings are NULL or
/// NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sequence_track_table(
    sequence: *const aim_sequence,
    rows: *mut FFI_ArrowArrayStream,
    caption: *const c_char,
    meta: *const c_char,
    step: i64,
    epoch: i64,
    time: f64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            handle(rows, "rows")?;
            let mut stream = Foreign(Some(FFI_ArrowArrayStream::from_raw(rows)));
            let sequence = handle(sequence, "sequence")?;
            sequence.check_kind(ObjectKind::Table)?;
            let moment = moment(step, epoch, time)?;
            let run = sequence.run()?;
            let (caption, meta) = words(caption, meta)?;
            let data = stream.read()?;
            let object = NewObject {
                data: &data,
                format: Some("arrow"),
                caption,
                meta,
            };
            run.track_objects(&sequence.id, moment, &[object])
        })
    }
}

/// What another program gave: calling it, also to release it, is a callback.
struct Foreign<T>(Option<T>);

impl<T> Drop for Foreign<T> {
    fn drop(&mut self) {
        let theirs = self.0.take();
        shield::outside(|| drop(theirs));
    }
}

type Stream = Foreign<FFI_ArrowArrayStream>;

type Get<T> = Option<unsafe extern "C" fn(*mut FFI_ArrowArrayStream, *mut T) -> c_int>;

impl Stream {
    /// All of it as a file.
    ///
    /// # Safety
    /// What it gives is as Arrow's C interfaces say.
    unsafe fn read(&mut self) -> Result<Vec<u8>> {
        let Some(stream) = &self.0 else {
            return Err(Error::invalid("the Arrow stream was released already"));
        };
        let (get_schema, get_next) = (stream.get_schema(), stream.get_next());
        // SAFETY: promised by the caller.
        unsafe {
            let schema = self.ask(get_schema, FFI_ArrowSchema::empty())?;
            let Some(whole) = schema.0.as_ref().filter(|s| s.release().is_some()) else {
                return Err(Error::invalid("the Arrow stream has no schema"));
            };
            if whole.format() != "+s" {
                return Err(Error::invalid(format!(
                    "the Arrow stream is of the type {:?}: a table is a stream of structs, \"+s\"",
                    whole.format()
                )));
            }
            let fields = whole.children().map(field).collect::<Result<_>>()?;
            let mut table = Table::new(fields, metadata(whole)?)?;
            loop {
                let batch = self.ask(get_next, FFI_ArrowArray::empty())?;
                let Some(rows) = batch.0.as_ref().filter(|b| !b.is_released()) else {
                    break;
                };
                let columns = columns(table.fields(), rows)?;
                table.add(rows.offset(), rows.len(), &columns)?;
            }
            table.finish()
        }
    }

    /// # Safety
    /// As for `read`.
    unsafe fn ask<T>(&mut self, get: Get<T>, empty: T) -> Result<Foreign<T>> {
        let (Some(stream), Some(get)) = (&mut self.0, get) else {
            return Err(Error::invalid("the Arrow stream was released already"));
        };
        let mut answer = Foreign(Some(empty));
        let Some(place) = &mut answer.0 else {
            return Ok(answer);
        };
        // SAFETY: promised by the caller.
        let failed = shield::outside(|| unsafe { get(stream, place) });
        if failed == 0 {
            return Ok(answer);
        }
        let last_error = stream.get_last_error();
        // SAFETY: promised by the caller; the text lives until the stream is asked again.
        let said = shield::outside(|| unsafe { last_error.map(|ask| ask(stream)) });
        let said = match said {
            // SAFETY: as above.
            Some(text) if !text.is_null() => unsafe { CStr::from_ptr(text) }.to_string_lossy(),
            _ => std::io::Error::from_raw_os_error(failed).to_string().into(),
        };
        Err(Error::invalid(format!("the Arrow stream failed: {said}")))
    }
}

fn metadata(schema: &FFI_ArrowSchema) -> Result<Vec<(String, String)>> {
    let all = schema.metadata();
    let all = all.map_err(|e| Error::invalid(format!("the metadata of the Arrow stream: {e}")))?;
    let mut sorted: Vec<(String, String)> = Vec::new();
    for pair in all {
        sorted.insert(sorted.partition_point(|other| *other < pair), pair);
    }
    Ok(sorted)
}

fn field(schema: &FFI_ArrowSchema) -> Result<Field> {
    let values = schema.dictionary();
    let index = values.map(|_| Index::parse(schema.format())).transpose()?;
    let typed = values.unwrap_or(schema);
    let name = schema.name().unwrap_or_default();
    let kind = Kind::parse(typed.format(), typed.map_keys_sorted())
        .map_err(|e| e.context(format_args!("column {name:?}")))?;
    let children: Vec<Field> = typed.children().map(field).collect::<Result<_>>()?;
    let wanted = match kind.layout {
        Layout::List { .. } | Layout::FixedList(_) => children.len() == 1,
        Layout::Struct => true,
        _ => children.is_empty(),
    };
    if !wanted {
        return Err(Error::invalid(format!(
            "column {name:?} of the Arrow stream has {} children, not as its type {:?}",
            children.len(),
            typed.format()
        )));
    }
    Ok(Field {
        name: name.to_owned(),
        nullable: schema.nullable() || values.is_some(),
        kind,
        index,
        children,
        metadata: metadata(schema)?,
    })
}

/// # Safety
/// The array is as Arrow's C Data Interface says of one with these children.
unsafe fn columns<'b>(fields: &[Field], array: &'b FFI_ArrowArray) -> Result<Vec<Column<'b>>> {
    if array.num_children() != fields.len() {
        return Err(Error::invalid(format!(
            "an array of the Arrow stream has {} children for {} fields",
            array.num_children(),
            fields.len()
        )));
    }
    let each = fields.iter().enumerate();
    // SAFETY: promised by the caller.
    each.map(|(k, field)| unsafe { column(field, array.child(k)) })
        .collect()
}

/// # Safety
/// The array is as Arrow's C Data Interface says of one of this type.
unsafe fn column<'b>(field: &Field, array: &'b FFI_ArrowArray) -> Result<Column<'b>> {
    // SAFETY: promised by the caller.
    unsafe {
        let Some(index) = field.index else {
            return values(&field.children, field.kind.layout, array);
        };
        let mut column = values(&[], Layout::Fixed(index.width), array)?;
        if let Some(dictionary) = array.dictionary() {
            let dictionary = values(&field.children, field.kind.layout, dictionary)?;
            column.dictionary = Some(Box::new(dictionary));
        }
        Ok(column)
    }
}

/// # Safety
/// The array is as Arrow's C Data Interface says of one that lies so.
unsafe fn values<'b>(
    children: &[Field],
    layout: Layout,
    array: &'b FFI_ArrowArray,
) -> Result<Column<'b>> {
    let (length, offset) = (array.len(), array.offset());
    // What has no elements need not have buffers.
    let end = match length {
        0 => 0,
        length => offset.saturating_add(length),
    };
    // SAFETY: promised by the caller.
    let part = |k: usize, size: usize| unsafe { buffer(array, k, size) };
    let places = |wide: bool| match length {
        0 => Ok(&[][..]),
        _ => part(
            1,
            end.saturating_add(1)
                .saturating_mul(if wide { 8 } else { 4 }),
        ),
    };
    let buffers = match layout {
        Layout::Null | Layout::FixedList(_) | Layout::Struct => Vec::new(),
        Layout::Bits => vec![part(1, end.div_ceil(8))?],
        Layout::Fixed(width) => vec![part(1, end.saturating_mul(width))?],
        Layout::List { wide } => vec![places(wide)?],
        Layout::Bytes { wide } => {
            let places = places(wide)?;
            let size = place(places, wide, end).unwrap_or(0);
            vec![places, part(2, size)?]
        }
        Layout::Views => {
            let mut all = vec![part(1, end.saturating_mul(16))?];
            let last = array.num_buffers().saturating_sub(1);
            let more = last.saturating_sub(2);
            for (k, size) in part(last, more * 8)?.as_chunks().0.iter().enumerate() {
                let size = usize::try_from(i64::from_le_bytes(*size));
                all.push(part(2 + k, size.unwrap_or(usize::MAX))?);
            }
            all
        }
    };
    Ok(Column {
        length,
        offset,
        validity: match layout {
            Layout::Null => None,
            _ => Some(part(0, end.div_ceil(8))?).filter(|bits| !bits.is_empty()),
        },
        buffers,
        // SAFETY: promised by the caller.
        children: unsafe { columns(children, array)? },
        dictionary: None,
    })
}

/// A buffer; nothing where there is none.
///
/// # Safety
/// It has `size` bytes, if it is there.
unsafe fn buffer(array: &FFI_ArrowArray, k: usize, size: usize) -> Result<&[u8]> {
    if k >= array.num_buffers() || size > isize::MAX as usize {
        return Err(Error::invalid(format!(
            "an array of the Arrow stream has {} buffers, of which number {k} would have {size} bytes",
            array.num_buffers()
        )));
    }
    match array.buffer(k) {
        start if start.is_null() || size == 0 => Ok(&[]),
        // SAFETY: promised by the caller.
        start => Ok(unsafe { std::slice::from_raw_parts(start, size) }),
    }
}
