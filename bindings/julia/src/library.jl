# Which libaim.so is used.

using Libdl: dlopen

"The library's SONAME. Once a file of that SONAME is loaded, the loader finds it by this name, wherever it lies."
const libaim = "libaim.so.0"

"""
Loads the library: the file that the environment variable `LIBAIM` names, else the one that was installed together with
this package, else what the system's loader finds.
"""
function load_library()
    installed = normpath(joinpath(@__DIR__, "..", "..", "..", "..", "..", "lib", libaim))
    named = get(ENV, "LIBAIM", "")
    path = !isempty(named) ? named : isfile(installed) ? installed : libaim
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
