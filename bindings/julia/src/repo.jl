# Repositories.

"""
    Repo(path=nothing; repo_options=nothing)

Opens a repository that exists, for queries and administration: `path` is the directory that holds `.aim`; without it,
the nearest one upwards from the working directory. What processes left that died is brought in first. A repository
that may not be written is opened for reading. `repo_options` are [`Aim.RepoOptions`](@ref).
"""
mutable struct Repo
    ptr::Ptr{aim_repo}
    path::Union{Nothing,String}

    function Repo(path=nothing; repo_options=nothing)
        start_listening()
        directory = text_or_nothing(path)
        argument = something(directory, C_NULL)
        ptr = with_pointer(repo_options) do settings
            receive((out, err) -> aim_repo_open(argument, settings, out, err), Ptr{aim_repo}, C_NULL)
        end
        return free_with(aim_repo_free, new(ptr, directory))
    end
end

Base.unsafe_convert(::Type{Ptr{aim_repo}}, repo::Repo) = repo.ptr

Base.show(io::IO, repo::Repo) = print(io, "Repo(", repo.path === nothing ? "" : repr(repo.path), ")")

"""
    delete!(repo, run_hash)

Deletes a run with its params and points. One that is being written is an `AimError`.
"""
Base.delete!(repo::Repo, run_hash::AbstractString) =
    (check(err -> aim_repo_delete_run(repo, run_hash, err)); repo)

"""
    Aim.stats(repo)

Figures of the repository and of this process's writing to it, as a named tuple:

- `runs`: runs in the repository; `file_bytes`, `used_bytes`: of the data file, and of its pages that hold data;
- `journal_slots`, `journal_used`: slots of 48 bytes in this process's journal, and how many are not committed yet;
- since this process opened its first run: `journal_records`, slots handed out; `commits`; `commit_failures`, tried
  again;
- `waits`, `wait_nanoseconds`: calls that waited because the journal was full, and how long together;
- `set_aside`: records that could not be applied and are kept in the database; nothing else waits for them;
- `encoding`, `encode_waits`, `encode_wait_nanoseconds`, `encode_failures`: points that a program in C lent, and that are not
  encoded yet, calls that waited because too many were, and points that could not be stored.
"""
function stats(repo::Repo)
    result = Ref(aim_repo_stats())
    check(err -> aim_repo_get_stats(repo, result, err))
    return figures(result[])
end

"The fields of a struct of the C API behind its size, as a named tuple."
function figures(c)
    names = fieldnames(typeof(c))[2:end]
    return NamedTuple{names}(map(name -> Int(getfield(c, name)), names))
end

"""
    Aim.salvage(path, into; repo_options=nothing)

Copies what is intact in the repository at `path`, whose database cannot be opened (`AIM_ERR_CORRUPT`), into a new one
at `into`, and leaves the damaged one as it is. A run whose record was lost comes with what else is known of it, a
lost name with a stand-in. `repo_options` are those of the new repository.

Returns a named tuple: `runs`, `metrics` and `points` in the new repository; `lost_pages` and `lost_rows` of the old
one, which cannot be read or do not pass their checks; `uncounted`, 1 where more may be missing than is counted.
"""
function salvage(path, into; repo_options=nothing)
    report = Ref(aim_salvage_report())
    with_pointer(repo_options) do settings
        check(err -> aim_repo_salvage(path, into, settings, report, err))
    end
    return figures(report[])
end

"""
    Aim.compact(path; repo_options=nothing)

Makes the data file of the repository at `path` as small as what it holds, while nobody has it open.

Returns a named tuple: `bytes_before` and `bytes_after` of the data file, and `forgotten`, how many names, contexts and
param paths no run has any more.
"""
function compact(path; repo_options=nothing)
    GC.gc() # a handle that nobody has any more would keep it open
    report = Ref(aim_compact_report())
    with_pointer(repo_options) do settings
        check(err -> aim_repo_compact(path, settings, report, err))
    end
    return figures(report[])
end
