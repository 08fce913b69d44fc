//! Whether a central store says of runs what their repository says, by SQL alone.

use aim::repo::RepoRef;
use aim::repo::exchange::{EPOCH_NONE, moment};
use postgres::Client;
use std::time::{Duration, UNIX_EPOCH};

/// Counted points.
pub fn assert_equal(repo: &RepoRef, client: &mut Client) -> u64 {
    let present = moment(repo).unwrap();
    let runs = present.runs().unwrap();
    let count = |client: &mut Client, table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        client.query_one(&sql, &[]).unwrap().get(0)
    };
    assert_eq!(count(client, "runs"), runs.len() as i64);
    let (mut series, mut logs, mut points) = (0, 0, 0);
    for run in runs {
        let outline = present.outline(run).unwrap().unwrap();
        let record = &outline.record;
        let row = client
            .query_one(
                "SELECT experiment, name, tags, state, created_at, exit_code, params::text, run FROM runs WHERE hash = $1",
                &[&record.hash_text()],
            )
            .unwrap();
        assert_eq!(row.get::<_, String>(0), record.experiment);
        assert_eq!(row.get::<_, String>(1), record.display_name());
        assert_eq!(row.get::<_, Vec<String>>(2), record.tags);
        assert_eq!(row.get::<_, String>(3), record.state.text());
        let created = UNIX_EPOCH + Duration::from_micros(record.created_at as u64);
        let stored: std::time::SystemTime = row.get(4);
        // to_timestamp takes a float.
        let apart = stored
            .duration_since(created)
            .or(created.duration_since(stored));
        assert!(apart.unwrap() <= Duration::from_micros(1));
        assert_eq!(row.get::<_, Option<i32>>(5), record.exit_code);
        let id: Vec<u8> = row.get(7);
        let sql = "SELECT sid, count, first_step, first, last_step, last, min, max FROM metrics WHERE run = $1 AND name = $2 \
                   AND sid = $3";
        for metric in &outline.series {
            let row = client
                .query_one(sql, &[&id, &metric.name, &(metric.id() as i64)])
                .unwrap();
            let a = &metric.aggregates;
            let whole = [a.count as i64, a.first_step, a.last_step];
            assert_eq!([row.get::<_, i64>(1), row.get(2), row.get(4)], whole);
            let floats = [row.get::<_, f64>(3), row.get(5), row.get(6), row.get(7)];
            let expected = [a.first, a.last, a.min(), a.max()];
            assert_eq!(floats.map(f64::to_bits), expected.map(f64::to_bits));
            let sid: i64 = row.get(0);
            let rows = client
                .query(
                    "SELECT step, value, coalesce(epoch, -9223372036854775808) FROM points WHERE run = $1 AND sid = $2 ORDER BY step",
                    &[&id, &sid],
                )
                .unwrap();
            let mut at = rows.iter();
            for piece in &metric.pieces {
                let read = present.points(metric, piece).unwrap();
                for i in 0..read.len() {
                    let row = at.next().expect("a point is missing");
                    let epoch = read.epochs[i];
                    let expected = (read.steps[i], read.values[i].to_bits(), epoch);
                    let found: f64 = row.get(1);
                    assert_eq!((row.get(0), found.to_bits(), row.get(2)), expected);
                    points += 1;
                }
            }
            assert!(at.next().is_none(), "a point is there twice");
        }
        series += outline.series.len() as i64;
        logs += outline.logs.len() as i64;
        let text: String = row.get(6);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let here = aim_value::Tree::decode(&outline.params).unwrap();
        let here = here.to_json_as(aim_value::NonFinite::Strings);
        let here: serde_json::Value = serde_json::from_str(&here).unwrap();
        assert_eq!(json, here);
    }
    assert_eq!(count(client, "metrics"), series);
    assert_eq!(count(client, "aim_log"), logs);
    assert_eq!(EPOCH_NONE, i64::MIN);
    points
}
