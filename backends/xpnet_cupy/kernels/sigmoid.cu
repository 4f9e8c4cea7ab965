// y = 1 / (1 + e^-x), exact in both tails, also after an affine map's product, and dx = dy y (1 - y).

__device__ inline real sigmoid_of(real x) {
    const real tail = exp(-fabs(x));
    return (x >= 0 ? 1 : tail) / (1 + tail);
}

extern "C" __global__ void sigmoid(const real* x, real* y, long long count) {
    FOR_EACH(i, count) y[i] = sigmoid_of(x[i]);
}

extern "C" __global__ void bias_sigmoid(real* y, const real* bias, long long count, long long width) {
    FOR_EACH(i, count) y[i] = sigmoid_of(y[i] + bias[column_of(i, width)]);
}

extern "C" __global__ void sigmoid_vjp(const real* dy, const real* y, real* dx, long long count) {
    FOR_EACH(i, count) dx[i] = dy[i] * y[i] * (1 - y[i]);
}
