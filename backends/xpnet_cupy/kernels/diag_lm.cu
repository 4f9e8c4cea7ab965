// x ← x - η g / (max(h, 0) + μ) with g = dx + λ x, in place: each number at the rate that its own curvature h allows.
// η is a number, or where `traced` the first of `rates`.

extern "C" __global__ void diag_lm(
    real* x, const real* dx, const real* curvature, const real* rates, real rate, real mu, real decay,
    long long traced, long long count
) {
    const real eta = traced ? rates[0] : rate;
    FOR_EACH(i, count) {
        const real step = decay == 0 ? dx[i] : dx[i] + decay * x[i];
        x[i] -= eta * step / (at_least_zero(curvature[i]) + mu);
    }
}
