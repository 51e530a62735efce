"""Intel Open Image Denoise through the library that the `oidn` wheel carries; NLM of OpenCV does not know normals."""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

_FLOAT3 = 3
_CPU = 1


def _library() -> ctypes.CDLL:
    spec = find_spec("oidn")
    if spec is None or spec.origin is None:
        raise RuntimeError("the oidn wheel is not installed: pip install -r requirements.txt")
    folder = Path(spec.origin).parent / "lib.linux.x64"
    # The wheel names its TBB otherwise than the denoiser asks for it, so it is loaded by hand before.
    ctypes.CDLL(str(next(folder.glob("libtbb.so*"))), mode=ctypes.RTLD_GLOBAL)
    lib = ctypes.CDLL(str(next(folder.glob("libOpenImageDenoise.so*"))))
    pointer, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
    for name, result, given in (
        ("oidnNewDevice", pointer, [ctypes.c_int]),
        ("oidnSetDevice1i", None, [pointer, text, ctypes.c_int]),
        ("oidnCommitDevice", None, [pointer]),
        ("oidnGetDeviceError", ctypes.c_int, [pointer, ctypes.POINTER(ctypes.c_char_p)]),
        ("oidnReleaseDevice", None, [pointer]),
        ("oidnNewFilter", pointer, [pointer, text]),
        (
            "oidnSetSharedFilterImage",
            None,
            [pointer, text, pointer, ctypes.c_int, size, size, size, size, size],
        ),
        ("oidnSetFilter1b", None, [pointer, text, ctypes.c_bool]),
        ("oidnCommitFilter", None, [pointer]),
        ("oidnExecuteFilter", None, [pointer]),
        ("oidnReleaseFilter", None, [pointer]),
    ):
        call = getattr(lib, name)
        call.restype, call.argtypes = result, given
    return lib


def denoise(colour: Image, albedo: Image, normal: Image) -> Image:
    """A clean picture in linear light from a noisy one and what the first hit looks like."""
    lib = _library()
    device = lib.oidnNewDevice(_CPU)
    lib.oidnSetDevice1i(device, b"numThreads", 1)
    lib.oidnCommitDevice(device)
    rows, columns, _ = colour.shape
    out = np.zeros_like(colour)
    kept = {
        b"color": np.ascontiguousarray(colour, np.float32),
        b"albedo": np.ascontiguousarray(np.clip(albedo, 0, 1), np.float32),
        b"normal": np.ascontiguousarray(normal, np.float32),
        b"output": out,
    }
    run = lib.oidnNewFilter(device, b"RT")
    for name, image in kept.items():
        lib.oidnSetSharedFilterImage(run, name, image.ctypes.data, _FLOAT3, columns, rows, 0, 0, 0)
    lib.oidnSetFilter1b(run, b"hdr", True)
    lib.oidnCommitFilter(run)
    lib.oidnExecuteFilter(run)
    message = ctypes.c_char_p()
    wrong = lib.oidnGetDeviceError(device, ctypes.byref(message))
    lib.oidnReleaseFilter(run)
    lib.oidnReleaseDevice(device)
    if wrong:
        raise RuntimeError((message.value or b"denoising failed").decode())
    return out
