# Runs: opening, closing, properties.

"""
    Run(; repo=nothing, experiment=nothing, run_hash=nothing, options...)
    Run(f; …)

Opens a run: a new one, or, with `run_hash`, one that exists. The second form calls `f(run)`, as in `Run() do run …
end`, closes the run and returns what `f` returned. A run that an exception leaves has failed, after Ctrl-C it is
interrupted.

- `repo`: directory of the repository, made if missing. Else the nearest directory upwards from the working directory
  that holds `.aim`, else the working directory.
- `experiment`: name of the experiment; else "default", or what a continued run has.
- `repo_options`: [`Aim.RepoOptions`](@ref).
- `system_tracking_interval`: seconds between two readings of what the process, the host and its GPUs use, 0.1 to
  86400; 0: none. `system_tracking_group`: of the processes of this host that give the same name, one at a time reads.
  `system_tracking_children`: read what the processes below this one use, too.
- `mode`: `:disabled`, every call succeeds and does nothing; `:enabled`; `nothing`: as the environment variable `AIM_MODE` says.
- `log_system_params`: record arguments, environment, git, host, GPUs, libraries as the param `__system_params`,
  secrets masked. `mask_names`: more names to mask, a text or several, as in `["*_LICENCE", "SITE_*"]`.
  `env_names`: the only environment variables to record, in the same form; `nothing`: all, `""`: none.
- `capture_terminal_logs`: record what the program writes to the terminal.
- `run_id`: the run is found by this text, the id of a job, for one; "auto": what the batch system calls the job.
  `run_id_mode`: `:open_or_create`, `:create` (`AIM_ERR_EXISTS` if there is one) or `:open` (`AIM_ERR_NOT_FOUND`).
- `resume_step`: what the run's metrics have from this step on is dropped by the first process that goes on with it.
- `new_hash`, `created_at`: hash and creation time (seconds since 1970-01-01 UTC) of a new run. `no_lease`: what is past
  is brought in; the run does not run, and keeps status and end unless [`Aim.close_as`](@ref) gives others.

Properties: `hash` (24 hex digits); `name`, `description`, `experiment`, `archived`, which can be set; `tags`, changed
by [`Aim.add_tag!`](@ref) and [`Aim.remove_tag!`](@ref). A run that is dropped is closed in the background, one that
is open at exit is closed then; it has failed if the exit code is not 0.
"""
mutable struct Run
    ptr::Ptr{aim_run}
    hash::String
    open::Bool
    printing::Union{Nothing,Printing}
    known::Vector{Any} # metrics, see track.jl

    function Run(;
        repo=nothing, experiment=nothing, run_hash=nothing, repo_options=nothing, system_tracking_interval=0,
        system_tracking_group=nothing, log_system_params=false, mask_names=nothing, capture_terminal_logs=false,
        env_names=nothing, run_id=nothing, run_id_mode=:open_or_create, resume_step=nothing, new_hash=nothing,
        created_at=0, no_lease=false, system_tracking_children=false, mode=nothing,
    )
        start_listening()
        mask_names isa AbstractVector && (mask_names = join(mask_names, ','))
        env_names isa AbstractVector && (env_names = join(env_names, ','))
        texts = map(
            text_or_nothing,
            (repo, experiment, run_hash, system_tracking_group, mask_names, env_names, run_id, new_hash),
        )
        ptr = GC.@preserve texts with_pointer(repo_options) do settings
            options = aim_run_options(;
                repo=borrowed(texts[1]), experiment=borrowed(texts[2]), run_hash=borrowed(texts[3]),
                repo_options=settings, system_tracking_interval=system_tracking_interval,
                system_tracking_group=borrowed(texts[4]), log_system_params=log_system_params,
                mask_names=borrowed(texts[5]), capture_terminal_logs=capture_terminal_logs,
                env_names=borrowed(texts[6]), run_id=borrowed(texts[7]),
                run_id_mode=choose(run_id_mode, RUN_ID_MODES, "run_id_mode"), new_hash=borrowed(texts[8]),
                created_at=created_at, no_lease=no_lease, resume=resume_step !== nothing,
                resume_step=something(resume_step, 0), system_tracking_children=system_tracking_children,
                mode=mode === nothing ? AIM_MODE_AS_SET : choose(mode, MODES, "mode"),
            )
            receive((out, err) -> aim_run_new(Ref(options), out, err), Ptr{aim_run}, C_NULL)
        end
        printing = capture_terminal_logs ? follow_descriptors() : nothing
        known = fill!(Vector{Any}(undef, PLACES), nothing)
        run = new(ptr, unsafe_string(aim_run_hash(ptr)), true, printing, known)
        # Does not wait: what is open is closed by the library's own thread.
        return free_with(aim_run_free, run)
    end
end

function Run(f::Function; options...)
    run = Run(; options...)
    result = try
        f(run)
    catch failure
        try
            close_as(run, failure isa InterruptException ? :interrupted : :failed)
        catch # what went wrong first counts
        end
        rethrow()
    end
    close(run)
    return result
end

# A run that is given to `ccall` stays alive until the call returns.
Base.unsafe_convert(::Type{Ptr{aim_run}}, run::Run) = getfield(run, :ptr)

"""
    close(run)

Commits everything and ends the run: its status becomes finished, unless other processes are still writing it. Closing
again does nothing; any other use of a closed run is an `AimError`. On an error the run is closed all the same, and the
library goes on trying to store what is left.
"""
function Base.close(run::Run)
    isopen(run) && restore(getfield(run, :printing))
    try
        check(err -> aim_run_close(run, err))
    catch failure
        failure isa AimError && failure.code == AIM_ERR_CLOSED || rethrow()
    finally
        setfield!(run, :open, false)
    end
    return nothing
end

const MODES = (enabled=AIM_MODE_ENABLED, disabled=AIM_MODE_DISABLED)
const RUN_ID_MODES = (open_or_create=AIM_OPEN_OR_CREATE, create=AIM_CREATE, open=AIM_OPEN)
const STATUSES = (
    finished=AIM_RUN_FINISHED, failed=AIM_RUN_FAILED, interrupted=AIM_RUN_INTERRUPTED, crashed=AIM_RUN_CRASHED,
)

"What a name stands for in the C API."
function choose(name, choices, what)
    haskey(choices, Symbol(name)) || throw(ArgumentError("$what $name is none of $(join(keys(choices), ", "))"))
    return choices[Symbol(name)]
end

"""
    Aim.close_as(run, status; exit_code=nothing, signal=0, finalized_at=0)

Closes, and says how the run ended: `:finished`, `:failed`, `:interrupted` or `:crashed`, and when, in seconds since
1970-01-01 UTC; 0: now.
"""
function close_as(run::Run, status; exit_code=nothing, signal=0, finalized_at=0)
    outcome = Ref(aim_outcome(;
        status=choose(status, STATUSES, "status"), has_exit_code=exit_code !== nothing,
        exit_code=something(exit_code, 0), signal=signal, finalized_at=finalized_at,
    ))
    isopen(run) && restore(getfield(run, :printing))
    try
        check(err -> aim_run_close_as(run, outcome, err))
    finally
        setfield!(run, :open, false)
    end
    return nothing
end

"""
    Aim.start_closing(run)

Closes without waiting; [`Aim.wait_for`](@ref) waits for what is stored in the background.
"""
function start_closing(run::Run)
    isopen(run) && restore(getfield(run, :printing))
    setfield!(run, :open, false)
    check(err -> aim_run_start_closing(run, C_NULL, err))
end

"""
    Aim.wait_for(run, seconds)

Waits until everything that this process tracked is stored, no longer than `seconds`, also after the run was closed;
`AIM_ERR_TIMEOUT` if the time is over before.
"""
wait_for(run::Run, seconds::Real) = check(err -> aim_run_wait(run, seconds, err))

"""
    Aim.rewind!(run, step, names...)

Drops the points of all metrics, or of those named, from `step` on; returns how many.
"""
function rewind!(run::Run, step::Integer, names...)
    texts = String[string(name) for name in names]
    pointers = Cstring[Cstring(pointer(text)) for text in texts]
    GC.@preserve texts receive(UInt64) do out, err
        aim_run_rewind(run, step, pointers, length(pointers), out, err)
    end |> Int
end

"""
    Aim.log_at(run, time, level, message)

Logs a message with its time in seconds since 1970-01-01 UTC; `level` is one of `Aim.AIM_LOG_…` or a number from 1 to 100.
"""
log_at(run::Run, time::Real, level::Integer, message) =
    check(err -> aim_run_log_at(run, time, level, message, C_NULL, 0, C_NULL, err))

"""
    Aim.add_terminal_line_at(run, time, descriptor, text)

Adds a line of the terminal with its time in seconds since 1970-01-01 UTC; `descriptor` is 1 or 2.
"""
add_terminal_line_at(run::Run, time::Real, descriptor::Integer, text) =
    check(err -> aim_run_add_terminal_line_at(run, time, descriptor, text, err))

Base.isopen(run::Run) = getfield(run, :open)

"""
    flush(run)

Waits until everything that this process tracked and set before is committed to disk.
"""
Base.flush(run::Run) = check(err -> aim_run_flush(run, err))

Base.show(io::IO, run::Run) = print(io, "Run(", repr(run.hash), isopen(run) ? ")" : ", closed)")

const RUN_PROPERTIES = (:hash, :name, :description, :experiment, :tags, :archived)

Base.propertynames(::Run) = RUN_PROPERTIES

function Base.getproperty(run::Run, name::Symbol)
    name === :hash && return getfield(run, :hash)
    name === :name && return receive_text((out, err) -> aim_run_get_name(run, out, err))
    name === :description && return receive_text((out, err) -> aim_run_get_description(run, out, err))
    name === :experiment && return receive_text((out, err) -> aim_run_get_experiment(run, out, err))
    name === :archived && return receive((out, err) -> aim_run_get_archived(run, out, err), Bool)
    name === :tags && return texts(receive_text((out, err) -> aim_run_get_tags(run, out, err)))
    return no_property(run, name)
end

function Base.setproperty!(run::Run, name::Symbol, value)
    name === :name && return check(err -> aim_run_set_name(run, value, err))
    name === :description && return check(err -> aim_run_set_description(run, value, err))
    name === :experiment && return check(err -> aim_run_set_experiment(run, value, err))
    name === :archived && return check(err -> aim_run_set_archived(run, value, err))
    name in RUN_PROPERTIES && throw(ArgumentError("$name of a run cannot be set like this"))
    return no_property(run, name)
end

no_property(object, name) = throw(
    ArgumentError("a $(nameof(typeof(object))) has no property $name; it has $(join(propertynames(object), ", "))"),
)

texts(json) = Vector{String}(JSON.decode(json))

"""
    Aim.add_tag!(run, tag)

Adds a tag; nothing happens if the run has it.
"""
add_tag!(run::Run, tag) = (check(err -> aim_run_add_tag(run, tag, err)); run)

"""
    Aim.remove_tag!(run, tag)

Removes a tag; nothing happens if the run does not have it.
"""
remove_tag!(run::Run, tag) = (check(err -> aim_run_remove_tag(run, tag, err)); run)
