//! Random numbers from a seed that a failing test prints.

pub fn mix(mut x: u64) -> u64 {
    // The finalizer of SplitMix64.
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

pub struct Random(u64);

impl Random {
    /// Seeded by the clock, or by `AIM_TEST_SEED`.
    pub fn new(subject: &str) -> Random {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        let seed = std::env::var("AIM_TEST_SEED").map_or(now, |seed| seed.parse().unwrap());
        println!("{subject}: AIM_TEST_SEED={seed}");
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(self.0)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// How often a test with chance in it repeats: `usual` times, or as `AIM_TEST_ROUNDS` times as often.
pub fn rounds(usual: u64) -> u64 {
    let times = std::env::var("AIM_TEST_ROUNDS").map_or(1, |times| times.parse().unwrap());
    usual * times
}
