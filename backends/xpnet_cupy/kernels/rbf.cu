// Bumps φ_i = e^(-k_i d_i²) from half squared distances d²/2 (…, K) and widths k (K), and their slopes.

extern "C" __global__ void bumps(const real* half, const real* widths, real* phi, long long count, long long width) {
    FOR_EACH(i, count) phi[i] = exp(-2 * widths[column_of(i, width)] * at_least_zero(half[i]));
}

// ∂φ/∂(d²/2) = -2 k φ and ∂φ/∂k = -d² φ; 0 where the bump has vanished, for ∞ · 0 would be NaN.
extern "C" __global__ void bumps_slopes(
    const real* half, const real* phi, const real* widths, real* by_half, real* by_width, long long count,
    long long width
) {
    FOR_EACH(i, count) {
        const real reached = phi[i] == 0 ? (real)0 : at_least_zero(half[i]);
        by_half[i] = -2 * widths[column_of(i, width)] * phi[i];
        by_width[i] = -2 * reached * phi[i];
    }
}
