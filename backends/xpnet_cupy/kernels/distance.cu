// Energies ½ ‖x_b - y_k‖² from the products x_b · y_k in place, and what pulls a gradient back; all from one centre.

extern "C" __global__ void distances(
    real* energies, const real* left, const real* right, long long count, long long width
) {
    FOR_EACH(i, count) energies[i] = left[i / width] + right[column_of(i, width)] - energies[i];
}

// dx_r = w_r (x_r - c) - drawn_r in place of drawn, where w_r = Σ dE and drawn_r = Σ dE (y - c).
extern "C" __global__ void distances_vjp(
    real* drawn, const real* weights, const real* x, const real* centre, long long count, long long width
) {
    FOR_EACH(i, count) drawn[i] = weights[i / width] * (x[i] - centre[column_of(i, width)]) - drawn[i];
}
