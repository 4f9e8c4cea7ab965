"""The machines of the lecture, in its order: one table, one small function each."""

from portability_table.course import Machine
from portability_table.machines.images import convolutional
from portability_table.machines.label_sets import general_graph, junk_category, label_set, latent, sampled_negatives
from portability_table.machines.probabilities import cross_entropy, log_loss, switch
from portability_table.machines.radial import nn_rbf_hybrid, radial
from portability_table.machines.sequences import crf, perceptron_of_paths, recurrent, time_delay
from portability_table.machines.sharing import experts, path_sums, shared, tied, transformed
from portability_table.machines.simple import cascade, second_order
from portability_table.machines.symbols import sparse_table

MACHINES = (
    Machine("cascade", "SimpleTrainer, energy loss, ±1 codes: noisy digits", cascade),
    Machine("label-set", "Trainer, negative log-likelihood over the label set: vowels", label_set),
    Machine("graph", "another topology, E(X, Y) into which the label enters early: digits", general_graph),
    Machine("negatives", "E(X, Y) with a random part of the label set as rivals: digits", sampled_negatives),
    Machine("switch", "Switch of one machine a label: vowels", switch),
    Machine("branch-plus", "Branch and Plus, path summation: sunspots", path_sums),
    Machine("softmax-log", "softmax, then the log loss: digits", log_loss),
    Machine("cross-entropy", "cross-entropy with desired distributions: vowels", cross_entropy),
    Machine("logsum", "latent variable eliminated by Logsum: vowels", lambda home: latent(home, "logsum")),
    Machine("min", "latent variable eliminated by Min: vowels", lambda home: latent(home, "min")),
    Machine("junk", "junk category with a trainable energy: DNA, 'neither' is junk", junk_category),
    Machine("rbf", "RBF net, centres by K-means: vowels", radial),
    Machine("nn-rbf", "NN-RBF hybrid, prototypes by K-means: digits", nn_rbf_hybrid),
    Machine("transform", "parameter-space transforms W = G(U): low rank, unit rows: digits", transformed),
    Machine("shared", "one encoder in two places, E(X, X'): digits", shared),
    Machine("tied", "a weight and its transpose, store.tie: digits", tied),
    Machine("experts", "mixture of experts: sunspots", experts),
    Machine("tdnn", "time-delay network: DNA", time_delay),
    Machine("convolution", "LeNet-1: digits in the middle of 28x28", convolutional),
    Machine("recurrent", "recurrent machine, backprop through 24 steps: sunspots", recurrent),
    Machine("crf", "trellis in (logsum, +): what follows each letter of a name", crf),
    Machine("viterbi", "trellis in (min, +), perceptron loss: what follows each letter", perceptron_of_paths),
    Machine("lookup", "sparse table of 729 symbols, inertia: the letter after two", sparse_table),
    Machine("diag-lm", "stochastic diagonal Levenberg-Marquardt: digits", second_order),
)
