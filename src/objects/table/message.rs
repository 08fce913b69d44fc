//! The flatbuffers of Arrow's IPC format: `Schema.fbs`, `Message.fbs` and `File.fbs`, by the numbers of their slots.

use super::batch::Batch;
use super::format::{Field, Said};
use flatbuffers::{
    FlatBufferBuilder, ForwardsUOffset, Push, PushAlignment, UnionWIPOffset, Vector, WIPOffset,
};

type Builder = FlatBufferBuilder<'static>;
type Table = WIPOffset<UnionWIPOffset>;

/// Where a message lies in the file: from `offset` on, so many bytes of head and of body.
pub struct Place {
    pub offset: i64,
    pub head: i32,
    pub body: i64,
}

/// What a table has in a slot.
#[derive(Clone, Copy)]
enum Slot {
    /// Also of what is true or false.
    U8(u8),
    I16(i16),
    I32(i32),
    I64(i64),
    Table(Table),
}

/// Words of 64 bits that are one element of a vector.
struct Words<const N: usize>([i64; N]);

impl<const N: usize> Push for Words<N> {
    type Output = [i64; N];

    unsafe fn push(&self, out: &mut [u8], _: usize) {
        for (out, word) in out.as_chunks_mut().0.iter_mut().zip(self.0) {
            *out = word.to_le_bytes();
        }
    }

    fn alignment() -> PushAlignment {
        PushAlignment::new(8)
    }
}

#[inline(never)]
fn table(builder: &mut Builder, slots: &[(u16, Slot)]) -> Table {
    let start = builder.start_table();
    for (slot, value) in slots {
        match value {
            Slot::U8(value) => builder.push_slot_always(*slot, *value),
            Slot::I16(value) => builder.push_slot_always(*slot, *value),
            Slot::I32(value) => builder.push_slot_always(*slot, *value),
            Slot::I64(value) => builder.push_slot_always(*slot, *value),
            Slot::Table(value) => builder.push_slot_always(*slot, *value),
        }
    }
    WIPOffset::new(builder.end_table(start).value())
}

#[inline(never)]
fn vector(builder: &mut Builder, tables: &[Table]) -> Slot {
    let all: WIPOffset<Vector<'static, ForwardsUOffset<UnionWIPOffset>>> =
        builder.create_vector(tables);
    Slot::Table(all.as_union_value())
}

fn words<const N: usize>(
    builder: &mut Builder,
    all: impl ExactSizeIterator<Item = [i64; N]> + DoubleEndedIterator,
) -> Slot {
    let all: Vec<Words<N>> = all.map(Words).collect();
    Slot::Table(builder.create_vector(&all).as_union_value())
}

#[inline(never)]
fn text(builder: &mut Builder, text: &str) -> Slot {
    Slot::Table(builder.create_string(text).as_union_value())
}

fn metadata(builder: &mut Builder, all: &[(String, String)]) -> Slot {
    let mut tables = Vec::new();
    for (key, value) in all {
        let pair = [(4, text(builder, key)), (6, text(builder, value))];
        tables.push(table(builder, &pair));
    }
    vector(builder, &tables)
}

fn field(builder: &mut Builder, given: &Field) -> Table {
    let mut children = Vec::new();
    for child in &given.children {
        children.push(field(builder, child));
    }
    let mut said = Vec::new();
    for (slot, what) in &given.kind.said {
        said.push((
            *slot,
            match what {
                Said::Bool(value) => Slot::U8((*value).into()),
                Said::I16(value) => Slot::I16(*value),
                Said::I32(value) => Slot::I32(*value),
                Said::Text(value) => text(builder, value),
            },
        ));
    }
    let slots = [
        (4, text(builder, &given.name)),
        (6, Slot::U8(given.nullable.into())),
        (8, Slot::U8(given.kind.number)),
        (10, Slot::Table(table(builder, &said))),
        (14, vector(builder, &children)),
        (16, metadata(builder, &given.metadata)),
    ];
    table(builder, &slots)
}

fn schema_table(builder: &mut Builder, fields: &[Field], more: &[(String, String)]) -> Slot {
    let mut tables = Vec::new();
    for one in fields {
        tables.push(field(builder, one));
    }
    let slots = [(6, vector(builder, &tables)), (8, metadata(builder, more))];
    Slot::Table(table(builder, &slots))
}

/// Version 5 of the metadata.
const VERSION: Slot = Slot::I16(4);

fn message(mut builder: Builder, number: u8, head: Slot, body: usize) -> Vec<u8> {
    let slots = [
        (4, VERSION),
        (6, Slot::U8(number)),
        (8, head),
        (10, Slot::I64(body as i64)),
    ];
    let root = table(&mut builder, &slots);
    builder.finish_minimal(root);
    builder.finished_data().to_vec()
}

pub fn schema(fields: &[Field], metadata: &[(String, String)]) -> Vec<u8> {
    let mut builder = Builder::new();
    let head = schema_table(&mut builder, fields, metadata);
    message(builder, 1, head, 0)
}

pub fn batch(rows: usize, batch: &Batch) -> Vec<u8> {
    let mut builder = Builder::new();
    let mut slots = vec![
        (4, Slot::I64(rows as i64)),
        (6, words(&mut builder, batch.nodes.iter().copied())),
        (8, words(&mut builder, batch.buffers.iter().copied())),
    ];
    if !batch.variadic.is_empty() {
        let counts = builder.create_vector(&batch.variadic);
        slots.push((12, Slot::Table(counts.as_union_value())));
    }
    let head = Slot::Table(table(&mut builder, &slots));
    message(builder, 3, head, batch.body.len())
}

pub fn footer(fields: &[Field], metadata: &[(String, String)], batches: &[Place]) -> Vec<u8> {
    let mut builder = Builder::new();
    let places = batches.iter().map(|p| [p.offset, p.head.into(), p.body]);
    let slots = [
        (4, VERSION),
        (6, schema_table(&mut builder, fields, metadata)),
        (8, words::<3>(&mut builder, [].into_iter())),
        (10, words(&mut builder, places)),
    ];
    let root = table(&mut builder, &slots);
    builder.finish_minimal(root);
    builder.finished_data().to_vec()
}
