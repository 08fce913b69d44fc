"""
    AimLogger(run; level=Logging.Info, next=Logging.current_logger())

A logger that tracks: with `with_logger(AimLogger(run)) do … end`, `@info "train" loss=0.1 step=7 epoch=1` tracks the
metric `loss` with the context `subset="train"`. Every real number that is attached is a metric; `step` and `epoch`
are theirs, and an empty message gives no context. Those in named tuples, dictionaries and structs of the program's own
are metrics too, called `name.key`. What else is attached, and a message without numbers, becomes a record of the run's
log. Every record goes on to `next`, if that wants it, whatever its level; `nothing` ends it here.
"""
struct AimLogger <: Logging.AbstractLogger
    run::Run
    level::Logging.LogLevel
    next::Logging.AbstractLogger
end

AimLogger(run::Run; level=Logging.Info, next=Logging.current_logger()) =
    AimLogger(run, convert(Logging.LogLevel, level), something(next, Logging.NullLogger()))

Logging.shouldlog(::AimLogger, level, _module, group, id) = true
Logging.min_enabled_level(logger::AimLogger) = min(logger.level, Logging.min_enabled_level(logger.next))

is_number(value) = value isa Real && !(value isa Bool)

function Logging.handle_message(
    logger::AimLogger, level, message, _module, group, id, file, line; attached...,
)
    next = logger.next
    try
        level >= logger.level && record(logger.run, level, message, file, line; attached...)
    finally
        if level >= Logging.min_enabled_level(next) && Logging.shouldlog(next, level, _module, group, id)
            Logging.handle_message(next, level, message, _module, group, id, file, line; attached...)
        end
    end
end

function record(run, level, message, file, line; step=nothing, epoch=nothing, attached...)
    subset = string(message)
    context = isempty(subset) ? NamedTuple() : (subset=subset,)
    rest = Pair{Symbol,Any}[]
    for (name, value) in attached
        for (name, value) in measurements(name, value)
            if is_number(value)
                track!(run, name, value; step=step, epoch=epoch, context...)
            else
                push!(rest, Symbol(name) => value)
            end
        end
    end
    isempty(rest) && !isempty(attached) && return nothing
    text = join([subset; ["$name = $(attachment(value))" for (name, value) in rest]], '\n')
    log!(run, text; level=level, file=file, line=line)
end

"An attached value as pairs of a name and a value: what holds numbers, at any depth, is taken apart."
measurements(name, value) = has_numbers(value) ? parts(name, value) : [name => value]

parts(name, value) = is_composite(value) ?
    [part for (key, item) in members(value) for part in parts(string(name, '.', key), item)] : [name => value]

has_numbers(value) = is_composite(value) && any(((_, item),) -> is_number(item) || has_numbers(item), members(value))

members(value::Union{NamedTuple,AbstractDict}) = pairs(value)
members(value) = [name => getfield(value, name) for name in fieldnames(typeof(value)) if isdefined(value, name)]

is_composite(::Union{NamedTuple,AbstractDict}) = true
is_composite(::Union{Number,AbstractString,AbstractArray,Exception,Function,Module,Type,Tuple}) = false
function is_composite(value)
    type = typeof(value)
    return isstructtype(type) && fieldcount(type) > 0 && is_own(parentmodule(type))
end

"Whether a module is neither Julia's nor of its standard library: a date, say, is no struct of numbers to who logs it."
function is_own(_module)
    root = Base.moduleroot(_module)
    root in (Base, Core) && return false
    path = pathof(root)
    return path === nothing || !startswith(path, Sys.STDLIB)
end

attachment(value) = repr(value; context=:limit => true)
attachment((exception, backtrace)::Tuple{Exception,Any}) = sprint(showerror, exception, backtrace)
attachment(exception::Exception) = sprint(showerror, exception)
