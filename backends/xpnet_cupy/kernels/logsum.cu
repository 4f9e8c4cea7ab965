// F = -1/β log Σ_k e^(-β x_k) and its pullback dx_k = dF P_k, a block for each row.
#include "gibbs.cuh"

extern "C" __global__ void logsum(const real* x, real* f, long long rows, long long width, real beta) {
    FOR_EACH_ROW(row, rows) {
        const real extreme = dominating(x + row * width, width, beta);
        const real total = total_weight(x + row * width, width, extreme, beta);
        if (threadIdx.x == 0) f[row] = extreme - log(total) / (beta == 0 ? TINY : beta);
    }
}

extern "C" __global__ void logsum_vjp(
    const real* df, const real* x, real* dx, long long rows, long long width, real beta
) {
    FOR_EACH_ROW(row, rows) {
        const real *of = x + row * width;
        const real extreme = dominating(of, width, beta);
        const real total = total_weight(of, width, extreme, beta);
        FOR_EACH_OF_ROW(k, width) dx[row * width + k] = df[row] * (weight_of(of[k], extreme, beta) / total);
    }
}
