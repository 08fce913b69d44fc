"""tools/site/stage.py CONFIG INTO - copies the pages that the navigation of CONFIG names to INTO, at the paths that they have
in the source tree, with every file to which they link. A link to a folder becomes its text: a site has no view of folders.
Ends with an error for a link to something that is not there.
"""
import os
import re
import shutil
import sys

import yaml

# Code, which holds no links, or a link.
TOKEN = re.compile(r"^```[\s\S]*?^```$|^ {4}.*$|`[^`]*`|\[(?P<text>[^\][]*)\]\((?P<target>[^)\s#]+)(?:#[^)\s]*)?\)",
                   re.MULTILINE)


def pages(navigation):
    """The paths in a navigation, however deep."""
    for entry in navigation:
        for value in [entry] if isinstance(entry, str) else entry.values():
            yield from [value] if isinstance(value, str) else pages(value)


def staged(page, wanted, into):
    """The page's text as the site has it; the files to which it links are copied."""
    with open(page, encoding="utf-8") as file:
        text = file.read()

    def token(match):
        target = match["target"]
        if not target or re.match(r"[a-z]+:", target):
            return match[0]
        path = os.path.normpath(os.path.join(os.path.dirname(page), target))
        if not os.path.exists(path):
            sys.exit(f"{page}: there is no {target}, to which {match['text']!r} links")
        if os.path.isdir(path):
            return match["text"]
        if path not in wanted:
            os.makedirs(os.path.dirname(os.path.join(into, path)), exist_ok=True)
            shutil.copyfile(path, os.path.join(into, path))
        return match[0]

    return TOKEN.sub(token, text)


def main():
    config, into = sys.argv[1:]
    with open(config, encoding="utf-8") as file:
        wanted = {page for page in pages(yaml.safe_load(file)["nav"]) if page.endswith(".md")}
    for page in sorted(wanted):
        path = os.path.join(into, page)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        text = staged(page, wanted, into)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


main()
