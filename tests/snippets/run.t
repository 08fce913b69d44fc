#!/usr/bin/env bash
# The snippets for the shell, in C and in C++ on pages, as they stand there; those of integrations.md and central.md, of stores
# in artifacts.md and the job scripts of clusters.md run in suites of their own, as do those in other languages and of the
# bindings' pages. A page's snippets for the shell are one script.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tests/tap.sh
source=$PWD
# A home of the test's own; Rust stays where it is.
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
unset AIM_REPO AIM_RUN_ID AIM_EXPERIMENT
export HOME=$scratch/home PATH=$PWD/build/bin:$PATH

file_of() { # file_of PAGE
    if [[ $1 == README ]]; then echo "$source/README.md"; else echo "$source/docs/$1.md"; fi
}
snippets() { # snippets PAGE LANGUAGE
    awk -v fence="\`\`\`$2" '/^## (Slurm|Stores)$/ { exit } $0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' "$(file_of "$1")"
}
blocks() { # blocks PAGE LANGUAGE - each snippet in a scope of its own, and NEXT behind it
    awk -v fence="\`\`\`$2" '$0 == fence { inside = 1; print "{"; next } inside && /^```/ { inside = 0; print "NEXT }" } inside' "$(file_of "$1")"
}
compile() { # compile COMPILER STANDARD SOURCE FLAGS... - the program goes to $scratch
    "$1" "-std=$2" -O2 -Wall -Wextra -Wno-unused-variable -Wno-unused-but-set-variable -Werror -Iinclude -Ibindings/cpp "$3" \
        -o "$scratch/$(basename "${3%.*}")" -Lbuild/lib -laim -Wl,-rpath,"$PWD/build/lib" "${@:4}"
}
sample=(a19eafea79062599d89d5fbf 86b2c62c9d01a7e35cb01f42)
ok "sample.c compiles" compile gcc c99 tests/snippets/sample.c

# What the pages' commands meet on the reader's machine: the port that `libaim up` takes may be taken here, nobody watches what
# follows, a batch system starts programs, and `make` has made libaim before the tests began.
cat >"$scratch/around" <<'END'
libaim() {
    local said=$HOME/said arguments=() argument
    case "$1 ${2-}" in
    up*)
        for argument in "$@"; do [[ $argument =~ ^(--port|[0-9]+)$ ]] || arguments+=("$argument"); done
        [[ -z ${server-} ]] || kill "$server"
        : >"$said" # of the one before
        env libaim "${arguments[@]}" --port 0 >"$said" & # not `command`, which leaves a shell between
        server=$!
        trap 'kill $server' EXIT
        until address=$(grep -oE '127\.0\.0\.1:[0-9]+' "$said"); do kill -0 $server; sleep 0.1; done
        command curl -sf "http://$address/api/v1/runs" | grep -q '"hash"'
        ;;
    "merge --follow")
        # A shell lets what runs beside it ignore Ctrl-C.
        env --default-signal=INT libaim "$@" >"$said" 2>&1 &
        local merging=$!
        sleep 0.5
        kill -INT $merging
        wait $merging || [[ $? -eq 130 ]]
        ;;
    watch*) # on a terminal, until it shows the runs and somebody says q
        mkfifo "$HOME/keys"
        script --quiet --flush --command 'stty rows 40 cols 120; exec libaim watch' "$HOME/screen" <"$HOME/keys" >/dev/null &
        local watching=$!
        exec {keys}>"$HOME/keys"
        until grep -q 86b2c62c "$HOME/screen"; do kill -0 $watching; sleep 0.1; done
        printf q >&"$keys"
        wait $watching
        exec {keys}>&-
        ;;
    *) command libaim "$@" ;;
    esac
}
curl() { command curl -sf "${@/localhost:43800/$address}"; }
srun() { while [[ $1 == -* ]]; do shift; done; "$@"; }
make() { [[ $# -eq 0 ]] || command make --no-print-directory -C "$SOURCE" "$@"; }
END
page() { # page NAME [HASH...] - the shell snippets of docs/NAME.md, in a directory with runs of these hashes, and where
    # prepare_NAME is a function after that; what is said goes to $scratch/said, what is left to $scratch/NAME
    local name=$1 script
    shift
    rm -rf "$HOME" && mkdir -p "$HOME" "$scratch/$name" && cd "$scratch/$name" || return
    [[ $# -eq 0 ]] || "$scratch/sample" "$@" || return
    if declare -F "prepare_$name" >/dev/null; then "prepare_$name" || return; fi
    script=$(snippets "$name" sh | sed "s|/scratch/me|$PWD|; s|/local/me|$HOME/local|") && [[ $script ]] || return
    SOURCE=$source bash -euo pipefail -c ". '$scratch/around'; $script" >"$scratch/said" 2>&1 || { cat "$scratch/said"; return 1; }
}
runs() { (page "$@"); } # in a shell of its own: it changes the directory
says() { grep -qE -- "$1" "$scratch/said" || { cat "$scratch/said"; return 1; }; }
leaves() { # leaves NAME FILE...
    local file
    for file in "${@:2}"; do test -s "$scratch/$1/$file" || { echo "no $file"; return 1; }; done
}
libaim_of() { (cd "$scratch/$1" && libaim "${@:2}"); }
finds() { # finds NAME N QUERY - so many runs
    local found
    found=$(libaim_of "$1" query "$3" --format csv | tail -n +2 | wc -l) && test "$found" -eq "$2" || { echo "$found runs"; return 1; }
}

prepare_start() { snippets start c >train.c; }
ok "five minutes: every command as it stands" runs start
ok "five minutes: three learning rates, and what exec found" eval 'finds start 4 True && finds start 3 "run.experiment == \"parabola\""'
ok "five minutes: the curves say their learning rates" says 'lr 0\.0?03'

ok "concepts: the queries" runs concepts "${sample[@]}"
ok "concepts: they find the sample" says 86b2c62c

prepare_program() {
    printf '#!/bin/sh\nfor i in 1 2 3; do echo "step $i: loss 0.$i"; done\n' >train && chmod +x train
}
ok "program: every command as it stands" runs program "${sample[@]}"
ok "program: points as Parquet" leaves program loss.parquet
ok "program: exec tracks what train prints" finds program 1 "run.hparams.lr == 0.1 and run.metrics['loss'].last_step == 3"

prepare_import() {
    local samples=$source/crates/cli/tests/samples
    mkdir -p lightning_logs/version_0 checkpoint-500
    cp -r "$samples"/tensorboard/torch runs
    cp "$samples/tables/lightning_metrics.csv" lightning_logs/version_0/metrics.csv
    cp "$samples/tables/hf_trainer_state.json" checkpoint-500/trainer_state.json
    cp -r "$samples/wandb/wandb" wandb
    cp -r "$samples/mlflow/file" mlruns
}
ok "import: every command as it stands" runs import "${sample[@]}"
ok "import: points and a supplement" leaves import points.csv supplement
prepare_README() {
    cp -r "$source/crates/cli/tests/samples/tensorboard/torch" runs
    printf '#!/bin/sh\nfor i in 1 2 3; do echo "loss 0.$i"; done\n' >train && chmod +x train
}
ok "README: every command as it stands" runs README "${sample[@]}"
ok "README: exec tracks what train prints, and what TensorBoard recorded is there" eval \
    'finds README 1 "run.metrics[\"loss\"].last == 0.3" && finds README 1 "run.experiment == \"runs\" and run.name == \"run1\""'
ok "README: points" leaves README points.csv

prepare_artifacts() {
    echo weights >step-1000.pt && "$scratch/sample" "${sample[0]}" && libaim rename "${sample[0]}" RUN
}
ok "artifacts: every command as it stands" runs artifacts
ok "artifacts: what was fetched" cmp "$scratch/artifacts/step-1000.pt" "$scratch/artifacts/models/step-1000.pt"
expression=$(snippets artifacts python)
ok "artifacts: the expression, of a model of less than a gigabyte" finds artifacts 0 "$expression"
ok "artifacts: the expression, of a smaller one" finds artifacts 1 "${expression/1e9/1}"
ok "web: the server answers, and so does its API" runs web "${sample[@]}"
ok "web: with the metric that was asked for" says '"loss"'

# A disk that many hosts share, as far as libaim can tell: a spool is there already. Slurm says who the job is.
prepare_clusters() {
    mkdir "$HOME/aim" && AIM_SPOOL=1 AIM_REPO=$HOME/aim "$scratch/sample" new || return
    printf '#!/bin/sh\nexec "%s" new\n' "$scratch/sample" >train && chmod +x train
    export SLURM_JOB_ID=7
}
ok "clusters: every command as it stands" runs clusters
ok "clusters: the run that was there and the job's are in the repository" test "$(HOME=$scratch/home libaim --repo "$scratch/home/local/repo" query True --format csv | tail -n +2 | wc -l)" -eq 2

program() { # program PAGE LANGUAGE COMPILER STANDARD - the page's snippets as one program, which runs; it says to $scratch/said
    local file=$scratch/$1.$2.inc
    blocks "$1" "$2" | sed "s|/tmp/models|$scratch/models|" >"$file"
    [[ -s $file ]] && compile "$3" "$4" "tests/snippets/page.$2" "-DPAGE=\"$file\"" &&
        rm -rf "${scratch:?}/runs" && (cd "$scratch" && ./page >said)
}
for name in concepts c objects artifacts; do
    ok "$name: the snippets in C" program "$name" c gcc c99
done
ok "artifacts: what C fetched is there" test -e "$scratch/models/step-1000.pt"
ok "objects: the snippet in C++" program objects cpp g++ c++17
ok "objects: it writes what it read" says '^an object of [1-9]'
ok "artifacts: the snippet in C++" program artifacts cpp g++ c++17
ok "artifacts: it lists what it logged" says '^step-1000\.pt$'
finish
