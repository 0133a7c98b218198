"""How passages are weighed that share words with a text: as a search weighs them, which looks for words one by one."""

import pytest

from notewell_store.index_query import PassageText, Together
from notewell_store.search.question import Question, Term
from notewell_store.search.ranking import Ranker
from notewell_store.suggesting.weighing import shared

STEMS = ("deploi", "server", "rollback", "cluster", "us", "ai", "naiv", "v2", "天 气")
PASSAGES = (
    PassageText("Deploying servers", "Rollbacks", "The server deployed; servers deploy, deployment, SERVER.", "a []"),
    PassageText("KubeServerDown", "", "useServer, RollbackCluster2 and HTTPServer; the clusters' server_name.", "b"),
    PassageText(
        "Uses", "AI", "Using AI is of use – it aids us… “naïve” rollback/s, v2 and v2.1, V2Server", "used-server"
    ),
    PassageText("Nothing", "", "of it 🚀", "c []"),
    PassageText("北京天气", "天气", "天气很好。天 气, 天deploy气 Straße deploy", "d"),
    PassageText("", "", "deployed " * 300 + "serverless", "e"),
)


@pytest.mark.parametrize("passage", PASSAGES)
def test_passages_are_worth_what_a_search_says(passage: PassageText) -> None:
    worth = {key: 1.0 + number / 8 for number, key in enumerate(STEMS)}
    terms = {Term(key, "word", tuple(key.split()), Together(key)): value for key, value in worth.items()}
    ranker = Ranker(Question(tuple(terms), frozenset(), (), ()), terms)
    ranker.read(text for each in PASSAGES for text in each)
    score = ranker.score(passage)

    (words, of_title) = shared(PASSAGES, worth)[PASSAGES.index(passage)]

    assert words == pytest.approx({term.text: value for term, value in score.words.items()})
    assert sum(words.values()) * of_title == pytest.approx(score.total)
