//! Record batches as a file of Parquet: the columns that answers and exports have, flat ones and lists of texts.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{self as plain, ByteArray};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};
use std::io::Write;
use std::sync::Arc;

/// Rows of a row group, by default of this library.
pub const ROW_GROUP: usize = 1 << 20;

pub struct Writer<W: Write + Send> {
    file: SerializedFileWriter<W>,
    /// Rows that are no row group yet.
    gathered: Vec<RecordBatch>,
    rows: usize,
}

impl<W: Write + Send> Writer<W> {
    pub fn new(to: W, schema: &Schema, properties: WriterProperties) -> Result<Writer<W>> {
        let fields: Result<Vec<TypePtr>> =
            schema.fields().iter().map(|field| column(field)).collect();
        let whole = Type::group_type_builder("schema").with_fields(fields?);
        Ok(Writer {
            file: SerializedFileWriter::new(to, Arc::new(whole.build()?), Arc::new(properties))?,
            gathered: Vec::new(),
            rows: 0,
        })
    }

    pub fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.rows += batch.num_rows();
        self.gathered.push(batch);
        match self.rows >= ROW_GROUP {
            true => self.end_group(),
            false => Ok(()),
        }
    }

    fn end_group(&mut self) -> Result<()> {
        let batches = std::mem::take(&mut self.gathered);
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        let mut n = 0;
        while let Some(mut column) = group.next_column()? {
            for batch in &batches {
                let nullable = batch.schema_ref().field(n).is_nullable();
                write(batch.column(n), nullable, &mut column)?;
            }
            column.close()?;
            n += 1;
        }
        group.close().map(|_| ())
    }

    /// The file is whole.
    pub fn end(mut self) -> Result<W> {
        self.end_group()?;
        self.file.into_inner()
    }
}

fn unknown(of: &DataType) -> ParquetError {
    ParquetError::NYI(format!("a column of {of} in Parquet"))
}

/// How a column is described in the file.
fn column(field: &Field) -> Result<TypePtr> {
    let presence = match field.is_nullable() {
        true => Repetition::OPTIONAL,
        false => Repetition::REQUIRED,
    };
    let text = Some(LogicalType::String);
    let of = match field.data_type() {
        DataType::Dictionary(_, of) => of.as_ref(),
        of => of,
    };
    let (physical, logical) = match of {
        DataType::Boolean => (Physical::BOOLEAN, None),
        DataType::Int32 => (Physical::INT32, None),
        DataType::Int64 => (Physical::INT64, None),
        DataType::UInt64 => (Physical::INT64, Some(LogicalType::integer(64, false))),
        DataType::Float64 => (Physical::DOUBLE, None),
        DataType::Utf8 => (Physical::BYTE_ARRAY, text),
        DataType::Binary => (Physical::BYTE_ARRAY, None),
        DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, Some(_)) => {
            let micros = LogicalType::timestamp(true, TimeUnit::MICROS);
            (Physical::INT64, Some(micros))
        }
        DataType::List(of) if *of.data_type() == DataType::Utf8 => {
            let element = Type::primitive_type_builder("element", Physical::BYTE_ARRAY)
                .with_repetition(Repetition::REQUIRED)
                .with_logical_type(text);
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element.build()?)]);
            let whole = Type::group_type_builder(field.name())
                .with_repetition(presence)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(list.build()?)]);
            return Ok(Arc::new(whole.build()?));
        }
        other => return Err(unknown(other)),
    };
    let whole = Type::primitive_type_builder(field.name(), physical)
        .with_repetition(presence)
        .with_logical_type(logical);
    Ok(Arc::new(whole.build()?))
}

/// Writes what is there of a flat column.
fn flat<T: plain::DataType>(
    array: &ArrayRef,
    nullable: bool,
    values: impl FnMut(usize) -> T::T,
    to: &mut SerializedColumnWriter<'_>,
) -> Result<()> {
    let present = (0..array.len()).filter(|row| !array.is_null(*row));
    let values: Vec<T::T> = present.map(values).collect();
    let levels = nullable.then(|| -> Vec<i16> {
        let rows = 0..array.len();
        rows.map(|row| i16::from(!array.is_null(row))).collect()
    });
    let written = to
        .typed::<T>()
        .write_batch(&values, levels.as_deref(), None);
    written.map(|_| ())
}

fn write(array: &ArrayRef, nullable: bool, to: &mut SerializedColumnWriter<'_>) -> Result<()> {
    match array.data_type() {
        DataType::Boolean => {
            let of = array.as_boolean();
            flat::<plain::BoolType>(array, nullable, |row| of.value(row), to)
        }
        DataType::Int32 => {
            let of = array.as_primitive::<Int32Type>();
            flat::<plain::Int32Type>(array, nullable, |row| of.value(row), to)
        }
        DataType::Int64 => {
            let of = array.as_primitive::<Int64Type>();
            flat::<plain::Int64Type>(array, nullable, |row| of.value(row), to)
        }
        DataType::UInt64 => {
            let of = array.as_primitive::<UInt64Type>();
            flat::<plain::Int64Type>(array, nullable, |row| of.value(row) as i64, to)
        }
        DataType::Timestamp(..) => {
            let of = array.as_primitive::<TimestampMicrosecondType>();
            flat::<plain::Int64Type>(array, nullable, |row| of.value(row), to)
        }
        DataType::Float64 => {
            let of = array.as_primitive::<Float64Type>();
            flat::<plain::DoubleType>(array, nullable, |row| of.value(row), to)
        }
        DataType::Utf8 | DataType::Binary => {
            let values = bytes(array)?;
            flat::<plain::ByteArrayType>(array, nullable, |row| values[row].clone(), to)
        }
        DataType::Dictionary(..) => {
            let of = array.as_dictionary::<Int32Type>();
            let values = bytes(of.values())?;
            let value = |row| values[of.keys().value(row) as usize].clone();
            flat::<plain::ByteArrayType>(array, nullable, value, to)
        }
        DataType::List(_) => lists(array, nullable, to),
        other => Err(unknown(other)),
    }
}

/// The texts or bytes of a column, copied once.
fn bytes(array: &ArrayRef) -> Result<Vec<ByteArray>> {
    let row = |row: usize| -> Result<&[u8]> {
        match array.data_type() {
            DataType::Utf8 => Ok(array.as_string::<i32>().value(row).as_bytes()),
            DataType::Binary => Ok(array.as_binary::<i32>().value(row)),
            other => Err(unknown(other)),
        }
    };
    (0..array.len())
        .map(|n| Ok(ByteArray::from(row(n)?.to_vec())))
        .collect()
}

/// Lists of texts: how deep each is there, and whether it begins a row.
fn lists(array: &ArrayRef, nullable: bool, to: &mut SerializedColumnWriter<'_>) -> Result<()> {
    let of = array.as_list::<i32>();
    let there = i16::from(nullable);
    let (mut depths, mut repeats, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..array.len() {
        if array.is_null(row) {
            depths.push(0);
            repeats.push(0);
            continue;
        }
        let list = bytes(&of.value(row))?;
        if list.is_empty() {
            depths.push(there);
            repeats.push(0);
        }
        for (n, value) in list.into_iter().enumerate() {
            depths.push(there + 1);
            repeats.push(i16::from(n > 0));
            values.push(value);
        }
    }
    let to = to.typed::<plain::ByteArrayType>();
    let written = to.write_batch(&values, Some(&depths), Some(&repeats));
    written.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::builder::{ListBuilder, StringBuilder};
    use arrow_array::{
        BinaryArray, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array,
        StringArray, TimestampMicrosecondArray, UInt64Array,
    };
    use parquet::file::reader::{FileReader as _, SerializedFileReader};

    /// Three rows: whole, empty or least, and with nothing where that may be.
    fn batch() -> RecordBatch {
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([Some("a"), Some("ü")]);
        lists.append_value([None::<&str>; 0]);
        lists.append_null();
        let mut tags = ListBuilder::new(StringBuilder::new());
        tags.append_value([Some("x")]);
        tags.append_value([None::<&str>; 0]);
        tags.append_value([Some("y"), Some("z")]);
        let times = vec![Some(1_000_001), Some(0), None];
        let words: DictionaryArray<Int32Type> = ["loss", "loss", "acc"].into_iter().collect();
        let columns: Vec<(&str, ArrayRef, bool)> = vec![
            (
                "bool",
                Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
                true,
            ),
            (
                "int",
                Arc::new(Int32Array::from(vec![Some(-7), Some(0), None])),
                true,
            ),
            (
                "long",
                Arc::new(Int64Array::from(vec![i64::MAX, 0, i64::MIN])),
                false,
            ),
            (
                "count",
                Arc::new(UInt64Array::from(vec![u64::MAX, 0, 1])),
                false,
            ),
            (
                "float",
                Arc::new(Float64Array::from(vec![Some(0.5), Some(-0.0), None])),
                true,
            ),
            (
                "text",
                Arc::new(StringArray::from(vec![Some("größer"), Some(""), None])),
                true,
            ),
            (
                "bytes",
                Arc::new(BinaryArray::from(vec![b"\xff".as_slice(), b"", b"b"])),
                false,
            ),
            ("word", Arc::new(words), false),
            (
                "time",
                Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
                true,
            ),
            ("lists", Arc::new(lists.finish()), true),
            ("tags", Arc::new(tags.finish()), false),
        ];
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    }

    fn written(batches: &[RecordBatch]) -> SerializedFileReader<bytes::Bytes> {
        let properties = WriterProperties::builder().build();
        let mut writer = Writer::new(Vec::new(), batches[0].schema_ref(), properties).unwrap();
        for batch in batches {
            writer.write(batch.clone()).unwrap();
        }
        SerializedFileReader::new(bytes::Bytes::from(writer.end().unwrap())).unwrap()
    }

    #[test]
    fn every_kind_of_column_comes_back() {
        let file = written(&[batch(), batch()]);
        assert_eq!(file.metadata().num_row_groups(), 1);
        let rows: Vec<String> = file
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().to_string())
            .collect();
        let wanted = [
            r#"{bool: true, int: -7, long: 9223372036854775807, count: 18446744073709551615, float: 0.5, text: "größer", bytes: [255], word: "loss", time: 1970-01-01 00:00:01.000001 +00:00, lists: ["a", "ü"], tags: ["x"]}"#,
            r#"{bool: false, int: 0, long: 0, count: 0, float: -0E0, text: "", bytes: [], word: "loss", time: 1970-01-01 00:00:00.000000 +00:00, lists: [], tags: []}"#,
            r#"{bool: null, int: null, long: -9223372036854775808, count: 1, float: null, text: null, bytes: [98], word: "acc", time: null, lists: null, tags: ["y", "z"]}"#,
        ];
        assert_eq!(rows, [wanted, wanted].concat());
    }

    #[test]
    fn a_file_without_rows_has_its_columns() {
        let file = written(&[batch().slice(0, 0)]);
        assert_eq!(file.metadata().num_row_groups(), 0);
        assert_eq!(
            file.metadata().file_metadata().schema_descr().num_columns(),
            11
        );
    }

    #[test]
    fn what_parquet_is_not_written_of_is_said() {
        let schema = Schema::new(vec![Field::new("a", DataType::Float16, false)]);
        let properties = WriterProperties::builder().build();
        let Err(e) = Writer::new(Vec::new(), &schema, properties) else {
            panic!("it was taken");
        };
        assert!(e.to_string().contains("Float16"), "{e}");
    }
}
