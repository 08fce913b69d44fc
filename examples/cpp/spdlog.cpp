// Logs by spdlog, to the terminal and into a run.
//
//     c++ -std=c++17 -O2 spdlog.cpp -o spdlog -laim -lspdlog -lfmt && ./spdlog [REPO]
#include <aim/spdlog.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>

int main(int argc, char **argv) {
    aim::RunOptions options;
    options.repo = argc > 1 ? argv[1] : ".";
    const aim::Run run(options);
    const spdlog::sinks_init_list sinks = {aim::spdlog_sink(run), std::make_shared<spdlog::sinks::stdout_sink_mt>()};
    spdlog::logger log("trainer", sinks);
    log.set_level(spdlog::level::trace);

    log.trace("seed {}", 1);
    log.info("{} parameters", 1200);
    SPDLOG_LOGGER_WARN(&log, "no data for class {}", 7);
    log.critical("\"diverged\"");
    run.close();
    log.error("too late"); // spdlog says so on stderr
    for (const aim::LogRecord &record : aim::Repo(options.repo).read_logs(run.hash(), aim::LogStream::records, 0, 10))
        std::printf("%d %s %s\n", static_cast<int>(record.level), record.text.c_str(),
                    record.function.value_or("-").c_str());
}
