#!/usr/bin/env bash
# The page's snippets: those in C++, in order, as one program, which prints what its comments say; those for the shell
# as they stand.
set -uo pipefail
cd "$(dirname "$0")/../../.."
. tests/tap.sh

page=bindings/cpp/README.md
snippets() { # snippets LANGUAGE
    awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' "$page"
}
command_of() { # command_of NAME - the page's line that runs the command
    snippets sh | grep "^$1 "
}
at_scratch() { # at_scratch COMMAND...
    (cd "$scratch" && "$@")
}
{
    snippets cpp | grep '^#include'
    echo 'int main() {'
    snippets cpp | grep -v '^#include'
    echo '}'
} >"$scratch/train.cpp"
export PREFIX=$scratch/prefix
ok "there are snippets" test "$(grep -c '^```cpp' "$page")" -ge 8
ok "it installs as the page says" bash -c "$(command_of make)"
ok "they compile as the page says" at_scratch bash -c "$(command_of g++)"
ok "they compile as C++20 without warnings" clang++ -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Werror \
    -fsyntax-only -I"$PREFIX/include" "$scratch/train.cpp"
ok "they run" at_scratch bash -c './train >out 2>errors'
ok "they print what they say" diff <(grep -oP '// prints \K.*' "$page") "$scratch/out"
ok "the syntax error shows the expression" grep -qF 'run.hparams.lr >' "$scratch/errors"
finish
