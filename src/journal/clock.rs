//! A clock that costs a few nanoseconds to read, and its conversion to the time of day.
//!
//! A record stores raw ticks. The consumer pairs ticks with the time of day whenever it drains the journal (an
//! [`Anchor`]) and interpolates linearly between the two pairs around a record. Against `CLOCK_REALTIME` read beside
//! each record, `cargo bench --bench journal` finds an error of half a microsecond in the median, 1.5 at worst. A
//! record after the last anchor, as recovery meets it, adds the drift of the rate since (parts per million).
//! A step of the time of day between two anchors is spread over their distance.

use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

/// What the ticks count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Source {
    /// Cycles of the processor's time stamp counter, where its rate is constant.
    TimeStampCounter = 1,
    /// The generic timer of 64-bit Arm.
    GenericTimer = 2,
    /// Nanoseconds of `CLOCK_MONOTONIC`.
    Monotonic = 3,
}

impl Source {
    /// The best one of this machine.
    pub fn detect() -> Self {
        static KNOWN: AtomicU8 = AtomicU8::new(0);
        if let Some(known) = Self::from_number(KNOWN.load(Relaxed)) {
            return known;
        }
        let source = detect();
        KNOWN.store(source as u8, Relaxed);
        source
    }

    pub(super) fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::TimeStampCounter),
            2 => Some(Self::GenericTimer),
            3 => Some(Self::Monotonic),
            _ => None,
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Source {
    use std::arch::x86_64::__cpuid;
    // Leaf 0x80000007, EDX bit 8: the counter runs at a constant rate in all power states.
    let invariant =
        __cpuid(0x8000_0000).eax >= 0x8000_0007 && __cpuid(0x8000_0007).edx & 1 << 8 != 0;
    let mut mode: libc::c_int = 0;
    // A process may forbid itself the instruction; it would be killed by a signal.
    // SAFETY: PR_GET_TSC writes one int through the pointer.
    let asked = unsafe { libc::prctl(libc::PR_GET_TSC, &raw mut mode) };
    if invariant && !(asked == 0 && mode == libc::PR_TSC_SIGSEGV) {
        Source::TimeStampCounter
    } else {
        Source::Monotonic
    }
}

#[cfg(target_arch = "aarch64")]
fn detect() -> Source {
    Source::GenericTimer
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn detect() -> Source {
    Source::Monotonic
}

/// Reads the clock. `source` comes from [`Source::detect`].
#[inline(always)]
pub fn ticks(source: Source) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if source == Source::TimeStampCounter {
        // SAFETY: the instruction exists on every x86-64 processor and reads a counter.
        return unsafe { std::arch::x86_64::_rdtsc() };
    }
    #[cfg(target_arch = "aarch64")]
    if source == Source::GenericTimer {
        let ticks: u64;
        // SAFETY: Linux lets user space read this register; reading it has no effect.
        unsafe {
            std::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack));
        }
        return ticks;
    }
    let _ = source;
    monotonic()
}

#[cold]
fn monotonic() -> u64 {
    system_clock(libc::CLOCK_MONOTONIC) as u64
}

/// Nanoseconds of a system clock.
fn system_clock(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes one timespec through the pointer.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec
        .saturating_mul(1_000_000_000)
        .saturating_add(time.tv_nsec)
}

/// Nanoseconds since 1970-01-01 UTC.
pub(super) fn unix_nanos() -> i64 {
    system_clock(libc::CLOCK_REALTIME)
}

/// The same instant on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub ticks: u64,
    /// Nanoseconds since 1970-01-01 UTC.
    pub unix_nanos: i64,
}

impl Anchor {
    pub fn now(source: Source) -> Self {
        // The tightest of three brackets: an interruption within one of them does no harm.
        let mut best = (
            u64::MAX,
            Self {
                ticks: 0,
                unix_nanos: 0,
            },
        );
        for _ in 0..3 {
            let before = ticks(source);
            let unix_nanos = unix_nanos();
            let width = ticks(source).wrapping_sub(before);
            if width <= best.0 {
                best = (
                    width,
                    Self {
                        ticks: before.wrapping_add(width / 2),
                        unix_nanos,
                    },
                );
            }
        }
        best.1
    }
}

/// Anchors closer than this give a poor rate: nanoseconds.
const LEAST_SPAN: i64 = 10_000_000;

/// Binary digits after the point of a rate.
const FRACTION: u32 = 48;

/// The line through two anchors.
#[derive(Clone, Copy, Debug)]
pub struct Calibration {
    older: Anchor,
    newer: Anchor,
    /// Microseconds per tick, fixed point.
    rate: i64,
    /// The newer anchor: whole microseconds, and the rest in fixed point.
    micros: i64,
    rest: i64,
}

impl Calibration {
    /// `older` and `newer` in this order. Without a usable distance between them the rate is zero: every
    /// instant is taken for that of `newer`.
    pub fn new(older: Anchor, newer: Anchor) -> Self {
        let ticks = newer.ticks.wrapping_sub(older.ticks) as i64;
        let nanos = newer.unix_nanos.saturating_sub(older.unix_nanos);
        let mut rate = 0;
        if ticks > 0 && nanos > 0 {
            let fixed = (i128::from(nanos) << FRACTION) / 1000 / i128::from(ticks);
            // No clock here ticks slower than once in 4 milliseconds; more comes from a damaged file.
            rate = fixed.min(1 << (FRACTION + 12)) as i64;
        }
        let micros = newer.unix_nanos.div_euclid(1000);
        let rest = (newer.unix_nanos.rem_euclid(1000) << FRACTION) / 1000;
        Self {
            older,
            newer,
            rate,
            micros,
            rest,
        }
    }

    /// Moves the line on to a later anchor; true if what was the newer one has become the older one. It takes
    /// a while for that: a line through anchors close together is poor. Where the new line has no rate (the
    /// time of day was set back), the rate before stays.
    pub fn advance(&mut self, next: Anchor) -> bool {
        let far = self.newer.unix_nanos.saturating_sub(self.older.unix_nanos) >= LEAST_SPAN;
        let older = if far { self.newer } else { self.older };
        let rate = self.rate;
        *self = Self::new(older, next);
        if self.rate == 0 {
            self.rate = rate;
        }
        far
    }

    /// Microseconds since 1970-01-01 UTC at which the clock showed `ticks`.
    #[inline(always)]
    pub fn unix_micros(&self, ticks: u64) -> i64 {
        let ticks = i128::from(ticks.wrapping_sub(self.newer.ticks) as i64);
        let since = (ticks * i128::from(self.rate) + i128::from(self.rest)) >> FRACTION;
        // Out of range only for ticks that no clock gave.
        self.micros
            .saturating_add(i64::try_from(since).unwrap_or(0))
    }
}
