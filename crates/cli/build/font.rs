//! The font of figures: those of its tables that are read, deflated.

/// Outlines, where they lie, how wide they are, and which characters they stand for.
const READ: [&[u8; 4]; 7] = [
    b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp",
];
/// Bytes of a font before its directory of tables, and of one line in it.
const HEAD: usize = 12;
const LINE: usize = 16;

pub fn packed() -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(&reduced(dejavu::sans::regular()), 10)
}

fn reduced(font: &[u8]) -> Vec<u8> {
    let number = |at: usize| u32::from_be_bytes(font[at..at + 4].try_into().expect("4 bytes"));
    let count = usize::from(u16::from_be_bytes([font[4], font[5]]));
    let lines = (0..count).map(|i| HEAD + i * LINE);
    let kept: Vec<usize> = lines
        .filter(|at| READ.iter().any(|tag| font[*at..].starts_with(*tag)))
        .collect();
    assert_eq!(kept.len(), READ.len(), "the font has other tables");

    // What follows the count makes a binary search faster, for those who trust it.
    let mut whole = font[..HEAD].to_vec();
    whole[4..6].copy_from_slice(&(kept.len() as u16).to_be_bytes());
    let mut tables = Vec::new();
    for at in kept {
        let (start, length) = (number(at + 8) as usize, number(at + 12) as usize);
        let place = HEAD + READ.len() * LINE + tables.len();
        whole.extend_from_slice(&font[at..at + 8]);
        whole.extend_from_slice(&(place as u32).to_be_bytes());
        whole.extend_from_slice(&font[at + 12..at + 16]);
        tables.extend_from_slice(&font[start..start + length]);
        tables.resize(tables.len().next_multiple_of(4), 0);
    }
    whole.append(&mut tables);
    whole
}
