"""The languages of files, by the endings of their names: a closed set, which keeps the label `language` bounded."""

from __future__ import annotations

from functools import lru_cache

OTHER = "other"
ENDINGS = {
    "c": "c h",
    "c++": "cc cpp cxx hh hpp hxx",
    "c#": "cs csx",
    "clojure": "clj cljc cljs edn",
    "css": "css less sass scss",
    "dart": "dart",
    "elixir": "ex exs",
    "erlang": "erl hrl",
    "go": "go",
    "haskell": "hs lhs",
    "html": "htm html jinja j2",
    "java": "java",
    "javascript": "cjs js jsx mjs",
    "json": "json json5 jsonc jsonl",
    "julia": "jl",
    "kotlin": "kt kts",
    "lua": "lua",
    "markdown": "markdown md mdx",
    "notebook": "ipynb",
    "ocaml": "ml mli",
    "perl": "pl pm",
    "php": "php",
    "python": "py pyi pyx",
    "r": "r rmd",
    "ruby": "erb gemspec rake rb",
    "rust": "rs",
    "scala": "sbt scala",
    "shell": "bash fish sh zsh",
    "sql": "sql",
    "svelte": "svelte",
    "swift": "swift",
    "terraform": "hcl tf tfvars",
    "text": "adoc rst txt",
    "toml": "toml",
    "typescript": "cts mts ts tsx",
    "vue": "vue",
    "xml": "svg xml",
    "yaml": "yaml yml",
    "zig": "zig",
}
NAMES = {
    "dockerfile": "docker",
    "containerfile": "docker",
    "makefile": "make",
    "gnumakefile": "make",
    "justfile": "make",
}
LANGUAGE_OF_ENDING = {ending: language for language, endings in ENDINGS.items() for ending in endings.split()}
LANGUAGES = tuple(sorted({*ENDINGS, *NAMES.values(), OTHER}))


@lru_cache(maxsize=4096)
def language_of(path: str) -> str:
    """The language of a file; `other` if its name does not tell."""
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    return NAMES.get(name) or LANGUAGE_OF_ENDING.get(name.rpartition(".")[2] if "." in name else "", OTHER)
