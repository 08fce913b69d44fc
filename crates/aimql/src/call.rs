//! Calls.

use crate::eval::Scope;
use crate::fault::{Res, type_error};
use crate::ir;
use crate::machine::Machine;
use crate::methods;
use crate::value::{Function, Type, Value};

/// The arguments of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Args<'a, 's> {
    pub positional: &'s [Value<'a>],
    pub named: &'s [(&'a str, Value<'a>)],
}

impl<'a, 's> Args<'a, 's> {
    pub(crate) fn positional(positional: &'s [Value<'a>]) -> Self {
        Args {
            positional,
            named: &[],
        }
    }

    /// The arguments of a function that takes between `min` and `max` of them, none by name.
    pub(crate) fn take(&self, name: &str, min: usize, max: usize) -> Res<&'s [Value<'a>]> {
        if !self.named.is_empty() {
            return type_error(format!("{name}() takes no keyword arguments"));
        }
        let given = self.positional.len();
        if given < min || given > max {
            let expected = match (min, max) {
                (min, max) if min == max => format!("exactly {min}"),
                (min, _) if given < min => format!("at least {min}"),
                (_, max) => format!("at most {max}"),
            };
            return type_error(format!(
                "{name}() takes {expected} arguments ({given} given)"
            ));
        }
        Ok(self.positional)
    }

    pub(crate) fn one(&self, name: &str) -> Res<Value<'a>> {
        Ok(self.take(name, 1, 1)?[0])
    }

    pub(crate) fn none(&self, name: &str) -> Res<()> {
        self.take(name, 0, 0).map(|_| ())
    }

    /// Sorts the arguments by parameter. The first `positional_only` cannot be named.
    pub(crate) fn bind<const N: usize>(
        &self,
        name: &str,
        params: [&str; N],
        required: usize,
        positional_only: usize,
        positional: usize,
    ) -> Res<[Option<Value<'a>>; N]> {
        let mut bound = [None; N];
        let given = self.positional.len();
        if given > positional {
            return type_error(format!(
                "{name}() takes at most {positional} arguments ({given} given)"
            ));
        }
        for (slot, value) in bound.iter_mut().zip(self.positional) {
            *slot = Some(*value);
        }
        for (key, value) in self.named {
            match params.iter().position(|param| param == key) {
                Some(i) if i >= positional_only => {
                    if bound[i].is_some() {
                        return type_error(format!(
                            "argument for {name}() given by name ('{key}') and position ({})",
                            i + 1
                        ));
                    }
                    bound[i] = Some(*value);
                }
                _ => {
                    return type_error(format!(
                        "'{key}' is an invalid keyword argument for {name}()"
                    ));
                }
            }
        }
        match bound[..required].iter().position(Option::is_none) {
            None => Ok(bound),
            Some(i) => type_error(format!(
                "{name}() missing required argument '{}' (pos {})",
                params[i],
                i + 1
            )),
        }
    }
}

impl<'a> Machine<'a> {
    pub(crate) fn eval_call(&self, call: &'a ir::Call, scope: Scope<'a>) -> Res<Value<'a>> {
        let function = self.eval(&call.function, scope)?;
        self.with_args(&call.args, scope, |args| self.call(function, args))
    }

    pub(crate) fn eval_method_call(
        &self,
        call: &'a ir::MethodCall,
        scope: Scope<'a>,
    ) -> Res<Value<'a>> {
        let of = self.eval(&call.of, scope)?;
        // Python looks the method up before it evaluates the arguments.
        if !matches!(of, Value::Str(_) | Value::Missing | Value::List(_)) {
            let method = self.attribute(of, &call.name)?;
            return self.with_args(&call.args, scope, |args| self.call(method, args));
        }
        if !methods::exist(of, &call.name) {
            let found = self.attribute(of, &call.name)?;
            return self.with_args(&call.args, scope, |args| self.call(found, args));
        }
        self.with_args(&call.args, scope, |args| {
            self.call_method(of, &call.name, args)
        })
    }

    fn with_args(
        &self,
        args: &'a ir::Args,
        scope: Scope<'a>,
        f: impl FnOnce(Args<'a, '_>) -> Res<Value<'a>>,
    ) -> Res<Value<'a>> {
        if args.named.is_empty() && !args.starred {
            match &*args.positional {
                [] => return f(Args::positional(&[])),
                [a] => return f(Args::positional(&[self.eval(a, scope)?])),
                [a, b] => {
                    let a = self.eval(a, scope)?;
                    return f(Args::positional(&[a, self.eval(b, scope)?]));
                }
                _ => {}
            }
        }
        let positional = self.eval_all(&args.positional, scope)?;
        let mut named: Vec<(&'a str, Value<'a>)> = Vec::with_capacity(args.named.len());
        for (name, value) in &args.named {
            let value = self.eval(value, scope)?;
            match name {
                Some(name) => {
                    self.meter.work(named.len() as u64 / 4)?;
                    check_named(&named, name)?;
                    named.push((name, value));
                }
                None => self.unpack_named(&mut named, value)?,
            }
        }
        f(Args {
            positional: &positional,
            named: &named,
        })
    }

    fn unpack_named(&self, named: &mut Vec<(&'a str, Value<'a>)>, value: Value<'a>) -> Res<()> {
        match value {
            Value::Missing => Ok(()),
            Value::Dict(dict) => {
                // Its own keys differ.
                let known = named.len();
                dict.each(self, |key, value| {
                    let Value::Str(name) = key else {
                        return type_error("keywords must be strings");
                    };
                    self.meter.work(known as u64 / 4)?;
                    self.meter.memory(2 * size_of::<(&str, Value)>())?;
                    check_named(&named[..known], name)?;
                    named.push((name, value));
                    Ok(())
                })
            }
            _ => {
                let name = value.type_name();
                type_error(format!("argument after ** must be a mapping, not {name}"))
            }
        }
    }

    pub(crate) fn call(&self, function: Value<'a>, args: Args<'a, '_>) -> Res<Value<'a>> {
        self.meter.work(1)?;
        match function {
            Value::Missing => Ok(Value::Missing),
            Value::Builtin(builtin) => self.call_builtin(builtin, args),
            Value::Type(ty) => self.construct(ty, args),
            Value::Method(method) => self.call_method(method.of, method.name, args),
            Value::Function(function) => self.call_function(function, args),
            Value::MathFunction(name) => self.call_math(name, args),
            _ => type_error(format!("'{}' object is not callable", function.type_name())),
        }
    }

    /// Calls a key function or the like.
    pub(crate) fn call1(&self, function: Value<'a>, arg: Value<'a>) -> Res<Value<'a>> {
        self.call(function, Args::positional(&[arg]))
    }

    pub(crate) fn call_method(
        &self,
        of: Value<'a>,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        self.meter.work(1)?;
        match of {
            Value::Str(text) => self.str_method(text, name, args),
            Value::List(list) => self.list_method(list, name, args),
            Value::Dict(dict) => self.dict_method(dict, name, args),
            Value::Set(set) => self.set_method(set, name, args),
            Value::Tuple(items) => self.tuple_method(items, name, args),
            Value::Bytes(bytes) => self.bytes_method(bytes, name, args),
            Value::Run => {
                let args = args.bind("get", ["k", "d"], 1, 0, 2)?;
                self.run_get(
                    args[0].unwrap_or(Value::None),
                    args[1].unwrap_or(Value::None),
                )
            }
            Value::DateTime(_) | Value::Date(_) | Value::Time(_) | Value::Delta(_) => {
                self.time_method(of, name, args)
            }
            Value::Type(ty) => self.type_method(ty, name, args),
            Value::View(kind, dict) => self.view_method(kind, dict, name, args),
            _ => self.number_method(of, name, args),
        }
    }

    fn run_get(&self, key: Value<'a>, default: Value<'a>) -> Res<Value<'a>> {
        if let Value::Str(_) = key {
            let value = self.item(Value::Run, key)?;
            return if let Value::Missing = value {
                self.wrap(default)
            } else {
                Ok(value)
            };
        }
        self.hash(key)?;
        self.wrap(default)
    }

    /// A function of a type: a class method, or a method that is given its object as the first argument.
    fn type_method(&self, ty: Type, name: &'a str, args: Args<'a, '_>) -> Res<Value<'a>> {
        if let Some(value) = self.class_method(ty, name, args)? {
            return Ok(value);
        }
        let type_name = ty.name();
        match args.positional {
            [of, rest @ ..] if of.type_of().is_subtype(ty) => self.call_method(
                *of,
                name,
                Args {
                    positional: rest,
                    named: args.named,
                },
            ),
            [of, ..] => type_error(format!(
                "descriptor '{name}' for '{type_name}' objects doesn't apply to a '{}' object",
                of.type_name()
            )),
            [] => type_error(format!(
                "unbound method {type_name}.{name}() needs an argument"
            )),
        }
    }

    fn call_function(&self, function: &'a Function<'a>, args: Args<'a, '_>) -> Res<Value<'a>> {
        let lambda = function.lambda;
        self.meter.work(lambda.weight + lambda.slots as u64 / 8)?;
        let frame = self.frame(lambda.slots, function.frame)?;
        let set = |slot: usize, value: Value<'a>| {
            if let Some(cell) = frame.slots.get(slot) {
                cell.set(Some(value));
            }
        };
        let taken = args.positional.len().min(lambda.positional);
        for (slot, value) in args.positional[..taken].iter().enumerate() {
            set(slot, *value);
        }
        match lambda.var_positional {
            Some(slot) => set(slot, self.tuple(&args.positional[taken..])?),
            None if args.positional.len() > taken => {
                let (takes, given) = (lambda.positional, args.positional.len());
                return type_error(format!(
                    "<lambda>() takes {takes} positional arguments but {given} were given"
                ));
            }
            None => {}
        }
        let extra = match lambda.var_named {
            Some(slot) => {
                let dict = self.new_dict(false)?;
                set(slot, Value::Dict(dict));
                Some(dict)
            }
            None => None,
        };
        for (name, value) in args.named {
            let named = &lambda.params[lambda.positional_only..];
            self.meter.work(named.len() as u64 / 4)?;
            match (named.iter().position(|param| *param.name == **name), extra) {
                (Some(i), _) => {
                    let slot = i + lambda.positional_only;
                    if slot < taken {
                        return type_error(format!(
                            "<lambda>() got multiple values for argument '{name}'"
                        ));
                    }
                    set(slot, *value);
                }
                (None, Some(dict)) => dict.insert(self, Value::Str(name), *value)?,
                (None, None) => {
                    return type_error(format!(
                        "<lambda>() got an unexpected keyword argument '{name}'"
                    ));
                }
            }
        }
        for (slot, (param, default)) in lambda.params.iter().zip(&function.defaults).enumerate() {
            let Some(cell) = frame.slots.get(slot) else {
                continue;
            };
            if cell.get().is_none() {
                match default {
                    Some(default) => cell.set(Some(*default)),
                    None => {
                        return type_error(format!(
                            "<lambda>() missing a required argument: '{}'",
                            param.name
                        ));
                    }
                }
            }
        }
        self.nested(lambda.depth, || self.eval(&lambda.body, Some(frame)))
    }
}

/// Refuses a name that is given already.
fn check_named<'a>(named: &[(&'a str, Value<'a>)], name: &'a str) -> Res<()> {
    if named.iter().any(|(other, _)| *other == name) {
        return type_error(format!("got multiple values for keyword argument '{name}'"));
    }
    Ok(())
}
