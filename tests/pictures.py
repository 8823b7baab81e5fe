"""Pictures and documents as telephones and programs make them."""

from io import BytesIO

from PIL import Image

MAKER, ORIENTATION, GPS = 0x010F, 0x0112, 0x8825  # tags of Exif
TURNED_RIGHT = 6  # the telephone was held upright: shown as it lies, everything would lie on its side

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
PDF += b"trailer<</Root 1 0 R>>\n%%EOF\n"


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **how: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size, "white" if mode == "1" else "green").save(out, kind, **how)
    return out.getvalue()


def photo(size: tuple[int, int] = (64, 48)) -> bytes:
    """A JPEG that says where it was taken, with what, and which way is up; red at the left, blue at the right."""
    about = Image.Exif()
    about[MAKER], about[ORIENTATION] = "SecretCam", TURNED_RIGHT
    about.get_ifd(GPS).update({1: "N", 2: (35.0, 9.0, 36.0), 3: "E", 4: (126.0, 51.0, 5.0)})
    whole = Image.new("RGB", size, "red")
    whole.paste("blue", (size[0] // 2, 0, *size))
    out = BytesIO()
    whole.save(out, "JPEG", exif=about, comment=b"Mina was here")
    return out.getvalue()
