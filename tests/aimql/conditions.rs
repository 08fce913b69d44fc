//! Expressions at random.

/// Conditions that an index may answer, and some that none can.
pub fn condition() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    use proptest::sample::select;
    let number = select(vec![
        "run.hparams.lr",
        "run.hparams.batch_size",
        "run.seed",
        "run['seed']",
        "run.neg",
        "run.big",
        "run.inf",
        "run.nan",
        "run.zero",
        "run.hparams.dropout",
        "run.dataset.size",
        "run.nope",
        "run.nope.deeper",
        "run.creation_time",
        "run.seed.real",
        "run.metrics['loss', {'subset': 'val'}].last",
        "run.amp",
        "metric.context.group",
        "run.extra.deep.er.est",
        "run.hparams.layers[0]",
    ]);
    let string = select(vec![
        "run.model",
        "run.hparams.optimizer.name",
        "run.experiment",
        "run.name",
        "run.note",
        "run.hash",
        "metric.name",
        "metric.context.subset",
        "run.dataset.name",
        "run.nope",
        "run.description",
    ]);
    let constant = select(vec![
        "0",
        "1",
        "4",
        "7",
        "16",
        "0.1",
        "0.01",
        "10",
        "True",
        "False",
        "None",
        "1e308",
        "9007199254740993",
        "10**400",
        "float('nan')",
        "'4'",
    ]);
    let text = select(vec![
        "'mlp'",
        "'resnet18'",
        "'adam'",
        "'baseline'",
        "'default'",
        "'loss'",
        "'val'",
        "'Run # 5'",
        "'Run: '",
        "''",
        "'Run'",
        "'res'",
        "None",
        "3",
    ]);
    let compare = select(vec!["==", "!=", "<", "<=", ">", ">=", "is", "is not"]);
    let leaf = prop_oneof![
        (number.clone(), compare.clone(), constant.clone())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (constant.clone(), compare.clone(), number.clone())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (constant.clone(), number.clone(), constant.clone())
            .prop_map(|(a, x, b)| format!("{a} < {x} <= {b}")),
        (number.clone(), compare.clone(), number.clone())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (string.clone(), compare, text.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (string.clone(), text.clone(), text.clone())
            .prop_map(|(a, b, c)| format!("{a} in ({b}, {c})")),
        (string.clone(), text.clone(), text.clone())
            .prop_map(|(a, b, c)| format!("{a} not in [{b}, {c}]")),
        (number.clone(), constant.clone(), constant)
            .prop_map(|(a, b, c)| format!("{a} in {{{b}, {c}}}")),
        (string.clone(), text.clone()).prop_map(|(a, b)| format!("{a}.startswith({b})")),
        (string.clone(), text.clone(), text.clone())
            .prop_map(|(a, b, c)| format!("{a}.startswith(({b}, {c}))")),
        (text.clone(), string.clone()).prop_map(|(a, b)| format!("{a} in {b}")),
        text.prop_map(|a| format!("{a} in run.tags")),
        prop_oneof![number, string].prop_map(str::to_owned),
        select(vec![
            "run.archived",
            "run.active",
            "run.tags",
            "run.archived == True",
            "run.active == False",
            "run.created_at > datetime(2022, 2, 2)",
            "datetime(2030, 1, 1) > run.created_at",
            "metric.context == {}",
            "run.hparams.items",
            "run.metrics['accuracy'].last > 0.25"
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.clone().prop_map(|a| format!("(not {a})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a} if {b} else {c})")),
        ]
    })
}
