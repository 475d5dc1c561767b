"""What decoding costs, measured in processes of their own, bound as the server binds them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.adapters.decoding.decoded import Pixels, saved

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
MEGABYTE = 1024 * 1024
_PROGRAM = """
import resource, sys
from pathlib import Path

resource.setrlimit(resource.RLIMIT_AS, (1536 << 20, 1536 << 20))
resource.setrlimit(resource.RLIMIT_CPU, (20, 21))

from photostore.photo.picture import ImageFormat
from tests.adapters.decoding.decoded import a_recipe, decoded

outcome = decoded(Path(sys.argv[1]).read_bytes(), a_recipe(320), a_recipe(1600, format=ImageFormat.AVIF))
status = Path("/proc/self/status")  # getrusage would count what the parent had when it forked
if status.exists():
    most = int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
else:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(outcome.report.width, outcome.report.height, most)
"""


def cost_of(picture: Path) -> tuple[tuple[int, int], int]:
    """The displayed size, and the most memory that the process had, in bytes."""
    command = [sys.executable, "-c", _PROGRAM, str(picture)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    width, height, most = map(int, told.stdout.split())
    return (width, height), most


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_of_48_megapixels(tmp_path: Path, progressive: bool) -> None:
    picture = tmp_path / "large.jpg"
    picture.write_bytes(saved(_shaded(8000, 6000), "JPEG", progressive=progressive))

    size, most = cost_of(picture)

    assert size == (8000, 6000)
    assert most < (512 if progressive else 256) * MEGABYTE


def test_a_heic_of_12_megapixels() -> None:
    size, most = cost_of(HERE / "twelve-megapixels.heic")

    assert size == (4032, 3024)
    assert most < 700 * MEGABYTE


def test_a_png_of_100_megapixels_is_read_row_by_row(tmp_path: Path) -> None:
    picture = tmp_path / "large.png"
    picture.write_bytes(saved(np.zeros((10_000, 10_000), dtype=np.uint8), "PNG", compress_level=1))

    size, most = cost_of(picture)

    assert size == (10_000, 10_000)
    assert most < 256 * MEGABYTE


def _shaded(width: int, height: int) -> Pixels:
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[..., 0] = np.arange(height)[:, None] * 250 // height
    pixels[..., 1] = np.arange(width) * 250 // width
    pixels[..., 2] = 90
    return pixels
