# Makes a program of the examples in the comments of aim.h: a function for each, called with a run and a repository in
# the directory `directory`, which stands for /scratch/me.

BEGIN {
    print "#include <aim.h>\n\n#include <stdio.h>\n#include <stdlib.h>\n"
}

/^\/\/\/ @code/ {
    inside = 1
    printf "static void example%d(aim_run *run, aim_repo *repo)\n{\n    {\n", ++examples
    next
}

/^\/\/\/ @endcode/ {
    inside = 0
    print "    }\n}\n"
    next
}

inside {
    sub(/^\/\/\/ ?/, "")
    gsub(/\/scratch\/me/, directory)
    print "        " $0
}

END {
    print "static void call(void (*example)(aim_run *, aim_repo *))\n{"
    print "    aim_run_options options = AIM_RUN_OPTIONS_INIT;\n    aim_run *run = NULL;\n    aim_repo *repo = NULL;"
    printf "    options.repo = \"%s\";\n    options.experiment = \"digits\";\n", directory
    printf "    if (aim_run_new(&options, &run, NULL) != AIM_OK || aim_repo_open(\"%s\", NULL, &repo, NULL) != AIM_OK)\n", directory
    print "        exit(1);\n    example(run, repo);\n    aim_repo_free(repo);\n    aim_run_free(run);\n}\n"
    print "int main(void)\n{"
    for (i = 1; i <= examples; i++) printf "    call(example%d);\n", i
    print "    return 0;\n}"
}
