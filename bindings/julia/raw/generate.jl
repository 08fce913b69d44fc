# julia bindings/julia/raw/generate.jl [--check] - writes src/capi.jl anew from include/aim.h, or, with --check, fails
# if it is not up to date.

const ROOT = normpath(joinpath(@__DIR__, "..", "..", ".."))
const HEADER = joinpath(ROOT, "include", "aim.h")
const OUTPUT = normpath(joinpath(@__DIR__, "..", "src", "capi.jl"))

const SCALARS = Dict(
    "void" => "Cvoid", "bool" => "Bool", "double" => "Cdouble", "size_t" => "Csize_t", "char" => "UInt8",
    "uint8_t" => "UInt8", "int32_t" => "Int32", "uint32_t" => "UInt32", "int64_t" => "Int64", "uint64_t" => "UInt64",
)
const VALUES = Dict("NULL" => "C_NULL", "INT64_MIN" => "typemin(Int64)", "INT64_MAX" => "typemax(Int64)",
                    "UINT32_MAX" => "typemax(UInt32)")

"The Julia type of a C declaration's type, as in `const char *`."
function julia_type(c)
    words = filter(word -> !(word in ("const", "struct", "*")), split(replace(c, "*" => " * ")))
    length(words) == 1 || error("the type '$c' is not understood")
    stars = count(==('*'), c)
    words[1] == "char" && stars == 1 && return "Cstring"
    words[1] == "char" && return "Ptr{Cstring}"
    return foldl((type, _) -> "Ptr{$type}", 1:stars; init=get(SCALARS, words[1], words[1]))
end

"Splits `const char *name` into type and name."
function declaration(c)
    found = match(r"^(.*?)(\w+)$"s, strip(c))
    return julia_type(found[1]), found[2] in ("function", "end") ? found[2] * "_" : found[2]
end

"Breaks a line at commas so that none is longer than 120 columns; those that follow are indented by `indent` blanks."
function folded(line, indent)
    length(line) <= 120 && return line
    at = findprev(", ", line, 120).start
    return line[1:at] * "\n" * folded(" "^indent * line[at+2:end], indent)
end

function constants(header)
    found = eachmatch(r"^#define (AIM_\w+) ([-\w.\"]+)$"m, header)
    return [string("const ", m[1], " = ", constant(m[2])) for m in found]
end
constant(value) = occursin(r"^-?\d+$", value) ? "Int32($value)" : get(VALUES, value, value)

opaque(code) = ["mutable struct $(m[1]) end" for m in eachmatch(r"typedef struct (\w+) \1;", code)]

function typedefs(code)
    callbacks = ["const $(m[1]) = Ptr{Cvoid}" for m in eachmatch(r"typedef \w+ \(\*(\w+)\)\(", code)]
    scalars = ["const $(m[2]) = $(julia_type(m[1]))" for m in eachmatch(r"typedef (\w+) (\w+);", code)]
    return [scalars; callbacks]
end

"A struct and, where the header has an initialiser, a constructor with its values as keywords' defaults."
function structs(code, header)
    lines = String[]
    for m in eachmatch(r"typedef struct \{(.*?)\} (\w+);"s, code)
        fields = [declaration(field) for field in split(m[1], ';') if !isempty(strip(field))]
        append!(lines, ["", "struct $(m[2])", ("    $name::$type" for (type, name) in fields)..., "end"])
        initialiser = match(Regex("#define $(uppercase(m[2]))_INIT \\{ (.*) \\}"), header)
        initialiser === nothing && continue
        values = split(initialiser[1], ", ")
        length(values) == length(fields) || error("the initialiser of $(m[2]) has $(length(values)) values")
        defaults = ["$name=$(get(VALUES, value, value))" for ((_, name), value) in zip(fields[2:end], values[2:end])]
        names = last.(fields[2:end])
        push!(lines, folded("$(m[2])(; $(join(defaults, ", "))) =", length(m[2]) + 3))
        push!(lines, folded("    $(m[2])(sizeof($(m[2])), $(join(names, ", ")))", length(m[2]) + 5))
    end
    return lines
end

function functions(code)
    lines = String[]
    for m in eachmatch(r"^([a-z][\w ]*?[ *]+)(aim_\w+)\(([^()]*)\);"ms, replace(code, r"^typedef[^;]*;"ms => ""))
        parameters = [declaration(parameter) for parameter in split(m[3], ',') if strip(parameter) != "void"]
        names, types = join(last.(parameters), ", "), join(first.(parameters), ", ")
        length(parameters) == 1 && (types *= ",")
        call = join(filter(!isempty, ["(:$(m[2]), libaim), $(julia_type(m[1])), ($types)", names]), ", ")
        append!(lines, ["", "@inline $(m[2])($names) =", folded("    ccall($call)", 10)])
    end
    return lines
end

function generate(header)
    code = replace(header, r"/\*.*?\*/|//[^\n]*|^#[^\n]*|\bAIM_NODISCARD\s"ms => "")
    code = replace(code, r"typedef struct \{.*?\} \w+;"s => "")
    bodies = replace(header, r"/\*.*?\*/|//[^\n]*|^#[^\n]*"ms => "")
    return join(
        [
            "# The C API, one to one. Generated from include/aim.h by raw/generate.jl; do not edit."
            ""
            constants(header)
            ""
            opaque(code)
            ""
            typedefs(code)
            structs(bodies, header)
            functions(code)
            ""
        ],
        '\n',
    )
end

function main(arguments)
    text = generate(read(HEADER, String))
    if isempty(arguments)
        write(OUTPUT, text)
    elseif arguments == ["--check"]
        read(OUTPUT, String) == text && return 0
        println(stderr, "src/capi.jl differs from include/aim.h: run julia bindings/julia/raw/generate.jl")
        return 1
    else
        println(stderr, "usage: generate.jl [--check]")
        return 2
    end
    return 0
end

abspath(PROGRAM_FILE) == @__FILE__() && exit(main(ARGS))
