/// @file
/// aim::SummaryWriter: TensorBoard's writer on libaim. Not part of aim.hpp.
#pragma once

#include "../aim.hpp"

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>

#include <unistd.h>

namespace aim {

namespace detail {

/// Tells something on stderr, once in the process.
inline void tell_once(const std::string &what) {
    static std::mutex mutex;
    static std::set<std::string> told;
    const std::lock_guard<std::mutex> lock(mutex);
    if (told.insert(what).second) std::fprintf(stderr, "libaim: %s\n", what.c_str());
}

inline void tell_once(const Result<void> &done) {
    if (!done) tell_once(std::string(done.error().what()));
}

/// A directory as TensorBoard names it where none is given: its time and its host.
inline std::string fresh_log_dir(const std::string &comment) {
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    char stamp[32] = "";
    std::strftime(stamp, sizeof stamp, "%b%d_%H-%M-%S", &local);
    return std::string("runs/") + stamp + "_" + host + comment;
}

/// The directory without detours, which stands for the run.
inline std::string whole_path(const std::string &directory) {
    std::error_code failed;
    const std::filesystem::path path = std::filesystem::absolute(directory, failed).lexically_normal();
    return path.has_filename() ? path.string() : path.parent_path().string();
}

} // namespace detail

/// The interface of TensorBoard's SummaryWriter in Python, for programs in C++. After it is open it never throws: an error
/// is told on stderr, once, and training goes on. It may be used from several threads at once.
class SummaryWriter {
  public:
    /// Numbers by name.
    using Scalars = std::map<std::string, double>;

    /// Opens the run that a directory names: a new one, or the one that was tracked before under the same directory, which
    /// is made if missing. "": a new directory below `runs`, with `comment` behind its name. `options.resume_step` is
    /// TensorBoard's `purge_step`.
    static Result<SummaryWriter> try_open(std::string log_dir = "", const std::string &comment = "",
                                          RunOptions options = {}) {
        if (log_dir.empty()) log_dir = detail::fresh_log_dir(comment);
        std::error_code failed;
        std::filesystem::create_directories(log_dir, failed);
        if (failed) return Error(ErrorCode::io, "directory '" + log_dir + "' cannot be made: " + failed.message());
        Result<Run> run = open_run(log_dir, options);
        if (!run) return run.error();
        return SummaryWriter(std::move(log_dir), std::move(options), *std::move(run));
    }

    /// Tracks in a run that is open, until the writer is closed or destroyed.
    static SummaryWriter adopt(Run run, std::string log_dir) {
        return SummaryWriter(std::move(log_dir), {}, std::move(run));
    }

#if AIM_EXCEPTIONS
    /// As try_open(), but throws.
    explicit SummaryWriter(std::string log_dir = "", const std::string &comment = "", RunOptions options = {})
        : SummaryWriter(try_open(std::move(log_dir), comment, std::move(options)).value()) {}
#endif

    /// The directory that names the run.
    const std::string &get_logdir() const noexcept { return log_dir_; }

    /// The run's hash.
    const std::string &hash() const noexcept { return hash_; }

    /// A point of the metric `tag`. Without a step it goes behind the last one; `walltime` is in seconds since 1970-01-01
    /// UTC.
    void add_scalar(const std::string &tag, double value, std::int64_t global_step = auto_step,
                    std::optional<double> walltime = {}) {
        with_run([&](const Run &run) {
            if (!walltime) return run.try_track(tag, value, global_step);
            return track_at(run, tag, nullptr, value, global_step, *walltime);
        });
    }

    /// A point of the metric `main_tag` for each entry, with the context `{"entry": its name}`.
    void add_scalars(const std::string &main_tag, const Scalars &values, std::int64_t global_step = auto_step,
                     std::optional<double> walltime = {}) {
        for (const auto &[entry, value] : values)
            with_run([&, &entry = entry, value = value](const Run &run) {
                if (!walltime) return run.try_track(main_tag, value, global_step, no_epoch, {{"entry", entry}});
                return track_at(run, main_tag, {{"entry", entry}}, value, global_step, *walltime);
            });
    }

    /// The param `hparams` of the run, an object, and its metrics. Where other values follow, as in a search, each set gets
    /// a run of its own, which `run_name` or a number names below the directory.
    void add_hparams(const Value &hparams, const Scalars &metrics, const std::string &run_name = "",
                     std::int64_t global_step = auto_step) {
        const std::string json = hparams.to_json();
        with_run([&](const Run &run) {
            if (hparams_.empty() || hparams_ == json) {
                hparams_ = json;
                return add_hparams_to(run, hparams, metrics, global_step);
            }
            RunOptions options = options_;
            options.resume_step.reset();
            const std::string name = run_name.empty() ? std::to_string(++searched_) : run_name;
            const Result<Run> other = open_run(log_dir_ + "/" + name, options);
            if (!other) return Result<void>(other.error());
            Result<void> done = add_hparams_to(*other, hparams, metrics, global_step);
            Result<void> closed = other->try_close();
            return done ? std::move(closed) : std::move(done);
        });
    }

    /// A text in markdown, as TensorBoard shows it.
    void add_text(const std::string &tag, const std::string &text, std::int64_t global_step = auto_step,
                  std::optional<double> walltime = {}) {
        const auto *bytes = reinterpret_cast<const std::uint8_t *>(text.data());
        add_object(ObjectKind::texts, tag, {{bytes, text.size()}, "markdown"}, global_step, walltime);
    }

    /// An image: Pixels, in any layout and type that those have.
    void add_image(const std::string &tag, const Pixels &image, std::int64_t global_step = auto_step,
                   std::optional<double> walltime = {}) {
        add_images(tag, {&image, 1}, global_step, walltime);
    }
    /// A list of images.
    void add_images(const std::string &tag, Span<const Pixels> images, std::int64_t global_step = auto_step,
                    std::optional<double> walltime = {}) {
        put(ObjectKind::images, tag, [&](const Sequence &sequence) {
            return sequence.try_track_pixels(images, global_step, no_epoch, walltime.value_or(0));
        });
    }

    /// A distribution of values, counted into `bins` bins of equal width.
    ///@{
    template <class T>
    void add_histogram(const std::string &tag, const T *values, std::size_t size, std::int64_t global_step = auto_step,
                       std::optional<double> walltime = {}, std::size_t bins = 64) {
        put(ObjectKind::distributions, tag, [&](const Sequence &sequence) {
            return sequence.try_track_values(Span<const T>(values, size), global_step, bins, no_epoch, walltime.value_or(0));
        });
    }
    template <class Container, class = decltype(std::declval<const Container &>().data())>
    void add_histogram(const std::string &tag, const Container &values, std::int64_t global_step = auto_step,
                       std::optional<double> walltime = {}, std::size_t bins = 64) {
        add_histogram(tag, values.data(), values.size(), global_step, walltime, bins);
    }
    ///@}
    /// A distribution by the weights of its bins and their edges, one more.
    void add_histogram_raw(const std::string &tag, Span<const double> weights, Span<const double> edges,
                           std::int64_t global_step = auto_step, std::optional<double> walltime = {}) {
        put(ObjectKind::distributions, tag, [&](const Sequence &sequence) {
            return sequence.try_track_distribution(weights, edges, global_step, no_epoch, walltime.value_or(0));
        });
    }

    /// A clip of samples, float from -1 to 1 or integers of 16 or 32 bits, those of several channels beside each other.
    template <class Container>
    void add_audio(const std::string &tag, const Container &samples, std::int64_t global_step = auto_step,
                   std::uint32_t sample_rate = 44100, std::optional<double> walltime = {}, std::uint32_t channels = 1) {
        using T = std::remove_cv_t<std::remove_pointer_t<decltype(samples.data())>>;
        put(ObjectKind::audios, tag, [&](const Sequence &sequence) {
            const Span<const T> all(samples.data(), samples.size());
            return sequence.try_track_samples(all, channels, sample_rate, global_step, no_epoch, walltime.value_or(0));
        });
    }

    /// An array, the last dimension fastest.
    template <class T>
    void add_tensor(const std::string &tag, const T *data, Span<const std::uint64_t> shape,
                    std::int64_t global_step = auto_step, std::optional<double> walltime = {}) {
        put(ObjectKind::arrays, tag, [&](const Sequence &sequence) {
            return sequence.try_track_array(data, shape, global_step, {}, no_epoch, walltime.value_or(0));
        });
    }

    /// An object of any kind that is encoded already: a PNG, a GIF, an MP4, a figure of Plotly.
    void add_object(ObjectKind kind, const std::string &tag, const Object &object, std::int64_t global_step = auto_step,
                    std::optional<double> walltime = {}) {
        add_objects(kind, tag, {&object, 1}, global_step, walltime);
    }
    /// A list of objects that are encoded already.
    void add_objects(ObjectKind kind, const std::string &tag, Span<const Object> objects,
                     std::int64_t global_step = auto_step, std::optional<double> walltime = {}) {
        put(kind, tag, [&](const Sequence &sequence) {
            return sequence.try_track(objects, global_step, no_epoch, walltime.value_or(0));
        });
    }

    /// Does nothing, and tells so once: libaim does not hold this.
    ///@{
    template <class... T> void add_embedding(const T &...) { missing("add_embedding", "embeddings"); }
    template <class... T> void add_graph(const T &...) { missing("add_graph", "graphs"); }
    template <class... T> void add_mesh(const T &...) { missing("add_mesh", "meshes"); }
    template <class... T> void add_pr_curve(const T &...) { missing("add_pr_curve", "precision-recall curves"); }
    ///@}

    /// Waits until everything is on disk.
    void flush() {
        with_run([](const Run &run) { return run.try_flush(); });
    }

    /// Ends the run. As TensorBoard's, the writer opens it again when it is used.
    void close() {
        const std::lock_guard<std::mutex> lock(*mutex_);
        if (run_) detail::tell_once(run_->try_close());
        run_.reset();
    }

  private:
    SummaryWriter(std::string log_dir, RunOptions options, Run run)
        : log_dir_(std::move(log_dir)), options_(std::move(options)), hash_(run.hash()), run_(std::move(run)) {}

    static Result<Run> open_run(const std::string &log_dir, RunOptions options) {
        if (!options.run_hash && !options.run_id && !options.new_hash)
            options.run_id = "tensorboard:" + detail::whole_path(log_dir);
        Result<Run> run = Run::try_open(options);
        if (!run) return run;
        const Result<std::string> name = run->try_name();
        if (name && *name == "Run: " + std::string(run->hash()))
            if (const Result<void> named = run->try_set_name(log_dir); !named) return named.error();
        return run;
    }

    static Result<void> track_at(const Run &run, const std::string &name, const Value &context, double value,
                                 std::int64_t step, double walltime) {
        const Result<Metric> metric = run.try_metric(name, context);
        if (!metric) return metric.error();
        return metric->try_track_many_at({&value, 1}, {&walltime, 1}, {&step, 1});
    }

    static Result<void> add_hparams_to(const Run &run, const Value &hparams, const Scalars &metrics, std::int64_t step) {
        Result<void> done = run.try_set_param("hparams", hparams);
        for (const auto &[name, value] : metrics)
            if (done) done = run.try_track(name, value, step);
        return done;
    }

    /// A point of objects.
    template <class Track> void put(ObjectKind kind, const std::string &tag, Track track) {
        with_run([&](const Run &run) -> Result<void> {
            const Result<Sequence> sequence = run.try_sequence(kind, tag);
            if (!sequence) return sequence.error();
            return track(*sequence);
        });
    }

    static void missing(const char *call, const char *what) {
        detail::tell_once(std::string("libaim holds no ") + what + ": " + call + " does nothing");
    }

    template <class Use> void with_run(Use use) {
        const std::lock_guard<std::mutex> lock(*mutex_);
        if (!run_) {
            RunOptions options = options_;
            options.run_hash = hash_;
            options.run_id.reset();
            options.new_hash.reset();
            options.resume_step.reset();
            Result<Run> run = Run::try_open(options);
            if (!run) return detail::tell_once(run.error().what());
            run_ = *std::move(run);
        }
        detail::tell_once(use(*run_));
    }

    std::string log_dir_;
    RunOptions options_;
    std::string hash_;
    std::optional<Run> run_;
    std::string hparams_;
    int searched_ = 0;
    std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
};

} // namespace aim
