// y = 1.7159 tanh(2x/3), also after an affine map's product, and dx = dy (2/3) (1.7159 - y²/1.7159).

#define AMPLITUDE ((real)1.7159)
#define SLOPE ((real)(2.0 / 3.0))

extern "C" __global__ void scaled_tanh(const real* x, real* y, long long count) {
    FOR_EACH(i, count) y[i] = AMPLITUDE * tanh(SLOPE * x[i]);
}

extern "C" __global__ void bias_scaled_tanh(real* y, const real* bias, long long count, long long width) {
    FOR_EACH(i, count) y[i] = AMPLITUDE * tanh(SLOPE * (y[i] + bias[column_of(i, width)]));
}

extern "C" __global__ void scaled_tanh_vjp(const real* dy, const real* y, real* dx, long long count) {
    FOR_EACH(i, count) dx[i] = dy[i] * (SLOPE * AMPLITUDE - (SLOPE / AMPLITUDE) * (y[i] * y[i]));
}
