//! Ways to damage a data file, drawn from a seed.

pub const PAGE: usize = 4096;
const OVERFLOW: u16 = 4;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;

/// Random numbers (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn flip(&mut self, bytes: &mut [u8]) {
        let at = self.below(bytes.len());
        bytes[at] ^= 1 << self.below(8);
    }

    fn scribble(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|b| *b = self.next() as u8);
    }
}

fn word(page: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([page[at], page[at + 1]])
}

fn flags(page: &[u8]) -> u16 {
    word(page, 10)
}

/// Damages a file and says how. Anything may be hit.
pub fn anywhere(file: &mut Vec<u8>, seed: u64) -> String {
    let mut dice = Dice(seed);
    let pages = file.len() / PAGE;
    let page = dice.below(pages);
    let place = page * PAGE..(page + 1) * PAGE;
    let how = match dice.below(8) {
        0 => {
            let size = dice.below(file.len());
            file.truncate(size);
            format!("cut to {size} bytes")
        }
        1 => {
            (0..1 + dice.below(8)).for_each(|_| dice.flip(file));
            "bits flipped".into()
        }
        2 => {
            file[place].fill(0);
            "zeros".into()
        }
        3 => {
            dice.scribble(&mut file[place]);
            "random bytes".into()
        }
        4 => {
            let from = dice.below(pages);
            file.copy_within(from * PAGE..(from + 1) * PAGE, page * PAGE);
            format!("a copy of page {from}")
        }
        5 => {
            let meta = dice.below(2) * PAGE;
            let bytes = 1 + dice.below(16);
            let at = meta + dice.below(152 - bytes);
            dice.scribble(&mut file[at..at + bytes]);
            return format!("{bytes} random bytes at {at}, in a meta page");
        }
        // What LMDB follows lies at the beginning of a page, and in the nodes at its end.
        6 => {
            (0..3).for_each(|_| dice.flip(&mut file[page * PAGE..page * PAGE + 64]));
            "bits of the header flipped".into()
        }
        _ => {
            let bytes = 1 + dice.below(12);
            let at = page * PAGE + dice.below(PAGE - bytes);
            dice.scribble(&mut file[at..at + bytes]);
            format!("{bytes} random bytes at {at}")
        }
    };
    format!("page {page}: {how}")
}

/// Damages values alone: what LMDB follows stays as it is.
pub fn value(file: &mut [u8], seed: u64) -> String {
    let mut dice = Dice(seed);
    let large = dice.below(2) == 0;
    loop {
        let page = 2 + dice.below(file.len() / PAGE - 2);
        let bytes = &mut file[page * PAGE..(page + 1) * PAGE];
        // A page within an overflow run looks like anything: its number gives the others away.
        if u64::from_le_bytes(bytes[..8].try_into().unwrap()) != page as u64 {
            continue;
        }
        if large && flags(bytes) == OVERFLOW {
            dice.flip(&mut bytes[16..400]);
            return format!("page {page}: a bit of an overflow page flipped");
        }
        if !large && flags(bytes) == LEAF {
            let nodes = (word(bytes, 12) as usize).saturating_sub(16) / 2;
            if nodes == 0 {
                continue; // a page that was emptied and given back
            }
            let at = word(bytes, 16 + 2 * dice.below(nodes)) as usize;
            let (size, kind, key) = (word(bytes, at), word(bytes, at + 4), word(bytes, at + 6));
            let from = at + 8 + key as usize;
            let value = &bytes[from..(from + size as usize).min(PAGE)];
            // LMDB follows lists of free pages, which start with their length.
            let is_list = value.len() >= 8
                && u64::from_le_bytes(value[..8].try_into().unwrap()) == value.len() as u64 / 8 - 1;
            // Records of runs, params and sequences.
            if kind == 0 && size > 30 && !is_list {
                dice.flip(&mut bytes[from..from + size as usize]);
                return format!("page {page}: a bit of a value with {size} bytes flipped");
            }
        }
    }
}

/// The branch pages that the newest snapshot may use: whole, and with their own number.
pub fn branches(file: &[u8]) -> Vec<usize> {
    let pages = file.chunks_exact(PAGE).enumerate();
    let branch = |(number, page): (usize, &[u8])| {
        let own = u64::from_le_bytes(page[..8].try_into().unwrap()) == number as u64;
        (own && flags(page) == BRANCH).then_some(number)
    };
    pages.filter_map(branch).collect()
}

/// Lets the first two nodes of a branch page lead to one page.
pub fn join_children(file: &mut [u8], page: usize) {
    let bytes = &mut file[page * PAGE..(page + 1) * PAGE];
    let [first, second] = [16, 18].map(|at| word(bytes, at) as usize);
    // The number of the child, in place of the size of a value.
    bytes.copy_within(second..second + 6, first);
}
