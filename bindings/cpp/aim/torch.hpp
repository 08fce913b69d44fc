/// @file
/// aim::TorchTracker: losses, learning rates, weights, gradients, pictures and tensors of libtorch. Not part of aim.hpp.
#pragma once

#include "../aim.hpp"

#include <torch/torch.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aim {

/// Tracks what a training loop in libtorch has at hand. Tensors may be on any device and of any layout; they are brought to
/// the processor and made contiguous where they are not. It may be used from several threads at once.
class TorchTracker {
  public:
    /// The run has to live as long as this.
    explicit TorchTracker(const Run &run) : run_(&run) {}

    /// A point of the metric `name`: the value of a tensor of one element, a loss for one.
    Result<void> try_loss(Text name, const torch::Tensor &value, std::int64_t step = auto_step,
                          std::int64_t epoch = no_epoch, const Value &context = nullptr) const {
        if (value.numel() != 1)
            return Error(ErrorCode::invalid_argument,
                         "a loss is a tensor of one element, not of " + std::to_string(value.numel()));
        return run_->try_track(name, value.detach().to(torch::kCPU, torch::kDouble).item<double>(), step, epoch, context);
    }

    /// A point of the metric `lr` for each group of parameters, with the context `{"group": its number}`.
    Result<void> try_learning_rates(const torch::optim::Optimizer &optimizer, std::int64_t step = auto_step,
                                    std::int64_t epoch = no_epoch) const {
        std::int64_t group = 0;
        for (const torch::optim::OptimizerParamGroup &parameters : optimizer.param_groups()) {
            const double rate = parameters.options().get_lr();
            if (auto done = run_->try_track("lr", rate, step, epoch, {{"group", group++}}); !done) return done;
        }
        return {};
    }

    /// The distribution of each parameter of a module: sequences called `weights` with the context
    /// `{"parameter": its name}`.
    Result<void> try_weights(const torch::nn::Module &module, std::int64_t step = auto_step, std::size_t bins = 64,
                             std::int64_t epoch = no_epoch) const {
        for (const auto &parameter : module.named_parameters()) {
            const Value context{{"parameter", parameter.key()}};
            if (auto done = try_distribution("weights", parameter.value(), step, bins, epoch, context); !done) return done;
        }
        return {};
    }

    /// The distribution of the gradient of each parameter that has one: `gradients`, as try_weights(); and the metric
    /// `gradient_norm`, the length of all of them together.
    Result<void> try_gradients(const torch::nn::Module &module, std::int64_t step = auto_step, std::size_t bins = 64,
                               std::int64_t epoch = no_epoch) const {
        double squares = 0;
        for (const auto &parameter : module.named_parameters()) {
            const torch::Tensor &gradient = parameter.value().grad();
            if (!gradient.defined()) continue;
            const double norm = gradient.detach().to(torch::kDouble).norm().item<double>();
            squares += norm * norm;
            const Value context{{"parameter", parameter.key()}};
            if (auto done = try_distribution("gradients", gradient, step, bins, epoch, context); !done) return done;
        }
        return run_->try_track("gradient_norm", std::sqrt(squares), step, epoch);
    }

    /// The distribution of the elements of a tensor.
    Result<void> try_distribution(Text name, const torch::Tensor &tensor, std::int64_t step = auto_step,
                                  std::size_t bins = 64, std::int64_t epoch = no_epoch,
                                  const Value &context = nullptr) const {
        const Result<Sequence> sequence = run_->try_sequence(ObjectKind::distributions, name, context);
        if (!sequence) return sequence.error();
        const torch::Tensor here = settled(tensor);
        return detail::call(aim_sequence_track_values, sequence->handle(), static_cast<const void *>(here.data_ptr()),
                            static_cast<std::size_t>(here.numel()), element(here), bins, 0.0, 0.0, step, epoch, 0.0);
    }

    /// A picture, or a list of them: a tensor of height and width, of channels, height and width, or of several such. Floats
    /// from `low` to `high` become black to white; integers are 0 to 255.
    Result<void> try_images(Text name, const torch::Tensor &tensor, std::int64_t step = auto_step, double low = 0,
                            double high = 1, std::int64_t epoch = no_epoch, const Value &context = nullptr) const {
        if (tensor.dim() < 2 || tensor.dim() > 4)
            return Error(ErrorCode::invalid_argument, "pictures are tensors of two to four dimensions, not of " +
                                                          std::to_string(tensor.dim()));
        const Result<Sequence> sequence = run_->try_sequence(ObjectKind::images, name, context);
        if (!sequence) return sequence.error();
        torch::Tensor all = settled(tensor.is_floating_point() ? tensor : tensor.to(torch::kByte));
        while (all.dim() < 4) all = all.unsqueeze(0);
        const auto *data = static_cast<const std::uint8_t *>(all.data_ptr());
        std::vector<aim_pixels> images;
        for (std::int64_t i = 0; i < all.size(0); i++) {
            aim_pixels pixels = AIM_PIXELS_INIT;
            pixels.data = data + static_cast<std::size_t>(i) * all[0].numel() * all.element_size();
            pixels.channels = static_cast<std::uint32_t>(all.size(1));
            pixels.height = static_cast<std::uint32_t>(all.size(2));
            pixels.width = static_cast<std::uint32_t>(all.size(3));
            pixels.planar = 1;
            pixels.dtype = element(all);
            pixels.low = low;
            pixels.high = high;
            images.push_back(pixels);
        }
        return detail::call(aim_sequence_track_pixels, sequence->handle(), images.data(), images.size(), step, epoch, 0.0);
    }

    /// A tensor as it is.
    Result<void> try_array(Text name, const torch::Tensor &tensor, std::int64_t step = auto_step,
                           std::int64_t epoch = no_epoch, const Value &context = nullptr) const {
        const Result<Sequence> sequence = run_->try_sequence(ObjectKind::arrays, name, context);
        if (!sequence) return sequence.error();
        const torch::Tensor here = settled(tensor);
        const std::vector<std::uint64_t> sides(here.sizes().begin(), here.sizes().end());
        aim_array array = AIM_ARRAY_INIT;
        array.data = here.data_ptr();
        array.dtype = element(here);
        array.ndim = static_cast<std::uint32_t>(sides.size());
        array.shape = sides.data();
        return detail::call(aim_sequence_track_array, sequence->handle(), &array, step, epoch, 0.0);
    }

#if AIM_EXCEPTIONS
    /// As try_loss(), but throws.
    void loss(Text name, const torch::Tensor &value, std::int64_t step = auto_step, std::int64_t epoch = no_epoch,
              const Value &context = nullptr) const {
        try_loss(name, value, step, epoch, context).value();
    }
    /// As try_learning_rates(), but throws.
    void learning_rates(const torch::optim::Optimizer &optimizer, std::int64_t step = auto_step,
                        std::int64_t epoch = no_epoch) const {
        try_learning_rates(optimizer, step, epoch).value();
    }
    /// As try_weights(), but throws.
    void weights(const torch::nn::Module &module, std::int64_t step = auto_step, std::size_t bins = 64,
                 std::int64_t epoch = no_epoch) const {
        try_weights(module, step, bins, epoch).value();
    }
    /// As try_gradients(), but throws.
    void gradients(const torch::nn::Module &module, std::int64_t step = auto_step, std::size_t bins = 64,
                   std::int64_t epoch = no_epoch) const {
        try_gradients(module, step, bins, epoch).value();
    }
    /// As try_distribution(), but throws.
    void distribution(Text name, const torch::Tensor &tensor, std::int64_t step = auto_step, std::size_t bins = 64,
                      std::int64_t epoch = no_epoch, const Value &context = nullptr) const {
        try_distribution(name, tensor, step, bins, epoch, context).value();
    }
    /// As try_images(), but throws.
    void images(Text name, const torch::Tensor &tensor, std::int64_t step = auto_step, double low = 0, double high = 1,
                std::int64_t epoch = no_epoch, const Value &context = nullptr) const {
        try_images(name, tensor, step, low, high, epoch, context).value();
    }
    /// As try_array(), but throws.
    void array(Text name, const torch::Tensor &tensor, std::int64_t step = auto_step, std::int64_t epoch = no_epoch,
               const Value &context = nullptr) const {
        try_array(name, tensor, step, epoch, context).value();
    }
#endif

  private:
    /// On the processor, packed; complex numbers as pairs.
    static torch::Tensor settled(const torch::Tensor &tensor) {
        const torch::Tensor plain = tensor.is_complex() ? torch::view_as_real(tensor.detach()) : tensor.detach();
        return plain.to(torch::kCPU).contiguous();
    }

    /// The type in the C interface; 0, which that refuses, where there is none.
    static std::int32_t element(const torch::Tensor &tensor) {
        switch (tensor.scalar_type()) {
        case torch::kByte: return AIM_U8;
        case torch::kChar: return AIM_I8;
        case torch::kShort: return AIM_I16;
        case torch::kInt: return AIM_I32;
        case torch::kLong: return AIM_I64;
        case torch::kHalf: return AIM_F16;
        case torch::kBFloat16: return AIM_BF16;
        case torch::kFloat: return AIM_F32;
        case torch::kDouble: return AIM_F64;
        case torch::kBool: return AIM_BOOL;
        default: return 0;
        }
    }

    const Run *run_;
};

} // namespace aim
