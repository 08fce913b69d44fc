# Which libaim.so is used.

using Libdl: dlopen

"The library's SONAME. Once a file of that SONAME is loaded, the loader finds it by this name, wherever it lies."
const libaim = "libaim.so.0"

"The library as the package manager brought it, for which `Artifacts.toml` beside `Project.toml` asks; nothing without it."
function artifact()
    list = normpath(joinpath(@__DIR__, "..", "Artifacts.toml"))
    isfile(list) || return nothing
    for entry in split(read(list, String), "[[libaim]]")
        occursin("arch = \"$(Sys.ARCH)\"", entry) || continue
        tree = match(r"git-tree-sha1 = \"([0-9a-f]{40})\"", entry)
        tree === nothing && continue
        for depot in DEPOT_PATH
            path = joinpath(depot, "artifacts", tree[1], "lib", libaim)
            isfile(path) && return path
        end
    end
    return nothing
end

"""
Loads the library: the file that the environment variable `LIBAIM` names, else the one that was installed together with
this package, else the one that the package manager brought, else what the system's loader finds.
"""
function load_library()
    installed = normpath(joinpath(@__DIR__, "..", "..", "..", "..", "..", "lib", libaim))
    named = get(ENV, "LIBAIM", "")
    path = !isempty(named) ? named : isfile(installed) ? installed : something(artifact(), libaim)
    handle = try
        dlopen(path)
    catch failure
        error(
            "libaim is needed: set LIBAIM to the path of $libaim, or install it where the system's loader finds it (",
            isempty(named) ? "" : "LIBAIM is \"$named\"; ", sprint(showerror, failure), ")",
        )
    end
    handle == dlopen(libaim) || error("\"$path\" is not the $libaim that is loaded, or was built without this SONAME")
    return nothing
end

"""
    Aim.version()

The version of the library that is loaded.
"""
version() = VersionNumber(unsafe_string(aim_version()))

"""
    Aim.has(part)

Whether the library was built with a part that a build may be without: "arrow", "git", "gpu" or "terminal".
"""
has(part::AbstractString) = aim_has(part)
