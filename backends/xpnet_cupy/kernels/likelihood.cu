// -1/β log P_y of one desired answer with P = softmax(x), and the pullback dx_k = dL (δ(y - k) - p_k), a block for each
// row. A forbidden answer costs +∞ and pulls nothing; a label that points nowhere costs NaN and pulls nothing.
#include "gibbs.cuh"

extern "C" __global__ void likelihood(
    const real* x, const long long* label, real* loss, real* p, long long rows, long long width, real beta
) {
    FOR_EACH_ROW(row, rows) {
        const real *of = x + row * width;
        const real extreme = dominating(of, width, beta);
        const real total = total_weight(of, width, extreme, beta);
        FOR_EACH_OF_ROW(k, width) p[row * width + k] = weight_of(of[k], extreme, beta) / total;
        if (threadIdx.x == 0) {
            const long long y = label[row];
            real surprisal = NOT_A_NUMBER;
            if (y >= 0 && y < width) {
                const real gap = gap_of(of[y], extreme, beta);
                surprisal = of[y] == INFINITE ? INFINITE : (beta < 0 ? -gap : gap) + log(total) / beta;
            }
            loss[row] = surprisal;
        }
    }
}

extern "C" __global__ void likelihood_vjp(
    const real* dloss, const real* x, const long long* label, const real* p, real* dx, long long rows, long long width
) {
    FOR_EACH_ROW(row, rows) {
        const long long start = row * width, y = label[row];
        const real chosen = y >= 0 && y < width && x[start + y] < INFINITE ? 1 : 0;
        FOR_EACH_OF_ROW(k, width) dx[start + k] = dloss[row] * ((k == y ? chosen : 0) - p[start + k] * chosen);
    }
}
