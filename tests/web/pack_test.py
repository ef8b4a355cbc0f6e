"""The build step that packs the page: names, hashes, codings, and what it refuses."""

import gzip
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

web = Path(__file__).parents[2] / "clients" / "web"
sys.path.insert(0, str(web))

import pack  # noqa: E402  (it stands beside the page)

page = b"<script src=\"./app.js\"></script><link href='./style.css'>"
script = b"import {x} from './chatd.js';\n// see ../chatd.js, 'chatd.js'\n"
module = b"//     import {x} from './chatd.js';\nexport const x = '\xc3\xa4\\x00?';\n"
style = b"body { background: url(./icon.svg) }\n"
files = {"index.html": page, "app.js": script, "chatd.js": module, "style.css": style,
         "icon.svg": b"<svg/>"}


def packed(changes=()):
    return {asset.path: asset for asset in pack.Packer({**files, **dict(changes)}).pack()}


def named(assets, stem):
    return next(path for path in assets if path.startswith(f"/assets/{stem}-"))


class Packing(unittest.TestCase):
    def test_each_file_has_one_path_and_the_page_is_the_first(self):
        assets = packed()
        self.assertEqual(len(assets), len(files))
        self.assertEqual(next(iter(assets)), "/")
        for path, asset in assets.items():
            if path != "/":
                self.assertRegex(path, rf"^/assets/\w+-{asset.hash}\.(js|css|svg)$")

    def test_names_are_replaced_by_hashed_ones(self):
        assets = packed()
        content = assets["/"].content.decode()
        self.assertIn(f'src="{named(assets, "app")}"', content)
        self.assertIn(f"href='{named(assets, 'style')}'", content)
        self.assertIn(f"from '{named(assets, 'chatd')}'", assets[named(assets, "app")].content.decode())
        self.assertIn("// see ../chatd.js, 'chatd.js'", assets[named(assets, "app")].content.decode())
        self.assertIn(f"url({named(assets, 'icon')})", assets[named(assets, "style")].content.decode())

    def test_a_change_renames_all_that_need_it_and_nothing_else(self):
        before, after = packed(), packed({"chatd.js": b"export const x = 2;\n"}.items())
        for stem, changed in (("chatd", True), ("app", True), ("style", False), ("icon", False)):
            self.assertEqual(named(before, stem) != named(after, stem), changed, stem)
        self.assertNotEqual(before["/"].hash, after["/"].hash)

    def test_compressed_is_the_same_content_or_not_kept(self):
        for path, asset in packed({"style.css": b"a {}\n" * 500}.items()).items():
            if asset.compressed:
                self.assertEqual(gzip.decompress(asset.compressed), asset.content, path)
                self.assertLess(len(asset.compressed), len(asset.content))
        self.assertEqual(packed()[named(packed(), "icon")].compressed, b"")

    def test_the_same_files_give_the_same_source(self):
        sources = {pack.source_of(pack.Packer(dict(order)).pack())
                   for order in (files.items(), reversed(files.items()))}
        self.assertEqual(len(sources), 1)

    def test_mistakes_are_named(self):
        for changes, said in (
            ({"app.js": b"import './nosuch.js'"}, r"app\.js names \./nosuch\.js"),
            ({"chatd.js": b"import './app.js'"}, r"app\.js -> chatd\.js -> app\.js"),
            ({"notes.doc": b""}, r"notes\.doc: no content type"),
        ):
            with self.assertRaisesRegex(pack.Mistake, said):
                packed(changes.items())
        with self.assertRaisesRegex(pack.Mistake, "there is no index.html"):
            pack.Packer({}).pack()

    def test_literals_are_the_bytes(self):
        """A compiler must read back what was written, digits behind an escape and quotes too."""
        content = bytes(range(256)) + b'\x001"\\?\?=' + b"7" * 200
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "literal.c")
            source.write_text("#include <stdio.h>\nint main(void) {\n    static const char bytes[] =\n"
                              + pack.literal(content)
                              + ";\n    fwrite(bytes, 1, sizeof bytes - 1, stdout);\n    return 0;\n}\n")
            subprocess.run(["cc", source, "-o", source.with_suffix("")], check=True)
            printed = subprocess.run([source.with_suffix("")], check=True, capture_output=True)
        self.assertEqual(printed.stdout, content)


class Command(unittest.TestCase):
    def run_pack(self, *arguments):
        return subprocess.run([sys.executable, web / "pack.py", *arguments],
                              capture_output=True, text=True)

    def test_a_mistake_is_one_line_and_no_output(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong = Path(folder, "index.html")
            wrong.write_text('<script src="./gone.js">')
            output = Path(folder, "out.cpp")
            ran = self.run_pack(output, wrong)
            self.assertEqual(ran.returncode, 1)
            self.assertEqual(ran.stderr, "pack.py: index.html names ./gone.js, which is not among "
                                         "the files packed\n")
            self.assertFalse(output.exists())

    def test_without_files_it_says_how_it_is_called(self):
        self.assertEqual(self.run_pack().returncode, 64)
        self.assertIn("pack.py OUTPUT.cpp FILE...", self.run_pack("--help").stderr)


if __name__ == "__main__":
    unittest.main()
