// CUDA's runtime on the processor: the threads of a launch run one after another, which is right for kernels whose
// threads do not wait for each other.
#pragma once
#include <cstdlib>
#include <cstring>

#define __global__ static

struct dim3 {
    unsigned x;
};
inline dim3 threadIdx, blockIdx, blockDim;

inline float atomicAdd(float *address, float value) {
    const float before = *address;
    *address += value;
    return before;
}

// What the test makes of kernel<<<grid, threads>>>(arguments...).
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), int grid, int threads, Arguments... arguments) {
    blockDim.x = static_cast<unsigned>(threads);
    for (blockIdx.x = 0; blockIdx.x < static_cast<unsigned>(grid); blockIdx.x++)
        for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x++) kernel(arguments...);
}

enum cudaError_t { cudaSuccess, cudaErrorMemoryAllocation };
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost };
inline cudaError_t cudaMalloc(void **memory, std::size_t size) {
    *memory = std::malloc(size);
    return *memory ? cudaSuccess : cudaErrorMemoryAllocation;
}
inline cudaError_t cudaMemset(void *memory, int value, std::size_t size) {
    std::memset(memory, value, size);
    return cudaSuccess;
}
inline cudaError_t cudaMemcpy(void *to, const void *from, std::size_t size, cudaMemcpyKind) {
    std::memcpy(to, from, size);
    return cudaSuccess;
}
inline cudaError_t cudaFree(void *memory) {
    std::free(memory);
    return cudaSuccess;
}
inline cudaError_t cudaGetLastError() { return cudaSuccess; }
inline const char *cudaGetErrorString(cudaError_t) { return "out of memory"; }
