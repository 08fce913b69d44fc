// What this example needs to use the C API from C++: errors as exceptions, handles that free themselves.
#pragma once

#include <aim.h>

#include <memory>
#include <stdexcept>
#include <string>

// Calls a function of libaim whose last parameter is the error; throws the message if it fails.
template <class Function, class... Arguments> void call(Function function, Arguments... arguments) {
    aim_error *error = nullptr;
    if (function(arguments..., &error) == AIM_OK) return;
    const std::string message = aim_error_message(error);
    aim_error_free(error);
    throw std::runtime_error(message);
}

struct Free {
    void operator()(aim_run *run) const { aim_run_free(run); }
    void operator()(aim_metric *metric) const { aim_metric_free(metric); }
    void operator()(aim_repo *repo) const { aim_repo_free(repo); }
    void operator()(aim_query *query) const { aim_query_free(query); }
    void operator()(char *text) const { aim_string_free(text); }
};
template <class T> using Handle = std::unique_ptr<T, Free>;

inline Handle<aim_run> new_run(const std::string &repo, const char *experiment) {
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = repo.c_str();
    options.experiment = experiment;
    aim_run *run = nullptr;
    call(aim_run_new, &options, &run);
    return Handle<aim_run>(run);
}

inline Handle<aim_metric> new_metric(aim_run *run, const char *name, const char *context) {
    aim_metric *metric = nullptr;
    call(aim_run_metric, run, name, context, &metric);
    return Handle<aim_metric>(metric);
}

inline Handle<aim_repo> open_repo(const std::string &path) {
    aim_repo *repo = nullptr;
    call(aim_repo_open, path.c_str(), nullptr, &repo);
    return Handle<aim_repo>(repo);
}

inline Handle<aim_query> query_metrics(aim_repo *repo, const std::string &expression) {
    aim_query *query = nullptr;
    call(aim_repo_query, repo, expression.c_str(), AIM_QUERY_METRICS, &query);
    return Handle<aim_query>(query);
}

inline void track(const Handle<aim_metric> &metric, double value, std::int64_t step, std::int64_t epoch) {
    if (aim_metric_track(metric.get(), value, step, epoch) != AIM_OK)
        throw std::runtime_error("the tracker refused a value at step " + std::to_string(step));
}
