//! Prometheus' text format, as exporters answer it: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use crate::exec::samples::Sample;
use aim_value::Tree;

/// A sample: a metric's name, its labels as JSON, its value, and its time in seconds since 1970-01-01 UTC if it has one.
/// The samples of a text, and the number and the content of the first line that is none.
pub fn samples(text: &str) -> (Vec<Sample>, Option<(usize, &str)>) {
    let mut bad = None;
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match sample(line) {
            Some(sample) => found.push(sample),
            None => bad = bad.or(Some((number + 1, line))),
        }
    }
    (found, bad)
}

/// `name{label="text",…} value [milliseconds]`. In braces a name may be a text, too; what follows a `#` is an exemplar.
fn sample(line: &str) -> Option<Sample> {
    let end = line.find(|c: char| c == '{' || c.is_whitespace())?;
    let (mut name, mut rest) = (line[..end].to_owned(), &line[end..]);
    let mut labels: Vec<(String, Tree)> = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside.trim_start();
        while !rest.starts_with('}') {
            let key = word(&mut rest)?;
            match rest.strip_prefix('=') {
                Some(value) => {
                    rest = value.trim_start();
                    let value = quoted(&mut rest)?;
                    if labels.iter().any(|(other, _)| *other == key) {
                        return None;
                    }
                    labels.push((key, Tree::Str(value)));
                }
                None if name.is_empty() => name = key,
                None => return None,
            }
            rest = rest.trim_start();
            match rest.strip_prefix(',') {
                Some(more) => rest = more.trim_start(),
                None if rest.starts_with('}') => {}
                None => return None,
            }
        }
        rest = &rest[1..];
    }
    let mut fields = rest.split_whitespace();
    let value = fields.next()?.parse().ok()?;
    let time = match fields.next() {
        None | Some("#") => None,
        Some(milliseconds) => Some(milliseconds.parse::<i64>().ok()? as f64 / 1e3),
    };
    (!name.is_empty()).then(|| Sample {
        name,
        context: Tree::Dict(labels).to_json(),
        value,
        time,
    })
}

/// A name as it is or as a text, up to what comes behind.
fn word(rest: &mut &str) -> Option<String> {
    let word = if rest.starts_with('"') {
        quoted(rest)?
    } else {
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.')))?;
        let (word, behind) = rest.split_at(end);
        *rest = behind;
        word.to_owned()
    };
    *rest = rest.trim_start();
    (!word.is_empty()).then_some(word)
}

/// A text in quotes, with `\\`, `\"` and `\n` in it.
fn quoted(rest: &mut &str) -> Option<String> {
    let mut chars = rest.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => text.push(match chars.next()? {
                'n' => '\n',
                other => other,
            }),
            other => text.push(other),
        }
    }
    *rest = chars.as_str();
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Option<(String, String, String, Option<f64>)> {
        sample(line).map(|s| (s.name, s.context, s.value.to_string(), s.time))
    }

    fn expected(
        name: &str,
        labels: &str,
        value: &str,
        time: Option<f64>,
    ) -> Option<(String, String, String, Option<f64>)> {
        Some((name.into(), labels.into(), value.into(), time))
    }

    #[test]
    fn lines_of_the_format_are_samples() {
        assert_eq!(found("up 1"), expected("up", "{}", "1", None));
        assert_eq!(
            found(r#"http_requests_total{method="post",code="200"} 1027 1395066363000"#),
            expected(
                "http_requests_total",
                r#"{"method":"post","code":"200"}"#,
                "1027",
                Some(1395066363.0)
            )
        );
        assert_eq!(
            found(
                r#"msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find:\n\"FILE\""} 1.458255915e9"#
            ),
            expected(
                "msdos_file_access_time_seconds",
                r#"{"path":"C:\\DIR\\FILE.TXT","error":"Cannot find:\n\"FILE\""}"#,
                "1458255915",
                None
            )
        );
        assert_eq!(
            found("rpc{ quantile=\"0.5\" , } +Inf -3982045"),
            expected("rpc", r#"{"quantile":"0.5"}"#, "inf", Some(-3982.045))
        );
        assert_eq!(
            found(r#"{"my.dots", "a b"="ü"} NaN # {trace="7"} 0.5"#),
            expected("my.dots", r#"{"a b":"ü"}"#, "NaN", None)
        );
    }

    #[test]
    fn other_lines_are_told() {
        for line in [
            "up",
            "up one",
            "up{ 1",
            "up{a} 1",
            r#"up{a="b" 1"#,
            r#"up{a="b"c="d"} 1"#,
            r#"up{a="1",a="2"} 1"#,
            r#"{a="b"} 1"#,
            "up 1 soon",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
        let text = "# HELP up Whether\n# TYPE up gauge\n\nup 1\nup{ 2\nup{\n# EOF\n";
        let (found, bad) = samples(text);
        assert_eq!(found.len(), 1);
        assert_eq!(bad, Some((5, "up{ 2")));
    }
}
