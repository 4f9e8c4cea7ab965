"""What `ci/gpu` does on a machine with a CUDA GPU: section after section, and one dated page with what came out."""
