"""
    AimLogger(run; level=Logging.Info)

A logger that tracks: with `with_logger(AimLogger(run)) do … end`, `@info "train" loss=0.1 step=7 epoch=1` tracks the
metric `loss` with the context `subset="train"`. Every real number that is attached is a metric; `step` and `epoch`
are theirs, and an empty message gives no context. What else is attached, and a message without numbers, becomes a
record of the run's log.
"""
struct AimLogger <: Logging.AbstractLogger
    run::Run
    level::Logging.LogLevel
end

AimLogger(run::Run; level=Logging.Info) = AimLogger(run, convert(Logging.LogLevel, level))

Logging.shouldlog(::AimLogger, level, _module, group, id) = true
Logging.min_enabled_level(logger::AimLogger) = logger.level

is_number(value) = value isa Real && !(value isa Bool)

function Logging.handle_message(
    logger::AimLogger, level, message, _module, group, id, file, line; step=nothing, epoch=nothing, attached...,
)
    subset = string(message)
    context = isempty(subset) ? NamedTuple() : (subset=subset,)
    rest = Pair{Symbol,Any}[]
    for (name, value) in attached
        if is_number(value)
            track!(logger.run, name, value; step=step, epoch=epoch, context...)
        else
            push!(rest, name => value)
        end
    end
    isempty(rest) && !isempty(attached) && return nothing
    text = join([subset; ["$name = $(attachment(value))" for (name, value) in rest]], '\n')
    log!(logger.run, text; level=level, file=file, line=line)
end

attachment(value) = repr(value; context=:limit => true)
attachment((exception, backtrace)::Tuple{Exception,Any}) = sprint(showerror, exception, backtrace)
attachment(exception::Exception) = sprint(showerror, exception)
