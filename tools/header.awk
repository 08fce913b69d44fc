# Lays out cbindgen's output for readers: functions grouped by object under headings, macros next to what they are for,
# constants without empty lines between them. A paragraph is one declaration with its comment.

BEGIN {
    RS = ""
    groups = split("library error run metric sequence repo edit query objects", order, " ")
    title["library"] = "The library"; title["error"] = "Errors"; title["run"] = "Runs"
    title["metric"] = "Metrics"; title["repo"] = "Repositories"; title["edit"] = "Edits"; title["query"] = "Queries"
    title["sequence"] = "Sequences of objects"; title["objects"] = "Objects"
    part_of["sample"] = "query"; part_of["list"] = "repo"; part_of["status"] = "error"; part_of["cursor"] = "query"

    # Functions in the order of their object's life; each word may be the beginning of several names. What no word names
    # comes behind the words before "...".
    life["library"] = "version has set_log_callback ... string_free bytes_free"
    life["error"] = "error_code error_message status_text ... error_free"
    life["run"] = "run_new run_hash run_track run_metric run_sequence run_rewind run_set_param run_delete_param " \
        "run_get_param run_get_param_json run_get_param_bool run_get_param_int64 run_get_param_double " \
        "run_get_param_string run_get_param_bytes run_set_name run_get_name run_set_description " \
        "run_get_description run_set_experiment run_get_experiment run_add_tag run_remove_tag run_get_tags " \
        "run_set_archived run_get_archived run_log run_log_at run_add_terminal_line run_read_logs run_flush ... " \
        "run_start_closing run_wait run_close run_close_as run_free"
    life["metric"] = "metric_track metric_track_many metric_track_many_at ... metric_free"
    life["sequence"] = "sequence_track ... sequence_free"
    life["repo"] = "repo_open repo_query repo_query_with repo_query_arrow repo_query_arrow_with repo_open_run " \
        "repo_list list_len list_name list_count list_free repo_read_logs repo_count_logs repo_get_notes " \
        "repo_get_stats repo_edit repo_describe repo_rename repo_delete_run repo_delete_runs repo_delete_tag ... " \
        "repo_compact repo_salvage repo_free"
    life["edit"] = "edit_new edit_set edit_add_tag edit_remove_tag edit_delete_param edit_add_note " \
        "edit_delete_note edit_drop ... edit_free"
    life["query"] = "query_len query_run_hash query_run_property query_run_properties query_run_param " \
        "query_run_param_json query_run_param_bool query_run_param_int64 query_run_param_double " \
        "query_run_param_string query_metric query_values query_sample sample_values sample_free query_sequence " \
        "query_objects query_table query_failures query_warning query_explain ... cursor_open cursor_next " \
        "cursor_free query_free"
    life["objects"] = "objects_len objects_info objects_data objects_distribution ... objects_free"
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
    s = stage(life[group], substr(name, 5, length(name) - 5))
    functions[group, s] = functions[group, s] "\n" text macro[name]
    any[group] = 1
    if (!position) position = ++paragraphs
    next
}

{ keep(text) }

# The place of a function among the words of a life: that of the longest word with which its name begins.
function stage(life, name,    words, n, i, best, place) {
    n = split(life, words, " ")
    for (i = 1; i <= n; i++) {
        if (words[i] == "..." && !best) place = i
        if (index(name, words[i]) == 1 && length(words[i]) > best) { best = length(words[i]); place = i }
    }
    if (place > stages) stages = place
    return place
}

function keep(paragraph) { body[++paragraphs] = paragraph }

END {
    for (i = 1; i <= paragraphs; i++) {
        if (i == position)
            for (g = 1; g <= groups; g++) {
                if (order[g] in any) {
                    printf "\n/* ---- %s ---- */\n", title[order[g]]
                    for (s = 1; s <= stages; s++) printf "%s", functions[order[g], s]
                }
            }
        else {
            bare_constant = body[i] ~ /^#define AIM_/
            printf "%s%s", i == 1 || (bare_constant && constant) ? "" : "\n", body[i]
            constant = body[i] ~ /(^|\n)#define AIM_/
        }
    }
}
