"""The report on the corpus: enough is stored, and the page says what is so."""

import asyncio

import pytest

from tests.corpus_report import CORPUS, PAGE, STORED, fates, written
from tests.databases import SqliteTemplate

ENOUGH = 0.97


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"there is no corpus at {CORPUS}")
def test_nearly_every_document_of_a_known_type_is_stored_and_the_page_says_so(sqlite_template: SqliteTemplate) -> None:
    found = asyncio.run(fates(sqlite_template))
    known = [fate for fate in found if fate.is_known]
    assert sum(fate.outcome == STORED for fate in known) / len(known) >= ENOUGH
    assert all(fate.reason for fate in found if fate.outcome != STORED)
    assert PAGE.read_text() == written(found), "make corpus"
