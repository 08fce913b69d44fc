//! Metrics of OpenTelemetry as its file exporters write them: a JSON object a line, in the mapping of OTLP.

use crate::exec::samples::Sample;
use aim_value::Tree;

/// A value at a time.
/// What a line says.
#[derive(Debug, Default, PartialEq)]
pub struct Message {
    /// Who says it.
    pub resource: Vec<(String, Tree)>,
    pub samples: Vec<Sample>,
}

fn at<'t>(tree: &'t Tree, key: &str) -> Option<&'t Tree> {
    match tree {
        Tree::Dict(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
        _ => None,
    }
}

fn items<'t>(tree: &'t Tree, key: &str) -> &'t [Tree] {
    match at(tree, key) {
        Some(Tree::List(items)) => items,
        _ => &[],
    }
}

/// A number. Whole ones are texts in JSON of protocol buffers, and so is what JSON has no number for.
fn number(tree: &Tree) -> Option<f64> {
    match tree {
        Tree::Int(i) => Some(*i as f64),
        Tree::Float(f) => Some(*f),
        Tree::Str(text) => text.parse().ok(),
        _ => None,
    }
}

/// A value of an attribute.
fn attribute(value: &Tree) -> Option<Tree> {
    let Tree::Dict(entries) = value else {
        return None;
    };
    let (kind, value) = entries.first()?;
    Some(match (kind.as_str(), value) {
        ("intValue", Tree::Str(text)) => Tree::Int(text.parse().ok()?),
        ("intValue", whole @ Tree::Int(_)) => whole.clone(),
        ("doubleValue", value) => Tree::Float(number(value)?),
        ("boolValue", truth @ Tree::Bool(_)) => truth.clone(),
        ("stringValue", text @ Tree::Str(_)) => text.clone(),
        (_, other) => Tree::Str(other.to_json()),
    })
}

fn attributes(tree: &Tree) -> Vec<(String, Tree)> {
    let entries = items(tree, "attributes").iter().filter_map(|entry| {
        let Some(Tree::Str(key)) = at(entry, "key") else {
            return None;
        };
        Some((key.clone(), attribute(at(entry, "value")?)?))
    });
    entries.collect()
}

/// What the name of a value ends in, its label, and the value.
type Part = (&'static str, Option<(&'static str, String)>, f64);

/// The values of a point; those of one that is made of several have names of their own.
fn values(point: &Tree) -> Vec<Part> {
    let mut found = Vec::new();
    if let Some(value) = ["asDouble", "asInt"].iter().find_map(|key| at(point, key)) {
        found.extend(number(value).map(|value| ("", None, value)));
    }
    for (key, name) in [
        ("count", "_count"),
        ("sum", "_sum"),
        ("min", "_min"),
        ("max", "_max"),
    ] {
        let value = at(point, key).and_then(number);
        found.extend(value.map(|value| (name, None, value)));
    }
    let bounds = items(point, "explicitBounds").iter().filter_map(number);
    let bounds = bounds
        .map(|bound| bound.to_string())
        .chain(["+Inf".to_owned()]);
    let mut below = 0.0;
    for (count, bound) in items(point, "bucketCounts").iter().zip(bounds) {
        below += number(count).unwrap_or(0.0);
        found.push(("_bucket", Some(("le", bound)), below));
    }
    for quantile in items(point, "quantileValues") {
        let of = at(quantile, "quantile").and_then(number).unwrap_or(0.0);
        let value = at(quantile, "value").and_then(number);
        found.extend(value.map(|value| ("", Some(("quantile", of.to_string())), value)));
    }
    found
}

/// `None` of what is no such object.
pub fn parse(line: &str) -> Option<Message> {
    let tree = Tree::from_json(line).ok()?;
    at(&tree, "resourceMetrics")?;
    let mut message = Message::default();
    for resource in items(&tree, "resourceMetrics") {
        if let Some(resource) = at(resource, "resource") {
            message.resource.extend(attributes(resource));
        }
        for metric in items(resource, "scopeMetrics")
            .iter()
            .flat_map(|scope| items(scope, "metrics"))
        {
            let Some(Tree::Str(name)) = at(metric, "name") else {
                continue;
            };
            let kinds = [
                "gauge",
                "sum",
                "histogram",
                "exponentialHistogram",
                "summary",
            ];
            let kind = kinds.iter().find_map(|kind| at(metric, kind));
            for point in kind.map_or(&[][..], |kind| items(kind, "dataPoints")) {
                let context = attributes(point);
                let nanos = at(point, "timeUnixNano").and_then(number);
                for (ending, label, value) in values(point) {
                    let mut context = context.clone();
                    context.extend(label.map(|(key, text)| (key.to_owned(), Tree::Str(text))));
                    message.samples.push(Sample {
                        name: format!("{name}{ending}"),
                        context: Tree::Dict(context).to_json(),
                        time: nanos.filter(|nanos| *nanos > 0.0).map(|nanos| nanos / 1e9),
                        value,
                    });
                }
            }
        }
    }
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn points_of_every_kind() {
        let line = r#"{"resourceMetrics": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "t"}}]},
            "scopeMetrics": [{"metrics": [
            {"name": "loss", "gauge": {"dataPoints": [{"asDouble": 0.5, "timeUnixNano": "1600000000500000000",
                "attributes": [{"key": "subset", "value": {"stringValue": "val"}}, {"key": "fold", "value": {"intValue": "3"}}]}]}},
            {"name": "steps", "sum": {"dataPoints": [{"asInt": "7"}]}},
            {"name": "odd", "gauge": {"dataPoints": [{"asDouble": "NaN"}, {}]}},
            {"name": "time", "histogram": {"dataPoints": [{"count": "3", "sum": 4.5, "bucketCounts": ["1", "2"],
                "explicitBounds": [0.5]}]}},
            {"name": "q", "summary": {"dataPoints": [{"quantileValues": [{"quantile": 0.5, "value": 2}]}]}}]}]}]}"#;
        let message = parse(line).unwrap();
        assert_eq!(
            message.resource,
            [("service.name".to_owned(), Tree::Str("t".into()))]
        );
        let found: Vec<(&str, &str, f64)> = message
            .samples
            .iter()
            .filter(|sample| !sample.value.is_nan())
            .map(|sample| (sample.name.as_str(), sample.context.as_str(), sample.value))
            .collect();
        assert_eq!(
            found,
            [
                ("loss", r#"{"subset":"val","fold":3}"#, 0.5),
                ("steps", "{}", 7.0),
                ("time_count", "{}", 3.0),
                ("time_sum", "{}", 4.5),
                ("time_bucket", r#"{"le":"0.5"}"#, 1.0),
                ("time_bucket", r#"{"le":"+Inf"}"#, 3.0),
                ("q", r#"{"quantile":"0.5"}"#, 2.0),
            ]
        );
        assert_eq!(message.samples[0].time, Some(1_600_000_000.5));
        assert_eq!(message.samples.len(), 8);
    }

    proptest! {
        #[test]
        fn any_text_is_a_message_or_none(text in ".{0,200}", key in "[a-zA-Z]{0,12}") {
            let _ = parse(&text);
            let _ = parse(&format!(r#"{{"resourceMetrics": [{{"scopeMetrics": [{{"metrics": [{{"name": "x", "gauge":
                {{"dataPoints": [{{"{key}": 1, "attributes": [{{"key": "{key}", "value": {{"{key}": null}}}}]}}]}}}}]}}]}}]}}"#));
        }
    }
}
