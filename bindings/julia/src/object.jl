# What is tracked beside numbers: how it is made.

"""
Something to track beside a number: an [`Aim.Image`](@ref), [`Aim.Text`](@ref), [`Aim.Audio`](@ref),
[`Aim.Distribution`](@ref), [`Aim.Figure`](@ref), [`Aim.Video`](@ref), [`Aim.Table`](@ref) or [`Aim.Tensor`](@ref).

All of these take `caption=""`, which says what it shows, but distributions, and `meta=nothing`, a dictionary or named tuple
that is kept with it: boxes, masks, units.
"""
abstract type Object end

"How an object is handed over."
abstract type Form end

"Bytes in a format, `nothing` where the first bytes tell it."
struct Encoded <: Form
    data::Vector{UInt8}
    format::Union{Nothing,String}
end

"Pixels, the channels of each beside each other, then along the rows."
struct Pixels{T} <: Form
    data::Array{T,3} # channel, column, row
    range::Tuple{Float64,Float64}
end

"Samples of audio by channel and frame."
struct Samples{T} <: Form
    data::Matrix{T}
    rate::Int
end

"An array that lies in memory as its strides say."
struct Strided{A<:AbstractArray} <: Form
    data::A
end

"Values to be counted."
struct Uncounted{T} <: Form
    data::Vector{T}
    bins::Int
    range::Tuple{Float64,Float64}
end

"Weights of bins, and their edges."
struct Counted <: Form
    weights::Vector{Float64}
    edges::Vector{Float64}
end

const ELEMENTS = Dict{DataType,Int32}(
    Bool => AIM_BOOL, UInt8 => AIM_U8, UInt16 => AIM_U16, UInt32 => AIM_U32, UInt64 => AIM_U64, Int8 => AIM_I8,
    Int16 => AIM_I16, Int32 => AIM_I32, Int64 => AIM_I64, Float16 => AIM_F16, Float32 => AIM_F32, Float64 => AIM_F64,
)

"The number of an element type in the C API."
element(::Type{T}) where {T} = get(ELEMENTS, T) do
    throw(ArgumentError("elements of type $T cannot be stored; they are Bool, integers up to 64 bits, or floats"))
end

"Bytes in hand, in a file that is open, or of a text."
bytes(data::AbstractVector{UInt8}) = Vector{UInt8}(data)
bytes(data::IO) = read(data)
bytes(data::AbstractString) = Vector{UInt8}(codeunits(String(data)))

for (name, what) in (
    :Figure => "A figure: `format` is \"plotly\", \"vega-lite\", \"html\" or \"svg\"",
    :Video => "A video: `format` is \"mp4\", \"webm\" or \"gif\", or told by the first bytes",
)
    documentation = """
        Aim.$name(data, format=nothing; caption="", meta=nothing)

    $what. `data` is a vector of bytes, text, or an `IO`, which is read to its end.
    """
    @eval begin
        @doc $documentation struct $name <: Object
            form::Encoded
            caption::String
            meta::String
        end
        $name(data, format=nothing; caption="", meta=nothing) =
            $name(Encoded(bytes(data), text_or_nothing(format)), caption, meta_json(meta))
    end
end

"The rows of a stream of Arrow's C Stream Interface, as an object or by its address."
struct Streamed{S} <: Form
    rows::S
end

"""
    Aim.Table(data, format=nothing; caption="", meta=nothing)
    Aim.Table(rows; caption="", meta=nothing)

A table: `format` is "arrow", "csv" or "parquet", or told by the first bytes. `data` is a vector of bytes, text, or an `IO`,
which is read to its end. Or the rows of a stream of Arrow's C Stream Interface, an [`Aim.ArrowArrayStream`](@ref) or the
`Ptr{Cvoid}` of one: tracking it reads the stream to its end and releases it, whatever the outcome.
"""
struct Table{F<:Form} <: Object
    form::F
    caption::String
    meta::String
end
Table(data, format=nothing; caption="", meta=nothing) =
    Table(Encoded(bytes(data), text_or_nothing(format)), String(caption), meta_json(meta))
Table(rows::Union{ArrowArrayStream,Ptr{Cvoid}}; caption="", meta=nothing) =
    Table(Streamed(rows), String(caption), meta_json(meta))

meta_json(::Nothing) = ""
meta_json(meta) = JSON.encode(meta)

"""
    Aim.Text(text; format="text", caption="", meta=nothing)

A text; `format` is "text", "markdown" or "html".
"""
struct Text <: Object
    form::Encoded
    caption::String
    meta::String
end
Text(text::AbstractString; format="text", caption="", meta=nothing) =
    Text(Encoded(bytes(text), String(format)), caption, meta_json(meta))

"""
    Aim.Image(pixels; low=0, high=1, caption="", meta=nothing)
    Aim.Image(data, format; caption="", meta=nothing)

An image. `pixels` are a matrix by row and column, or an array by row, column and channel, of which there are 1 (grey), 2
(grey, alpha), 3 (RGB) or 4 (RGBA): `UInt8`, `UInt16`, which are kept as they are, or floats from `low` to `high`, which get
8 bits. A matrix of colours of the package ColorTypes (`RGB`, `Gray`, ...) will do. It is stored as PNG.

The second form is encoded already, as "png", "jpeg", "gif", "webp", "bmp" or "svg", or, with `nothing`, what the first bytes
tell; `data` is a vector of bytes or an `IO`.
"""
struct Image{F<:Form} <: Object
    form::F
    caption::String
    meta::String
end
Image(data::Union{AbstractVector{UInt8},IO}, format=nothing; caption="", meta=nothing) =
    Image(Encoded(bytes(data), text_or_nothing(format)), String(caption), meta_json(meta))
Image(pixels::AbstractArray; low=0, high=1, caption="", meta=nothing) =
    Image(Pixels(channels_first(pixels), (Float64(low), Float64(high))), String(caption), meta_json(meta))

channels_first(pixels::AbstractArray{<:Real,3}) = permutedims(pixels, (3, 2, 1))
channels_first(pixels::AbstractMatrix{<:Real}) = reshape(permutedims(pixels), 1, reverse(size(pixels))...)
channels_first(pixels::AbstractArray) =
    throw(ArgumentError("an image is a matrix, or an array of three dimensions, not an array of $(ndims(pixels))"))

# Colours are told by what they consist of, so that their package need not be there.
function channels_first(pixels::AbstractMatrix{C}) where {C}
    C <: Real && return invoke(channels_first, Tuple{AbstractMatrix{<:Real}}, pixels)
    names = filter(name -> name in fieldnames(C), (:val, :r, :g, :b, :alpha))
    names in ((:val,), (:val, :alpha), (:r, :g, :b), (:r, :g, :b, :alpha)) ||
        throw(ArgumentError("pixels are numbers, or colours of grey or RGB, not $C"))
    rows = permutedims(pixels)
    return stack_channels([map(pixel -> level(getfield(pixel, name)), rows) for name in names])
end

function stack_channels(planes)
    stacked = Array{eltype(planes[1])}(undef, length(planes), size(planes[1])...)
    for (channel, plane) in enumerate(planes)
        stacked[channel, :, :] = plane
    end
    return stacked
end

"A float as it is; of a fixed-point number the integer that it is made of."
level(number::AbstractFloat) = number
level(number) = number isa Integer || fieldnames(typeof(number)) != (:i,) ? number : number.i

"""
    Aim.Audio(samples; rate, caption="", meta=nothing)
    Aim.Audio(data, format; caption="", meta=nothing)

A clip of `rate` frames a second. `samples` are a vector, or a matrix by frame and channel: `Int16`, `Int32`, or floats from -1
to 1. It is stored as WAV. The second form is encoded already, as "wav", "flac", "mp3" or "ogg".
"""
struct Audio{F<:Form} <: Object
    form::F
    caption::String
    meta::String
end
Audio(data::Union{AbstractVector{UInt8},IO}, format=nothing; caption="", meta=nothing) =
    Audio(Encoded(bytes(data), text_or_nothing(format)), String(caption), meta_json(meta))
Audio(samples::AbstractVecOrMat{<:Real}; rate::Integer, caption="", meta=nothing) =
    Audio(Samples(permutedims(reshape(as_samples(samples), size(samples, 1), :)), Int(rate)), String(caption), meta_json(meta))

as_samples(samples::AbstractArray{<:AbstractFloat}) = convert(Array{Float32}, samples)
as_samples(samples::AbstractArray) = collect(samples)

"""
    Aim.Distribution(values; bins=64, low=0, high=0)
    Aim.Distribution(weights, edges)

A distribution: values that the library counts into up to 4096 bins at even distances, from the least to the greatest where
`low` and `high` are equal; NaN, infinities and what lies outside are counted apart. Or bins that are counted already, with
their ascending edges, one more, which may be uneven.
"""
struct Distribution{F<:Form} <: Object
    form::F
end
Distribution(values::AbstractArray{<:Real}; bins::Integer=64, low=0, high=0) =
    Distribution(Uncounted(vec(collect(values)), Int(bins), (Float64(low), Float64(high))))
function Distribution(weights::AbstractVector{<:Real}, edges::AbstractVector{<:Real})
    length(edges) == length(weights) + 1 ||
        throw(DimensionMismatch("$(length(edges)) edges for $(length(weights)) weights: they are one more"))
    return Distribution(Counted(weights, edges))
end

"""
    Aim.Tensor(array; caption="", meta=nothing)

An array of any element type and up to 8 dimensions, stored as NPY of the same shape. `meta=(role="points",)` may say what it
is.
"""
struct Tensor{F<:Form} <: Object
    form::F
    caption::String
    meta::String
end
Tensor(array::AbstractArray; caption="", meta=nothing) =
    Tensor(Strided(in_memory(array)), String(caption), meta_json(meta))

"The array, or a copy that lies in memory in the order of its indices."
in_memory(array::StridedArray) = array
in_memory(array::AbstractArray) = Array(array)

"What a sequence of these objects holds, in the C API."
kind(::Type{<:Image}) = AIM_QUERY_IMAGES
kind(::Type{<:Text}) = AIM_QUERY_TEXTS
kind(::Type{<:Audio}) = AIM_QUERY_AUDIOS
kind(::Type{<:Distribution}) = AIM_QUERY_DISTRIBUTIONS
kind(::Type{<:Figure}) = AIM_QUERY_FIGURES
kind(::Type{<:Video}) = AIM_QUERY_VIDEOS
kind(::Type{<:Table}) = AIM_QUERY_TABLES
kind(::Type{<:Tensor}) = AIM_QUERY_ARRAYS

Base.show(io::IO, object::Object) = print(io, nameof(typeof(object)), "(…)")
