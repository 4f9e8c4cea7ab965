"""Array libraries as exchangeable backends: protocol, capabilities, settings and registry."""

from xpnet.backend.capabilities import Capabilities as Capabilities
from xpnet.backend.protocol import HOST_READ as HOST_READ
from xpnet.backend.protocol import Backend as Backend
from xpnet.backend.protocol import OpsTable as OpsTable
from xpnet.backend.registry import available_backends as available_backends
from xpnet.backend.registry import get_backend as get_backend
from xpnet.backend.registry import load_backend as load_backend
from xpnet.backend.registry import use_backend as use_backend
from xpnet.backend.scope import on_its_device as on_its_device
from xpnet.backend.settings import SETTINGS as SETTINGS
from xpnet.backend.settings import setting as setting
