//! Why an AMD GPU holds its clocks down, out of `gpu_metrics`, a binary file of the kernel's `amdgpu` driver. Its
//! tables are those of `kgd_pp_interface.h`, the bits of a status those of `amdgpu_smu.h`; what they become are NVML's.
//!
//! Tables before 1.3 and 2.2 have bits that every GPU numbers as it likes, those of 1.4 and 1.5 a status that is always
//! zero, and 1.9 is a list: none of them says anything here.

/// NVML's reasons that AMD's limits have a match among.
mod reason {
    pub const POWER_CAP: u64 = 4;
    pub const HARDWARE_SLOWDOWN: u64 = 8;
    pub const TOO_HOT: u64 = 32;
    pub const TOO_HOT_HARDWARE: u64 = 64;
}
use reason::{HARDWARE_SLOWDOWN, POWER_CAP, TOO_HOT, TOO_HOT_HARDWARE};

/// PPT0 to PPT3, SPL, FPPT, SPPT, SPPT_APU: limits of power.
const POWER: u64 = 0xff;
/// TEMP_GPU to TEMP_LIQUID1.
const TEMPERATURE: u64 = 0xfff << 32;
/// VRHOT0, VRHOT1, PROCHOT_CPU, PROCHOT_GFX: signals of the board.
const HOT_SIGNAL: u64 = 0xf << 44;
// What is left are limits of current (TDC, EDC, APCC), PPM and FIT.

/// How long each limit has held the clocks down since the driver was loaded, in the order of the table.
const ACCELERATOR: [u64; 5] = [TOO_HOT_HARDWARE, POWER_CAP, TOO_HOT, TOO_HOT, TOO_HOT];
const PROCESSOR_GRAPHICS: [u64; 7] = [
    TOO_HOT_HARDWARE,
    POWER_CAP,
    POWER_CAP,
    POWER_CAP,
    TOO_HOT,
    TOO_HOT,
    TOO_HOT,
];

/// What the driver writes where a GPU has no such value.
const NOT_SUPPORTED: u32 = u32::MAX;

#[derive(Debug)]
enum Table {
    /// Bits, at this moment.
    Status(u64),
    Counters(Counters),
}

#[derive(Debug)]
struct Counters {
    reasons: &'static [u64],
    values: Vec<u32>,
    /// Grows with time, so that it tells whether the others were counted anew.
    clock: Option<u32>,
}

/// Remembers the counters' last reading.
#[derive(Default)]
pub struct Throttle {
    before: Option<Counters>,
}

impl Throttle {
    /// NVML's bits; none if the table does not tell. From counters they are of the time since the reading before, and
    /// there are none at the first.
    pub fn reasons(&mut self, table: &[u8]) -> Option<u64> {
        match decode(table)? {
            Table::Status(u64::MAX) => None,
            Table::Status(status) => Some(of_status(status)),
            Table::Counters(now) => {
                let before = self.before.take();
                let reasons = before.and_then(|before| now.since(&before));
                self.before = Some(now);
                reasons
            }
        }
    }
}

fn of_status(status: u64) -> u64 {
    let rest = !(POWER | TEMPERATURE | HOT_SIGNAL);
    let limits = [
        (POWER, POWER_CAP),
        (TEMPERATURE, TOO_HOT),
        (HOT_SIGNAL, TOO_HOT_HARDWARE),
        (rest, HARDWARE_SLOWDOWN),
    ];
    let reached = limits.iter().filter(|(bits, _)| status & bits != 0);
    reached.fold(0, |reasons, (_, reason)| reasons | reason)
}

impl Counters {
    fn since(&self, before: &Counters) -> Option<u64> {
        // None after a reset of the GPU, which makes them smaller.
        let grown = |now: u32, before: u32| {
            let by = now.wrapping_sub(before);
            (by < u32::MAX / 2).then_some(by)
        };
        if let Some((now, before)) = self.clock.zip(before.clock)
            && grown(now, before)? == 0
        {
            return None;
        }
        let mut reasons = None;
        let pairs = self.values.iter().zip(&before.values);
        for ((now, before), reason) in pairs.zip(self.reasons) {
            if *now != NOT_SUPPORTED && *before != NOT_SUPPORTED {
                let held = grown(*now, *before)? > 0;
                *reasons.get_or_insert(0) |= if held { *reason } else { 0 };
            }
        }
        reasons
    }
}

fn decode(bytes: &[u8]) -> Option<Table> {
    let (header, _) = bytes.split_first_chunk::<4>()?;
    let [low, high, format, content] = *header;
    let size = usize::from(u16::from_le_bytes([low, high]));
    let table = bytes.get(..size)?;
    let status = |at| Some(Table::Status(u64::from_le_bytes(field(table, at)?)));
    let counters = |at: usize, reasons: &'static [u64], clock| {
        let each = (0..reasons.len()).map(|n| number(table, at + 4 * n));
        Some(Table::Counters(Counters {
            reasons,
            values: each.collect::<Option<_>>()?,
            clock,
        }))
    };
    match (format, content) {
        // An MI300, without a sensor at its edge, writes zero here whatever happens.
        (1, 3) => status(112).filter(|_| field(table, 4) != Some([0xff; 2])),
        (2, 2..=4) => status(120),
        // An early table with this number was another one.
        (1, 6) if size == 1664 => counters(36, &ACCELERATOR, Some(number(table, 32)?)),
        (1, 7 | 8) => counters(44, &ACCELERATOR, Some(number(table, 40)?)),
        (3, 0) => counters(228, &PROCESSOR_GRAPHICS, None),
        _ => None,
    }
}

fn field<const N: usize>(table: &[u8], at: usize) -> Option<[u8; N]> {
    table.get(at..)?.first_chunk().copied()
}

fn number(table: &[u8], at: usize) -> Option<u32> {
    field(table, at).map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A table as the driver prepares it, all ones, with some fields.
    fn table(format: u8, content: u8, size: u16, fields: &[(usize, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0xff; usize::from(size)];
        bytes[..2].copy_from_slice(&size.to_le_bytes());
        bytes[2..4].copy_from_slice(&[format, content]);
        for (at, value) in fields {
            bytes[*at..at + value.len()].copy_from_slice(value);
        }
        bytes
    }

    /// 64 degrees.
    const EDGE: (usize, &[u8]) = (4, &[64, 0]);

    fn of_bits(bits: &[u32]) -> Option<u64> {
        let status: u64 = bits.iter().map(|bit| 1 << bit).sum();
        let bytes = table(1, 3, 120, &[EDGE, (112, &status.to_le_bytes())]);
        Throttle::default().reasons(&bytes)
    }

    #[test]
    fn a_status_becomes_nvmls_bits() {
        assert_eq!(of_bits(&[]), Some(0));
        for bit in 0..8 {
            assert_eq!(of_bits(&[bit]), Some(4));
        }
        for bit in (16..24).chain(56..58) {
            assert_eq!(of_bits(&[bit]), Some(8));
        }
        for bit in 32..44 {
            assert_eq!(of_bits(&[bit]), Some(32));
        }
        for bit in 44..48 {
            assert_eq!(of_bits(&[bit]), Some(64));
        }
        assert_eq!(of_bits(&[0, 16, 36, 47]), Some(4 | 8 | 32 | 64));
        let processor = table(2, 2, 128, &[(120, &(1u64 << 5).to_le_bytes())]);
        assert_eq!(Throttle::default().reasons(&processor), Some(4));
    }

    #[test]
    fn what_a_table_does_not_tell_is_left_out() {
        let none = |bytes: &[u8]| assert_eq!(Throttle::default().reasons(bytes), None);
        // Not supported, always zero, too old, always zero, an early 1.6, unknown, cut.
        none(&table(1, 3, 120, &[EDGE]));
        none(&table(1, 3, 120, &[(112, &[0; 8])]));
        none(&table(1, 2, 120, &[(112, &[0; 8])]));
        none(&table(2, 1, 128, &[(120, &[0; 8])]));
        none(&table(1, 4, 400, &[(0x20, &[0; 100])]));
        none(&table(1, 6, 384, &[(32, &[0; 100])]));
        none(&table(9, 9, 400, &[(4, &[0; 100])]));
        none(&table(1, 3, 120, &[EDGE, (112, &[0; 8])])[..119]);
        none(&table(1, 3, 116, &[EDGE, (112, &[0; 4])]));
        none(&[]);
    }

    /// The clock, then how long PROCHOT, the power, the socket, the regulators and the memory held the clocks down.
    fn accelerator(counters: [u32; 6]) -> Vec<u8> {
        let bytes: Vec<u8> = counters.iter().flat_map(|c| c.to_le_bytes()).collect();
        table(1, 6, 1664, &[(32, &bytes)])
    }

    #[test]
    fn counters_tell_of_the_time_between_two_readings() {
        let mut throttle = Throttle::default();
        let mut read = |counters| throttle.reasons(&accelerator(counters));
        assert_eq!(read([100, 5, 5, 5, 5, 5]), None);
        assert_eq!(read([200, 5, 5, 5, 5, 5]), Some(0));
        assert_eq!(read([300, 5, 9, 5, 5, 5]), Some(4));
        assert_eq!(read([400, 5, 9, 6, 5, 5]), Some(32));
        assert_eq!(read([500, 6, 12, 6, 5, 5]), Some(64 | 4));
        // The same table again.
        assert_eq!(read([500, 6, 12, 6, 5, 5]), None);
        // A reset.
        assert_eq!(read([10, 0, 0, 0, 0, 0]), None);
        assert_eq!(read([u32::MAX - 1, 0, 0, 0, 0, 0]), None);
        // Past the largest number.
        assert_eq!(read([20, 0, 0, 0, 1, 2]), Some(32));
    }

    #[test]
    fn other_tables_with_counters() {
        let newer = |clock: u32, power: u32| {
            let fields: [&[u8]; 3] = [
                &clock.to_le_bytes(),
                &0u32.to_le_bytes(),
                &power.to_le_bytes(),
            ];
            table(1, 8, 3872, &[(40, &fields.concat())])
        };
        let mut throttle = Throttle::default();
        assert_eq!(throttle.reasons(&newer(1, 1)), None);
        assert_eq!(throttle.reasons(&newer(2, 2)), Some(4));
        // Temperatures of the cores and the graphics are not counted here.
        let processor = |soc: u32| {
            let limits: Vec<u8> = [7u32; 4].iter().flat_map(|c| c.to_le_bytes()).collect();
            table(3, 0, 264, &[(228, &limits), (252, &soc.to_le_bytes())])
        };
        let mut throttle = Throttle::default();
        assert_eq!(throttle.reasons(&processor(7)), None);
        assert_eq!(throttle.reasons(&processor(7)), Some(0));
        assert_eq!(throttle.reasons(&processor(8)), Some(32));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(
            tables in proptest::collection::vec(
                (0u8..4, 0u8..10, proptest::collection::vec(any::<u8>(), 0..300)),
                0..4,
            ),
        ) {
            let mut throttle = Throttle::default();
            for (format, content, mut bytes) in tables {
                throttle.reasons(&bytes);
                let size = bytes.len() as u16;
                if let Some(header) = bytes.first_chunk_mut() {
                    let [low, high] = size.to_le_bytes();
                    *header = [low, high, format, content];
                }
                let known = 4 | 8 | 32 | 64;
                prop_assert_eq!(throttle.reasons(&bytes).unwrap_or(0) & !known, 0);
            }
        }
    }
}
