// Runs CUDA kernels on the CPU, block after block: each thread of a block is a fiber that runs until __syncthreads().
//
// A block's threads take turns in rising or falling order, so that a missing barrier shows as a difference between the
// two. Shared memory is full of NaN before each block, and what lies behind it is watched.

#pragma once
#include <cmath>
#include <csetjmp>
#include <cstring>
#include <memory>
#include <ucontext.h>
#include <vector>

using std::exp; using std::fabs; using std::fmax; using std::fmin; using std::isinf; using std::isnan; using std::log;
using std::tanh;

#define __global__
#define __device__
#define __shared__
#define __syncthreads() shim::barrier(__LINE__)

struct Index { unsigned x, y, z; };
static Index threadIdx{0, 0, 0}, blockIdx{0, 0, 0}, blockDim{1, 1, 1}, gridDim{1, 1, 1};

static inline double __longlong_as_double(long long bits) {
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

namespace shim {

constexpr int DONE = 0, RUNNING = -1;  // else the line of the barrier at which a thread waits
enum Fault { NONE, DIVERGED, OVERRUN, TOO_MUCH_SHARED };
constexpr long long WORDS = 6144;       // 48 KiB: what every GPU gives without asking
constexpr long long GUARD = 64;
constexpr std::size_t STACK = 1 << 16;

struct Fiber {
    ucontext_t context;
    jmp_buf here;
    std::unique_ptr<char[]> stack{new char[STACK]};
    bool started = false;
    int place = DONE;
};

static std::vector<std::unique_ptr<Fiber>> fibers;
static Fiber* current;
static jmp_buf scheduler;
static void (*kernel)(void**);
static void** arguments;

static void yield() {
    if (!_setjmp(current->here)) _longjmp(scheduler, 1);
}

static void barrier(int line) {
    current->place = line;
    yield();
}

static void live() {  // a fiber's whole life: one thread of a block after the other
    for (;;) {
        kernel(arguments);
        current->place = DONE;
        yield();
    }
}

static void resume(unsigned thread) {
    current = fibers[thread].get();
    threadIdx.x = thread;
    current->place = RUNNING;
    if (_setjmp(scheduler)) return;
    if (current->started) _longjmp(current->here, 1);
    current->started = true;
    getcontext(&current->context);
    current->context.uc_stack = {current->stack.get(), 0, STACK};
    makecontext(&current->context, live, 0);
    setcontext(&current->context);
}

static Fault run_block(bool falling) {
    const unsigned count = blockDim.x;
    for (unsigned i = 0; i < count; ++i) fibers[i]->place = RUNNING;
    for (;;) {
        for (unsigned i = 0; i < count; ++i) resume(falling ? count - 1 - i : i);
        const int place = fibers[0]->place;
        for (unsigned i = 1; i < count; ++i)
            if (fibers[i]->place != place) return DIVERGED;
        if (place == DONE) return NONE;
    }
}

// Every block of the grid; `room` is where the kernel's shared memory lies.
static Fault run(void (*body)(void**), void** args, unsigned blocks, unsigned threads, long long words, bool falling,
                 long long* room) {
    if (words > WORDS) return TOO_MUCH_SHARED;
    while (fibers.size() < threads) fibers.emplace_back(new Fiber);
    kernel = body, arguments = args;
    blockDim.x = threads, gridDim.x = blocks;
    for (unsigned b = 0; b < blocks; ++b) {
        blockIdx.x = falling ? blocks - 1 - b : b;
        std::memset(room, 0xff, (words + GUARD) * sizeof *room);
        const Fault fault = run_block(falling);
        if (fault) {
            fibers.clear();  // some wait in the middle of a kernel
            return fault;
        }
        for (long long i = words; i < words + GUARD; ++i)
            if (room[i] != -1) return OVERRUN;
    }
    return NONE;
}

}  // namespace shim
