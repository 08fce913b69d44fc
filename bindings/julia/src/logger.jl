"""
    AimLogger(run; level=Logging.Info, next=Logging.current_logger())

A logger that tracks: with `with_logger(AimLogger(run)) do … end`, `@info "train" loss=0.1 step=7 epoch=1` tracks the
metric `loss` with the context `subset="train"`. Every real number that is attached is a metric; `step` and `epoch`
are theirs, and an empty message gives no context. Those in named tuples, dictionaries and structs of the program's own
are metrics too, called `name.key`. Objects (`Aim.Image` and its kin), matrices of colours, which are images, and arrays of
numbers, which are distributions, are tracked as such. What else is attached, and a message without any of that, becomes a
record of the run's log. Every record goes on to `next`, if that wants it, whatever its level; `nothing` ends it here.

What tells of progress, as `@progress` of ProgressLogging does (a record with `progress` between 0 and 1, or "done"), becomes the
metric `progress`, with the message as `subset`; so it is with a `level` up to `Logging.Info`, though its own is lower.
"""
struct AimLogger <: Logging.AbstractLogger
    run::Run
    level::Logging.LogLevel
    next::Logging.AbstractLogger
end

AimLogger(run::Run; level=Logging.Info, next=Logging.current_logger()) =
    AimLogger(run, convert(Logging.LogLevel, level), something(next, Logging.NullLogger()))

Logging.shouldlog(::AimLogger, level, _module, group, id) = true
Logging.min_enabled_level(logger::AimLogger) = min(progress_level(logger), Logging.min_enabled_level(logger.next))

"The level from which on records of progress count; theirs is -1."
progress_level(logger) = logger.level <= Logging.Info ? min(logger.level, Logging.LogLevel(-1)) : logger.level

is_number(value) = value isa Real && !(value isa Bool)

function Logging.handle_message(
    logger::AimLogger, level, message, _module, group, id, file, line; attached...,
)
    next = logger.next
    try
        if haskey(attached, :progress)
            level >= progress_level(logger) && progress(logger.run, message, attached[:progress])
        elseif level >= logger.level
            record(logger.run, level, message, file, line; attached...)
        end
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
            elseif is_pictured(value)
                track!(run, name, picture(value); step=step, epoch=epoch, context...)
            else
                push!(rest, Symbol(name) => value)
            end
        end
    end
    isempty(rest) && !isempty(attached) && return nothing
    text = join([subset; ["$name = $(attachment(value))" for (name, value) in rest]], '\n')
    log!(run, text; level=level, file=file, line=line)
end

function progress(run, message, done)
    done = done isa Union{AbstractString,Symbol} && string(done) == "done" ? 1.0 : done
    # Of one that has just begun nothing is known: NaN or nothing.
    is_number(done) && !isnan(done) && track!(run, :progress, done; subset=string(message))
    return nothing
end

"Whether a value is tracked as an object, or can be."
is_pictured(::Object) = true
is_pictured(value::AbstractVector) = !isempty(value) && (all(item -> item isa Object, value) || are_numbers(value))
is_pictured(value::AbstractMatrix) = !isempty(value) && (are_numbers(value) || are_colours(value))
is_pictured(value::AbstractArray) = !isempty(value) && are_numbers(value)
is_pictured(value) = false

are_numbers(values) = eltype(values) <: Real && !(eltype(values) <: Bool) && eltype(values) != Union{}
function are_colours(pixels)
    type = eltype(pixels)
    isconcretetype(type) && isstructtype(type) || return false
    return filter(name -> name in fieldnames(type), (:val, :r, :g, :b)) in ((:val,), (:r, :g, :b))
end

picture(object::Object) = object
picture(objects::AbstractVector) = objects[1] isa Object ? [objects...] : Distribution(plain(objects))
picture(array::AbstractMatrix) = are_numbers(array) ? Distribution(plain(array)) : Image(array)
picture(array::AbstractArray) = Distribution(plain(array))

"Elements of a type that the library knows."
plain(array) = haskey(ELEMENTS, eltype(array)) ? array : Float64.(array)

"An attached value as pairs of a name and a value: what holds numbers or objects, at any depth, is taken apart."
measurements(name, value) = has_values(value) ? parts(name, value) : [name => value]

parts(name, value) = is_composite(value) ?
    [part for (key, item) in members(value) for part in parts(string(name, '.', key), item)] : [name => value]

has_values(value) =
    is_composite(value) && any(((_, item),) -> is_number(item) || is_pictured(item) || has_values(item), members(value))

members(value::Union{NamedTuple,AbstractDict}) = pairs(value)
members(value) = [name => getfield(value, name) for name in fieldnames(typeof(value)) if isdefined(value, name)]

is_composite(::Union{NamedTuple,AbstractDict}) = true
is_composite(::Object) = false
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
