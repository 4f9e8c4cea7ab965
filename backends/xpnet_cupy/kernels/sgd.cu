// x ← x - η g with g = dx + λ x; with inertia μ, δ ← (1-μ) g + μ δ and x ← x - η δ: all in place.
// η is a number, or where `traced` the first of `rates`; `fresh` is 1 - μ; deltas count only where `kept`.

extern "C" __global__ void sgd(
    real* x, const real* dx, real* deltas, const real* rates, real rate, real decay, real inertia, real fresh,
    long long traced, long long kept, long long count
) {
    const real eta = traced ? rates[0] : rate;
    FOR_EACH(i, count) {
        real step = decay == 0 ? dx[i] : dx[i] + decay * x[i];
        if (kept) deltas[i] = step = fresh * step + inertia * deltas[i];
        x[i] -= eta * step;
    }
}
