// y ← y + b, on a matrix in place: what follows the product of an affine map.

extern "C" __global__ void bias_identity(real* y, const real* bias, long long count, long long width) {
    FOR_EACH(i, count) y[i] += bias[column_of(i, width)];
}
