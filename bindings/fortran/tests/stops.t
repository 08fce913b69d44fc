#!/usr/bin/env bash
# stops.t SCRATCH - what ends a program says why, and gives an exit status.
set -uo pipefail
cd "$(dirname "$0")/../../.."
. tests/tap.sh

stops() { # stops CASE MESSAGE
    local output
    output=$(build/test/fortran/stops "$scratch" "$1" 2>&1) && { echo "goes on: $output"; return 1; }
    grep -q "$2" <<<"$output" || { echo "$output"; return 1; }
}
ok "an error without stat" stops error '^aim: .*JSON'
ok "an error with errmsg alone" stops errmsg '^aim: .*JSON'
ok "a text with a NUL" stops nul '^aim: the name holds a NUL at position 2'
for type in run metric query; do
    ok "a $type is not assigned" stops "$type" "a $type cannot be assigned"
done
ok "a repository is not assigned" stops repo 'a repository cannot be assigned'
ok "nor as a component" stops component 'a run cannot be assigned'
ok "a key without a value" stops key 'a key without a value'
ok "a value of no type of JSON" stops type 'a value is an integer'
goes_on() { # goes_on CASE MESSAGE
    local output
    output=$(build/test/fortran/stops "$scratch" "$1" 2>&1) || { echo "stops: $output"; return 1; }
    [[ $(grep -c '^aim: ' <<<"$output") -eq 1 ]] && grep -q "$2" <<<"$output" || { echo "$output"; return 1; }
}
ok "a run that was never opened ends no program" goes_on unopened '^aim: the run is not open: call run%open first'
ok "nor does a value that is not tracked" goes_on refused '^aim: .*name'
ok "all else goes on" build/test/fortran/stops "$scratch" none
finish
