//! How far a run is that is tracked in a spool: which segments tell of it, and up to where they are seen.

use aim::error::Error;
use aim::query::RunState;
use aim::repo::exchange::{Moment, Outline};

/// The segments in the order of their ids, each with the place up to which it is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The run has ended: with its last frame, or because nothing came for long.
    ended: bool,
    all: Vec<([u8; 16], u64)>,
}

/// How two views of a run stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    Same,
    /// This one has seen all that the other has, and more.
    Newer,
    /// The other one has seen something that this has not.
    Behind,
    /// The other one has seen these segments, of which this knows nothing.
    Without(Vec<[u8; 16]>),
}

const ENTRY: usize = 24;

impl Parts {
    pub fn of(present: &Moment<'_>, outline: &Outline) -> Result<Parts, Error> {
        Ok(Parts {
            ended: outline.record.state != RunState::Running,
            all: present.parts(outline.run)?,
        })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.ended)];
        for (segment, place) in &self.all {
            bytes.extend_from_slice(segment);
            bytes.extend_from_slice(&place.to_be_bytes());
        }
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Parts> {
        let (ended, entries) = bytes.split_first()?;
        let (entries, rest) = entries.as_chunks::<ENTRY>();
        let entry = |entry: &[u8; ENTRY]| {
            let (segment, place) = entry.split_first_chunk::<16>()?;
            Some((*segment, u64::from_be_bytes(place.try_into().ok()?)))
        };
        let all: Option<Vec<_>> = entries.iter().map(entry).collect();
        all.filter(|_| rest.is_empty()).map(|all| Parts {
            ended: *ended != 0,
            all,
        })
    }

    fn place(&self, segment: &[u8; 16]) -> Option<u64> {
        let at = self.all.binary_search_by(|(known, _)| known.cmp(segment));
        at.ok().map(|at| self.all[at].1)
    }

    pub fn against(&self, other: &Parts) -> Sight {
        let segments = other.all.iter().map(|(segment, _)| *segment);
        let unknown: Vec<[u8; 16]> = segments.filter(|s| self.place(s).is_none()).collect();
        if !unknown.is_empty() {
            return Sight::Without(unknown);
        }
        let mut further = self.all.len() > other.all.len();
        for (segment, place) in &other.all {
            let here = self.place(segment).unwrap_or_default();
            if here < *place {
                return Sight::Behind;
            }
            further |= here > *place;
        }
        match (further, self.ended, other.ended) {
            (true, _, _) | (_, true, false) => Sight::Newer,
            (_, false, true) => Sight::Behind,
            _ => Sight::Same,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(ended: bool, all: &[(u8, u64)]) -> Parts {
        let all = all.iter().map(|(n, place)| ([*n; 16], *place)).collect();
        Parts { ended, all }
    }

    #[test]
    fn who_has_seen_all_and_more_is_newer() {
        let one = parts(false, &[(1, 10), (2, 5)]);
        for (other, sight) in [
            (parts(false, &[(1, 10), (2, 5)]), Sight::Same),
            (parts(true, &[(1, 10), (2, 5)]), Sight::Newer),
            (parts(false, &[(1, 11), (2, 5)]), Sight::Newer),
            (parts(false, &[(1, 10), (2, 5), (3, 1)]), Sight::Newer),
            (parts(true, &[(1, 11), (2, 4)]), Sight::Behind),
            (
                parts(true, &[(2, 50), (3, 1)]),
                Sight::Without(vec![[1; 16]]),
            ),
        ] {
            assert_eq!(other.against(&one), sight, "{other:?}");
        }
        let ended = parts(true, &[(1, 10), (2, 5)]);
        assert_eq!(one.against(&ended), Sight::Behind);
    }

    #[test]
    fn bytes_give_them_back() {
        for one in [parts(false, &[]), parts(true, &[(1, 10), (2, u64::MAX)])] {
            assert_eq!(Parts::from_bytes(&one.to_bytes()), Some(one));
        }
        assert_eq!(Parts::from_bytes(&[]), None);
        assert_eq!(Parts::from_bytes(&[0, 1]), None);
    }
}
