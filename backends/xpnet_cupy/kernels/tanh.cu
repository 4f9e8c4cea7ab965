// tanh after an affine map's product, y ← tanh(y + b) in place, and its slope from the output: dx = dy (1 - y²).

extern "C" __global__ void bias_tanh(real* y, const real* bias, long long count, long long width) {
    FOR_EACH(i, count) y[i] = tanh(y[i] + bias[column_of(i, width)]);
}

extern "C" __global__ void tanh_vjp(const real* dy, const real* y, real* dx, long long count) {
    FOR_EACH(i, count) dx[i] = dy[i] * (1 - y[i] * y[i]);
}
