// The weights e^(-β (x - m)) of a row of energies, m the one that dominates: at most 1.
// The same cases as in xpnet.ops.exponents: infinite energies, β = ±∞, β = 0.

#define TINY ((real)1e-35)  // stands for β = 0 where one must divide

// The lowest energy of the row, for β < 0 the highest; NaN if there is one. All threads of the block must come.
__device__ inline real dominating(const real* x, long long width, real beta) {
    const real sign = beta < 0 ? -1 : 1;
    real extreme = INFINITE;
    FOR_EACH_OF_ROW(k, width) extreme = lower(extreme, sign * x[k]);
    return sign * block_lowest(extreme);
}

// |x - m|; where m itself is infinite, an answer that beats all others has no distance, and all others are far.
__device__ inline real gap_of(real x, real extreme, real beta) {
    if (!isinf(extreme)) return fabs(x - extreme);
    const bool wins = (extreme < 0) == (beta >= 0);
    return wins && x == extreme ? (real)0 : INFINITE;
}

__device__ inline real weight_of(real x, real extreme, real beta) {
    const real gap = gap_of(x, extreme, beta);
    if (isinf(gap)) return 0;
    if (isinf(beta)) return gap > 0 ? (real)0 : 1 + gap;  // NaN stays
    return exp(-fabs(beta) * gap);
}

// Σ of the row's weights, 1 in place of 0. All threads of the block must come.
__device__ inline real total_weight(const real* x, long long width, real extreme, real beta) {
    real total = 0;
    FOR_EACH_OF_ROW(k, width) total += weight_of(x[k], extreme, beta);
    total = block_sum(total);
    return total == 0 ? (real)1 : total;
}
