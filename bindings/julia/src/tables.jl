# Answers as tables: named tuples of vectors, which DataFrames, CSV and others take as they are.

"""
    Aim.table(query(…))

A row for each point, with the columns run, name, context (JSON text), step, value, epoch and time.
"""
function table(rows::Query{MetricRow})
    result = (
        run=String[], name=String[], context=String[], step=Int64[], value=Float64[], epoch=Union{Missing,Int64}[],
        time=Float64[],
    )
    for row in rows
        points = columns(row)
        n = length(points.step)
        append!(result.run, fill(row.run.hash, n))
        append!(result.name, fill(row.name, n))
        append!(result.context, fill(context_text(row), n))
        for name in keys(points)
            append!(result[name], points[name])
        end
    end
    return result
end

"""
    Aim.table(query_runs(…))

A row for each run: the properties of a [`Aim.RunRow`](@ref); a column `params/…` for each param, named by its JSON
Pointer, `missing` where a run does not have it; and `metrics`, a vector of named tuples with name, context, last,
last_step, min, max and count.
"""
function table(rows::Query{RunRow})
    runs = JSON.decode(receive_text((out, err) -> aim_query_table(rows.answer, out, err)))
    pointers = unique(pointer for run in runs for pointer in keys(run["params"]))
    names = (ROW_PROPERTIES..., Symbol.("params", pointers)..., :metrics)
    properties = [identity.([run[String(name)] for run in runs]) for name in ROW_PROPERTIES]
    params = [identity.([get(run["params"], pointer, missing) for run in runs]) for pointer in pointers]
    metrics = [map(metric_summary, run["metrics"]) for run in runs]
    return NamedTuple{names}((properties..., params..., metrics))
end

metric_summary(metric) = NamedTuple{(:name, :context, :last, :last_step, :min, :max, :count)}(
    metric[key] for key in ("name", "context", "last", "last_step", "min", "max", "count")
)
