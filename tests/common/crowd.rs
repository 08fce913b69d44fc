//! The ranks of a large job, each with a segment of its own in a spool: more than a machine could start as programs. What they write
//! are frames as the library makes them.

use aim::journal::JournalId;
use aim::repo::{Bodies, Enter, Op, now_micros};
use aim::spool::{self, Header, seal, seal_last};
use aim::store::{EPOCH_NONE, Points};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Metrics of a rank.
pub const METRICS: u32 = 5;

struct Rank {
    id: JournalId,
    /// The file that it writes.
    file: Option<File>,
    offset: u64,
    step: i64,
}

pub struct Crowd {
    folder: PathBuf,
    ranks: Vec<Rank>,
    /// Whether the files stay open, as those of programs do.
    pub keeps_files: bool,
}

/// The number of ranks: `AIM_TEST_RANKS`, or few.
pub fn ranks() -> usize {
    let set = std::env::var("AIM_TEST_RANKS").ok();
    set.map_or(300, |text| {
        text.parse().expect("AIM_TEST_RANKS is a number")
    })
}

fn hash(rank: usize) -> [u8; 12] {
    let mut hash = [0; 12];
    hash[4..].copy_from_slice(&(rank as u64 + 1).to_be_bytes());
    hash
}

fn enter(rank: usize) -> Enter {
    Enter {
        run: 1,
        hash: hash(rank),
        created_at: 1_700_000_000_000_000 + rank as i64,
        experiment: "crowd".to_owned(),
        run_id: None,
        import: false,
    }
}

fn define(local: u32) -> Op {
    Op::DefineSeries {
        local,
        run: 1,
        name: format!("metric {local}"),
        context: "{}".to_owned(),
    }
}

impl Crowd {
    /// A job that begins: a run for each rank.
    pub fn begin(spool: &Path, ranks: usize) -> Crowd {
        let folder = spool.join(".aim/spool");
        fs::create_dir_all(&folder).unwrap();
        let mut crowd = Crowd {
            folder,
            ranks: Vec::new(),
            keeps_files: false,
        };
        for number in 0..ranks {
            let id = JournalId(
                (number as u128 + 1)
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
                    .to_be_bytes(),
            );
            crowd.ranks.push(Rank {
                id,
                file: None,
                offset: 0,
                step: 0,
            });
            crowd.append(number, &Header::new(id, 0, now_micros()).encode());
            crowd.frame(number, |bodies| {
                bodies.enter(&enter(number));
                (0..METRICS).for_each(|local| bodies.change(&define(local)));
            });
        }
        crowd
    }

    pub fn len(&self) -> usize {
        self.ranks.len()
    }

    /// The hash of a rank's run.
    pub fn hash(&self, rank: usize) -> [u8; 12] {
        hash(rank)
    }

    /// A rank tracks so many steps of all its metrics, in one frame.
    pub fn track(&mut self, rank: usize, steps: i64) {
        let from = self.ranks[rank].step;
        self.frame(rank, |bodies| {
            for local in 0..METRICS {
                let mut points = Points::default();
                for step in from..from + steps {
                    let value = (step * i64::from(local + 1)) as f64 / 4.0;
                    points.push(step, value, EPOCH_NONE, now_micros());
                }
                bodies.points(local, &points);
            }
        });
        self.ranks[rank].step += steps;
    }

    /// A rank goes on in its next file, as if the one before were full.
    pub fn next_file(&mut self, rank: usize) {
        let Rank { id, offset, .. } = &self.ranks[rank];
        let (id, offset) = (*id, *offset);
        let last = seal_last(id, offset, now_micros()).unwrap();
        self.append(rank, &last);
        let next = spool::behind(offset);
        (self.ranks[rank].offset, self.ranks[rank].file) = (next, None);
        let header = Header::new(id, spool::number(next), now_micros());
        self.append(rank, &header.encode());
        self.frame(rank, |bodies| {
            bodies.enter_again(&enter(rank));
            (0..METRICS).for_each(|local| bodies.change_again(&define(local)));
        });
    }

    /// A file of a rank's segment.
    pub fn path(&self, rank: usize, number: u32) -> PathBuf {
        spool::path(&self.folder, self.ranks[rank].id, number)
    }

    /// The job ends.
    pub fn end(&mut self) {
        for rank in 0..self.len() {
            self.frame(rank, |bodies| bodies.end());
        }
    }

    fn frame(&mut self, rank: usize, write: impl FnOnce(&mut Bodies<'_>)) {
        let at = now_micros();
        let mut done = Vec::new();
        let mut take = |body: &[u8]| {
            done.push(body.to_vec());
            Ok(())
        };
        let mut bodies = Bodies::new(at, &mut take);
        write(&mut bodies);
        bodies.finish().unwrap();
        for body in done {
            let Rank { id, offset, .. } = &self.ranks[rank];
            let frame = seal(*id, *offset, at, &body).unwrap();
            self.append(rank, &frame);
        }
    }

    fn append(&mut self, rank: usize, bytes: &[u8]) {
        let Rank {
            id, offset, file, ..
        } = &mut self.ranks[rank];
        let open = file.take().unwrap_or_else(|| {
            let path = spool::path(&self.folder, *id, spool::number(*offset));
            let mut options = File::options();
            options.write(true).create(true).truncate(false);
            options.open(path).unwrap()
        });
        open.write_all_at(bytes, spool::place(*offset)).unwrap();
        *offset += bytes.len() as u64;
        *file = Some(open).filter(|_| self.keeps_files);
    }
}
