"""Files that hosts and speakers give the desk: who may, what becomes of them, what is refused."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from tests.integration.web.desk_kit import Desk, desk_on, sentence
from tests.integration.web.test_desk_spaces import plan

from rostra.app import pictures, uploads
from rostra.app.frontdoor import UPLOAD_BYTES_MAX
from rostra.app.pictures import PIXELS_MAX
from rostra.app.pictures import make as make_photo
from rostra.app.uploads import Workshop
from rostra.domain.errors import PeerError
from rostra.programme.drivers import uploads as sounds
from rostra.programme.drivers.decode import write_wav
from rostra.programme.drivers.loops import loop_pcm
from rostra.programme.drivers.uploads import ANNOUNCEMENT_S_MAX, LOOP_SAMPLES_MAX, Kind
from rostra.programme.drivers.uploads import make as make_hold
from rostra.programme.loudness import lufs
from rostra.web.api_uploads import PHOTO_BYTES_MAX, SOUND_BYTES_MAX, UPLOAD_S_MAX
from rostra.web.limiter import UPLOAD_RATE
from rostra.wire.hold import hold_name, read_hold
from rostra.wire.messages import BUCKET_DEFS, from_json
from rostra.wire.photos import PHOTO, is_photo
from rostra.wire.states import SpaceDef

SPEECH = Path(__file__).parents[2] / "data" / "speech.opus"


class Shelf:
    """Keeps objects in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    async def keep_object(self, name: str, data: bytes) -> None:
        self.objects[name] = data


def _defined(desk: Desk, space: str) -> SpaceDef:
    return from_json(SpaceDef, desk.backbone.buckets[BUCKET_DEFS][space])


def _ticket(url: str) -> dict[str, str]:
    return {"authorization": f"Ticket {url.rsplit('/', 1)[1]}"}


def _wav(folder: Path, seconds: float, level: float = 0.05) -> bytes:
    at = np.arange(int(seconds * 48_000)) / 48_000
    sound = (level * np.sin(2 * np.pi * 330 * at)).astype(np.float32)
    write_wav(folder / "tone.wav", sound)
    return (folder / "tone.wav").read_bytes()


async def test_a_host_gives_hold_audio_and_a_voice(tmp_path: Path) -> None:
    shelf = Shelf()
    async with desk_on(tmp_path, workshop=Workshop(shelf)) as desk:
        made = await plan(desk.operator())
        host = desk.program(**_ticket(made["host_url"]))
        path = f"/api/v1/spaces/{made['id']}"
        answer = await host.post(f"{path}/hold", content=SPEECH.read_bytes())
        assert answer.status_code == 201, answer.text
        assert answer.json()["seconds"] > 5
        answer = await host.post(f"{path}/announcements/late", content=_wav(tmp_path, 1.2))
        assert answer.json() == {"seconds": 1.92, "lufs": pytest.approx(-29, abs=4), "cut": False}
        told = _defined(desk, made["id"])
        packed = shelf.objects[told.hold]
        assert hold_name(packed) == told.hold
        assert lufs(loop_pcm(read_hold(packed))) == pytest.approx(-16, abs=1)
        assert list(told.announcements) == ["late"]
        assert told.announcements["late"] in shelf.objects
        assert (await host.delete(f"{path}/hold")).status_code == 204
        assert _defined(desk, made["id"]).hold == ""
        assert _defined(desk, made["id"]).announcements == {}


async def test_a_photograph_becomes_small_and_says_nothing_of_its_place(tmp_path: Path) -> None:
    shelf = Shelf()
    async with desk_on(tmp_path, workshop=Workshop(shelf)) as desk:
        made = await plan(desk.operator())
        out = io.BytesIO()
        exif = Image.Exif()
        exif[0x010E] = "at home"
        Image.effect_noise((900, 600), 80).convert("RGB").save(out, "JPEG", exif=exif)
        speaker = desk.program(**_ticket(made["speaker_url"]))
        path = f"/api/v1/spaces/{made['id']}/photo"
        answer = await speaker.post(path, content=out.getvalue())
        assert answer.status_code == 201, answer.text
        name = answer.json()["photo"]
        assert PHOTO.fullmatch(name)
        assert is_photo(shelf.objects[name])
        with Image.open(io.BytesIO(shelf.objects[name])) as kept:
            assert kept.size == (256, 256)
            assert not kept.getexif()
        broken = await speaker.post(path, content=b"\xff\xd8\xff not a picture")
        assert broken.status_code == 415
        assert "JPEG, PNG or WebP" in sentence(broken)


async def test_only_those_who_may(tmp_path: Path) -> None:
    async with desk_on(tmp_path, workshop=Workshop(Shelf())) as desk:
        made, other = await plan(desk.operator()), await plan(desk.operator())
        path = f"/api/v1/spaces/{made['id']}"
        sound = _wav(tmp_path, 1.0)

        async def status(client: httpx.AsyncClient, part: str) -> int:
            return (await client.post(f"{path}/{part}", content=sound)).status_code

        assert await status(desk.program(), "hold") == 401
        assert await status(desk.program(), "photo") == 401
        assert await status(await desk.as_account("Eve"), "hold") == 403
        assert await status(desk.program(**_ticket(made["speaker_url"])), "hold") == 403
        assert await status(desk.program(**_ticket(other["host_url"])), "hold") == 403
        assert await status(desk.program(**_ticket(other["host_url"])), "photo") == 403
        assert await status(desk.program(authorization="Ticket forged.word"), "hold") == 403
        foreign = desk.program(origin="http://evil.test", cookie="rostra_session=x")
        assert await status(foreign, "hold") == 403
        assert _defined(desk, made["id"]).hold == ""


async def test_what_is_wrong_with_a_file_is_said_and_changes_nothing(tmp_path: Path) -> None:
    async with desk_on(tmp_path, workshop=Workshop(Shelf())) as desk:
        made = await plan(desk.operator())
        path = f"/api/v1/spaces/{made['id']}"
        operator = desk.operator()
        cases = (
            ("hold", b"no sound at all" * 100, 415, "The file holds no sound that can be read"),
            ("hold", SPEECH.read_bytes()[:700], 415, "no sound that can be read"),
            ("hold", b"", 400, "no file"),
            ("hold", _wav(tmp_path, 0.5), 422, "less than a second"),
            ("hold", _wav(tmp_path, 2.0, level=0.0), 422, "silent"),
            (
                "announcements/welcome",
                _wav(tmp_path, ANNOUNCEMENT_S_MAX + 0.5),
                413,
                "30 seconds",
            ),
        )
        for part, body, status, words in cases:
            answer = await operator.post(f"{path}/{part}", content=body)
            assert (answer.status_code, words in sentence(answer)) == (status, True), answer.text
        assert (await operator.post(f"{path}/announcements/bye", content=b"x")).status_code == 422
        assert _defined(desk, made["id"]).hold == ""


async def test_a_file_of_two_gigabytes_is_refused_before_it_comes(tmp_path: Path) -> None:
    async with desk_on(tmp_path, workshop=Workshop(Shelf())) as desk:
        made = await plan(desk.operator())
        path = f"/api/v1/spaces/{made['id']}/hold"
        huge = {"content-length": str(2 * 1024**3)}
        answer = await desk.operator().post(path, content=b"RIFF", headers=huge)
        assert (answer.status_code, sentence(answer)) == (
            413,
            "The file exceeds 32 MB. Give a smaller one.",
        )
        sent = 0

        async def pieces() -> AsyncIterator[bytes]:
            nonlocal sent
            while sent < 3 * SOUND_BYTES_MAX:
                sent += 1024 * 1024
                yield bytes(1024 * 1024)

        answer = await desk.operator().post(path, content=pieces())  # without a length
        assert answer.status_code == 413
        assert sent <= SOUND_BYTES_MAX + 2 * 1024 * 1024
        assert PHOTO_BYTES_MAX < SOUND_BYTES_MAX


async def test_two_at_once_and_so_many_an_hour(tmp_path: Path) -> None:
    async with desk_on(tmp_path, workshop=Workshop(Shelf())) as desk:
        made = await plan(desk.operator())
        path = f"/api/v1/spaces/{made['id']}/hold"
        operator = desk.operator()
        async with desk.deps.uploading, desk.deps.uploading:
            busy = await operator.post(path, content=b"x")
        assert busy.status_code == 503
        for _ in range(UPLOAD_RATE.tries_max - 1):
            assert (await operator.post(path, content=b"")).status_code == 400
        late = await operator.post(path, content=b"")
        assert late.status_code == 429
        assert int(late.headers["retry-after"]) > 0


def test_of_longer_music_the_beginning_is_taken(tmp_path: Path) -> None:
    at = np.arange(LOOP_SAMPLES_MAX + 96_000) / 48_000
    write_wav(tmp_path / "long.wav", (0.1 * np.sin(2 * np.pi * 220 * at)).astype(np.float32))
    report = make_hold(tmp_path / "long.wav", tmp_path / "made", Kind.LOOP)
    assert (report.seconds, report.cut) == (LOOP_SAMPLES_MAX / 48_000, True)
    loop = loop_pcm(read_hold((tmp_path / "made").read_bytes()))
    seam = np.concatenate((loop[-960:], loop[:960]))
    assert np.abs(np.diff(seam)).max() < 2 * np.abs(np.diff(loop[48_000:96_000])).max()


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (PIXELS_MAX // 7_000 + 1, 7_000)).save(out, "PNG")
    with pytest.raises(PeerError, match="50 million"):
        make_photo(out.getvalue())


async def test_who_makes_too_long_of_a_file_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert max(pictures.CPU_S_MAX, sounds.CPU_S_MAX) < uploads.MAKE_S_MAX
    assert uploads.SAID_BYTES_MAX > 1_000
    monkeypatch.setattr(uploads, "MAKE_S_MAX", 0.01)
    (tmp_path / "sound").write_bytes(SPEECH.read_bytes())
    with pytest.raises(PeerError, match="damaged or too long"):
        await Workshop(Shelf()).hold(tmp_path / "sound", announcement=False)


def test_the_front_door_lets_the_desk_refuse_in_words() -> None:
    front = int(UPLOAD_BYTES_MAX.removesuffix("MB")) * 1_000_000
    assert front > SOUND_BYTES_MAX
    assert UPLOAD_S_MAX * 2_500_000 / 8 > SOUND_BYTES_MAX  # at 2.5 Mbit/s
