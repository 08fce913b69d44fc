//! `"{} of {name!r:>{width}}".format(…)`

use crate::call::Args;
use crate::fault::{Kind, Res, raise, value_error};
use crate::machine::Machine;
use crate::value::Value;

/// How far replacement fields may nest.
const MAX_NESTING: usize = 2;

/// Where the fields' values come from.
enum Fields<'a, 's> {
    Args(Args<'a, 's>),
    Map(Value<'a>),
}

/// Fields are numbered by themselves or by the author, not both.
#[derive(Clone, Copy, PartialEq)]
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}

impl<'a> Machine<'a> {
    pub(crate) fn format_template(&self, template: &'a str, args: Args<'a, '_>) -> Res<String> {
        self.template(
            template,
            &Fields::Args(args),
            &mut Numbering::Unknown,
            MAX_NESTING,
        )
    }

    pub(crate) fn format_template_map(&self, template: &'a str, map: Value<'a>) -> Res<String> {
        self.template(
            template,
            &Fields::Map(map),
            &mut Numbering::Unknown,
            MAX_NESTING,
        )
    }

    fn template(
        &self,
        template: &'a str,
        fields: &Fields<'a, '_>,
        numbering: &mut Numbering,
        nesting: usize,
    ) -> Res<String> {
        let Some(nesting) = nesting.checked_sub(1) else {
            return value_error("Max string recursion exceeded");
        };
        let mut out = String::new();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            self.push(&mut out, &rest[..at])?;
            let brace = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                self.push(&mut out, brace)?;
                rest = after;
                continue;
            }
            if brace == "}" {
                return value_error("Single '}' encountered in format string");
            }
            if rest.is_empty() {
                return value_error("Single '{' encountered in format string");
            }
            let Some(end) = end_of_field(rest) else {
                return value_error("expected '}' before end of string");
            };
            let text = self.field(&rest[..end], fields, numbering, nesting)?;
            self.meter.work(4)?;
            self.push(&mut out, &text)?;
            rest = &rest[end + 1..];
        }
        self.push(&mut out, rest)?;
        Ok(out)
    }

    fn field(
        &self,
        field: &'a str,
        fields: &Fields<'a, '_>,
        numbering: &mut Numbering,
        nesting: usize,
    ) -> Res<String> {
        let (name, conversion, spec) = split_field(field)?;
        let value = self.field_value(name, fields, numbering)?;
        let value = match conversion {
            None => value,
            Some('s') => self.str_of(value)?,
            Some('r') => self.string(self.repr(value)?)?,
            Some('a') => self.string(self.ascii(value)?)?,
            Some(c) => return value_error(format!("Unknown conversion specifier {c}")),
        };
        if spec.contains('{') || spec.contains('}') {
            let spec = self.template(spec, fields, numbering, nesting)?;
            return self.format(value, &spec);
        }
        self.format(value, spec)
    }

    fn field_value(
        &self,
        name: &'a str,
        fields: &Fields<'a, '_>,
        numbering: &mut Numbering,
    ) -> Res<Value<'a>> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut rest) = name.split_at(end);
        let index = match first {
            "" => {
                let next = match numbering {
                    Numbering::Automatic(next) => *next,
                    Numbering::Unknown => 0,
                    Numbering::Manual => {
                        return value_error(
                            "cannot switch from manual field specification to automatic field numbering",
                        );
                    }
                };
                *numbering = Numbering::Automatic(next + 1);
                Some(next)
            }
            _ if first.bytes().all(|b| b.is_ascii_digit()) => {
                if matches!(numbering, Numbering::Automatic(_)) {
                    return value_error(
                        "cannot switch from automatic field numbering to manual field specification",
                    );
                }
                *numbering = Numbering::Manual;
                match first.parse::<usize>() {
                    Ok(index) => Some(index),
                    Err(_) => return value_error("Too many decimal digits in format string"),
                }
            }
            _ => None,
        };
        let mut value = match (fields, index) {
            (Fields::Args(args), Some(index)) => match args.positional.get(index) {
                Some(value) => *value,
                None => {
                    return raise(
                        Kind::Index,
                        format!("Replacement index {index} out of range for positional args tuple"),
                    );
                }
            },
            (Fields::Args(args), None) => {
                self.meter.work(args.named.len() as u64 / 4)?;
                match args.named.iter().find(|(name, _)| *name == first) {
                    Some((_, value)) => *value,
                    None => {
                        let mut key = String::new();
                        super::repr::push_str_repr(&mut key, first);
                        return raise(Kind::Key, key);
                    }
                }
            }
            (Fields::Map(_), Some(_)) => {
                return value_error("Format string contains positional fields");
            }
            (Fields::Map(map), None) => self.item(*map, Value::Str(first))?,
        };
        while let Some(kind) = rest.chars().next() {
            self.meter.work(1)?;
            if kind == '.' {
                let end = rest[1..].find(['.', '[']).map_or(rest.len(), |at| at + 1);
                if end == 1 {
                    return value_error("Empty attribute in format string");
                }
                value = self.attribute(value, &rest[1..end])?;
                rest = &rest[end..];
            } else if kind == '[' {
                let Some(end) = rest.find(']') else {
                    return value_error("Missing ']' in format string");
                };
                let key = &rest[1..end];
                if key.is_empty() {
                    return value_error("Empty attribute in format string");
                }
                value = match key.parse::<i64>() {
                    Ok(index) if key.bytes().all(|b| b.is_ascii_digit()) => {
                        self.item(value, Value::Int(index))?
                    }
                    _ => self.item(value, Value::Str(key))?,
                };
                rest = &rest[end + 1..];
            } else {
                return value_error("Only '.' or '[' may follow ']' in format field specifier");
            }
        }
        Ok(value)
    }
}

/// The offset of the brace that closes the field.
fn end_of_field(text: &str) -> Option<usize> {
    let mut open = 1;
    let mut in_brackets = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' if open == 1 => in_brackets = true,
            b']' => in_brackets = false,
            _ if in_brackets => {}
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

fn split_field(field: &str) -> Res<(&str, Option<char>, &str)> {
    let mut in_brackets = false;
    let end = field
        .char_indices()
        .find(|(_, c)| {
            match c {
                '[' => in_brackets = true,
                ']' => in_brackets = false,
                _ => {}
            }
            !in_brackets && matches!(c, '!' | ':')
        })
        .map_or(field.len(), |(at, _)| at);
    let (name, rest) = field.split_at(end);
    if name.contains('{') {
        return value_error("unexpected '{' in field name");
    }
    if let Some(spec) = rest.strip_prefix(':') {
        return Ok((name, None, spec));
    }
    let Some(rest) = rest.strip_prefix('!') else {
        return Ok((name, None, ""));
    };
    let mut chars = rest.chars();
    let Some(conversion) = chars.next() else {
        return value_error("end of string while looking for conversion specifier");
    };
    match chars.next() {
        None => Ok((name, Some(conversion), "")),
        Some(':') => Ok((name, Some(conversion), chars.as_str())),
        Some(_) => value_error("expected ':' after conversion specifier"),
    }
}
