// The gradient of a tile's codes: dy_t = Σ_b w_bt (y_t - h_b) for distances and -Σ_b w_bt h_b for products, with the
// weights w_bt = dF_b P_bt.
#include "tiles.cuh"

// Products (T, B) become weights in place, and their sums over samples are taken: a block for each label.
extern "C" __global__ void label_pulls(
    real* products, const real* halves, const real* bias, const real* df, const real* f, const real* own, real* sums,
    real beta, long long distances, long long biased, long long stride, long long start, long long labels,
    long long batch
) {
    const Tile tile = {halves, bias, distances, biased, stride, start};
    FOR_EACH_ROW(t, labels) {
        real sum = 0;
        FOR_EACH_OF_ROW(b, batch) {
            const long long i = t * batch + b;
            const real level = distances ? f[b] - own[b] : f[b];
            const real weight = df[b] * exp(-beta * (energy_of(products[i], tile, b, t) - reachable(level)));
            products[i] = weight;
            sum += weight;
        }
        sum = block_sum(sum);
        if (threadIdx.x == 0) sums[t] = sum;
    }
}

// dy from the products Σ_b w_bt h_b.
extern "C" __global__ void label_pulls_end(
    const real* pulled, const real* sums, const real* codes, real* dy, long long distances, long long count,
    long long width
) {
    FOR_EACH(i, count) dy[i] = distances ? sums[i / width] * codes[i] - pulled[i] : -pulled[i];
}
