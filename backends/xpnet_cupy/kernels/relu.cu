// max(x, 0) after an affine map's product, y ← max(y + b, 0) in place, and dx = dy where y > 0, else 0.

extern "C" __global__ void bias_relu(real* y, const real* bias, long long count, long long width) {
    FOR_EACH(i, count) y[i] = at_least_zero(y[i] + bias[column_of(i, width)]);
}

extern "C" __global__ void relu_vjp(const real* dy, const real* y, real* dx, long long count) {
    FOR_EACH(i, count) dx[i] = y[i] > 0 ? dy[i] : 0;
}
