// Rows from a common centre, and half their squared norms: what distances by one product begin with.
// Half norms are summed in double: they are often much larger than the energy that remains of them.

extern "C" __global__ void centred(
    const real* x, const real* centre, real* moved, real* halves, long long rows, long long width
) {
    FOR_EACH_ROW(row, rows) {
        double squares = 0;
        FOR_EACH_OF_ROW(k, width) {
            const real difference = x[row * width + k] - centre[k];
            moved[row * width + k] = difference;
            squares += (double)difference * difference;
        }
        squares = block_sum_in_double(squares);
        if (threadIdx.x == 0) halves[row] = (real)(0.5 * squares);
    }
}
