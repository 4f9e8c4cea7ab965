// Energies of a tile of labels from its products h · y, short of what is the same for all labels of a sample:
// ½ ‖y‖² - h · y + bias, without the first for products and without the last where there is none.

struct Tile {
    const real* halves;    // ½ ‖y_t‖² (T), if `distances`
    const real* bias;      // (K) or (B, K), if `biased`
    long long distances, biased;
    long long stride;      // from one sample's bias to the next one's; 0 if the bias is the labels' alone
    long long start;       // the tile's first label
};

__device__ inline real energy_of(real product, const Tile& tile, long long sample, long long t) {
    real energy = -product;
    if (tile.distances) energy += tile.halves[t];
    if (tile.biased) energy += tile.bias[sample * tile.stride + tile.start + t];
    return energy;
}

__device__ inline real reachable(real level) { return isinf(level) ? (real)0 : level; }  // e^(-∞) is 0 from any level
