//! Python's `hash`: equal values have equal hashes, and those of numbers are CPython's own.

use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;
use xxhash_rust::xxh3::xxh3_64;

use crate::fault::{Res, type_error};
use crate::machine::Machine;
use crate::value::{Range, Value, ViewKind};

/// Numbers are hashed modulo this Mersenne prime.
const MODULUS: u64 = (1 << 61) - 1;
const HASH_BITS: i32 = 61;
const HASH_INF: i64 = 314_159;
const IMAGINARY: u64 = 1_000_003;

/// Constants of CPython's tuple hash, which are those of xxHash.
const XX_PRIME_1: u64 = 11_400_714_785_074_694_791;
const XX_PRIME_2: u64 = 14_029_467_366_897_019_727;
const XX_PRIME_5: u64 = 2_870_177_450_012_600_261;

impl<'a> Machine<'a> {
    pub(crate) fn hash(&self, value: Value<'a>) -> Res<i64> {
        Ok(match value {
            Value::Str(text) => {
                self.meter.scan(text.len())?;
                avoid_error(xxh3_64(text.as_bytes()) as i64)
            }
            Value::Int(i) => hash_i64(i),
            Value::Bool(b) => i64::from(b),
            Value::Float(f) => hash_f64(f),
            Value::Big(big) => {
                self.meter.work(big.bits() / 256)?;
                hash_big(big)
            }
            Value::Complex(c) => {
                let im = (hash_f64(c.im) as u64).wrapping_mul(IMAGINARY);
                avoid_error((hash_f64(c.re) as u64).wrapping_add(im) as i64)
            }
            Value::Missing => 0,
            Value::None => 0x0fca_1100,
            Value::Ellipsis => 0x0fca_1101,
            Value::Bytes(bytes) => {
                self.meter.scan(bytes.len())?;
                avoid_error(xxh3_64(bytes) as i64)
            }
            Value::Tuple(items) => self.nested(2, || self.hash_tuple(items))?,
            Value::Set(set) if set.frozen => {
                self.meter.handle(set.capacity())?;
                let mut mixed = Mixed::default();
                set.each(self, |hash, _| {
                    mixed.add(hash);
                    Ok(true)
                })?;
                mixed.finish()
            }
            Value::Range(range) => self.hash_range(range)?,
            Value::DateTime(at) => self.hash_of(&at.hash_key())?,
            Value::Date(date) => self.hash_of(&date)?,
            Value::Time(time) => self.hash_of(&time)?,
            Value::Delta(delta) => self.hash_of(&delta)?,
            Value::Zone(offset) => self.hash_of(&offset)?,
            Value::Builtin(builtin) => self.hash_of(&builtin.name())?,
            Value::MathFunction(name) => self.hash_of(&name)?,
            Value::Type(ty) => self.hash_of(&ty.name())?,
            Value::Method(method) => self.hash_of(&method.name)?,
            Value::Types(items) => {
                let mut mixed = Mixed::default();
                for item in items {
                    mixed.add(self.hash(*item)?);
                }
                mixed.finish()
            }
            Value::Function(function) => std::ptr::from_ref(function) as i64 >> 4,
            Value::Iter(iter) => std::ptr::from_ref(iter) as i64 >> 4,
            Value::View(ViewKind::Values, dict) => std::ptr::from_ref(dict) as i64 >> 4,
            Value::Math => 0x0fca_1102,
            Value::Run => 0x0fca_1103,
            Value::Metric => 0x0fca_1104,
            Value::Metrics => 0x0fca_1105,
            Value::List(_)
            | Value::Dict(_)
            | Value::Set(_)
            | Value::Slice(_)
            | Value::View(ViewKind::Keys | ViewKind::Items, _) => {
                return type_error(format!("unhashable type: '{}'", value.type_name()));
            }
        })
    }

    fn hash_of(&self, key: &impl std::fmt::Debug) -> Res<i64> {
        self.meter.work(4)?;
        Ok(avoid_error(xxh3_64(format!("{key:?}").as_bytes()) as i64))
    }

    fn hash_tuple(&self, items: &[Value<'a>]) -> Res<i64> {
        self.meter.handle(items.len())?;
        let mut acc = XX_PRIME_5;
        for item in items {
            let lane = self.hash(*item)? as u64;
            acc = acc.wrapping_add(lane.wrapping_mul(XX_PRIME_2));
            acc = acc.rotate_left(31).wrapping_mul(XX_PRIME_1);
        }
        acc = acc.wrapping_add(items.len() as u64 ^ (XX_PRIME_5 ^ 3_527_539));
        Ok(if acc == u64::MAX {
            1_546_275_796
        } else {
            acc as i64
        })
    }

    fn hash_range(&self, range: &Range) -> Res<i64> {
        let len = range.len();
        let mut parts = [self.int(len as i128)?, Value::None, Value::None];
        if len > 0 {
            parts[1] = self.int(range.start)?;
        }
        if len > 1 {
            parts[2] = self.int(range.step)?;
        }
        self.hash_tuple(&parts)
    }
}

/// -1 means an error in CPython and is no hash.
fn avoid_error(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

fn hash_i64(i: i64) -> i64 {
    let residue = (i.unsigned_abs() % MODULUS) as i64;
    avoid_error(if i < 0 { -residue } else { residue })
}

fn hash_big(big: &BigInt) -> i64 {
    let residue = (big.magnitude() % MODULUS).to_i64().unwrap_or(0);
    avoid_error(if big.sign() == Sign::Minus {
        -residue
    } else {
        residue
    })
}

fn hash_f64(f: f64) -> i64 {
    if f.is_infinite() {
        return if f > 0.0 { HASH_INF } else { -HASH_INF };
    }
    if f.is_nan() {
        // A NaN equals only itself, by identity.
        return avoid_error((f.to_bits() as i64).wrapping_mul(HASH_INF));
    }
    let (mut mantissa, mut exponent) = libm::frexp(f.abs());
    let mut x: u64 = 0;
    // 28 bits at a time.
    while mantissa != 0.0 {
        x = ((x << 28) & MODULUS) | (x >> (HASH_BITS - 28));
        mantissa *= f64::from(1 << 28);
        exponent -= 28;
        let y = mantissa as u64;
        mantissa -= y as f64;
        x += y;
        if x >= MODULUS {
            x -= MODULUS;
        }
    }
    let shift = exponent.rem_euclid(HASH_BITS);
    x = ((x << shift) & MODULUS) | (x >> (HASH_BITS - shift));
    avoid_error(if f < 0.0 { -(x as i64) } else { x as i64 })
}

/// The hashes of a frozenset's items, in any order.
#[derive(Default)]
struct Mixed {
    acc: u64,
    len: u64,
}

impl Mixed {
    fn add(&mut self, hash: i64) {
        let hash = hash as u64;
        self.acc ^= ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167);
        self.len += 1;
    }

    fn finish(self) -> i64 {
        let mut acc = self.acc ^ (self.len + 1).wrapping_mul(1_927_868_237);
        acc ^= (acc >> 11) ^ (acc >> 25);
        acc = acc.wrapping_mul(69_069).wrapping_add(907_133_923);
        if acc == u64::MAX {
            590_923_713
        } else {
            acc as i64
        }
    }
}
