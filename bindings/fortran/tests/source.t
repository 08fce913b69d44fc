#!/usr/bin/env bash
# source.t - the sources are complete and up to date, and compile as what they are.
set -uo pipefail
cd "$(dirname "$0")/../../.."
. tests/tap.sh

covers_all() { # every function of aim.h is used by the binding, beyond the interface
    local name missing=0
    for name in $(nm -D --defined-only build/lib/libaim.so | awk '{ print $3 }' | grep '^aim_'); do
        case $name in
        aim_version) name=aim_library_version ;;
        aim_error_code | aim_status_text) continue ;; # the status and the message tell it
        # Fortran's own procedures read JSON.
        aim_run_get_param_int64 | aim_run_get_param_double | aim_run_get_param_bool | aim_run_get_param_string) continue ;;
        aim_query_run_param_int64 | aim_query_run_param_double | aim_query_run_param_bool) continue ;;
        aim_query_run_param_string | aim_query_run_property_*) continue ;;
        aim_repo_query) name=aim_repo_query_with ;;
        aim_repo_query_arrow) name=aim_repo_query_arrow_with ;;
        aim_query_run_param) name=aim_query_run_param_json ;;
        aim_run_get_param) name=aim_run_get_param_json ;;
        esac
        grep -qw "$name" $(ls bindings/fortran/aim/*.f90 | grep -v /c.f90) || { echo "$name is not used"; missing=1; }
    done
    return $missing
}
exports_all() { # every constant and plain struct of aim.h is there for programs
    local name missing=0
    for name in $(sed -n 's/^#define \(AIM_[A-Z_0-9]*\) [^{]*$/\1/p' include/aim.h |
        grep -v '^AIM_RUN_LOG$\|^AIM_HAS_\|^AIM_VERSION_NUMBER$'); do
        grep -qw "$name" bindings/fortran/aim.f90 || { echo "$name is not exported"; missing=1; }
    done
    return $missing
}
compiles() { # compiles FLAGS...
    gfortran "$@" -Wall -Wextra -pedantic -Werror -J"$scratch" -c bindings/fortran/aim.f90 -o "$scratch/aim.o"
}
installs() {
    bindings/fortran/install "$scratch/prefix" &&
        diff bindings/fortran/aim.f90 "$scratch/prefix/share/aim/fortran/aim.f90" &&
        diff -r bindings/fortran/aim "$scratch/prefix/share/aim/fortran/aim"
}
ok "generated sources are up to date" bindings/fortran/generate --check
ok "every function of the library is used" covers_all
ok "every constant of the header is exported" exports_all
ok "Fortran 2008 without warnings" compiles -std=f2008
ok "Fortran 2008 with optimisation" compiles -std=f2008 -O2
ok "Fortran 2018" compiles -std=f2018
ok "GNU Fortran, with reals and integers of 64 bits" compiles -std=gnu -fdefault-real-8 -fdefault-integer-8
ok "installs its sources" installs
finish
