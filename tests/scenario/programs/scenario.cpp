// The scenario in C++.
//
//     scenario write REPO FILE          does the steps and prints the run's hash
//     scenario read REPO FILE HASH      checks the expectations; exit status 1 and what differs if any is not met

#include <aim.hpp>

#include <cmath>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Fields = std::vector<std::string>;
using Handler = std::function<void(const Fields &)>;

Fields split(const std::string &text, char separator) {
    Fields fields;
    std::istringstream stream(text);
    for (std::string field; std::getline(stream, field, separator);) fields.push_back(field);
    return fields;
}

// Calls the handler of each line's first field; lines without one are an error unless `passed_over` says otherwise.
void for_each_line(const std::string &path, const std::map<std::string, Handler> &handlers,
                   const std::function<bool(const std::string &)> &passed_over) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot open " + path);
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#' || passed_over(line)) continue;
        const Fields fields = split(line, '\t');
        const auto handler = handlers.find(fields[0]);
        if (handler == handlers.end()) throw std::runtime_error("unknown line: " + line);
        handler->second(fields);
    }
}

bool is_expectation(const std::string &line) { return line.compare(0, 7, "expect-") == 0; }

std::int64_t step_or_epoch(const std::string &text) {
    if (text == "auto") return aim::auto_step;
    if (text == "none") return aim::no_epoch;
    return std::stoll(text);
}

void write(const std::string &repo, const std::string &path) {
    std::optional<aim::Run> run;
    std::string hash;
    const auto open = [&](aim::RunOptions options) {
        options.repo = repo;
        run.emplace(options);
        hash = run->hash();
    };
    for_each_line(path,
                  {{"experiment",
                    [&](const Fields &f) {
                        aim::RunOptions options;
                        options.experiment = f.at(1);
                        open(options);
                    }},
                   {"continue",
                    [&](const Fields &) {
                        aim::RunOptions options;
                        options.run_hash = hash;
                        open(options);
                    }},
                   {"name", [&](const Fields &f) { run->set_name(f.at(1)); }},
                   {"description", [&](const Fields &f) { run->set_description(f.at(1)); }},
                   {"tag", [&](const Fields &f) { run->add_tag(f.at(1)); }},
                   {"param", [&](const Fields &f) { run->set_param(f.at(1), aim::Value::json(f.at(2))); }},
                   {"delete", [&](const Fields &f) { run->delete_param(f.at(1)); }},
                   {"track",
                    [&](const Fields &f) {
                        const auto metric = run->metric(f.at(1), aim::Value::json(f.at(2)));
                        metric.track(std::stod(f.at(4)), step_or_epoch(f.at(3)), step_or_epoch(f.at(5)));
                    }},
                   {"close", [&](const Fields &) { run->close(); }}},
                  is_expectation);
    std::cout << hash << '\n';
}

// Counts what differs, and says so.
class Comparison {
  public:
    template <class T> void expect(const std::string &what, const T &wanted, const T &found) {
        if (same(wanted, found)) return;
        differences_++;
        std::cerr << what << ": expected " << wanted << ", found " << found << '\n';
    }
    int differences() const { return differences_; }

  private:
    template <class T> static bool same(const T &a, const T &b) { return a == b; }
    static bool same(const double &a, const double &b) { return a == b || (std::isnan(a) && std::isnan(b)); }

    int differences_ = 0;
};

std::string property(const aim::RunProperties &p, const std::string &name) {
    if (name == "experiment") return aim::Value(p.experiment).to_json();
    if (name == "name") return aim::Value(p.name).to_json();
    if (name == "description") return aim::Value(p.description).to_json();
    if (name == "tags") return aim::Value(p.tags).to_json();
    if (name == "archived") return aim::Value(p.archived).to_json();
    if (name == "status") return aim::Value(p.status).to_json();
    throw std::runtime_error("unknown property " + name);
}

void expect_metric(Comparison &comparison, const aim::MetricRow &row, const Fields &f) {
    comparison.expect<std::string>("metric", f.at(1), row.name().c_str());
    comparison.expect<std::string>("context of " + f[1], f.at(2), row.context().c_str());
    const aim::Values values = row.values();
    const Fields steps = split(f.at(3), ','), numbers = split(f.at(4), ','), epochs = split(f.at(5), ',');
    comparison.expect("points of " + f[1], steps.size(), values.size());
    for (std::size_t i = 0; i < std::min(steps.size(), values.size()); i++) {
        const std::string point = f[1] + " point " + std::to_string(i);
        comparison.expect(point + ", step", step_or_epoch(steps[i]), values.steps[i]);
        comparison.expect(point + ", value", std::stod(numbers.at(i)), values.values[i]);
        comparison.expect(point + ", epoch", step_or_epoch(epochs.at(i)), values.epochs[i]);
    }
}

int read(const std::string &repo_path, const std::string &path, const std::string &hash) {
    const aim::Repo repo(repo_path);
    const aim::RunQuery runs = repo.query_runs("run.hash == '" + hash + "'");
    const aim::MetricQuery metrics = repo.query_metrics("run.hash == '" + hash + "'");
    if (runs.size() != 1) throw std::runtime_error("the run is not there");
    const aim::RunRow run = runs[0];
    const aim::RunProperties properties = run.properties();

    Comparison comparison;
    std::size_t row = 0;
    for_each_line(path,
                  {{"expect-property",
                    [&](const Fields &f) { comparison.expect(f.at(1), f.at(2), property(properties, f[1])); }},
                   {"expect-param",
                    [&](const Fields &f) { comparison.expect(f.at(1), f.at(2), run.param_json(f[1])); }},
                   {"expect-no-param",
                    [&](const Fields &f) {
                        const auto param = run.try_param_json(f.at(1));
                        const bool missing = !param && param.error().code() == aim::ErrorCode::not_found;
                        comparison.expect(f[1] + " is missing", true, missing);
                    }},
                   {"expect-metric",
                    [&](const Fields &f) {
                        if (row < metrics.size()) expect_metric(comparison, metrics[row], f);
                        row++;
                    }}},
                  [](const std::string &line) { return !is_expectation(line); });
    comparison.expect("number of metrics", row, metrics.size());
    return comparison.differences() ? 1 : 0;
}

} // namespace

int main(int argc, char **argv) try {
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "read" && argc == 5) return read(argv[2], argv[3], argv[4]);
    if (mode != "write" || argc != 4)
        throw std::runtime_error("usage: scenario write REPO FILE | scenario read REPO FILE HASH");
    write(argv[2], argv[3]);
    return 0;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
