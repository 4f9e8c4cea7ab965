"""K-means: where the centres of a radial basis function network start."""

from xpnet.kmeans.lloyd import Clusters as Clusters
from xpnet.kmeans.placement import place_centres as place_centres
from xpnet.kmeans.search import kmeans as kmeans
