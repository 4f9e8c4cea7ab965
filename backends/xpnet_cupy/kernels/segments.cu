// Σ of the rows of values (n, width) with one number, for each of some numbers: `order` sorts ids (n), so that equal
// numbers are neighbours. One thread adds up one column of a run, from its front, RUN rows at a time: the same bits each
// time, and short sums. The k-th number is wanted[k], or k itself unless `listed`.

#define RUN 64

__device__ inline long long first_of(const long long* ids, const long long* order, long long n, long long number) {
    long long from = 0, to = n;
    while (from < to) {
        const long long middle = from + (to - from) / 2;
        if (ids[order[middle]] < number) from = middle + 1;
        else to = middle;
    }
    return from;
}

extern "C" __global__ void segment_sums(
    const long long* ids, const long long* order, const real* values, const long long* wanted, real* sums, long long n,
    long long count, long long width, long long listed
) {
    FOR_EACH(i, count) {
        const long long column = column_of(i, width), number = listed ? wanted[i / width] : i / width;
        long long place = first_of(ids, order, n, number);
        real total = 0;
        for (bool more = true; more;) {
            real part = 0;
            for (int step = 0; step < RUN && more; ++step) {
                more = place < n && ids[order[place]] == number;
                if (more) part += values[order[place++] * width + column];
            }
            total += part;
        }
        sums[i] = total;
    }
}
