# Lays out cbindgen's output for readers: functions grouped by object under headings, macros next to what they are for,
# constants without empty lines between them. A paragraph is one declaration with its comment.

BEGIN {
    RS = ""
    groups = split("library error run metric sequence repo edit query objects", order, " ")
    title["library"] = "The library"; title["error"] = "Errors"; title["run"] = "Runs"
    title["metric"] = "Metrics"; title["repo"] = "Repositories"; title["edit"] = "Edits"; title["query"] = "Queries"
    title["sequence"] = "Sequences of objects"; title["objects"] = "Objects"
    part_of["sample"] = "query"; part_of["list"] = "repo"; part_of["status"] = "error"; part_of["cursor"] = "query"
}

# The comment lines about safety are for Rust callers.
{
    lines = split($0, line, "\n")
    text = declaration = held = ""
    safety = 0
    for (i = 1; i <= lines; i++) {
        if (line[i] ~ /^ *\/\/\/ # Safety/) { safety = 1; held = "" }
        if (line[i] !~ /^ *\/\/\//) { safety = 0; declaration = declaration line[i] "\n" }
        if (safety) continue
        if (line[i] ~ /^ *\/\/\/$/) { held = held line[i] "\n"; continue } # an empty comment line at the end goes too
        text = text held line[i] "\n"
        held = ""
    }
}

# `#define AIM_X_Y_INIT ...` belongs to the struct aim_x_y.
declaration ~ /^#define [A-Z_]+_INIT / {
    struct = tolower(substr(declaration, 9, index(declaration, "_INIT") - 9))
    if (struct in place) body[place[struct]] = body[place[struct]] "\n" text
    else initialiser[struct] = text
    next
}

declaration ~ /^typedef struct \{/ {
    struct = declaration
    gsub(/.*\} |;.*/, "", struct)
    keep(text (struct in initialiser ? "\n" initialiser[struct] : ""))
    next
}

# A macro that calls a function follows it.
declaration ~ /^#define [A-Z_]+\(/ && match(declaration, /aim_[a-z0-9_]+\(/) {
    macro[substr(declaration, RSTART, RLENGTH)] = "\n" text
    next
}

match(declaration, /aim_[a-z0-9_]+\(/) {
    name = substr(declaration, RSTART, RLENGTH)
    split(name, words, "_")
    group = words[2] in part_of ? part_of[words[2]] : words[2] in title ? words[2] : "library"
    s = stage(name)
    functions[group, s] = functions[group, s] "\n" text macro[name]
    any[group] = 1
    if (!position) position = ++paragraphs
    next
}

{ keep(text) }

# Where in an object's life a function belongs: opening, working and reading, closing, freeing.
function stage(name) {
    if (name ~ /_(new|open)\($/) return 1
    if (name ~ /_run_(close|close_as|start_closing|wait)\($/) return 3
    return name ~ /_free\($/ ? 4 : 2
}

function keep(paragraph) { body[++paragraphs] = paragraph }

END {
    for (i = 1; i <= paragraphs; i++) {
        if (i == position)
            for (g = 1; g <= groups; g++) {
                if (order[g] in any) {
                    printf "\n/* ---- %s ---- */\n", title[order[g]]
                    for (s = 1; s <= 4; s++) printf "%s", functions[order[g], s]
                }
            }
        else {
            bare_constant = body[i] ~ /^#define AIM_/
            printf "%s%s", i == 1 || (bare_constant && constant) ? "" : "\n", body[i]
            constant = body[i] ~ /(^|\n)#define AIM_/
        }
    }
}
