//! Points of a metric, as they are given away.

use crate::store::Points;

/// Points of a metric as columns of equal length, in step order.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub steps: Vec<i64>,
    pub values: Vec<f64>,
    /// `EPOCH_NONE` where there is none.
    pub epochs: Vec<i64>,
    /// Seconds since 1970 (UTC).
    pub times: Vec<f64>,
}

impl From<Points> for Columns {
    fn from(points: Points) -> Columns {
        // In place: both have eight bytes.
        let times = points.times.into_iter().map(|t| t as f64 / 1e6).collect();
        Columns {
            steps: points.steps,
            values: points.values,
            epochs: points.epochs,
            times,
        }
    }
}
