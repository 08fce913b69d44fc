# Artifacts: files and directories that a run makes or uses.

const ARTIFACT_MODES = (reference=AIM_ARTIFACT_REFERENCE, link=AIM_ARTIFACT_LINK, copy=AIM_ARTIFACT_COPY)

"""
    Aim.log_artifact(run, path; name=nothing, type="file", metadata=nothing, aliases=[], step=nothing, mode=:reference,
                     checksum=true, wait=false)

Logs a file or directory: a version of the run's artifact `name`, which is the last part of the path unless said otherwise.
`type` is "model", "checkpoint", "dataset", ...; `metadata` a named tuple or a dictionary; `aliases` are more names for the
version, such as "best"; `step` is that at which it was made.

`mode` says what becomes of the file: `:reference`, it stays where it is; `:link`, it gets a second name in the repository, and
may be renamed or deleted at once; `:copy`. With `checksum=false` size and time serve in place of the SHA-256.

The call returns at once, and `close` waits until all is copied and summed; with `wait=true` the call does.
"""
function log_artifact(
    run::Run, path; name=nothing, type="file", metadata=nothing, aliases=String[], step=nothing, mode=:reference,
    checksum=true, wait=false,
)
    names = aliases isa AbstractString ? aliases : join(aliases, ',')
    encoded = metadata === nothing ? nothing : JSON.encode(metadata)
    given = map(text_or_nothing, (path, name, type, encoded, isempty(names) ? nothing : names))
    for text in given
        text !== nothing && occursin('\0', text) && throw(ArgumentError("$(repr(text)) must not contain a NUL"))
    end
    GC.@preserve given begin
        options = Ref(aim_artifact_options(;
            path=borrowed(given[1]), name=borrowed(given[2]), kind=borrowed(given[3]), metadata=borrowed(given[4]),
            aliases=borrowed(given[5]), step=something(step, AIM_STEP_AUTO), mode=choose(mode, ARTIFACT_MODES, "mode"),
            no_checksum=!checksum, wait=wait,
        ))
        check(err -> aim_run_log_artifact(run, options, err))
    end
    return run
end

"""
    Aim.set_artifacts_uri!(run, uri)

Notes where the run's artifacts belong, for whoever sends them there: "s3://bucket/path" or "file:///path".
"""
set_artifacts_uri!(run::Run, uri) = (check(err -> aim_run_set_artifacts_uri(run, uri, err)); run)

"""
    Aim.use_artifact(run, reference)

Notes that the run uses an artifact of its repository: "RUN/NAME", "RUN/NAME:v3" or "RUN/NAME:best", where RUN is a hash.
"""
use_artifact(run::Run, reference) = (check(err -> aim_run_use_artifact(run, reference, err)); run)

"""
A version of what a run logged, or what is to become one: `name`; `version`, counted from 0 within run and name, `nothing` until
it is summed; `type`; `path`, where it was logged; `content`, where its bytes are now; `size` in bytes; `mtime`, nanoseconds
since 1970-01-01 UTC; `checksum`, SHA-256 in hex, of a directory that of its list of files; `files`, how many a directory has;
`step`; `time`, when it was logged, in seconds since 1970-01-01 UTC; `metadata`, a dictionary; `aliases`; `mode`, "reference",
"link" or "copy"; `uri`, to where it was pushed; `state`, "stored", "queued", or "failed: " and why. What is not known is
`nothing`.
"""
struct Artifact
    name::String
    version::Union{Int,Nothing}
    type::String
    path::String
    content::Union{String,Nothing}
    size::Union{Int,Nothing}
    mtime::Union{Int,Nothing}
    checksum::Union{String,Nothing}
    files::Union{Int,Nothing}
    step::Union{Int,Nothing}
    time::Float64
    metadata::AbstractDict
    aliases::Vector{String}
    mode::String
    uri::Union{String,Nothing}
    state::String
end

Base.show(io::IO, artifact::Artifact) = print(
    io, "Artifact(", repr(artifact.name), artifact.version === nothing ? "" : ", v$(artifact.version)", ", ", artifact.state, ")",
)

"""
    Aim.artifacts(repo, run_hash)

What a run logged, as [`Aim.Artifact`](@ref)s: the versions of each name, oldest first, then what is not summed yet.
"""
artifacts(repo::Repo, run_hash) = map(decoded((out, err) -> aim_repo_artifacts(repo, run_hash, out, err))) do known
    told(key, otherwise=nothing) = get(known, key, otherwise)
    Artifact(
        known["name"], told("version"), told("type", "file"), told("path", ""), told("content"), told("size"),
        told("mtime"), told("checksum"), told("files"), told("step"), told("time", 0) / 1e6, told("metadata", JSON.Object()),
        told("aliases", String[]), told("mode", ""), told("uri"), told("state", ""),
    )
end

"""
    Aim.verify_artifacts(repo, run_hash)

Reads all artifacts of a run and compares them with what was logged: named tuples of `name`, `version`, `found` ("intact",
"changed", "missing" or "unknown") and `detail`, more of it in words, unless it is intact.
"""
verify_artifacts(repo::Repo, run_hash) =
    map(decoded((out, err) -> aim_repo_verify_artifacts(repo, run_hash, out, err))) do known
        (name=known["name"], version=get(known, "version", nothing), found=known["found"], detail=get(known, "detail", ""))
    end

"""
    Aim.artifact_users(repo, reference)

The runs that use an artifact: named tuples of `run`, a hash, `version`, `nothing` if it used the same bytes under another name,
and `time`, in seconds since 1970-01-01 UTC.
"""
artifact_users(repo::Repo, reference) =
    map(decoded((out, err) -> aim_repo_artifact_users(repo, reference, out, err))) do known
        (run=known["run"], version=get(known, "version", nothing), time=known["time"] / 1e6)
    end

decoded(call) = JSON.decode(receive_text(call))

"""
    Aim.fetch_artifact(repo, reference, into)

Copies an artifact into a directory, which is made if it is missing, once its bytes are checked; returns its path there.
"""
fetch_artifact(repo::Repo, reference, into) =
    receive_text((out, err) -> aim_repo_fetch_artifact(repo, reference, into, out, err))

"""
    Aim.alias_artifact!(repo, reference, alias)

Gives a version one more name, which it takes from another one.
"""
alias_artifact!(repo::Repo, reference, alias) =
    (check(err -> aim_repo_alias_artifact(repo, reference, alias, err)); repo)

"""
    Aim.delete_artifact!(repo, reference)

Deletes a version with what is kept of it.
"""
delete_artifact!(repo::Repo, reference) = (check(err -> aim_repo_delete_artifact(repo, reference, err)); repo)
