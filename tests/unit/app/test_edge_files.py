import gzip
from pathlib import Path

import pytest

from rostra.app import edge_files
from rostra.app.edge_files import read_assets
from rostra.domain.errors import HouseError


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def test_assets_are_read_with_their_types_and_compressed(tmp_path: Path) -> None:
    (tmp_path / "app-1.js").write_text("let a = 1;" * 100, encoding="utf-8")
    (tmp_path / "blob").write_bytes(b"\0\1")
    assets = read_assets(tmp_path)
    assert assets["app-1.js"].plain.headers["Content-Type"].startswith("text/javascript")
    assert gzip.decompress(assets["app-1.js"].packed.body) == assets["app-1.js"].plain.body
    assert assets["blob"].plain.headers["Content-Type"] == "application/octet-stream"


def test_a_file_at_the_limit_is_served_and_one_beyond_it_is_refused_by_name(tmp_path: Path) -> None:
    most = edge_files.ASSET_BYTES_MAX
    sparse(tmp_path / "big.bin", most)
    assert len(read_assets(tmp_path)["big.bin"].plain.body) == most
    sparse(tmp_path / "bigger.bin", most + 1)
    with pytest.raises(HouseError, match=f"bigger.bin exceeds {most} bytes"):
        read_assets(tmp_path)
