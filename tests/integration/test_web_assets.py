"""The web page as a browser fetches it: all of its files, compressed, cached, and allowed little."""

import gzip
import re

import harness

page_bytes_max = 80_000  # of everything a first visit fetches, heads left out
reference = re.compile(r"/assets/[\w.-]+")
content_types = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
                 "svg": "image/svg+xml", "png": "image/png",
                 "webmanifest": "application/manifest+json"}


class Assets(harness.ChatdCase):
    def fetch(self, path, *headers, method="GET"):
        return self.server.http(path, method, headers)

    def all_files(self, *headers):
        """{path: (status, headers, body)} of the page and all it names, in whatever coding."""
        found, wanted = {}, ["/"]
        while wanted:
            path = wanted.pop()
            if path in found:
                continue
            found[path] = status, answered, body = self.fetch(path, *headers)
            self.assertEqual(status, 200, path)
            if answered.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            if not answered["content-type"].startswith("image/png"):
                wanted += reference.findall(body.decode())
        return found

    def test_the_page_is_light(self):
        files = self.all_files("Accept-Encoding: gzip, deflate, br, zstd")
        weights = {path: len(body) for path, (_, _, body) in files.items()}
        self.assertGreater(len(files), 3)
        self.assertLessEqual(sum(weights.values()), page_bytes_max, weights)

    def test_both_codings_hold_the_same(self):
        plain = self.all_files()
        packed = self.all_files("Accept-Encoding: gzip")
        self.assertEqual(plain.keys(), packed.keys())
        compressed = 0
        for path, (_, headers, body) in packed.items():
            self.assertNotIn("content-encoding", plain[path][1])
            if headers.get("content-encoding") == "gzip":
                compressed += 1
                self.assertEqual(headers["vary"], "Accept-Encoding")
                self.assertEqual(plain[path][1]["vary"], "Accept-Encoding")
                self.assertNotEqual(headers["etag"], plain[path][1]["etag"])
                body = gzip.decompress(body)
            self.assertEqual(body, plain[path][2], path)
        self.assertGreater(compressed, 2)

    def test_what_each_file_says_of_itself(self):
        for path, (_, headers, _) in self.all_files().items():
            if path == "/":
                self.assertEqual(headers["content-type"], "text/html; charset=utf-8")
                self.assertEqual(headers["cache-control"], "no-cache")
            else:
                self.assertEqual(headers["content-type"], content_types[path.rpartition(".")[2]])
                self.assertEqual(headers["cache-control"], "public, max-age=31536000, immutable")
                self.assertIn(headers["etag"].strip('"'), path)
            policy = headers["content-security-policy"]
            self.assertTrue(policy.startswith("default-src 'none'; "), policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["referrer-policy"], "no-referrer")

    def test_a_second_visit_fetches_nothing_again(self):
        for coding in ("identity", "gzip"):
            accepted = f"Accept-Encoding: {coding}"
            for path, (_, headers, _) in self.all_files(accepted).items():
                same = f"If-None-Match: {headers['etag']}"
                status, again, body = self.fetch(path, accepted, same)
                self.assertEqual((status, body), (304, b""), path)
                self.assertEqual(again["etag"], headers["etag"])
                self.assertEqual(self.fetch(path, accepted, 'If-None-Match: "other"')[0], 200)

    def test_head_and_other_methods(self):
        for path, (_, headers, _) in self.all_files().items():
            status, asked, body = self.fetch(path, method="HEAD")
            self.assertEqual((status, body), (200, b""))
            self.assertEqual(asked["content-length"], headers["content-length"])
            status, refused, _ = self.fetch(path, method="PUT")
            self.assertEqual((status, refused["allow"]), (405, "GET, HEAD"))

    def test_what_is_not_there(self):
        for path in ("/assets/", "/assets/nosuch.js", "/assets/../index.html", "/index.html",
                     "/favicon.ico", *(path + "x" for path in self.all_files())):
            self.assertEqual(self.fetch(path)[0], 404, path)

    def test_nothing_in_the_page_needs_more_than_its_policy_allows(self):
        page = self.fetch("/")[2].decode()
        self.assertNotRegex(page, r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)")
        for path, (_, headers, body) in self.all_files().items():
            if headers["content-type"].startswith(("text/html", "text/css")):
                self.assertNotRegex(body.decode(), r"(?:src|href)=\"https?://|url\(['\"]?https?:", path)

    def test_a_link_from_elsewhere_leads_to_the_page(self):
        link = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate")
        self.assertEqual(self.fetch("/", *link)[0], 200)
        self.assertEqual(self.fetch("/v1/rooms", *link)[0], 403)


if __name__ == "__main__":
    harness.main()
