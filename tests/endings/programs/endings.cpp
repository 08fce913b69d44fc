// endings REPO WAY - opens a run, prints its hash, tracks, and ends in the given way.
#include <aim.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace {

aim::Run open(const char *repo) {
    aim::RunOptions options;
    options.repo = repo;
    aim::Run run(options);
    std::cout << run.hash() << std::endl;
    run.track("loss", 0.5);
    return run;
}

int end(const char *repo, const std::string &way) {
    static std::optional<aim::Run> kept; // until the end of the process
    if (way == "let go") {
        open(repo);
        return 0;
    }
    if (way == "error out of scope" || way == "exit out of scope") {
        try {
            aim::Run run = open(repo);
            if (way == "exit out of scope") std::exit(3);
            throw std::runtime_error("an error");
        } catch (const std::runtime_error &) {
            return 0;
        }
    }
    kept = open(repo);
    const aim::Run &run = *kept;
    if (way == "exit 0") std::exit(0);
    if (way == "exit 3") std::exit(3);
    if (way == "exit 130") std::exit(130);
    if (way == "_exit 0") _exit(0);
    if (way == "abort") std::abort();
    if (way == "exec") execl("/bin/true", "true", nullptr);
    if (way == "error") throw std::runtime_error("an error");
    if (way.rfind("signal ", 0) == 0) {
        kill(getpid(), std::stoi(way.substr(7)));
        sleep(10);
    }
    if (way == "close as failed") run.close_as({aim::RunStatus::failed, 7});
    if (way == "close as interrupted") run.close_as({aim::RunStatus::interrupted});
    if (way.find("close") != std::string::npos && way.rfind("close as", 0) != 0) run.close();
    if (way == "close twice") static_cast<void>(run.try_close());
    if (way == "exit 3 after close") std::exit(3);
    if (way == "error after close") throw std::runtime_error("an error");
    return 0;
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    const std::string way = argv[2];
    if (way == "return") {
        aim::Run *run = new aim::Run(open(argv[1]));
        return run->hash().size() == 24 ? 0 : 2;
    }
    return end(argv[1], way);
}
