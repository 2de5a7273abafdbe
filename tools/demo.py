"""`make demo`: sample photos that tell much, cleaned in front of you. Nothing leaves this folder."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path("demo")


def exif(seed: int, thumbnail: bytes) -> bytes:
    """EXIF as a phone writes it: a place in Lisbon, a time, a device with serial numbers, an owner."""
    import piexif

    minutes = 42 + seed
    return bytes(
        piexif.dump(
            {
                "0th": {
                    piexif.ImageIFD.Make: b"Example",
                    piexif.ImageIFD.Model: b"Phone 15",
                    piexif.ImageIFD.Orientation: 6 if seed % 2 else 1,
                    piexif.ImageIFD.Artist: b"Alex Sample",
                    piexif.ImageIFD.Software: b"Example Camera 8.1",
                },
                "Exif": {
                    piexif.ExifIFD.DateTimeOriginal: f"2026:07:11 18:{minutes}:07".encode(),
                    piexif.ExifIFD.OffsetTimeOriginal: b"+01:00",
                    piexif.ExifIFD.BodySerialNumber: b"C39XK4471",
                    piexif.ExifIFD.LensModel: b"Phone 15 back camera 6.8mm f/1.8",
                },
                "GPS": {
                    piexif.GPSIFD.GPSLatitudeRef: b"N",
                    piexif.GPSIFD.GPSLatitude: ((38, 1), (42, 1), (5004 + seed, 100)),
                    piexif.GPSIFD.GPSLongitudeRef: b"W",
                    piexif.GPSIFD.GPSLongitude: ((9, 1), (8, 1), (24, 100)),
                },
                "1st": {piexif.ImageIFD.Compression: 6},
                "thumbnail": thumbnail,
            }
        )
    )


def photo(seed: int) -> bytes:
    """A JPEG of a made landscape, cropped after its thumbnail was made, as careless editors leave it."""
    from PIL import Image, ImageDraw

    chance = random.Random(seed)  # noqa: S311  # a picture, not a secret
    whole = Image.linear_gradient("L").resize((1200, 900)).convert("RGB")
    draw = ImageDraw.Draw(whole)
    for _ in range(60):
        x, y, r = chance.randrange(1200), chance.randrange(900), chance.randrange(10, 120)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(chance.randrange(256) for _ in range(3)))
    small = io.BytesIO()
    whole.resize((160, 120)).save(small, "JPEG")
    out = io.BytesIO()
    whole.crop((0, 0, 700, 500)).save(
        out, "JPEG", quality=90, exif=exif(seed, small.getvalue()), comment=b"at the beach with Sam"
    )
    return out.getvalue()


def run(*arguments: str) -> None:
    print(f"\n$ privkit {' '.join(arguments)}", flush=True)
    subprocess.run([sys.executable, "-m", "privkit", *arguments], check=False, cwd=FOLDER)


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    names = ["beach.jpg", "IMG_20260711_184307.jpg", "walk.jpg"]
    for seed, name in enumerate(names):
        (FOLDER / name).write_bytes(photo(seed))
    print(f"Made {len(names)} sample photos in {FOLDER.resolve()}. What do they tell?")
    run("inspect", "beach.jpg")
    run("inspect", "--link", *names)
    print("\nNow clean copies, each verified before it gets its name:")
    (FOLDER / "clean").mkdir()
    run("scrub", *names, "-O", "clean", "--verify", "full")
    print("\nAnd the same question to a clean copy:")
    run("inspect", "clean/beach.jpg")
    print(f"\nThe clean copies are in {(FOLDER / 'clean').resolve()}. The samples may be deleted: rm -r {FOLDER}")


if __name__ == "__main__":
    main()
