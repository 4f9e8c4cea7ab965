// One tile of labels joins the lowest energies found so far, in ascending order: a block for each sample.
//
// NaN comes before all numbers, so that it is seen; of equal energies the first label comes first. What was found so far
// stands in `held` places of `energies` and `labels` (B, count), and what has been found now goes to their successors.
#include "tiles.cuh"

#define NO_LABEL 0x7fffffffffffffffLL

struct Found {
    real energy;
    long long label;
};

__device__ inline bool before(Found a, Found b) {
    if (isnan(a.energy) != isnan(b.energy)) return isnan(a.energy);
    return a.energy < b.energy || (!(b.energy < a.energy) && a.label < b.label);
}

// The first of all threads' findings, by a tree. All threads of the block must come, and all get it.
__device__ inline Found block_first(Found mine) {
    real* energies = (real*)shared_room;
    long long* labels = shared_room + blockDim.x;
    const unsigned i = threadIdx.x;
    energies[i] = mine.energy, labels[i] = mine.label;
    __syncthreads();
    for (unsigned left = blockDim.x; left > 1;) {
        const unsigned half = (left + 1) / 2;
        if (i + half < left) {
            const Found a = {energies[i], labels[i]}, b = {energies[i + half], labels[i + half]};
            if (before(b, a)) energies[i] = b.energy, labels[i] = b.label;
        }
        __syncthreads();
        left = half;
    }
    const Found first = {energies[0], labels[0]};
    __syncthreads();
    return first;
}

// Keeps the candidate if it comes before the best one so far, and after `last` if there is one.
__device__ inline void consider(Found candidate, Found& best, const Found* last) {
    if (before(candidate, best) && (!last || before(*last, candidate))) best = candidate;
}

extern "C" __global__ void label_best(
    const real* products, const real* halves, const real* bias, const real* energies, const long long* labels,
    real* new_energies, long long* new_labels, long long distances, long long biased, long long stride,
    long long start, long long batch, long long tile_labels, long long held, long long count
) {
    const Tile tile = {halves, bias, distances, biased, stride, start};
    const long long now = held + tile_labels < count ? held + tile_labels : count;
    const Found none = {INFINITE, NO_LABEL};
    FOR_EACH_ROW(b, batch) {
        const real* of = products + b * tile_labels;
        const long long at = b * count;
        Found last = none;
        for (long long place = -1; place < now; ++place) {  // -1: most tiles hold no label that is low enough
            Found best = none;
            FOR_EACH_OF_ROW(t, tile_labels)
                consider({energy_of(of[t], tile, b, t), start + t}, best, place > 0 ? &last : 0);
            if (place >= 0)
                FOR_EACH_OF_ROW(k, held) consider({energies[at + k], labels[at + k]}, best, place > 0 ? &last : 0);
            last = block_first(best);
            if (place < 0 && held == count && !before(last, {energies[at + count - 1], labels[at + count - 1]})) {
                FOR_EACH_OF_ROW(k, count) new_energies[at + k] = energies[at + k], new_labels[at + k] = labels[at + k];
                break;
            }
            if (place >= 0 && threadIdx.x == 0) new_energies[at + place] = last.energy, new_labels[at + place] = last.label;
        }
    }
}
