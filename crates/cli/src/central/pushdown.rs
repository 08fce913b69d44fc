//! Which runs an expression may select, in SQL: all that it does and maybe more. The engine decides about those.

use super::rows::{TEXT, short, string, text};
use aim::query::{Bound, Condition, Target, Test};
use aim_value::escape;
use postgres::types::ToSql;

/// A condition on `r`, a row of `aim_run`, with its parameters.
pub struct Superset {
    pub sql: String,
    pub params: Vec<Box<dyn ToSql + Sync>>,
}

impl Superset {
    pub fn all() -> Superset {
        Superset {
            sql: "true".to_owned(),
            params: Vec::new(),
        }
    }

    pub fn of(condition: &Condition) -> Superset {
        let mut superset = Superset::all();
        if let Some(sql) = superset.condition(condition) {
            superset.sql = sql;
        }
        superset
    }

    /// Runs by what people call them: a hash, the beginning of one, or a name.
    pub fn called(names: &[&str]) -> Superset {
        let mut superset = Superset::all();
        let mut parts = Vec::new();
        for name in names {
            let hash = superset.param(name.to_ascii_lowercase());
            let name = superset.param(text(name));
            parts.push(format!(
                "starts_with(encode(r.run, 'hex'), {hash}) OR {NAME} = {name}"
            ));
        }
        superset.sql = format!("({})", parts.join(" OR "));
        superset
    }

    pub fn these(runs: Vec<Vec<u8>>) -> Superset {
        Superset {
            sql: "r.run = ANY($1)".to_owned(),
            params: vec![Box::new(runs)],
        }
    }

    fn param(&mut self, value: impl ToSql + Sync + 'static) -> String {
        self.params.push(Box::new(value));
        format!("${}", self.params.len())
    }

    /// `None`: it says nothing that can be looked up.
    fn condition(&mut self, condition: &Condition) -> Option<String> {
        match condition {
            Condition::Always => None,
            Condition::Never => Some("false".to_owned()),
            Condition::All(parts) => {
                let parts: Vec<String> = parts.iter().filter_map(|p| self.condition(p)).collect();
                (!parts.is_empty()).then(|| format!("({})", parts.join(" AND ")))
            }
            Condition::Any(parts) => {
                let params = self.params.len();
                let found: Option<Vec<String>> = parts.iter().map(|p| self.condition(p)).collect();
                match found {
                    Some(parts) => Some(format!("({})", parts.join(" OR "))),
                    None => {
                        self.params.truncate(params);
                        None
                    }
                }
            }
            Condition::Test(target, test) => self.test(target, test),
        }
    }

    fn test(&mut self, target: &Target, test: &Test) -> Option<String> {
        match target {
            Target::Param(keys) => self.param_test(keys, test),
            Target::Hash => self.text_test("encode(r.run, 'hex')", test, |t| t.replace('\0', " ")),
            Target::Experiment => self.text_test("r.experiment", test, short),
            Target::Name => self.text_test(NAME, test, text),
            Target::Archived => Some("r.archived".to_owned()),
            Target::Active => Some("r.state = 0".to_owned()),
            Target::CreatedAt => self.created_at(test),
            Target::Tag => match test {
                Test::Equals(Bound::Text(tag)) => {
                    let tag = self.param(vec![short(tag)]);
                    Some(format!("r.tags @> {tag}"))
                }
                _ => None,
            },
            Target::RunMetric | Target::MetricName => match test {
                Test::Equals(Bound::Text(name)) => {
                    let name = self.param(short(name));
                    Some(format!(
                        "EXISTS (SELECT FROM aim_series s WHERE s.run = r.run AND s.name = {name})"
                    ))
                }
                _ => None,
            },
            Target::MetricContext(_) => None,
        }
    }

    /// Equality and beginnings of a text that is stored as `stored` makes it.
    fn text_test(
        &mut self,
        column: &str,
        test: &Test,
        stored: impl Fn(&str) -> String,
    ) -> Option<String> {
        match test {
            Test::Equals(Bound::Text(text)) => {
                let text = self.param(stored(text));
                Some(format!("{column} = {text}"))
            }
            Test::StartsWith(text) => {
                let text = self.param(stored(text));
                Some(format!("starts_with({column}, {text})"))
            }
            _ => None,
        }
    }

    fn created_at(&mut self, test: &Test) -> Option<String> {
        // Stored are whole microseconds; what a float makes of them is near.
        const SLACK: f64 = 10.0;
        let micros = |seconds: &f64, slack: f64| {
            let micros = seconds * 1e6 + slack;
            (micros.abs() < 1e18).then_some(micros as i64)
        };
        match test {
            Test::AtLeast(Bound::Number(n)) => {
                let least = self.param(micros(n, -SLACK)?);
                Some(format!("r.created_at >= {least}"))
            }
            Test::AtMost(Bound::Number(n)) => {
                let most = self.param(micros(n, SLACK)?);
                Some(format!("r.created_at <= {most}"))
            }
            Test::Equals(Bound::Number(n)) => {
                let (least, most) = (micros(n, -SLACK)?, micros(n, SLACK)?);
                let (least, most) = (self.param(least), self.param(most));
                Some(format!("r.created_at BETWEEN {least} AND {most}"))
            }
            _ => None,
        }
    }

    fn param_test(&mut self, keys: &[String], test: &Test) -> Option<String> {
        let pointer: String = keys.iter().map(|key| format!("/{}", escape(key))).collect();
        // Of two keys that PostgreSQL cannot tell apart one has a row.
        if pointer.contains(['\0', REPLACEMENT]) || pointer.chars().count() > TEXT {
            return None;
        }
        let params = self.params.len();
        let path = self.param(pointer);
        let value = match test {
            Test::Exists => "true".to_owned(),
            Test::Equals(Bound::Number(n)) => format!("p.num = {}", self.param(*n)),
            Test::AtMost(Bound::Number(n)) => format!("p.num <= {}", self.param(*n)),
            Test::AtLeast(Bound::Number(n)) => format!("p.num >= {}", self.param(*n)),
            Test::Equals(Bound::Text(text)) => format!("p.txt = {}", self.param(string(text))),
            Test::StartsWith(text) => {
                format!("starts_with(p.txt, {})", self.param(string(text)))
            }
            Test::AtMost(Bound::Text(text)) | Test::AtLeast(Bound::Text(text)) => {
                if text.contains(['\0', REPLACEMENT]) {
                    self.params.truncate(params);
                    return None;
                }
                let sign = match test {
                    Test::AtMost(_) => "<=",
                    _ => ">=",
                };
                // By code points; texts with a NUL are stored as others, and anywhere.
                let bound = self.param(string(text));
                let other = self.param(REPLACEMENT.to_string());
                format!("(p.txt COLLATE \"C\" {sign} {bound} OR strpos(p.txt, {other}) > 0)")
            }
        };
        Some(format!(
            "EXISTS (SELECT FROM aim_param p WHERE p.run = r.run AND p.path = {path} AND {value})"
        ))
    }
}

const NAME: &str = "coalesce(r.name, 'Run: ' || encode(r.run, 'hex'))";
/// What NUL is stored as.
const REPLACEMENT: char = '\u{fffd}';
