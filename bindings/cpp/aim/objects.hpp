/// @file
/// aim::Sequence: images, texts, audio, distributions and other objects of a run; and what a query finds of them.
#pragma once

#include "error.hpp"
#include "options.hpp"
#include "text.hpp"

#include <aim.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace aim {

/// What a sequence of objects holds.
enum class ObjectKind : std::int32_t {
    images = AIM_QUERY_IMAGES,
    texts = AIM_QUERY_TEXTS,
    audios = AIM_QUERY_AUDIOS,
    distributions = AIM_QUERY_DISTRIBUTIONS,
    figures = AIM_QUERY_FIGURES,
    videos = AIM_QUERY_VIDEOS,
    tables = AIM_QUERY_TABLES,
    arrays = AIM_QUERY_ARRAYS,
};

/// The number of an element type in the C interface. To be specialised for types of half precision, with AIM_F16 or
/// AIM_BF16.
template <class T, class = void> struct Element;

/// Of integers and floating-point numbers.
template <class T> struct Element<T, std::enable_if_t<std::is_arithmetic_v<T>>> {
    static_assert(std::is_integral_v<T> || std::is_same_v<T, float> || std::is_same_v<T, double>, "no such element");
    /// One of AIM_U8, ...
    static constexpr std::int32_t value =
        std::is_same_v<T, bool>     ? AIM_BOOL
        : std::is_same_v<T, float>  ? AIM_F32
        : std::is_same_v<T, double> ? AIM_F64
        : std::is_signed_v<T>       ? (sizeof(T) == 1   ? AIM_I8
                                       : sizeof(T) == 2 ? AIM_I16
                                       : sizeof(T) == 4 ? AIM_I32
                                                        : AIM_I64)
                                    : (sizeof(T) == 1   ? AIM_U8
                                       : sizeof(T) == 2 ? AIM_U16
                                       : sizeof(T) == 4 ? AIM_U32
                                                        : AIM_U64);
};

/// An object that is encoded already: bytes, borrowed, and what is said of them.
struct Object {
    /// The bytes.
    Span<const std::uint8_t> data;
    /// "png", "jpeg", "mp4", ...; "": told by the first bytes.
    std::string format = {};
    /// What it shows.
    std::string caption = {};
    /// A JSON object, or "".
    std::string meta = {};
};

/// Pixels of an image, borrowed; stored as PNG.
class Pixels {
  public:
    /// `width` times `height` pixels of `channels` each: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA; packed, and the channels of
    /// a pixel beside each other, unless said otherwise.
    template <class T>
    Pixels(const T *data, std::uint32_t width, std::uint32_t height, std::uint32_t channels = 3) noexcept {
        pixels_.data = data;
        pixels_.width = width;
        pixels_.height = height;
        pixels_.channels = channels;
        pixels_.dtype = Element<T>::value;
    }

    /// Each channel is a plane of its own.
    Pixels &chw() noexcept {
        pixels_.planar = 1;
        return *this;
    }
    /// Bytes from one row to the next; less than 0: the rows lie bottom up, and the first that was said lies last in memory.
    Pixels &row_stride(std::int64_t bytes) noexcept {
        pixels_.row_stride = bytes;
        return *this;
    }
    /// Which floats become black and white.
    Pixels &range(double low, double high) noexcept {
        pixels_.low = low;
        pixels_.high = high;
        return *this;
    }
    /// What it shows.
    Pixels &caption(std::string text) {
        caption_ = std::move(text);
        return *this;
    }
    /// A JSON object that is kept with it.
    Pixels &meta(std::string json) {
        meta_ = std::move(json);
        return *this;
    }
    /// Lends the pixels for longer than the call, which returns at once: a thread of the library encodes them and calls
    /// `release` with `userdata` when it does not need them any more. Not where the call fails.
    Pixels &lend(aim_release release, void *userdata) noexcept {
        pixels_.release = release;
        pixels_.release_userdata = userdata;
        return *this;
    }

    /// For the C interface, borrowed from this.
    aim_pixels to_c() const noexcept {
        aim_pixels pixels = pixels_;
        pixels.caption = caption_.c_str();
        pixels.meta = meta_.c_str();
        return pixels;
    }

  private:
    aim_pixels pixels_ = AIM_PIXELS_INIT;
    std::string caption_, meta_;
};

/// A sequence of objects of an open run: kind, name and context, resolved by Run::sequence(). It may outlive the run, after
/// whose close it answers `closed`. Each call tracks a point, in place of the one of that step.
class Sequence {
  public:
    /// Takes over a handle of the C interface.
    static Sequence adopt(aim_sequence *handle) noexcept { return Sequence(handle); }
    /// The handle of the C interface, which stays the sequence's.
    aim_sequence *handle() const noexcept { return handle_.get(); }

    /// Tracks objects that are encoded already; as aim_sequence_track.
    Result<void> try_track(Span<const Object> objects, std::int64_t step = auto_step, std::int64_t epoch = no_epoch,
                           double time = 0) const {
        std::vector<aim_object> all;
        for (const Object &object : objects) {
            aim_object c_object = AIM_OBJECT_INIT;
            c_object.data = object.data.data();
            c_object.size = object.data.size();
            c_object.format = object.format.empty() ? nullptr : object.format.c_str();
            c_object.caption = object.caption.c_str();
            c_object.meta = object.meta.c_str();
            all.push_back(c_object);
        }
        return detail::call(aim_sequence_track, handle(), all.data(), all.size(), step, epoch, time);
    }
    /// Tracks texts; as aim_sequence_track_texts.
    Result<void> try_track_texts(Span<const std::string> texts, std::int64_t step = auto_step,
                                 std::int64_t epoch = no_epoch, double time = 0) const {
        std::vector<const char *> all;
        for (const std::string &text : texts) all.push_back(Text(text).c_str());
        return detail::call(aim_sequence_track_texts, handle(), all.data(), all.size(), step, epoch, time);
    }
    /// Tracks images; as aim_sequence_track_pixels.
    Result<void> try_track_pixels(Span<const Pixels> images, std::int64_t step = auto_step,
                                  std::int64_t epoch = no_epoch, double time = 0) const {
        std::vector<aim_pixels> all;
        for (const Pixels &image : images) all.push_back(image.to_c());
        return detail::call(aim_sequence_track_pixels, handle(), all.data(), all.size(), step, epoch, time);
    }
    /// Tracks a clip of interleaved samples; as aim_sequence_track_samples.
    template <class T>
    Result<void> try_track_samples(Span<const T> samples, std::uint32_t channels, std::uint32_t rate,
                                   std::int64_t step = auto_step, std::int64_t epoch = no_epoch, double time = 0) const {
        aim_samples clip = AIM_SAMPLES_INIT;
        clip.data = samples.data();
        clip.frames = channels ? samples.size() / channels : 0;
        clip.channels = channels;
        clip.rate = rate;
        clip.dtype = Element<T>::value;
        return detail::call(aim_sequence_track_samples, handle(), &clip, std::size_t{1}, step, epoch, time);
    }
    /// Counts values into `bins` bins between their least and greatest, and tracks the distribution; as
    /// aim_sequence_track_values.
    template <class T>
    Result<void> try_track_values(Span<const T> values, std::int64_t step = auto_step, std::size_t bins = 64,
                                  std::int64_t epoch = no_epoch, double time = 0) const {
        return detail::call(aim_sequence_track_values, handle(), static_cast<const void *>(values.data()), values.size(),
                            Element<T>::value, bins, 0.0, 0.0, step, epoch, time);
    }
    /// Tracks a distribution by weights and edges, one more; as aim_sequence_track_distribution.
    Result<void> try_track_distribution(Span<const double> weights, Span<const double> edges,
                                        std::int64_t step = auto_step, std::int64_t epoch = no_epoch,
                                        double time = 0) const {
        if (edges.size() != weights.size() + 1)
            return Error(ErrorCode::invalid_argument, std::to_string(edges.size()) + " edges for " +
                                                          std::to_string(weights.size()) + " weights: they are one more");
        aim_distribution distribution = AIM_DISTRIBUTION_INIT;
        distribution.weights = weights.data();
        distribution.bins = weights.size();
        distribution.edges = edges.data();
        return detail::call(aim_sequence_track_distribution, handle(), &distribution, step, epoch, time);
    }
    /// Tracks an array, the last dimension fastest; as aim_sequence_track_array. `strides` are bytes, which may
    /// be less than 0, or empty: packed.
    template <class T>
    Result<void> try_track_array(const T *data, Span<const std::uint64_t> shape, std::int64_t step = auto_step,
                                 Span<const std::int64_t> strides = {}, std::int64_t epoch = no_epoch,
                                 double time = 0) const {
        if (!strides.empty() && strides.size() != shape.size())
            return Error(ErrorCode::invalid_argument, std::to_string(strides.size()) + " strides for " +
                                                          std::to_string(shape.size()) + " dimensions");
        aim_array array = AIM_ARRAY_INIT;
        array.data = data;
        array.dtype = Element<T>::value;
        array.ndim = static_cast<std::uint32_t>(shape.size());
        array.shape = shape.data();
        array.strides = strides.empty() ? nullptr : strides.data();
        return detail::call(aim_sequence_track_array, handle(), &array, step, epoch, time);
    }

    /// Tracks the rows of a stream of Arrow's C Stream Interface, which is read to its end and released; as
    /// aim_sequence_track_table. `meta` is a JSON object, or "".
    Result<void> try_track_table(ArrowArrayStream *rows, std::int64_t step = auto_step, const std::string &caption = {},
                                 const std::string &meta = {}, std::int64_t epoch = no_epoch, double time = 0) const {
        return detail::call(aim_sequence_track_table, handle(), rows, caption.empty() ? nullptr : caption.c_str(),
                            meta.empty() ? nullptr : meta.c_str(), step, epoch, time);
    }

    /// Which points stay: the last ones, and those whose step is a multiple of `every`; as aim_sequence_keep.
    Result<void> try_keep(std::uint32_t last, std::uint32_t every = 0) const {
        return detail::call(aim_sequence_keep, handle(), last, every);
    }

#if AIM_EXCEPTIONS
    /// As try_keep(), but throws.
    void keep(std::uint32_t last, std::uint32_t every = 0) const { try_keep(last, every).value(); }
    /// As try_track(), but throws.
    void track(Span<const Object> objects, std::int64_t step = auto_step, std::int64_t epoch = no_epoch) const {
        try_track(objects, step, epoch).value();
    }
    /// Tracks one object that is encoded already; throws.
    void track(const Object &object, std::int64_t step = auto_step, std::int64_t epoch = no_epoch) const {
        try_track({&object, 1}, step, epoch).value();
    }
    /// Tracks one image; throws.
    void track(const Pixels &image, std::int64_t step = auto_step, std::int64_t epoch = no_epoch) const {
        try_track_pixels({&image, 1}, step, epoch).value();
    }
    /// Tracks one text; throws.
    void track(const std::string &text, std::int64_t step = auto_step, std::int64_t epoch = no_epoch) const {
        try_track_texts({&text, 1}, step, epoch).value();
    }
    /// As try_track_pixels(), but throws.
    void track_pixels(Span<const Pixels> images, std::int64_t step = auto_step, std::int64_t epoch = no_epoch) const {
        try_track_pixels(images, step, epoch).value();
    }
    /// As try_track_texts(), but throws.
    void track_texts(Span<const std::string> texts, std::int64_t step = auto_step, std::int64_t epoch = no_epoch) const {
        try_track_texts(texts, step, epoch).value();
    }
    /// As try_track_samples(), but throws.
    template <class T>
    void track_samples(Span<const T> samples, std::uint32_t channels, std::uint32_t rate, std::int64_t step = auto_step,
                       std::int64_t epoch = no_epoch) const {
        try_track_samples(samples, channels, rate, step, epoch).value();
    }
    /// As try_track_values(), but throws.
    template <class T>
    void track_values(Span<const T> values, std::int64_t step = auto_step, std::size_t bins = 64,
                      std::int64_t epoch = no_epoch) const {
        try_track_values(values, step, bins, epoch).value();
    }
    /// As try_track_distribution(), but throws.
    void track_distribution(Span<const double> weights, Span<const double> edges, std::int64_t step = auto_step,
                            std::int64_t epoch = no_epoch) const {
        try_track_distribution(weights, edges, step, epoch).value();
    }
    /// As try_track_array(), but throws.
    template <class T>
    void track_array(const T *data, Span<const std::uint64_t> shape, std::int64_t step = auto_step,
                     Span<const std::int64_t> strides = {}) const {
        try_track_array(data, shape, step, strides).value();
    }
    /// As try_track_table(), but throws.
    void track_table(ArrowArrayStream *rows, std::int64_t step = auto_step, const std::string &caption = {}) const {
        try_track_table(rows, step, caption).value();
    }
#endif

  private:
    explicit Sequence(aim_sequence *handle) noexcept : handle_(handle) {}

    struct Free {
        void operator()(aim_sequence *sequence) const noexcept { aim_sequence_free(sequence); }
    };
    std::unique_ptr<aim_sequence, Free> handle_;
};

/// Which points of a sequence, and which objects of each; everything unless said otherwise.
struct Range {
    /// The first step.
    std::int64_t first_step = INT64_MIN;
    /// The step before which it ends.
    std::int64_t end_step = INT64_MAX;
    /// At most so many points, at even distances; one alone is the last. 0: all.
    std::size_t points = 0;
    /// The first index.
    std::uint32_t first_index = 0;
    /// The index before which it ends.
    std::uint32_t end_index = UINT32_MAX;
    /// At most so many objects of a point. 0: all.
    std::size_t objects = 0;
};

/// The last so many points.
inline Range last_point() noexcept {
    Range range;
    range.points = 1;
    return range;
}

/// What is known of an object; texts are borrowed from the objects.
using ObjectInfo = aim_object_info;
/// What is known of a sequence.
using SequenceInfo = aim_sequence_info;

/// A distribution, borrowed from the objects.
struct Distribution {
    /// The weight of each bin.
    Span<const double> weights;
    /// Their edges, one more.
    Span<const double> edges;
    /// What is known of the values beside the bins.
    aim_distribution about;
};

/// Objects of a sequence, in the order of steps and indices.
class Objects {
  public:
    /// Takes over a handle of the C interface.
    static Objects adopt(aim_objects *handle) noexcept { return Objects(handle); }
    /// The handle of the C interface, which stays the objects'.
    aim_objects *handle() const noexcept { return handle_.get(); }
    /// Number of objects.
    std::size_t size() const noexcept { return aim_objects_len(handle()); }
    /// Whether there are none.
    bool empty() const noexcept { return size() == 0; }

    /// What is known of object `k`; as aim_objects_info.
    Result<ObjectInfo> try_info(std::size_t k) const {
        ObjectInfo info = AIM_OBJECT_INFO_INIT;
        if (auto read = detail::call(aim_objects_info, handle(), k, &info); !read) return read.error();
        return info;
    }
    /// The bytes of object `k`, checked, borrowed from this; as aim_objects_data.
    Result<Span<const std::uint8_t>> try_data(std::size_t k) const {
        const std::uint8_t *data = nullptr;
        std::size_t size = 0;
        if (auto read = detail::call(aim_objects_data, handle(), k, &data, &size); !read) return read.error();
        return Span<const std::uint8_t>(data, size);
    }
    /// Object `k` as a distribution; as aim_objects_distribution.
    Result<Distribution> try_distribution(std::size_t k) const {
        aim_distribution found = AIM_DISTRIBUTION_INIT;
        if (auto read = detail::call(aim_objects_distribution, handle(), k, &found); !read) return read.error();
        return Distribution{{found.weights, found.bins}, {found.edges, found.bins + 1}, found};
    }

#if AIM_EXCEPTIONS
    /// As try_info(), but throws.
    ObjectInfo info(std::size_t k) const { return try_info(k).value(); }
    /// As try_data(), but throws.
    Span<const std::uint8_t> data(std::size_t k) const { return try_data(k).value(); }
    /// As try_distribution(), but throws.
    Distribution distribution(std::size_t k) const { return try_distribution(k).value(); }
    /// The text that object `k` is; throws.
    std::string text(std::size_t k) const {
        const auto bytes = data(k);
        return std::string(bytes.begin(), bytes.end());
    }
#endif

  private:
    explicit Objects(aim_objects *handle) noexcept : handle_(handle) {}

    struct Free {
        void operator()(aim_objects *objects) const noexcept { aim_objects_free(objects); }
    };
    std::unique_ptr<aim_objects, Free> handle_;
};

/// A sequence of objects that a query found: a row, to be passed by value, that lives as long as the query.
class ObjectRow {
  public:
    /// Row `index` of a query of the C interface, borrowed.
    ObjectRow(const aim_query *query, std::size_t index) noexcept : query_(query), index_(index) {}

    /// The hash of the sequence's run.
    TextView run_hash() const noexcept { return aim_query_run_hash(query_, index_); }
    /// The sequence's name.
    TextView name() const noexcept { return aim_query_metric_name(query_, index_); }
    /// The sequence's context as JSON.
    TextView context_json() const noexcept { return aim_query_metric_context(query_, index_); }

    /// What is known without reading points; as aim_query_sequence_info.
    Result<SequenceInfo> try_info() const {
        SequenceInfo info = AIM_SEQUENCE_INFO_INIT;
        if (auto read = detail::call(aim_query_sequence_info, query_, index_, &info); !read) return read.error();
        return info;
    }
    /// Objects of the sequence; as aim_query_objects.
    Result<Objects> try_objects(const Range &range = {}) const {
        aim_range c_range = AIM_RANGE_INIT;
        c_range.first_step = range.first_step;
        c_range.end_step = range.end_step;
        c_range.points = range.points;
        c_range.first_index = range.first_index;
        c_range.end_index = range.end_index;
        c_range.objects = range.objects;
        aim_objects *objects = nullptr;
        if (auto read = detail::call(aim_query_objects, query_, index_, &c_range, &objects); !read) return read.error();
        return Objects::adopt(objects);
    }

#if AIM_EXCEPTIONS
    /// As try_info(), but throws.
    SequenceInfo info() const { return try_info().value(); }
    /// As try_objects(), but throws.
    Objects objects(const Range &range = {}) const { return try_objects(range).value(); }
#endif

  private:
    const aim_query *query_;
    std::size_t index_;
};

} // namespace aim
