// One tile of labels joins the running sums of F = -1/β log Σ e^(-β E): a block for each sample.
//
// The products (B, T) become weights e^(-β (E - m)) in place, m the lowest energy so far; the sums so far are multiplied
// by what a fall of m takes from them. `drawn`, Σ w y, takes in the product `last` of the tile before: adding it and
// rescaling it cost no launch of their own.
#include "tiles.cuh"

extern "C" __global__ void label_weights(
    real* products, const real* halves, const real* bias, real* lowest, real* total, real* drawn, const real* last,
    real beta, long long distances, long long biased, long long stride, long long start, long long first,
    long long batch, long long labels, long long width
) {
    const Tile tile = {halves, bias, distances, biased, stride, start};
    FOR_EACH_ROW(b, batch) {
        real* of = products + b * labels;
        const real before = first ? (real)0 : lowest[b];
        real here = INFINITE;
        FOR_EACH_OF_ROW(t, labels) here = lower(here, energy_of(of[t], tile, b, t));
        here = block_lowest(here);
        const real level = first || here < before || isnan(here) ? here : before;
        const real shrunk = first || isinf(before) ? (real)0 : exp(-beta * (before - reachable(level)));
        real sum = 0;
        FOR_EACH_OF_ROW(t, labels) {
            const real weight = exp(-beta * (energy_of(of[t], tile, b, t) - reachable(level)));
            of[t] = weight;
            sum += weight;
        }
        sum = block_sum(sum);
        FOR_EACH_OF_ROW(k, width) {
            const long long i = b * width + k;
            drawn[i] = first ? (real)0 : shrunk * (drawn[i] + last[i]);
        }
        if (threadIdx.x == 0) {
            lowest[b] = level;
            total[b] = first ? sum : shrunk * total[b] + sum;
        }
    }
}

// F (B) in place of the lowest energies, and dF/dh in place of `drawn`: h - m for distances, -m for products, with the
// mean code m = Σ w y / Σ w. Where no label is possible, F is +∞ and the slope 0.
//
// For distances, h is `moved` from the centre. ½ ‖h‖², the lowest energy and the logarithm may be large and their sum
// small, so they meet in double; and what rounding took from h when it was moved comes back through the slope.
extern "C" __global__ void label_logsum_end(
    real* lowest, const real* total, real* drawn, const real* last, const real* moved, const real* h,
    const real* centre, real beta, long long distances, long long batch, long long width
) {
    FOR_EACH_ROW(b, batch) {
        const bool possible = total[b] != 0;
        double own = 0;
        FOR_EACH_OF_ROW(k, width) {
            const long long i = b * width + k;
            const real mean = possible ? (drawn[i] + last[i]) / total[b] : (real)0;
            drawn[i] = !possible ? (real)0 : distances ? moved[i] - mean : -mean;
            if (distances) {
                const double at = moved[i];
                own += 0.5 * at * at + drawn[i] * ((double)h[i] - centre[k] - at);
            }
        }
        own = block_sum_in_double(own);
        if (threadIdx.x == 0) lowest[b] = (real)(lowest[b] + own - log(possible ? (double)total[b] : 1.0) / beta);
    }
}
