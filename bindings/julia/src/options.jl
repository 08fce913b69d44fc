# Options, and how text reaches a struct of the C API.

"""
    Aim.RepoOptions(; map_size=0, flush_interval=0.0, journal_size=0, allow_network_fs=false, any_owner=false)

Settings of a repository; 0 is the default. They count when the process first opens it.

- `map_size`: bytes of address space to reserve for the database at first.
- `flush_interval`: seconds that a tracked value may wait before it is committed, 0.001 to 3600; else one second.
- `journal_size`: bytes of this process's journal; else 6 MiB.
- `allow_network_fs`: open it on a network filesystem too. Safe only while one host uses it.
- `any_owner`: without a path, the search upwards takes a `.aim` of any user; else only of this one.
"""
struct RepoOptions
    c::aim_repo_options
    RepoOptions(; options...) = new(aim_repo_options(; options...))
end

"Calls `call(pointer)` with a pointer to the options, NULL for `nothing`."
with_pointer(call, ::Nothing) = call(Ptr{aim_repo_options}(C_NULL))
function with_pointer(call, options::RepoOptions)
    c = Ref(options.c)
    return GC.@preserve c call(Base.unsafe_convert(Ptr{aim_repo_options}, c))
end

text_or_nothing(text) = text === nothing ? nothing : String(text)

"A pointer to text that the caller preserves; NULL for `nothing`."
borrowed(::Nothing) = Cstring(C_NULL)
borrowed(text::String) = Base.unsafe_convert(Cstring, text)
