// P_k = e^(-β x_k) / Σ_j e^(-β x_j) and its pullback dx_j = -β p_j (dp_j - Σ_i p_i dp_i), a block for each row.
#include "gibbs.cuh"

extern "C" __global__ void softmax(const real* x, real* p, long long rows, long long width, real beta) {
    FOR_EACH_ROW(row, rows) {
        const real *of = x + row * width;
        const real extreme = dominating(of, width, beta);
        const real total = total_weight(of, width, extreme, beta);
        FOR_EACH_OF_ROW(k, width) p[row * width + k] = weight_of(of[k], extreme, beta) / total;
    }
}

extern "C" __global__ void softmax_vjp(
    const real* dp, const real* p, real* dx, long long rows, long long width, real beta
) {
    FOR_EACH_ROW(row, rows) {
        const long long start = row * width;
        real mixed = 0;
        FOR_EACH_OF_ROW(k, width) mixed += p[start + k] * dp[start + k];
        mixed = block_sum(mixed);
        FOR_EACH_OF_ROW(k, width) dx[start + k] = -beta * p[start + k] * (dp[start + k] - mixed);
    }
}
