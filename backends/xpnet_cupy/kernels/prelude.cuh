// What every kernel here builds on; `real`, float or double, is declared in front of this text.

#define INFINITE ((real)__longlong_as_double(0x7ff0000000000000LL))
#define NOT_A_NUMBER ((real)__longlong_as_double(0x7ff8000000000000LL))

extern __shared__ long long shared_room[];  // as many words of 8 bytes as a launch asks for

// Every thread of the grid takes each (blocks × threads)-th element.
#define FOR_EACH(i, count)                                                             \
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < (count);  \
         i += (long long)blockDim.x * gridDim.x)

// Every block takes each (blocks)-th row, and its threads share the row.
#define FOR_EACH_ROW(row, rows) for (long long row = blockIdx.x; row < (rows); row += gridDim.x)
#define FOR_EACH_OF_ROW(k, width) for (long long k = threadIdx.x; k < (width); k += blockDim.x)

// i mod width, in 32 bits where that is enough: four times as quick.
__device__ inline long long column_of(long long i, long long width) {
    return i <= 0xffffffffLL && width <= 0xffffffffLL ? (unsigned)i % (unsigned)width : i % width;
}

__device__ inline real at_least_zero(real x) { return x < 0 ? (real)0 : x; }  // NaN stays

// The lower one; NaN is lower than anything, so that it is seen.
__device__ inline real lower(real a, real b) { return a < b || isnan(a) ? a : b; }

// Reductions over the block, by a tree: the same order each time, for any number of threads. All threads must come, and
// all get the result. They use one word of shared_room for each thread.
#define BLOCK_REDUCTION(type, name, joined)                                            \
    __device__ inline type name(type value) {                                          \
        type* room = (type*)shared_room;                                               \
        const unsigned i = threadIdx.x;                                                \
        room[i] = value;                                                               \
        __syncthreads();                                                               \
        for (unsigned left = blockDim.x; left > 1;) {                                  \
            const unsigned half = (left + 1) / 2;                                      \
            if (i + half < left) {                                                     \
                const type a = room[i], b = room[i + half];                            \
                room[i] = joined;                                                      \
            }                                                                          \
            __syncthreads();                                                           \
            left = half;                                                               \
        }                                                                              \
        const type result = room[0];                                                   \
        __syncthreads();                                                               \
        return result;                                                                 \
    }

BLOCK_REDUCTION(real, block_sum, a + b)
BLOCK_REDUCTION(double, block_sum_in_double, a + b)
BLOCK_REDUCTION(real, block_lowest, lower(a, b))
