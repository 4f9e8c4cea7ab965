// Z_{t+1} = tanh(U_t + W Z_t) over all time steps, and its pullback: a block for each sequence, the state in shared
// memory. Two places for it, in turns, so that each step has one barrier.

extern "C" __global__ void recurrent_tanh(
    const real* pulled, const real* turned_weight, const real* initial, real* states, long long batch, long long steps,
    long long width
) {
    real* room = (real*)shared_room;
    FOR_EACH_ROW(b, batch) {
        real *old = room, *fresh = room + width;
        FOR_EACH_OF_ROW(j, width) old[j] = initial[b * width + j];
        __syncthreads();
        for (long long t = 0; t < steps; ++t) {
            const long long start = (b * steps + t) * width;
            FOR_EACH_OF_ROW(j, width) {
                real sum = 0;
                for (long long k = 0; k < width; ++k) sum += old[k] * turned_weight[k * width + j];
                states[start + j] = fresh[j] = tanh(pulled[start + j] + sum);
            }
            __syncthreads();
            real* const other = old;
            old = fresh, fresh = other;
        }
    }
}

// Backwards: dU_t = (dZ_{t+1} + Wᵀ dU_{t+1}) (1 - Z_{t+1}²), and what remains for Z_0. Each thread keeps what comes from
// the step after for its own components only.
extern "C" __global__ void recurrent_tanh_vjp(
    const real* dstates, const real* states, const real* weight, real* dpulled, real* dinitial, long long batch,
    long long steps, long long width
) {
    real* room = (real*)shared_room;
    FOR_EACH_ROW(b, batch) {
        real *before = room, *carried = room + width;
        FOR_EACH_OF_ROW(j, width) carried[j] = 0;
        for (long long t = steps - 1; t >= 0; --t) {
            const long long start = (b * steps + t) * width;
            FOR_EACH_OF_ROW(j, width) {
                const real y = states[start + j];
                dpulled[start + j] = before[j] = (dstates[start + j] + carried[j]) * (1 - y * y);
            }
            __syncthreads();
            FOR_EACH_OF_ROW(k, width) {
                real sum = 0;
                for (long long j = 0; j < width; ++j) sum += before[j] * weight[j * width + k];
                carried[k] = sum;
            }
            __syncthreads();
        }
        FOR_EACH_OF_ROW(j, width) dinitial[b * width + j] = carried[j];
    }
}
