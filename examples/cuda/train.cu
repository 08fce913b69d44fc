// Logistic regression on the GPU, by a kernel of its own. Tracks the loss, and lets libaim track the GPU beside it:
// use, memory, temperature and power, as sequences called __system__gpu...
//
//     make PREFIX=/usr/local && ./train [REPO]
#include <aim.h>

#include <cuda_runtime.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace {

constexpr int samples = 1 << 16;
constexpr int features = 32;
constexpr int steps = 2000;
constexpr float learning_rate = 0.5f;
constexpr int block = 256;

// Adds each sample's part to the loss and to its gradient. Sample i has the features x[i * features ...] and the label
// y[i], 0 or 1.
__global__ void loss_and_gradient(const float *x, const float *y, const float *w, float *loss, float *gradient, int n) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= n) return;
    float z = 0;
    for (int k = 0; k < features; k++) z += x[i * features + k] * w[k];
    const float p = 1 / (1 + expf(-z));
    atomicAdd(loss, (fmaxf(z, 0) - z * y[i] + log1pf(expf(-fabsf(z)))) / static_cast<float>(n));
    for (int k = 0; k < features; k++)
        atomicAdd(&gradient[k], (p - y[i]) * x[i * features + k] / static_cast<float>(n));
}

__global__ void descend(float *w, const float *gradient, float rate) { w[threadIdx.x] -= rate * gradient[threadIdx.x]; }

void check(cudaError_t status, const char *call) {
    if (status == cudaSuccess) return;
    std::fprintf(stderr, "%s: %s\n", call, cudaGetErrorString(status));
    std::exit(1);
}

void check(aim_status status, aim_error *err, const char *call) {
    if (status == AIM_OK) return;
    std::fprintf(stderr, "%s: %s\n", call, err ? aim_error_message(err) : "no details");
    std::exit(1);
}

#define CUDA(call) check(call, #call)
#define AIM(function, ...)                                                                                            \
    do {                                                                                                              \
        aim_error *err_ = nullptr;                                                                                    \
        const aim_status status_ = function(__VA_ARGS__, &err_);                                                      \
        check(status_, err_, #function);                                                                              \
    } while (0)

float *on_gpu(std::size_t n) {
    void *memory = nullptr;
    CUDA(cudaMalloc(&memory, n * sizeof(float)));
    CUDA(cudaMemset(memory, 0, n * sizeof(float)));
    return static_cast<float *>(memory);
}

float *on_gpu(const std::vector<float> &values) {
    float *const memory = on_gpu(values.size());
    CUDA(cudaMemcpy(memory, values.data(), values.size() * sizeof(float), cudaMemcpyHostToDevice));
    return memory;
}

void train(const aim_run *run) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> truth(features), x(static_cast<std::size_t>(samples) * features), y(samples);
    for (float &w : truth) w = normal(random);
    for (float &value : x) value = normal(random);
    for (std::size_t i = 0; i < samples; i++) {
        float z = normal(random);
        for (std::size_t k = 0; k < features; k++) z += x[i * features + k] * truth[k];
        y[i] = z > 0 ? 1.0f : 0.0f;
    }

    float *const gpu_x = on_gpu(x), *const gpu_y = on_gpu(y), *const weights = on_gpu(features);
    float *const sums = on_gpu(1 + features); // the loss and its gradient
    aim_metric *tracked = nullptr;
    AIM(aim_run_metric, run, "loss", "{\"subset\": \"train\"}", &tracked);
    for (int step = 0; step < steps; step++) {
        float loss = 0;
        CUDA(cudaMemset(sums, 0, (1 + features) * sizeof(float)));
        loss_and_gradient<<<(samples + block - 1) / block, block>>>(gpu_x, gpu_y, weights, sums, sums + 1, samples);
        CUDA(cudaGetLastError());
        descend<<<1, features>>>(weights, sums + 1, learning_rate);
        CUDA(cudaGetLastError());
        CUDA(cudaMemcpy(&loss, sums, sizeof loss, cudaMemcpyDeviceToHost)); // waits for both
        check(aim_metric_track(tracked, loss, step, AIM_EPOCH_NONE), nullptr, "aim_metric_track");
        if (step % 500 == 0 || step == steps - 1) std::printf("step %4d  loss %.4f\n", step, static_cast<double>(loss));
    }
    aim_metric_free(tracked);
    for (float *memory : {gpu_x, gpu_y, weights, sums}) CUDA(cudaFree(memory));
}

} // namespace

int main(int argc, char **argv) {
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = argc > 1 ? argv[1] : ".";
    options.experiment = "cuda";
    options.system_tracking_interval = 1.0; // seconds
    options.log_system_params = true;
    aim_run *run = nullptr;
    AIM(aim_run_new, &options, &run);
    AIM(aim_run_set_param_double, run, "lr", static_cast<double>(learning_rate));
    AIM(aim_run_set_param_int64, run, "samples", samples);
    train(run);
    std::printf("run %s\n", aim_run_hash(run));
    AIM(aim_run_close, run);
    aim_run_free(run);
    return 0;
}
