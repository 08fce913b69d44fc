"""
JSON as the C API writes and reads it: `NaN`, `Infinity` and `-Infinity` are numbers, integers have any size, and
`{"__bytes__": "<base64>"}` is bytes.
"""
module JSON

using Base64: base64decode, base64encode

include("json_object.jl")
include("json_decode.jl")
include("json_encode.jl")

end
