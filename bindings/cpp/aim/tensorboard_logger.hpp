/// @file
/// TensorBoardLogger, the interface of the library tensorboard_logger, on libaim. It lies outside of any namespace, as
/// there. Not part of aim.hpp.
#pragma once

#include "summary_writer.hpp"

#if !AIM_EXCEPTIONS
#error "aim/tensorboard_logger.hpp needs exceptions, as tensorboard_logger does; without them there is aim/summary_writer.hpp"
#endif

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Settings of a TensorBoardLogger. Values are safe from the end of the process when a call returns, so only `resume` has
/// an effect.
struct TensorBoardLoggerOptions {
    /// As there.
    ///@{
    std::size_t max_queue_size_ = 100000;
    std::size_t flush_period_s_ = 60;
    bool resume_ = false;

    TensorBoardLoggerOptions &max_queue_size(std::size_t size) { return max_queue_size_ = size, *this; }
    TensorBoardLoggerOptions &flush_period_s(std::size_t seconds) { return flush_period_s_ = seconds, *this; }
    TensorBoardLoggerOptions &resume(bool resume) { return resume_ = resume, *this; }
    ///@}
};

/// Tracks in the run that the directory of `log_file` names: with `resume` in the newest one of that directory, else in a
/// new one, where the other library empties its file. A step comes before its value, as there. Calls answer 0; an error is
/// told on stderr, once.
class TensorBoardLogger {
  public:
    /// Opens a run; throws aim::Error. `options` says where.
    explicit TensorBoardLogger(const std::string &log_file, bool resume = false, aim::RunOptions options = {})
        : writer_(open(log_file, resume, std::move(options))) {}
    /// The same.
    TensorBoardLogger(const std::string &log_file, const TensorBoardLoggerOptions &settings, aim::RunOptions options = {})
        : TensorBoardLogger(log_file, settings.resume_, std::move(options)) {}
    TensorBoardLogger(const TensorBoardLogger &) = delete;
    TensorBoardLogger &operator=(const TensorBoardLogger &) = delete;
    ~TensorBoardLogger() { writer_.close(); }

    /// A point of the metric `tag`.
    int add_scalar(const std::string &tag, std::int64_t step, double value) {
        writer_.add_scalar(tag, value, step);
        return 0;
    }
    /// A text.
    int add_text(const std::string &tag, std::int64_t step, const char *text) {
        writer_.add_text(tag, text, step);
        return 0;
    }
    /// A distribution of values.
    ///@{
    template <class T> int add_histogram(const std::string &tag, int step, const T *values, std::size_t size) {
        return writer_.add_histogram(tag, values, size, step), 0;
    }
    template <class T> int add_histogram(const std::string &tag, int step, const std::vector<T> &values) {
        return writer_.add_histogram(tag, values, step), 0;
    }
    ///@}

    /// An image that is encoded already: its bytes say the rest.
    int add_image(const std::string &tag, int step, const std::string &encoded_image, int = 0, int = 0, int = 0,
                  const std::string & = "", const std::string & = "") {
        return writer_.add_object(aim::ObjectKind::images, tag, {bytes(encoded_image)}, step), 0;
    }
    /// A list of images that are encoded already.
    int add_images(const std::string &tag, int step, const std::vector<std::string> &encoded_images, int = 0, int = 0,
                   const std::string & = "", const std::string & = "") {
        std::vector<aim::Object> images;
        for (const std::string &image : encoded_images) images.push_back({bytes(image)});
        return writer_.add_objects(aim::ObjectKind::images, tag, images, step), 0;
    }
    /// A clip that is encoded already.
    int add_audio(const std::string &tag, int step, const std::string &encoded_audio, float = 0, int = 0, int = 0,
                  const std::string & = "", const std::string & = "", const std::string & = "") {
        return writer_.add_object(aim::ObjectKind::audios, tag, {bytes(encoded_audio)}, step), 0;
    }
    /// Does nothing, and tells so once: libaim does not hold embeddings.
    template <class... T> int add_embedding(const T &...values) { return writer_.add_embedding(values...), 0; }

    /// The writer behind it.
    aim::SummaryWriter &writer() noexcept { return writer_; }

  private:
    static aim::Span<const std::uint8_t> bytes(const std::string &text) noexcept {
        return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
    }

    static aim::SummaryWriter open(const std::string &log_file, bool resume, aim::RunOptions options) {
        std::string directory = std::filesystem::path(log_file).parent_path().string();
        if (directory.empty()) directory = ".";
        const std::string whole = aim::detail::whole_path(directory);
        if (resume) options.run_hash = newest(options, whole);
        aim::Run run(options);
        if (!options.run_hash) {
            run.set_name(directory);
            run.set_param("tensorboard", {{"log_dir", whole}});
        }
        return aim::SummaryWriter::adopt(std::move(run), std::move(directory));
    }

    /// The newest run of a directory.
    static std::optional<std::string> newest(const aim::RunOptions &options, const std::string &directory) {
        std::string literal; // in AimQL
        for (const char c : directory) {
            if (c == '\'' || c == '\\') literal += '\\';
            literal += c;
        }
        const auto repo = aim::Repo::try_open(options.repo);
        if (!repo) return std::nullopt; // there is none yet
        const auto runs = repo->query_runs("run.tensorboard.log_dir == '" + literal + "'");
        if (runs.empty()) return std::nullopt;
        return std::string(runs.front().run_hash());
    }

    aim::SummaryWriter writer_;
};
